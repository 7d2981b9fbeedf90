"""Who should be on the floor by the plan and is not. No I/O."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from agent_desktop.floor.queries import Ground
from agent_desktop.floor.scope import Scope
from crm_core.clock import from_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingLine:
    """Who should be here by the plan, from `since` to `until`, and has not signed in."""

    number: str
    since: float
    until: float

    @property
    def begins(self) -> datetime:
        return from_instant(self.since)

    @property
    def ends(self) -> datetime:
        return from_instant(self.until)


def missing(here: Collection[str], ground: Ground, scope: Scope, now: float) -> tuple[MissingLine, ...]:
    """Longest missed first."""
    found = [
        MissingLine(number=agent, since=since, until=until)
        for agent, (since, until) in ground.due.items()
        if agent in scope.agents and agent not in here and since <= now < until
    ]
    return tuple(sorted(found, key=lambda one: (one.since, one.number)))
