"""Leads from capture to purchase: by dealer, source and month's cohort. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from reports.metrics import Ratio
from reports.spread import percentile

STAGES = ("captured", "verified", "sent", "answered", "won")
"""The steps of the funnel; each holds those that came at least so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFact:
    """One lead captured in the period, with the turn of the dealer who has it, or had it last."""

    id: int
    number: str
    source: str
    status: str
    horizon: str
    dealer_id: int | None
    touchpoint: str
    created_at: datetime
    verified_at: datetime | None = None
    sent_at: datetime | None = None
    due_at: datetime | None = None
    first_word_at: datetime | None = None
    closed_at: datetime | None = None
    lost_reason: str = ""

    @property
    def hours_to_word(self) -> float | None:
        """From being sent to the dealer's first word."""
        if self.sent_at is None or self.first_word_at is None:
            return None
        return max(0.0, (self.first_word_at - self.sent_at).total_seconds()) / 3600

    def came_to(self, stage: str) -> bool:
        """Whether it came so far, whatever became of it later."""
        won = self.status == "won"
        answered = won or self.first_word_at is not None
        sent = answered or self.sent_at is not None
        reached = {"won": won, "answered": answered, "sent": sent, "verified": sent or self.verified_at is not None}
        return reached.get(stage, True)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadCounts:
    """Of the leads captured in the period. invalid ones are in `captured` and in no rate."""

    of: str
    captured: int
    invalid: int
    verified: int
    sent: int
    answered: int
    in_time: Ratio  # first words by the dealer's clock, of the clocks that ran out or were met
    median_hours: float | None
    won: int
    lost: int
    still_open: int

    @property
    def conversion(self) -> Ratio:
        """Won, of all that were prospects."""
        return Ratio(self.won, self.captured - self.invalid)


def count(of: str, leads: Iterable[LeadFact], now: datetime) -> LeadCounts:
    """The counts of these leads."""
    known = list(leads)
    hours = [one.hours_to_word for one in known if one.hours_to_word is not None]
    at = {stage: sum(one.came_to(stage) for one in known) for stage in STAGES}
    lost, invalid = (sum(one.status == word for one in known) for word in ("lost", "invalid"))
    return LeadCounts(
        of=of,
        captured=len(known),
        invalid=invalid,
        verified=at["verified"],
        sent=at["sent"],
        answered=at["answered"],
        in_time=_in_time(known, now),
        median_hours=percentile(hours, 0.5),
        won=at["won"],
        lost=lost,
        still_open=len(known) - at["won"] - lost - invalid,
    )


def _in_time(leads: Iterable[LeadFact], now: datetime) -> Ratio:
    decided = [one for one in leads if one.due_at is not None and (one.first_word_at or one.due_at < now)]
    good = sum(bool(one.first_word_at and one.due_at and one.first_word_at <= one.due_at) for one in decided)
    return Ratio(good, len(decided))


def by(leads: Iterable[LeadFact], key: Callable[[LeadFact], str], now: datetime) -> list[LeadCounts]:
    """One line for each key, most captured first."""
    groups: dict[str, list[LeadFact]] = {}
    for one in leads:
        groups.setdefault(key(one), []).append(one)
    lines = [count(of, mine, now) for of, mine in groups.items()]
    return sorted(lines, key=lambda line: (-line.captured, line.of))
