"""Which talk is transcribed next: asked of the database, so that a kill loses nothing and doubles nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import storable
from crm_core.history.model import Contact, ContactKind, Leg, Recording
from crm_core.transcripts.model import FAILED, NO_MODEL, RUNNING, WAITING, Transcript

KEPT = ("ready", "cut")  # recordings whose sound is there
AT_ONCE = 500
MOST_TRIES = 3
SPOKEN = "zh-CN"  # where the call does not tell
ASKED_FOR = 9  # urgency of a talk that a person waits for


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTalk:
    recording_id: int
    contact_id: str
    leg_id: str
    agent: str
    queue: str
    file: str
    language: str
    started_at: datetime
    tries: int
    asked_for: bool = False


async def put_on_list(session: AsyncSession, since: datetime) -> int:
    """Every kept talk that began since then and is not on the list, at most AT_ONCE; gives how many."""
    ids = list(
        await session.scalars(
            select(Recording.id)
            .join(Leg, Leg.id == Recording.leg_id)
            .outerjoin(Transcript, Transcript.recording_id == Recording.id)
            .where(Recording.started_at >= since, Recording.status.in_(KEPT), Transcript.recording_id.is_(None))
            .order_by(Recording.started_at.desc())
            .limit(AT_ONCE)
        )
    )
    session.add_all(Transcript(recording_id=one) for one in ids)
    return len(ids)


async def begin_again(session: AsyncSession, languages: Collection[str]) -> None:
    """At the start of the only process that transcribes: what it was at when it ended, and what lacked a model."""
    await session.execute(update(Transcript).where(Transcript.status == RUNNING).values(status=WAITING))
    lacked = update(Transcript).where(Transcript.status == NO_MODEL, Transcript.language.in_(list(languages)))
    await session.execute(lacked.values(status=WAITING, tries=0))


async def take_next(session: AsyncSession) -> NextTalk | None:
    """The most urgent, then complaints, then the newest; it counts as tried from now on. None = nothing waits."""
    while True:
        row = (await session.execute(_next())).first()
        if row is None:
            return None
        claim = update(Transcript).where(Transcript.recording_id == row.id, Transcript.status == WAITING)
        claimed = claim.values(status=RUNNING, tries=Transcript.tries + 1).returning(Transcript.tries)
        tries = await session.scalar(claimed.execution_options(synchronize_session=False))
        if tries is None:
            continue
        if tries <= MOST_TRIES:
            return _talk(row, tries)
        await ended(session, row.id, FAILED, failure="it was begun three times and never came to its end")


async def ended(
    session: AsyncSession, recording_id: int, status: str, *, failure: str = "", language: str = "", tried: bool = True
) -> None:
    """Without a text: failed, no_model or off; or waiting, to be tried again. `tried` False = this was no try."""
    values: dict[str, Any] = {"status": status, "failure": storable(failure, 300)}
    values |= {"language": language} if language else {}
    values |= {} if tried else {"tries": Transcript.tries - 1}
    await session.execute(update(Transcript).where(Transcript.recording_id == recording_id).values(**values))


async def ask_for(session: AsyncSession, recording_id: int) -> bool:
    """A person wants this talk's text: it is next, whatever became of it before. False = there is nothing to hear."""
    recording = await session.get(Recording, recording_id)
    if recording is None or recording.status not in KEPT:
        return False
    made = await session.get(Transcript, recording_id)
    if made is None:
        session.add(Transcript(recording_id=recording_id, urgency=ASKED_FOR))
    elif made.status != RUNNING:
        made.status, made.urgency, made.tries, made.failure = WAITING, ASKED_FOR, 0, ""
    return True


async def queue_figures(session: AsyncSession) -> dict[str, int]:
    """How many talks are in each state."""
    rows = await session.execute(select(Transcript.status, func.count()).group_by(Transcript.status))
    return {status: count for status, count in rows}  # noqa: C416 - rows are no pairs to mypy


def _next() -> Select[Any]:
    urgent = case((Contact.kind == ContactKind.COMPLAINT, 2), (Contact.kind == ContactKind.RESCUE, 1), else_=0)
    queue = case((Leg.queue != "", Leg.queue), else_=Contact.queue)
    return (
        select(
            *(Recording.id, Recording.contact_id, Recording.leg_id, Recording.agent, Recording.file),
            *(Recording.started_at, queue.label("queue"), Contact.language, Transcript.urgency),
        )
        .join(Transcript, Transcript.recording_id == Recording.id)
        .join(Contact, Contact.id == Recording.contact_id)
        .outerjoin(Leg, Leg.id == Recording.leg_id)
        .where(Transcript.status == WAITING)
        .order_by(Transcript.urgency.desc(), urgent.desc(), Transcript.recording_id.desc())
        .limit(1)
    )


def _talk(row: Row[Any], tries: int) -> NextTalk:
    return NextTalk(
        recording_id=row.id,
        contact_id=row.contact_id,
        leg_id=row.leg_id,
        agent=row.agent,
        queue=row.queue or "",
        file=row.file,
        language=row.language or SPOKEN,
        started_at=row.started_at,
        tries=tries,
        asked_for=row.urgency >= ASKED_FOR,
    )
