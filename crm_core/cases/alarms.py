"""When people are to be told of a case: before its end, and after it, level by level. Pure: times in, times out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

LEVELS = ("owner", "team_leader", "supervisor", "regional_manager")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """`key` names it once for one deadline: a deadline that moves has new alarms. `level` is the place in LEVELS.

    `clock` is what runs out: respond, solve, stage or pause.
    """

    key: str
    at: datetime
    clock: str
    kind: str  # remind | escalate | resume
    level: int = 0


def alarms_of(
    clock: str, due: datetime | None, *, remind: Iterable[int] = (), escalate: Iterable[int] = ()
) -> list[Alarm]:
    """The alarms of one deadline; minutes before and after it."""
    if due is None:
        return []
    mark = f"{clock}@{due:%y%m%d%H%M%S}"
    found = [
        Alarm(key=f"{mark}-{minutes}", at=due - timedelta(minutes=minutes), clock=clock, kind="remind")
        for minutes in remind
    ]
    found += [
        Alarm(key=f"{mark}+{level}", at=due + timedelta(minutes=minutes), clock=clock, kind="escalate", level=level)
        for level, minutes in enumerate(escalate)
        if level < len(LEVELS)
    ]
    return found


def due_now(alarms: Iterable[Alarm], told: Iterable[str], now: datetime) -> list[Alarm]:
    """Those whose time has come and that nobody was told of, in order.

    Of several reminders of one clock that were missed together only the last is worth a word.
    """
    known = set(told)
    late = sorted(
        (one for one in alarms if one.at <= now and one.key not in known), key=lambda one: (one.at, one.level)
    )
    last = {one.clock: one.key for one in late if one.kind == "remind"}
    return [one for one in late if one.kind != "remind" or last[one.clock] == one.key]


def next_time(alarms: Iterable[Alarm], now: datetime) -> datetime | None:
    """When to look again; None = nothing is planned."""
    return min((one.at for one in alarms if one.at > now), default=None)
