"""Sounds of voice messages that no row tells of, as after a kill of Asterisk in the middle of one: they become rows."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.model import VoiceMessage
from crm_core.callbacks.steps import SYSTEM, Step, note_step
from crm_core.history.events import Outcome
from crm_core.history.model import Contact, Recording
from crm_core.jobs.runner import Due, Handler
from crm_core.notices.actions import notify
from crm_core.notices.people import supervisors

log = structlog.get_logger(__name__)

SEARCH = "lost_messages"
EVERY = timedelta(minutes=5)
QUIET_SECONDS = 120.0  # a file that still grows is being spoken, and one just ended is about to be told
LOOK_BACK = timedelta(days=8)
BYTES_PER_SECOND = 16_000  # mono, 8 kHz, 16 bit
LEAST_SECONDS = 2.0
NAME = re.compile(r"(?P<call>[A-Za-z0-9][A-Za-z0-9._-]{0,60})-m\.sln")


@dataclass(frozen=True, slots=True, kw_only=True)
class LostSound:
    """`file` is below the recordings folder; `ended` is when it was last written."""

    call: str
    file: str
    seconds: float
    ended: datetime


def message_search(folder: Path) -> Handler:
    """The handler of `SEARCH`. Raw files only: a kept one (.flac) was made from a row, which is there."""

    async def search(session: AsyncSession, job: Due, at: datetime) -> datetime:
        for sound in await asyncio.to_thread(lambda: list(sounds_left(folder, at))):
            await adopt_sound(session, sound, at)
        return at + EVERY

    return search


def sounds_left(folder: Path, at: datetime) -> Iterator[LostSound]:
    """Files of messages of the last days that have been quiet for a while and hold some speech."""
    first = f"{at - LOOK_BACK:%Y%m%d}"
    for day in sorted(folder.glob("[0-9]" * 8)):
        if day.name < first:
            continue
        for path in sorted(day.glob("*-m.sln")):
            named, facts = NAME.fullmatch(path.name), path.stat()
            seconds = facts.st_size / BYTES_PER_SECOND
            if named and seconds >= LEAST_SECONDS and at.timestamp() - facts.st_mtime >= QUIET_SECONDS:
                ended = datetime.fromtimestamp(facts.st_mtime, UTC)
                yield LostSound(call=named["call"], file=f"{day.name}/{path.name}", seconds=seconds, ended=ended)


async def adopt_sound(session: AsyncSession, sound: LostSound, at: datetime) -> bool:
    """Makes the rows that are missing and tells the supervisors; False when all were there."""
    leg = f"{sound.call}-m"
    has_recording = await session.scalar(select(Recording.id).where(Recording.leg_id == leg)) is not None
    if has_recording and await session.get(VoiceMessage, sound.call) is not None:
        return False
    contact = await session.get(Contact, sound.call) or await _contact_of(session, sound)
    began = sound.ended - timedelta(seconds=sound.seconds)
    if not has_recording:
        row = Recording(contact_id=contact.id, leg_id=leg, agent="", file=sound.file, started_at=began)
        row.queue, row.direction = contact.queue or "", contact.direction
        session.add(row)
    message = await session.get(VoiceMessage, sound.call)
    if message is None:
        message = VoiceMessage(contact_id=contact.id, queue=contact.queue, caller=contact.caller, left_at=sound.ended)
        message.urgent, message.found = "rescue" in (contact.topic, contact.queue), True
        session.add(message)
        await session.flush()
    note_step(session, message, Step.FOUND, actor=SYSTEM, at=at, seconds=round(sound.seconds))
    notify(session, await supervisors(session), "message", sound.call, "found", at=at)
    log.warning("message_found", call=sound.call, file=sound.file)
    return True


async def _contact_of(session: AsyncSession, sound: LostSound) -> Contact:
    """Not even the contact is known: the sound is all there is of it."""
    contact = Contact(
        id=sound.call,
        direction="inbound",
        caller="",
        started_at=sound.ended - timedelta(seconds=sound.seconds),
        ended_at=sound.ended,
        outcome=Outcome.VOICEMAIL.value,
        ended_by="system",
        estimated=True,
    )
    contact.queue = contact.topic = ""
    session.add(contact)
    await session.flush()
    return contact
