"""The watch over voice messages: each gets its due time, reminders before it and alarms after it. Nothing is missed:

what is due is asked of the database every few seconds, so a message that came while we were away is found all the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.model import MessageStep, VoiceMessage
from crm_core.callbacks.rules import MessageRules
from crm_core.callbacks.settings import message_rules
from crm_core.callbacks.steps import SYSTEM, Step, note_step
from crm_core.callbacks.timing import due_time
from crm_core.cases.alarms import Alarm, alarms_of, due_now
from crm_core.history.model import Contact, Recording
from crm_core.jobs.runner import Due
from crm_core.notices.actions import notify
from crm_core.notices.people import leaders_of, supervisors

WATCH = "messages"
EVERY = timedelta(seconds=10)


async def watch_messages(session: AsyncSession, job: Due, at: datetime) -> datetime:
    """The handler of `WATCH`; comes again and again."""
    await set_due_times(session)
    await ring_alarms(session, at)
    await tell_of_missing_sounds(session, at)
    return at + EVERY


async def set_due_times(session: AsyncSession) -> int:
    """Messages that are new: their clock, counted from when they were left, and the topic of the menu."""
    fresh = select(VoiceMessage).where(VoiceMessage.due_at.is_(None), VoiceMessage.done_at.is_(None))
    rows = list(await session.scalars(fresh.order_by(VoiceMessage.left_at).limit(200)))
    for message in rows:
        contact = await session.get(Contact, message.contact_id)
        message.due_at = await due_time(session, message, message.left_at)
        message.topic = message.topic or (contact.topic if contact else "")
    return len(rows)


def alarms_for(message: VoiceMessage, rules: MessageRules) -> list[Alarm]:
    """Before its end a reminder, after it the leaders (level 0), later the supervisors (level 1)."""
    return alarms_of(
        "message",
        message.due_at,
        remind=(rules.remind_minutes,) if rules.remind_minutes and not message.urgent else (),
        escalate=(rules.leader_minutes, rules.supervisor_minutes),
    )


async def ring_alarms(session: AsyncSession, at: datetime) -> int:
    """Tells people of what is due at `at`; gives how many alarms rang. Each rings once for one due time."""
    rules = await message_rules(session)
    soon = at + timedelta(minutes=rules.remind_minutes)
    waiting = select(VoiceMessage).where(VoiceMessage.done_at.is_(None), VoiceMessage.due_at <= soon)
    rang = 0
    for message in await session.scalars(waiting.order_by(VoiceMessage.due_at)):
        late = due_now(alarms_for(message, rules), message.told, at)
        for alarm in late:
            await _ring(session, message, alarm, at)
        if late:
            message.told = sorted({*message.told, *(one.key for one in late)})
        rang += len(late)
    return rang


async def _ring(session: AsyncSession, message: VoiceMessage, alarm: Alarm, at: datetime) -> None:
    if alarm.kind == "remind":
        people = [message.owner] if message.owner else await leaders_of(session, "")
    elif alarm.level == 0:
        people = [message.owner, *await leaders_of(session, message.owner)]
    else:
        people = await supervisors(session)
    told = notify(session, people, "message", message.contact_id, alarm.kind, at=at)
    kind = Step.REMINDED if alarm.kind == "remind" else Step.ESCALATED
    note_step(session, message, kind, actor=SYSTEM, at=at, told=told)


async def tell_of_missing_sounds(session: AsyncSession, at: datetime) -> int:
    """An open message whose file is not there, told once: somebody calls back without having heard it."""
    told = select(MessageStep.contact_id).where(MessageStep.kind == Step.NO_SOUND.value)
    lost = (
        select(VoiceMessage)
        .join(Recording, Recording.leg_id == VoiceMessage.contact_id + "-m")
        .where(VoiceMessage.done_at.is_(None), Recording.status == "missing", VoiceMessage.contact_id.not_in(told))
    )
    rows = list(await session.scalars(lost))
    for message in rows:
        note_step(session, message, Step.NO_SOUND, actor=SYSTEM, at=at)
        notify(session, await supervisors(session), "message", message.contact_id, "lost", at=at)
    return len(rows)
