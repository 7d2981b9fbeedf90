"""What people do with voice messages. Every act is in the message's course; an end and its undoing are audited too."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.callbacks.model import VoiceMessage
from crm_core.callbacks.steps import Result, Step, note_step
from crm_core.callbacks.timing import due_time
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.workforce.queries import agent as agent_of


async def take(session: AsyncSession, contact_id: str, *, actor: str, at: datetime) -> VoiceMessage:
    """Work on it from now on. Refused when a colleague has it, or when it is done. NotFound."""
    message = await _open(session, contact_id)
    if message.owner == actor:
        return message
    if message.owner:
        raise Refused("A colleague works on this message already.")
    _give(message, actor)
    note_step(session, message, Step.TAKEN, actor=actor, at=at)
    return message


async def give_back(session: AsyncSession, contact_id: str, *, actor: str, at: datetime) -> VoiceMessage:
    """An offer that is let pass, or work that is returned: others get it. Refused for what this person has not."""
    message = await _open(session, contact_id)
    if message.offered_to == actor:
        note_step(session, message, Step.PASSED, actor=actor, at=at)
    elif message.owner == actor:
        note_step(session, message, Step.RETURNED, actor=actor, at=at)
    else:
        raise Refused("This message is not with you.")
    _give(message, "")
    return message


async def assign(session: AsyncSession, contact_id: str, to: str, *, actor: str, at: datetime) -> VoiceMessage:
    """A leader decides who works on it; "" = nobody, it is offered again. Invalid for who takes no calls."""
    message = await _open(session, contact_id)
    if to and await agent_of(session, to) is None:
        raise Invalid("Choose an agent.", field="owner")
    if message.owner != to:
        _give(message, to)
        note_step(session, message, Step.ASSIGNED, actor=actor, at=at, to=to)
        await audit(session, at=at, actor=actor, action="message.assigned", subject=f"contact/{contact_id}", detail=to)
    return message


async def called(session: AsyncSession, contact_id: str, call: str, *, actor: str, at: datetime) -> None:
    """A call to the customer was begun for this message; who calls works on it, if nobody else does."""
    message = await _found(session, contact_id)
    if message.done_at is None and message.owner in ("", actor):
        _give(message, actor)
    note_step(session, message, Step.CALLED, actor=actor, at=at, call=call)


async def set_topic(session: AsyncSession, contact_id: str, topic: str, *, actor: str, at: datetime) -> None:
    message = await _found(session, contact_id)
    if message.topic != topic:
        note_step(session, message, Step.TOPIC, actor=actor, at=at, before=message.topic, after=topic)
        message.topic = storable(topic, 20)


async def correct(session: AsyncSession, contact_id: str, text: str, *, actor: str, at: datetime) -> None:
    """What the caller said, as a person heard it; the machine's text stays beside it. "" = no correction."""
    message = await _found(session, contact_id)
    text = storable(text.strip(), 4000)
    if text == message.text:
        return
    note_step(session, message, Step.CORRECTED, actor=actor, at=at, before=message.text)
    message.text, message.text_by, message.text_at = text, actor if text else "", at if text else None


async def finish_message(
    session: AsyncSession,
    contact_id: str,
    *,
    actor: str,
    at: datetime,
    result: str = Result.ANSWERED.value,
    note: str = "",
) -> bool:
    """The message is dealt with; audited. False when a colleague was first. NotFound, Invalid."""
    if result not in set(Result):
        raise Invalid("Choose a result.", field="result")
    message = await _found(session, contact_id)
    if message.done_at is not None:
        return False
    message.done_at, message.done_by, message.result = at, actor, result
    message.note = storable(note.strip(), 2000)
    message.offered_to, message.offered_until = "", None
    note_step(session, message, Step.DONE, actor=actor, at=at, result=result, note=message.note)
    await audit(session, at=at, actor=actor, action="message.done", subject=f"contact/{contact_id}", detail=result)
    return True


async def reopen_message(session: AsyncSession, contact_id: str, *, actor: str, at: datetime) -> VoiceMessage:
    """There is something left to do after all: a new clock begins; audited. NotFound."""
    message = await _found(session, contact_id)
    if message.done_at is not None:
        note_step(session, message, Step.REOPENED, actor=actor, at=at, result=message.result)
        message.done_at, message.done_by, message.result = None, "", ""
        message.due_at, message.told = await due_time(session, message, at), []
        await audit(session, at=at, actor=actor, action="message.reopened", subject=f"contact/{contact_id}", detail="")
    return message


def _give(message: VoiceMessage, owner: str) -> None:
    message.owner, message.offered_to, message.offered_until = owner, "", None


async def _found(session: AsyncSession, contact_id: str) -> VoiceMessage:
    message = await session.get(VoiceMessage, storable(contact_id, 64), with_for_update=True)
    if message is None:
        raise NotFound("There is no such message.")
    return message


async def _open(session: AsyncSession, contact_id: str) -> VoiceMessage:
    message = await _found(session, contact_id)
    if message.done_at is not None:
        raise Refused("A colleague has dealt with this message already.")
    return message
