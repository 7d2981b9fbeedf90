"""Which events a place is told, when it is tried again, and when we stop. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from crm_core.errors import Invalid

GIVE_UP_AFTER = timedelta(days=3)
TRY_LATER = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400))
"""Rests after the first, second … failure; the last is repeated. 22 tries in three days."""
OVERLAP = timedelta(days=1)  # how long the old secret signs beside the new one
GONE = 410  # the receiver says it wants no more (Standard Webhooks, "Delivery")
KNOWN_KINDS = (
    "case.opened",
    "case.closed",
    "consent.changed",
    "customer.created",
    "customer.changed",
    "customer.merged",
    "delivery.recorded",
    "lead.captured",
    "lead.sent",
    "lead.won",
    "lead.lost",
    "message.sms",
    "order.changed",
    "workshop_visit.recorded",
)
_PATTERN = re.compile(r"\*|[a-z_]{1,30}\.\*|[a-z_]{1,30}(\.[a-z_]{1,30}){1,2}")


def check_kinds(kinds: Sequence[str]) -> list[str]:
    """Raises Invalid for an empty list, or a word that is no kind of event."""
    wrong = [kind for kind in kinds if not _PATTERN.fullmatch(kind) or len(kind) > 40]
    if wrong:
        raise Invalid("{kind} is no event. Write case.opened, case.* or *.", kind=wrong[0][:40], field="kinds")
    if not kinds:
        raise Invalid("Choose at least one event.", field="kinds")
    return sorted(set(kinds))


def wants(kinds: Sequence[str], kind: str) -> bool:
    room = kind.partition(".")[0]
    return "*" in kinds or kind in kinds or f"{room}.*" in kinds


def next_try(tries: int, failing_since: datetime, at: datetime) -> datetime | None:
    """When to try again after the `tries`-th failure in a row; None = after three days we stop."""
    if at - failing_since >= GIVE_UP_AFTER:
        return None
    rest = TRY_LATER[min(tries, len(TRY_LATER)) - 1]
    return min(at + rest, failing_since + GIVE_UP_AFTER)


def accepted(status: int | None) -> bool:
    return status is not None and 200 <= status < 300
