"""The dealer's clock on a lead: how many of the days are used, when somebody is reminded, when it goes on. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from crm_core.leads.rules import LeadRules

CELLS = 7
WARN_FROM = 5  # as in the seven-cell clock of the portal: grey to day 4, yellow from 5, red when over


class Tone(StrEnum):
    CALM = "calm"
    WARN = "warn"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`cells` of seven are filled; `seconds_left` is negative when the word is overdue."""

    cells: int
    tone: Tone
    seconds_left: float


def clock_of(began_at: datetime, due_at: datetime, now: datetime) -> Clock:
    """Seven cells over the whole time, so that it reads the same for 7 days and for another limit."""
    whole = max((due_at - began_at).total_seconds(), 1.0)
    used = (now - began_at).total_seconds()
    left = (due_at - now).total_seconds()
    cells = max(0, min(CELLS, int(used / whole * CELLS)))
    if left < 0:
        return Clock(cells=CELLS, tone=Tone.OVER, seconds_left=left)
    return Clock(cells=cells, tone=Tone.WARN if cells >= WARN_FROM else Tone.CALM, seconds_left=left)


class Due(StrEnum):
    """What the clock asks for now."""

    NOTHING = "nothing"
    REMIND = "remind"
    REASSIGN = "reassign"


def due_now(rules: LeadRules, due_at: datetime, reminders: int, now: datetime) -> tuple[Due, datetime | None]:
    """What is to be done at `now` for a lead whose word is due at `due_at`, and when to look again.

    The first reminder comes before it is due, the second when it is; after the longest wait it goes to the next dealer.
    """
    marks = (
        due_at - timedelta(days=rules.feedback_days - rules.remind_days),
        due_at,
        due_at + timedelta(days=rules.reassign_days - rules.feedback_days),
    )
    if now >= marks[2]:
        return Due.REASSIGN, None
    following = next(mark for mark in marks if mark > now)
    passed = sum(mark <= now for mark in marks[:2])
    return (Due.REMIND, following) if passed > reminders else (Due.NOTHING, following)
