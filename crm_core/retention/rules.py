"""How long recordings are kept: 30 days at the least, for that is how long proof of a contact must be there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from crm_core.errors import Invalid

LEAST_DAYS, MOST_DAYS = 30, 3_650


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """`days` 0 = everything is kept. Fewer than `LEAST_DAYS` need `short`: the author has read the warning."""

    days: int = 0
    short: bool = False

    def older_than(self, at: datetime) -> datetime | None:
        """What began before this is due; None = nothing ever is."""
        return at - timedelta(days=self.days) if self.days else None


FIRST = Retention()


def problems(state: Mapping[str, Any]) -> list[Invalid]:
    """One sentence for each field that cannot be used."""
    days = state.get("days")
    if type(days) is not int or not 0 <= days <= MOST_DAYS:
        return [Invalid("Enter 0, or a number from {low} to {high}.", low=1, high=MOST_DAYS, field="days")]
    if 0 < days < LEAST_DAYS and not state.get("short"):
        return [
            Invalid("Proof must be there for {days} days. Confirm that you want less.", days=LEAST_DAYS, field="days")
        ]
    return []


def rules_from(state: Mapping[str, Any]) -> Retention:
    """The confirmation is kept only where it was needed, so that the next lowering asks again."""
    days = int(state["days"])
    return Retention(days=days, short=bool(state.get("short")) and 0 < days < LEAST_DAYS)


def state_of(rules: Retention) -> dict[str, Any]:
    return asdict(rules)
