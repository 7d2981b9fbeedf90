"""What a request for erasure covers: a customer's sound, texts of it, and notes; and what of it must stay, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.model import VoiceMessage
from crm_core.cases.model import Case
from crm_core.erasure.person import stays_for
from crm_core.history.model import Contact, ContactNote, Recording
from crm_core.quality.erasing import has_words
from crm_core.questionnaires.model import Answer, Response
from crm_core.retention.listing import FINISHED, reasons_to_stay
from crm_core.retention.model import RecordingHold
from crm_core.transcripts.model import Transcript, TranscriptLine


class Kind(StrEnum):
    """A thing that is erased, or a record that stays whole (case, call)."""

    SOUND = "sound"
    TRANSCRIPT = "transcript"
    MESSAGE = "message"
    COMMENT = "comment"
    NOTE = "note"
    PERSON = "person"
    NUMBERS = "numbers"
    WISHES = "wishes"
    CASE = "case"
    CALL = "call"


class Why(StrEnum):
    """Why something stays: held by a person, its case or message is open, it is being recorded, or the law."""

    HOLD = "hold"
    CASE = "case"
    MESSAGE = "message"
    OPEN = "open"
    LAW = "law"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """`subject` is found again by it, e.g. recording:17. `why` "" = it goes. `bytes` of sound or text."""

    kind: Kind
    subject: str
    contact: str = ""
    why: str = ""
    bytes: int = 0


OF_THE_PERSON = (Kind.PERSON, Kind.NUMBERS, Kind.WISHES)


async def things_of(session: AsyncSession, customer: int, *, whole: bool = False) -> list[Thing]:
    """Everything that a request of this customer covers at this moment, and what stays. `whole` = the person, too."""
    found = [*await _sounds(session, customer), *await _transcripts(session, customer)]
    found += [
        *await _messages(session, customer),
        *await _comments(session, customer),
        *await _notes(session, customer),
    ]
    if whole:
        found += [Thing(kind=kind, subject=f"{kind.value}:{customer}") for kind in OF_THE_PERSON]
    return [*await _held(session, found), *await _records(session, customer)]


async def why_it_stays(session: AsyncSession, thing: Thing) -> str:
    """Asked again immediately before it is erased; "" = it goes."""
    return (await _held(session, [thing]))[0].why


async def _sounds(session: AsyncSession, customer: int) -> list[Thing]:
    rows = select(Recording.id, Recording.contact_id, Recording.bytes).join(Contact, Contact.id == Recording.contact_id)
    rows = rows.where(
        Contact.customer_id == customer, or_(Recording.status.in_(FINISHED), Recording.status == "recording")
    )
    return [
        Thing(kind=Kind.SOUND, subject=f"recording:{number}", contact=contact, bytes=size)
        for number, contact, size in await session.execute(rows.order_by(Recording.id))
    ]


async def _transcripts(session: AsyncSession, customer: int) -> list[Thing]:
    size = func.coalesce(func.sum(func.length(TranscriptLine.text)), 0)
    rows = select(Transcript.recording_id, Recording.contact_id, size)
    rows = rows.join(Recording, Recording.id == Transcript.recording_id).join(
        Contact, Contact.id == Recording.contact_id
    )
    rows = rows.outerjoin(TranscriptLine, TranscriptLine.recording_id == Transcript.recording_id)
    rows = rows.where(Contact.customer_id == customer).group_by(Transcript.recording_id, Recording.contact_id)
    rows = rows.having(size > 0)
    return [
        Thing(kind=Kind.TRANSCRIPT, subject=f"recording:{number}", contact=contact, bytes=int(length))
        for number, contact, length in await session.execute(rows.order_by(Transcript.recording_id))
    ]


async def _messages(session: AsyncSession, customer: int) -> list[Thing]:
    length = func.length(VoiceMessage.heard) + func.length(VoiceMessage.text) + func.length(VoiceMessage.note)
    rows = select(VoiceMessage.contact_id, length).join(Contact, Contact.id == VoiceMessage.contact_id)
    rows = rows.where(Contact.customer_id == customer, length > 0).order_by(VoiceMessage.contact_id)
    return [
        Thing(kind=Kind.MESSAGE, subject=f"message:{contact}", contact=contact, bytes=size)
        for contact, size in await session.execute(rows)
    ]


async def _comments(session: AsyncSession, customer: int) -> list[Thing]:
    rows = select(Answer.response_id, Answer.question, func.length(Answer.text))
    rows = rows.join(Response, Response.id == Answer.response_id)
    rows = rows.where(Response.customer_id == customer, Answer.text != "").order_by(Answer.response_id, Answer.question)
    return [
        Thing(kind=Kind.COMMENT, subject=f"answer:{response}/{question}", bytes=size)
        for response, question, size in await session.execute(rows)
    ]


async def _notes(session: AsyncSession, customer: int) -> list[Thing]:
    has_part = (
        select(ContactNote.contact_id).where(ContactNote.contact_id == Contact.id, ContactNote.text != "").exists()
    )
    is_judged = has_words(Contact.id)
    rows = select(Contact.id, func.length(Contact.note)).where(
        Contact.customer_id == customer, or_(Contact.note != "", has_part, is_judged)
    )
    return [
        Thing(kind=Kind.NOTE, subject=f"note:{contact}", contact=contact, bytes=size)
        for contact, size in await session.execute(rows.order_by(Contact.id))
    ]


async def _records(session: AsyncSession, customer: int) -> list[Thing]:
    """What is no word of the customer: that a call took place, and the files of complaints, which the law keeps."""
    cases = await session.scalars(select(Case.id).where(Case.customer_id == customer).order_by(Case.id))
    calls = await session.scalar(select(func.count()).select_from(Contact).where(Contact.customer_id == customer)) or 0
    found = [Thing(kind=Kind.CASE, subject=f"case:{number}", why=Why.LAW) for number in cases]
    return found + ([Thing(kind=Kind.CALL, subject=f"calls:{calls}", why=Why.LAW)] if calls else [])


async def _held(session: AsyncSession, things: Collection[Thing]) -> list[Thing]:
    """Sound with the reasons of its recording; texts with those of their call."""
    sounds = {_number(one.subject): one for one in things if one.subject.startswith("recording:")}
    of_sound = await reasons_to_stay(session, list(sounds))
    of_call = await _calls_that_stay(session, {one.contact for one in things if one.contact})
    told: list[Thing] = []
    for one in things:
        why = of_call.get(one.contact, "")
        if one.kind in OF_THE_PERSON:
            why = await stays_for(session, _number(one.subject))
        if one.kind is Kind.SOUND:
            why = of_sound.get(_number(one.subject), "")
        elif one.kind is Kind.TRANSCRIPT and of_sound.get(_number(one.subject)) in (Why.HOLD, Why.CASE, Why.MESSAGE):
            why = of_sound[_number(one.subject)]
        told.append(replace(one, why=why))
    return told


async def _calls_that_stay(session: AsyncSession, contacts: Iterable[str]) -> dict[str, str]:
    wanted = list(contacts)
    found: dict[str, str] = {}
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        open_case = select(Contact.id).join(Case, Case.id == Contact.case_id)
        open_case = open_case.where(Contact.id.in_(some), Case.closed_at.is_(None))
        undone = select(VoiceMessage.contact_id)
        undone = undone.where(VoiceMessage.contact_id.in_(some), VoiceMessage.done_at.is_(None))
        held = select(RecordingHold.contact_id).where(RecordingHold.contact_id.in_(some))
        for why, rows in ((Why.MESSAGE, undone), (Why.CASE, open_case), (Why.HOLD, held)):
            found |= dict.fromkeys(await session.scalars(rows), why)
    return found


def _number(subject: str) -> int:
    return int(subject.partition(":")[2])
