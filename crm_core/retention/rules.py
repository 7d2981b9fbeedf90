"""How long recordings are kept: 30 days at the least, for that is how long proof of a contact must be there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from crm_core.errors import Invalid

LEAST_DAYS, MOST_DAYS = 30, 3_650
MOST_QUEUES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """`days` 0 = everything is kept. Fewer than `LEAST_DAYS` need `short`: the author has read the warning.

    The first that is set decides: the customer's own wish, `queues` (days by queue), `messages` and `surveys` (None =
    as talks), `days`. In `queues`, `messages` and `surveys` 0 = kept. After `compress_days` a recording is compressed;
    0 = never.
    """

    days: int = 0
    short: bool = False
    messages: int | None = None
    surveys: int | None = None
    queues: Mapping[str, int] = field(default_factory=dict)
    compress_days: int = 0

    @property
    def limits(self) -> set[int]:
        """Every number of days after which something is deleted."""
        return {days for days in (self.days, self.messages, self.surveys, *self.queues.values()) if days}

    def newest_due(self, at: datetime, wishes: Iterable[int] = ()) -> datetime | None:
        """What began then or later is due by no rule; None = nothing ever is. `wishes`: customers' days."""
        days = self.limits | set(wishes)
        return at - timedelta(days=min(days)) if days else None


FIRST = Retention()


def problems(state: Mapping[str, Any]) -> list[Invalid]:
    """One sentence for each field that cannot be used."""
    wrong = [_range("days")] if not _whole(state.get("days")) else []
    wrong += [_range(name) for name in ("messages", "surveys") if not _whole(state.get(name, None), empty=True)]
    if not _whole(state.get("compress_days", 0)):
        wrong.append(_range("compress_days"))
    queues = state.get("queues") or {}
    wrong += [_range(f"queue_{name}") for name, days in queues.items() if not _whole(days)]
    if len(queues) > MOST_QUEUES:
        wrong.append(Invalid("Give at most {most} queues a time of their own.", most=MOST_QUEUES, field="days"))
    if not wrong and _is_short(state) and not state.get("short"):
        wrong.append(
            Invalid("Proof must be there for {days} days. Confirm that you want less.", days=LEAST_DAYS, field="days")
        )
    return wrong


def rules_from(state: Mapping[str, Any]) -> Retention:
    """The confirmation is kept only where it was needed, so that the next lowering asks again."""
    return Retention(
        days=int(state["days"]),
        short=bool(state.get("short")) and _is_short(state),
        messages=state.get("messages"),
        surveys=state.get("surveys"),
        queues={str(name): int(days) for name, days in sorted((state.get("queues") or {}).items())},
        compress_days=int(state.get("compress_days") or 0),
    )


def state_of(rules: Retention) -> dict[str, Any]:
    return asdict(rules)


def _is_short(state: Mapping[str, Any]) -> bool:
    asked = [state.get("days"), state.get("messages"), state.get("surveys"), *(state.get("queues") or {}).values()]
    return any(type(days) is int and 0 < days < LEAST_DAYS for days in asked)


def _whole(days: object, *, empty: bool = False) -> bool:
    return (empty and days is None) or (type(days) is int and 0 <= days <= MOST_DAYS)


def _range(name: str) -> Invalid:
    return Invalid("Enter 0, or a number from {low} to {high}.", low=1, high=MOST_DAYS, field=name)
