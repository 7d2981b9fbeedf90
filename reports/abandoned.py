"""Callers who gave up in a queue, and what became of each of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum

WITHIN = timedelta(hours=24)
"""How long a caller who gave up is followed, unless the reader asks for another time."""
FINAL = ("answered", "material_sent", "rescue_sent", "forwarded", "not_interested", "wrong_number", "nuisance")
"""Dispositions that leave nothing open where no case is linked; words of crm_core.history.dispositions."""


class Fate(StrEnum):
    """What became of a caller who gave up; each has exactly one, the first that is true from the top."""

    SOLVED = "solved"  # called again, was answered, and nothing of it is open
    REACHED = "reached"  # called again and was answered; the matter is in work
    CALLED_BACK = "called_back"  # we called and reached the customer
    WAITING = "waiting"  # left a message or booked a callback later
    MISSED_AGAIN = "missed_again"  # called again or was called, and nobody spoke with anybody
    NEVER = "never"  # nothing within the time
    OPEN = "open"  # nothing yet, and the time is not over


TO_CALL = (Fate.MISSED_AGAIN, Fate.NEVER, Fate.OPEN)
"""Nobody has spoken with them: a call back is suggested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A later contact of the same customer or number. `case_open` None = no case is linked."""

    contact_id: str
    direction: str  # inbound | outbound
    at: datetime
    outcome: str
    agent: str = ""
    disposition: str = ""
    case_open: bool | None = None

    @property
    def talked(self) -> bool:
        return self.outcome in ("answered", "reached", "put_through")

    @property
    def settled(self) -> bool:
        """Nothing of it is open: its case is closed, or it needed none and the record says so."""
        return not self.case_open if self.case_open is not None else self.disposition in FINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """One visit that its caller gave up. Times are aware UTC, waits seconds; `number` "" = withheld."""

    contact_id: str
    queue: str
    entered_at: datetime
    left_at: datetime
    wait: float
    short: bool  # before the queue's short-abandon seconds: an error of dialling, most of them
    number: str
    customer_id: int | None
    customer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """An abandoned visit with its fate. `by` = the contact that decided it, None when there is none."""

    visit: Abandoned
    fate: Fate
    by: Later | None = None

    @property
    def to_call(self) -> bool:
        """Whether calling back is suggested: nobody has spoken with them, and there is a number."""
        return self.fate in TO_CALL and bool(self.visit.number)

    @property
    def seconds_until(self) -> float | None:
        """From giving up to the contact that decided the fate."""
        return (self.by.at - self.visit.left_at).total_seconds() if self.by else None


def follow(visit: Abandoned, later: Sequence[Later], *, now: datetime, within: timedelta = WITHIN) -> Followed:
    """The fate of one visit. `later` = contacts of the same person in any order; those out of the time do not count."""
    ends = visit.left_at + within
    counted = sorted(
        (one for one in later if visit.left_at <= one.at < ends and one.contact_id != visit.contact_id),
        key=lambda one: one.at,
    )
    talk = next((one for one in counted if one.talked), None)
    if talk is not None:
        if talk.direction == "outbound":
            return Followed(visit=visit, fate=Fate.CALLED_BACK, by=talk)
        return Followed(visit=visit, fate=Fate.SOLVED if talk.settled else Fate.REACHED, by=talk)
    waits = next((one for one in counted if one.outcome in ("voicemail", "callback")), None)
    if waits is not None:
        return Followed(visit=visit, fate=Fate.WAITING, by=waits)
    if counted:
        return Followed(visit=visit, fate=Fate.MISSED_AGAIN, by=counted[-1])
    return Followed(visit=visit, fate=Fate.NEVER if now >= ends else Fate.OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class FateCounts:
    """Abandoned visits by what became of them. abandoned = the sum of the seven fates; `short` of them were short."""

    abandoned: int = 0
    short: int = 0
    solved: int = 0
    reached: int = 0
    called_back: int = 0
    waiting: int = 0
    missed_again: int = 0
    never: int = 0
    open: int = 0

    def __add__(self, other: FateCounts) -> FateCounts:
        return FateCounts(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})


def count(followed: Iterable[Followed]) -> FateCounts:
    """One pass over the visits."""
    numbers = {field.name: 0 for field in fields(FateCounts)}
    for one in followed:
        numbers["abandoned"] += 1
        numbers["short"] += one.visit.short
        numbers[one.fate] += 1
    return FateCounts(**numbers)


def worth_calling(followed: Iterable[Followed]) -> list[Followed]:
    """Whom to call back, longest wait first: once for each person, by the last visit that was given up."""
    last: dict[str, Followed] = {}
    for one in sorted(followed, key=lambda one: one.visit.left_at):
        person = str(one.visit.customer_id or one.visit.number)
        if one.to_call and not one.visit.short:
            last[person] = one
        else:
            last.pop(person, None)
    return sorted(last.values(), key=lambda one: -one.visit.wait)
