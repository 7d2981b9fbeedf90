"""Asking the database for sides of talks that have all the terms, the newest first: FTS5, or tsvector with GIN."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.transcripts.model import SIDES, TranscriptText
from crm_core.transcripts.storing import tag
from crm_core.transcripts.terms import Part

WINDOWS = (600, 6_000, 60_000, 600_000)  # of ids, from the newest back: a frequent word has enough in the first
Ids = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`words` as typed, "" = any. Times are half open and aware. `topics`: at least one of them was touched.

    `agents` is what the asking person may hear: the talks of these only, and nothing else is found; None = all talks.
    """

    words: str = ""
    since: datetime | None = None
    until: datetime | None = None
    queue: str = ""
    agent: str = ""
    side: str = ""
    topics: tuple[str, ...] = ()
    agents: Collection[str] | None = None


async def sides_with(
    session: AsyncSession, parts: Sequence[Part], wanted: Wanted, window: Ids, size: int
) -> tuple[list[int], bool]:
    """Ids of TranscriptText within the window, and whether there are more. Both sides of a talk, or neither, are in."""
    find = _by_fts5 if session.get_bind().dialect.name == "sqlite" else _by_tsvector
    ids = await find(session, parts, wanted, window, size)
    more = len(ids) == size
    if more and ids[-1] % len(SIDES) and size > 1:
        ids.pop()  # its other side comes next
    return ids, more


# Terms are letters and digits, tags are ours, and both are quoted: nothing that was typed becomes an operator.


async def _by_fts5(session: AsyncSession, parts: Sequence[Part], wanted: Wanted, window: Ids, size: int) -> list[int]:
    words = [f'words : "{term}"{_more(part, term, "*")}' for part in parts for term in part.terms]
    tags = [f"tags : ({' OR '.join(group)})" for group in _tags(wanted)]
    statement = text(
        "SELECT rowid FROM fts_transcript WHERE fts_transcript MATCH :asked AND rowid BETWEEN :first AND :last "
        "ORDER BY rowid DESC LIMIT :size"
    )
    values = {"asked": " AND ".join([*tags, *words]), "first": window[0], "last": window[1], "size": size}
    return list(await session.scalars(statement, values))


async def _by_tsvector(
    session: AsyncSession, parts: Sequence[Part], wanted: Wanted, window: Ids, size: int
) -> list[int]:
    words = [f"'{term}'{_more(part, term, ':*')}" for part in parts for term in part.terms]
    tags = [f"({' | '.join(group)})" for group in _tags(wanted, "'")]
    asked = {"asked": " & ".join([*tags, *words])}
    document: Any = literal_column("transcript_text.fts_document")
    fits = document.op("@@")(text("CAST(:asked AS tsquery)"))
    found: list[int] = []
    last = window[1]
    for step in (*WINDOWS, window[1]):
        first = max(window[0], last - step)
        # Not by walking the key, which would read every talk there is: hence the sum.
        rows = select(TranscriptText.id).where(fits, TranscriptText.id.between(first, last))
        found += await session.scalars(rows.order_by((TranscriptText.id + 0).desc()).limit(size - len(found)), asked)
        if len(found) >= size or first == window[0]:
            break
        last = first - 1
    return found


def _more(part: Part, term: str, sign: str) -> str:
    return sign if part.prefix and term == part.terms[-1] else ""


def _tags(wanted: Wanted, quote: str = '"') -> list[list[str]]:
    """Groups of which each must be there by one of its tags; never none. Both sides wanted = no group for it."""
    groups = [[tag("a", agent) for agent in sorted(wanted.agents)]] if wanted.agents is not None else []
    groups += [[tag(kind, value)] for kind, value in (("a", wanted.agent), ("q", wanted.queue)) if value]
    groups += [[tag("s", wanted.side)]] if wanted.side in SIDES else []
    groups += [[tag("t", topic) for topic in wanted.topics]] if wanted.topics else []
    return [[f"{quote}{one}{quote}" for one in group] for group in groups]
