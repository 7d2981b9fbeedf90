"""Talks in which something was said, the newest first, each with its sentences.

The database gives sides of talks that have all terms (index.py keeps no places); which sentence it was, and whether
Chinese signs stand in a row, is looked at here, for so many talks at a time as a page needs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.errors import Invalid
from crm_core.history.model import Contact, Leg, Recording
from crm_core.transcripts.asking import Ids, Wanted, sides_with
from crm_core.transcripts.model import SIDES, TranscriptHit, TranscriptLine
from crm_core.transcripts.pieces import time_at
from crm_core.transcripts.queue import KEPT
from crm_core.transcripts.terms import Part, asked, places

PAGE = 25
SENTENCES = 3  # of one talk
FIRST_LOOK, MOST_LOOKED_AT = 40, 2_000  # sides of talks


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One line that was found; `marks` = [from, to) of its signs that were asked for. `at` in seconds: play there."""

    line_id: int
    side: str
    at: float
    text: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTalk:
    """A talk with what was said in it, in order; `topics` of the lists that it touches."""

    recording_id: int
    contact_id: str
    leg_id: str
    agent: str
    queue: str
    caller: str
    customer_id: int | None
    started_at: datetime
    seconds: float | None
    sentences: tuple[Sentence, ...]
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTalks:
    """`before`: given to `search` it brings the next page; None = this was the last one."""

    talks: tuple[FoundTalk, ...]
    before: int | None


