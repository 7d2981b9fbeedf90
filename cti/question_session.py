"""What both rounds of questions by telephone do alike: after a talk (survey.py), in a campaign (questionnaire.py)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

import structlog

from cti.agi_session import AgiSession
from ivr.line import Heard, Line, Listener

log = structlog.get_logger(__name__)

KEY_SECONDS = 6.0
Found = TypeVar("Found")


async def in_time(asking: Awaitable[Found | None], limit: float, what: str) -> Found | None:
    """None after `limit` seconds or a failure: a dead or slow database never holds a customer who could go."""
    try:
        async with asyncio.timeout(limit):
            return await asking
    except TimeoutError:
        log.error(f"{what}_source_slow", limit=limit)
    except Exception:
        log.exception(f"{what}_source_failed")
    return None


async def keep_asked(session: AgiSession, asked: int | str) -> None:
    """How far the customer has come, on the channel: a platform that was killed in between goes on from there."""
    await session.set_variable("HL_ASKED", str(asked))


async def hear(
    line: Line,
    prompts: tuple[str, ...],
    language: str,
    *,
    words: Iterable[str],
    digits: int = 1,
    by_key: tuple[str, ...] = (),
) -> Heard:
    """What was pressed or said to these prompts; `by_key` are those of a line that does not listen, () = the same."""
    if isinstance(line, Listener) and line.hears(language):
        return await line.listen(
            prompts, language, words=tuple(words), seconds=KEY_SECONDS, digits=digits, by_key=by_key or prompts
        )
    return Heard(keys=await line.ask(by_key or prompts, language, seconds=KEY_SECONDS, digits=digits))
