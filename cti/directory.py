"""What the telephone asks of the customers' records when a call comes in. `hotline` gives the answer's maker."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import structlog

log = structlog.get_logger(__name__)

ANSWER_LIMIT = 0.3  # seconds of silence that a caller may get because of a slow database


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerCard:
    """`matches` are customer ids, best first; `last_agent` "" = none; `open` = agents are on duty for this entry.

    `closure` is the prompt that callers hear while a person has closed the hotline, "" = it is not closed.
    `affinity` are tags of agents who know the caller's dealer or region. `nuisance` is crm_core.nuisance's score, 0 to
    100; `customer_class` "" = a stranger. `facts` are more for the menu to decide on: "time" and "weekday" at the site.
    """

    blocked: bool = False
    matches: tuple[int, ...] = ()
    language: str = ""
    last_agent: str = ""
    priority: int = 0
    open: bool = True
    closure: str = ""
    affinity: frozenset[str] = frozenset()
    nuisance: int = 0
    customer_class: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


class CallerDirectory(Protocol):
    async def caller(self, number: str, entry: str) -> CallerCard: ...

    async def remember_language(self, customers: tuple[int, ...], language: str) -> None:
        """The caller chose it in the menu: the next call begins in it."""
        ...


class DealerDirectory(Protocol):
    async def number(self, dealer: str) -> str:
        """The telephone number of the dealer with this id, "" when there is none."""
        ...


class NoDealers:
    """A site without dealers."""

    async def number(self, dealer: str) -> str:
        return ""


class NobodyKnown:
    """A directory for a site without records: everybody is a new caller."""

    async def caller(self, number: str, entry: str) -> CallerCard:
        return CallerCard()

    async def remember_language(self, customers: tuple[int, ...], language: str) -> None:
        return None


async def look_up(directory: CallerDirectory, number: str, entry: str) -> CallerCard:
    """The card, or an empty one after `ANSWER_LIMIT`: a dead database never holds a caller."""
    try:
        async with asyncio.timeout(ANSWER_LIMIT):
            return await directory.caller(number, entry)
    except TimeoutError:
        log.error("caller_directory_slow", limit=ANSWER_LIMIT)
    except Exception:
        log.exception("caller_directory_failed")
    return CallerCard()