async def search(session: AsyncSession, wanted: Wanted, *, before: int | None = None, limit: int = PAGE) -> FoundTalks:
    """The newest talks that fit. Raises Invalid when nothing can be looked for: no word, no agent, queue or topic."""
    parts = asked(wanted.words)
    if not parts and not (wanted.agent or wanted.queue or wanted.topics):
        raise Invalid("Type a word or a sign to look for.", field="words")
    window = await _window(session, wanted, before)
    found: list[FoundTalk] = []
    looked, size = 0, FIRST_LOOK
    while window is not None:
        ids, more = await sides_with(session, parts, wanted, window, size)
        found += await _talks(session, parts, wanted, ids)
        looked += len(ids)
        if len(found) > limit:
            return FoundTalks(talks=tuple(found[:limit]), before=found[limit - 1].recording_id)
        if more and looked >= MOST_LOOKED_AT:  # a page that is not full, and a way on
            return FoundTalks(talks=tuple(found), before=ids[-1] // len(SIDES))
        window, size = ((window[0], ids[-1] - 1), size * 2) if more else (None, size)
    return FoundTalks(talks=tuple(found), before=None)


async def _window(session: AsyncSession, wanted: Wanted, before: int | None) -> Ids | None:
    """The first and last id of the sides that may fit; None = none can. Recordings are numbered as they begin."""
    if wanted.agents is not None and not wanted.agents:
        return None
    ids = select(func.min(Recording.id), func.max(Recording.id))
    if wanted.since is not None:
        ids = ids.where(Recording.started_at >= wanted.since)
    if wanted.until is not None:
        ids = ids.where(Recording.started_at < wanted.until)
    first, last = (await session.execute(ids)).one()
    if first is None or (before is not None and before <= first):
        return None
    last = last if before is None else min(last, before - 1)
    return first * len(SIDES), last * len(SIDES) + len(SIDES) - 1


async def _talks(session: AsyncSession, parts: Sequence[Part], wanted: Wanted, sides: Sequence[int]) -> list[FoundTalk]:
    """Of these sides the talks in which the words really stand, the newest first."""
    ids = sorted({one // len(SIDES) for one in sides})
    hits = await topics_said(session, ids)
    lines = await _lines(session, ids) if parts else {}
    told: dict[int, list[Sentence]] = defaultdict(list)
    for one in sorted(sides):
        recording, side = one // len(SIDES), SIDES[one % len(SIDES)]
        told[recording] += _sentences(parts, lines.get((recording, side), ()), side)
    shown = {recording: sentences[:SENTENCES] for recording, sentences in told.items() if sentences}
    if parts:
        await _set_times(session, shown)
    else:
        shown = await _of_topics(session, ids, wanted)
    rows = await session.execute(_recordings(list(shown)))
    return [_talk(row, shown[row.id], hits.get(row.id, ())) for row in rows if _fits(row, wanted)]


def _sentences(parts: Sequence[Part], lines: Sequence[Row[Any]], side: str) -> list[Sentence]:
    """Those with the most of what was asked for; [] when a part stands in none of them."""
    found = [(line, [places(part, line.text) for part in parts]) for line in lines]
    if not all(any(marks[number] for _, marks in found) for number in range(len(parts))):
        return []
    best = sorted((one for one in found if any(one[1])), key=lambda one: -sum(map(bool, one[1])))[:SENTENCES]
    return [
        Sentence(
            line_id=line.id,
            side=side,
            at=line.began,
            text=line.text,
            marks=tuple(sorted(mark for of_part in marks for mark in of_part)),
        )
        for line, marks in sorted(best, key=lambda one: one[0].began)
    ]


async def _lines(session: AsyncSession, ids: Sequence[int]) -> Mapping[tuple[int, str], list[Any]]:
    columns = (TranscriptLine.id, TranscriptLine.recording_id, TranscriptLine.side, TranscriptLine.began)
    rows = select(*columns, TranscriptLine.text).where(TranscriptLine.recording_id.in_(ids))
    found: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for row in await session.execute(rows):
        found[row.recording_id, row.side].append(row)
    return found


async def _set_times(session: AsyncSession, shown: dict[int, list[Sentence]]) -> None:
    """A sentence plays from its first word that was asked for."""
    ids = [sentence.line_id for sentences in shown.values() for sentence in sentences]
    if not ids:
        return
    rows = select(TranscriptLine.id, TranscriptLine.words).where(TranscriptLine.id.in_(ids))
    words: dict[int, list[Any]] = {row.id: row.words for row in await session.execute(rows)}
    for sentences in shown.values():
        sentences[:] = [
            replace(one, at=time_at(one.text, words[one.line_id], one.marks[0][0], one.at)) for one in sentences
        ]


async def _of_topics(session: AsyncSession, ids: Sequence[int], wanted: Wanted) -> dict[int, list[Sentence]]:
    """Where no word was asked for: what touched a topic, of those that were asked for or any."""
    hit = TranscriptHit
    rows = select(hit.recording_id, hit.line_id, hit.side, hit.at, hit.word, TranscriptLine.text)
    rows = rows.join(TranscriptLine, TranscriptLine.id == hit.line_id).where(hit.recording_id.in_(ids))
    rows = rows.where(hit.topic.in_(wanted.topics)) if wanted.topics else rows
    shown: dict[int, list[Sentence]] = {one: [] for one in ids}
    for row in await session.execute(rows.order_by(hit.at)):
        known = shown[row.recording_id]
        if len(known) < SENTENCES and all(one.line_id != row.line_id for one in known):
            place = max(0, row.text.find(row.word))
            marks = ((place, place + len(row.word)),)
            known.append(Sentence(line_id=row.line_id, side=row.side, at=row.at, text=row.text, marks=marks))
    return shown


async def topics_said(session: AsyncSession, ids: Sequence[int]) -> Mapping[int, Sequence[str]]:
    """Recording -> the topics of which a word was said, each once, in order."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = select(TranscriptHit.recording_id, TranscriptHit.topic).where(TranscriptHit.recording_id.in_(ids))
    for recording, topic in await session.execute(rows.order_by(TranscriptHit.at)):
        if topic not in found[recording]:
            found[recording].append(topic)
    return found


def _recordings(ids: Sequence[int]) -> Select[Any]:
    queue = case((Leg.queue != "", Leg.queue), else_=Contact.queue)
    return (
        select(
            *(Recording.id, Recording.contact_id, Recording.leg_id, Recording.agent, Recording.started_at),
            *(Recording.seconds, Recording.status, queue.label("queue"), Contact.caller, Contact.customer_id),
        )
        .join(Contact, Contact.id == Recording.contact_id)
        .outerjoin(Leg, Leg.id == Recording.leg_id)
        .where(Recording.id.in_(ids), Recording.status.in_(KEPT))
        .order_by(Recording.id.desc())
    )


def _fits(row: Row[Any], wanted: Wanted) -> bool:
    """Asked once more of the recording itself: what may be heard must not hang on the index."""
    return (
        (wanted.agents is None or row.agent in wanted.agents)
        and (wanted.since is None or row.started_at >= wanted.since)
        and (wanted.until is None or row.started_at < wanted.until)
    )


def _talk(row: Row[Any], sentences: Sequence[Sentence], topics: Sequence[str]) -> FoundTalk:
    return FoundTalk(
        recording_id=row.id,
        contact_id=row.contact_id,
        leg_id=row.leg_id,
        agent=row.agent,
        queue=row.queue or "",
        caller=row.caller,
        customer_id=row.customer_id,
        started_at=row.started_at,
        seconds=row.seconds,
        sentences=tuple(sentences),
        topics=tuple(topics),
    )
