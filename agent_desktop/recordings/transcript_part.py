"""What the page of a recording needs to show its transcript."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.recordings.written import DOUBTFUL, shares, shown_lines
from crm_core.transcripts.queries import transcript_of
from crm_core.transcripts.settings import listening


async def written(session: AsyncSession, recording: int, language: str) -> dict[str, Any]:
    """For templates/recording/transcript.html and shares_of_talk.html."""
    view = await transcript_of(session, recording)
    named = {one.key: one.name_en if language == "en" else one.name_zh for one in (await listening(session)).topics}
    said = dict.fromkeys(hit.topic for hit in view.hits) if view else {}
    return {
        "transcript": view,
        "written": shown_lines(view) if view else [],
        "talk_shares": shares(view) if view else None,
        "topic_names": named,
        "topics_said": ", ".join(named.get(topic, topic) for topic in said),
        "doubtful": DOUBTFUL,
    }
