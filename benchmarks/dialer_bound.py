"""How well a dialer could do: one that knows what can be known beforehand, and one that knows each call's future."""

from __future__ import annotations

import numpy as np

from acd.dialer import Staffing, Work
from acd.dialer_budget import Appetite, DropBudget
from acd.dialer_forecast import LONGEST_STEPS, STEP, AnswerTimes, Floats, Forecast, FreeTimes, steps
from benchmarks.dialer_world import DAY, Customers

DRAWN = 400_000


class Truth:
    """The distributions of a scenario, each by so many draws of its own."""

    def __init__(self, customers: Customers) -> None:
        scenario = customers.scenario
        self.customers = customers
        self._failed, gone = customers.failures()
        count = steps(scenario["ring_seconds"])
        after, talk, wrap = customers.sample(DRAWN)
        within = after < scenario["ring_seconds"]
        self._within = float(within.mean())
        self._when = _chances(after[within], count)
        self._fails = _chances(gone, count)
        grace = round(scenario["drop_after_seconds"] / STEP)
        self.free = FreeTimes(_chances(talk, LONGEST_STEPS), _chances(wrap, LONGEST_STEPS), count, grace)

    def times(self, at: float) -> AnswerTimes:
        return AnswerTimes(self.customers.answer_rate(at) * self._within, self._when, self._failed, self._fails)


def _chances(seconds: Floats, count: int) -> Floats:
    bins = np.minimum(seconds / STEP, count - 1).astype(int)
    chances: Floats = np.bincount(bins, minlength=count) / len(bins)
    return chances


class Promise:
    """The limit kept with certainty: lines beyond the free agents are never more than the drops that are allowed."""

    def __init__(self, limit_percent: float) -> None:
        self.budget = DropBudget(limit_percent, DAY, 3600.0)
        self.appetite = Appetite()


class Informed:
    """Knows the true distributions, and the answer rate of the moment; not what becomes of a call.

    `risk` is taken all day, None = as ours does by what is left. With a `promise` the limit is kept whoever answers.
    """

    def __init__(
        self, truth: Truth, risk: float | None, most_lines_per_agent: float, promise: Promise | None = None
    ) -> None:
        self._truth, self._risk, self._per_agent, self._promise = truth, risk, most_lines_per_agent, promise
        self._ringing: dict[str, float] = {}
        self._times, self._due = truth.times(0.0), 0.0

    def placed(self, attempt: str, at: float) -> None:
        self._ringing[attempt] = at

    def answered(self, attempt: str, at: float) -> None:
        del self._ringing[attempt]
        if self._promise:
            self._promise.budget.answered(at)

    def connected(self, attempt: str, at: float) -> None:
        """Is told by the staffing."""

    def dropped(self, attempt: str, at: float) -> None:
        if self._promise:
            self._promise.budget.dropped(at)

    def ended(self, attempt: str, at: float) -> None:
        self._ringing.pop(attempt, None)

    def talked(self, seconds: float) -> None:
        """Knew it."""

    def wrapped(self, seconds: float) -> None:
        """Knew it."""

    def wanted(self, staffing: Staffing) -> int:
        most = max(int(self._per_agent * (staffing.ready + len(staffing.busy))) - len(self._ringing), 0)
        if self._promise is None:
            return self._forecast(staffing).most(self._risk or 0.0, most)
        certain = staffing.ready - staffing.waiting_outbound - len(self._ringing)
        left = self._promise.budget.left(staffing.at)
        appetite = self._promise.appetite
        likely = self._forecast(staffing).most(self._risk or appetite.risk(left), most)
        appetite.needed(max(likely - certain, 0), staffing.at)
        return max(min(likely, certain + left), certain, 0)

    def _forecast(self, staffing: Staffing) -> Forecast:
        at, free = staffing.at, self._truth.free
        if at >= self._due:
            self._times, self._due = self._truth.times(at), at + 10
        forecast = Forecast(staffing.ready - staffing.waiting_outbound, self._times)
        forecast.rings([at - since for since in self._ringing.values()])
        talks = [busy.seconds for busy in staffing.busy if busy.work is Work.TALK]
        wraps = [busy.seconds for busy in staffing.busy if busy.work is Work.WRAP_UP]
        forecast.busy(talks, free.talk, free.talk_spread)
        forecast.busy(wraps, free.wrap, free.wrap_spread)
        return forecast


def clairvoyant_occupancy(customers: Customers) -> float:
    """Dials whom it knows to answer so that they do at the moment an agent is free: idle is only who waits for the
    day's first answer. In percent."""
    cell = customers.cell
    seconds, busy = cell.hours * 3600, 0.0
    for day in range(cell.days):
        for _ in range(cell.agents):
            call = customers.call(day * DAY)
            while call.answer is None:
                call = customers.call(day * DAY)
            busy += seconds - call.answer
    return 100 * busy / (cell.agents * seconds * cell.days)
