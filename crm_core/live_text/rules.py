"""Which talks become text while they go on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_core.errors import Invalid

MOST_QUEUES = 200


@dataclass(frozen=True, slots=True)
class LiveTextRules:
    """`on` is the site's switch; talks of the queues in `off_in` are not written down all the same."""

    on: bool = True
    off_in: frozenset[str] = frozenset()

    def covers(self, queue: str) -> bool:
        """Whether a talk of this queue becomes text; "" = of no queue, e.g. a call out."""
        return self.on and queue not in self.off_in


FIRST = LiveTextRules()


def rules_from(state: Mapping[str, Any]) -> LiveTextRules:
    return LiveTextRules(on=bool(state["on"]), off_in=frozenset(state["off_in"]))


def state_of(rules: LiveTextRules) -> dict[str, Any]:
    return {"on": rules.on, "off_in": sorted(rules.off_in)}


def problems(state: Mapping[str, Any]) -> list[Invalid]:
    """One sentence for each field that cannot be used."""
    queues = state.get("off_in", ())
    if len(queues) > MOST_QUEUES or not all(isinstance(one, str) and 0 < len(one) <= 40 for one in queues):
        return [Invalid("Choose the queues from the list.", field="off_in")]
    return []
