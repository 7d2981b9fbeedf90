"""Calls that did not stay with whom they reached: given away, asked about, talked over by three. Pure.

Why a call was given away nobody is asked to type: what it was about (the record's kind) and how it was given stand for
the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reports.metrics import Ratio


class Way(StrEnum):
    STRAIGHT = "straight"  # given away without a word
    ASKED = "asked"  # given away after asking the other one
    ONLY_ASKED = "only_asked"  # the other one was asked, the call came back
    CONFERENCE = "conference"  # three talked together
    MENU = "menu"  # the menu put the caller through


GIVEN = (Way.STRAIGHT, Way.ASKED, Way.MENU)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """`to_kind`: agent, queue, dealer or number; `to` is its number or id. `answered` None = not known."""

    contact_id: str
    at: datetime
    agent: str
    queue: str
    way: Way
    to_kind: str
    to: str
    kind: str = ""
    answered: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """Of one agent, queue, target or kind. given = straight + asked + menu."""

    of: str
    given: int
    straight: int
    asked: int
    menu: int
    only_asked: int
    conference: int
    to_agents: int
    to_queues: int
    to_dealers: int
    to_numbers: int
    answered: Ratio  # of those given away or asked whose answer is known


def count(of: str, transfers: Iterable[Transfer]) -> Handed:
    """The counts of these."""
    known = list(transfers)
    ways = {way: sum(one.way is way for one in known) for way in Way}
    gone = [one for one in known if one.way in GIVEN]
    kinds = {kind: sum(one.to_kind == kind for one in gone) for kind in ("agent", "queue", "dealer", "number")}
    decided = [one for one in known if one.answered is not None]
    return Handed(
        of=of,
        given=len(gone),
        straight=ways[Way.STRAIGHT],
        asked=ways[Way.ASKED],
        menu=ways[Way.MENU],
        only_asked=ways[Way.ONLY_ASKED],
        conference=ways[Way.CONFERENCE],
        to_agents=kinds["agent"],
        to_queues=kinds["queue"],
        to_dealers=kinds["dealer"],
        to_numbers=kinds["number"],
        answered=Ratio(sum(bool(one.answered) for one in decided), len(decided)),
    )


def by(transfers: Iterable[Transfer], key: Callable[[Transfer], str]) -> list[Handed]:
    """One line for each key, most given away first."""
    groups: dict[str, list[Transfer]] = {}
    for one in transfers:
        groups.setdefault(key(one), []).append(one)
    lines = [count(of, mine) for of, mine in groups.items()]
    return sorted(lines, key=lambda line: (-line.given, -line.only_asked, line.of))
