"""The list of recordings by what was said in them: the search, and what its page shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.recordings.listing import Asked, filter_of, listed_for
from crm_core.errors import Invalid
from crm_core.transcripts.queries import FoundTalk, Sentence, Wanted, search
from crm_core.transcripts.settings import listening
from recording.policy import Listener


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A page of talks. `older` is the address of the next one; `refused` = why nothing could be looked for."""

    talks: tuple[FoundTalk, ...] = ()
    older: str = ""
    refused: Invalid | None = None


async def topic_names(session: AsyncSession, language: str) -> dict[str, str]:
    """Of the lists of words, for filters and tags."""
    topics = (await listening(session)).topics
    return {one.key: one.name_en if language == "en" else one.name_zh for one in topics}


async def said(session: AsyncSession, asked: Asked, listener: Listener, zone: tzinfo) -> Said | None:
    """None = nothing was asked of what was said. Only what this person may hear is found.

    Day, queue, agent, side and topic narrow it; length, kind and customer do not.
    """
    if not (asked.words.strip() or asked.topic):
        return None
    days = filter_of(asked, listener, zone, None)
    wanted = Wanted(
        words=asked.words[:80],
        since=days.start,
        until=days.end,
        queue=asked.queue,
        agent=asked.agent,
        side=asked.side,
        topics=(asked.topic,) if asked.topic else (),
        agents=listed_for(listener),
    )
    before = int(asked.cursor) if asked.cursor.isascii() and asked.cursor.isdigit() and len(asked.cursor) < 10 else None
    try:
        found = await search(session, wanted, before=before)
    except Invalid as refused:
        return Said(refused=refused)
    return Said(talks=found.talks, older=asked.address(cursor=found.before) if found.before else "")


def marked(sentence: Sentence) -> list[tuple[str, bool]]:
    """The sentence in pieces, each with whether it was asked for; overlapping marks are one."""
    told: list[tuple[str, bool]] = []
    at = 0
    for begin, end in sentence.marks:
        if end <= at:
            continue
        told += [(sentence.text[at:begin], False)] if begin > at else []
        told.append((sentence.text[max(at, begin) : end], True))
        at = end
    return [*told, (sentence.text[at:], False)] if at < len(sentence.text) else told
