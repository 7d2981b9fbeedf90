"""One moment in the life of a customer or a vehicle, whatever table it comes from. Without I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from crm_core.clock import from_instant, instant
from crm_core.errors import Invalid


class Kind(StrEnum):
    """In the order in which moments of the same instant stand."""

    CALL = "call"
    MESSAGE = "message"  # a contact in writing: e-mail, chat, SMS
    CASE = "case"
    VISIT = "visit"
    CLAIM = "claim"
    DELIVERY = "delivery"
    ORDER = "order"
    TRADE_IN = "trade_in"
    LEAD = "lead"
    CARE = "care"
    CONSENT = "consent"


RANK = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """What happened, as facts to be put into words. `ref` is the row's id, `word` and `status` are codes of its table.

    `day_only`: only the day is known; `at` is then noon UTC, the same day in nearly every zone. `seconds` is the talk
    of a call, None = nobody talked or no call; `rated` the mean of what was answered after it, None = nothing. `more`
    holds what only this kind has, as texts.
    """

    kind: Kind
    ref: str
    at: datetime
    day_only: bool = False
    number: str = ""
    word: str = ""
    status: str = ""
    title: str = ""
    text: str = ""
    person: str = ""
    dealer: str = ""
    vehicle_id: int | None = None
    seconds: float | None = None
    mileage_km: int = 0
    amount_yuan: int = 0
    recording_id: int | None = None
    recording_agent: str = ""
    rated: float | None = None
    more: tuple[str, ...] = ()

    @property
    def cursor(self) -> str:
        """The place behind this moment, for `before`."""
        return f"{round(instant(self.at) * 1_000_000)}~{self.kind}~{self.ref}"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of a timeline: the latest first, then by kind, then the larger id."""

    at: datetime
    kind: Kind
    ref: str


def read_cursor(cursor: str) -> Place:
    """Raises Invalid for what is no `TimelineEntry.cursor`."""
    try:
        microseconds, kind, ref = cursor.split("~", 2)
        at = from_instant(int(microseconds) / 1_000_000)
        if Kind(kind) not in (Kind.CALL, Kind.MESSAGE):
            int(ref)
        return Place(at, Kind(kind), ref.replace("\0", "")[:64])
    except (ValueError, OverflowError, OSError) as unusable:
        raise Invalid("This place in the list is unknown. Start from the top.", field="cursor") from unusable


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
