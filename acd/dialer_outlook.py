"""What a campaign has learnt, put to use: the forecast of this moment."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from acd.dialer_forecast import STEP, AnswerTimes, Forecast, FreeTimes, steps
from acd.dialer_learning import Answering, Durations
from acd.model import Instant

ANSWERS_FRESH, WORK_FRESH = 10.0, 60.0
"""Seconds for which what was derived from answers, and from talks and after-call work, is used again."""


class Work(StrEnum):
    TALK = "talk"
    WRAP_UP = "wrap_up"


class Busy(NamedTuple):
    """An agent with the campaign's skill who is busy: with what, and for how many seconds so far."""

    work: Work
    seconds: float


class Outlook:
    """Of one campaign; it begins with cautious guesses."""

    def __init__(self, ring_seconds: float, drop_after_seconds: float) -> None:
        self.answering = Answering(ring_seconds)
        self.talks, self.wraps = Durations(120.0, 10.0, 8), Durations(5.0, 3.0, 2)
        self._steps, self._grace = steps(ring_seconds), round(drop_after_seconds / STEP)
        self._answers: AnswerTimes | None = None
        self._free: FreeTimes | None = None
        self._answers_due = self._free_due = 0.0

    def forecast(self, at: Instant, free: int, ringing: Iterable[Instant], busy: Iterable[Busy]) -> Forecast:
        """`free` agents now, less those who are spoken for; lines that ring since these moments."""
        forecast = Forecast(free, self._answer_times(at))
        forecast.rings([at - since for since in ringing])
        talks: list[float] = []
        wraps: list[float] = []
        for work, seconds in busy:
            (talks if work is Work.TALK else wraps).append(seconds)
        times = self._free_times(at)
        forecast.busy(talks, times.talk, times.talk_spread)
        forecast.busy(wraps, times.wrap, times.wrap_spread)
        return forecast

    def _answer_times(self, at: Instant) -> AnswerTimes:
        if self._answers is None or at >= self._answers_due:
            self._answers, self._answers_due = self.answering.times(), at + ANSWERS_FRESH
        return self._answers

    def _free_times(self, at: Instant) -> FreeTimes:
        if self._free is None or at >= self._free_due:
            self._free = FreeTimes(self.talks.chances(), self.wraps.chances(), self._steps, self._grace)
            self._free_due = at + WORK_FRESH
        return self._free
