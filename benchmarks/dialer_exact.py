"""The best that any dialer can do, exactly, where that can be computed: a call centre without memory.

Talks are exponential, and each line that rings is answered, or gives up, at a constant rate. Then the number of busy
agents and of lines is all that a dialer can know, and the optimum is that of a Markov decision process. It shows how
near to an optimum the dialer comes that is used as a bound where there is a memory (`dialer_bound.Informed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from acd.dialer_forecast import Floats
from benchmarks.dialer_bound import Informed, Truth
from benchmarks.dialer_world import Call, Cell, Customers, Day, Outcome

NEAR = 1e-5  # of the agents
MOST_ROUNDS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetful:
    """`handling` seconds of a talk on average; a line is `answered` and `given_up` so many times a second."""

    agents: int
    handling: float
    answered: float
    given_up: float
    most_lines: int


def best_occupancy(site: Forgetful, limit_percent: float) -> float:
    """Percent that no dialer surpasses which drops at most so many of its answers in the long run.

    With any price of a drop, the best mean of occupancy less what is paid for drops over the limit bounds every dialer
    that keeps it (Lagrange); the price with the lowest bound is looked for.
    """
    low, high, values = 0.0, 120.0, None
    bound = 1.0
    for _ in range(7):
        prices = low + (high - low) / 3, high - (high - low) / 3
        found = []
        for price in prices:
            gain, values = _best_mean(site, limit_percent / 100, price, values)
            found.append(gain)
        bound = min(bound, *found)
        low, high = (low, prices[1]) if found[0] < found[1] else (prices[0], high)
    return 100 * bound


def _best_mean(site: Forgetful, limit: float, price: float, values: Floats | None) -> tuple[float, Floats]:
    """Value iteration; what is returned is its upper bound, so stopping early errs on the safe side."""
    busy = np.arange(site.agents + 1, dtype=np.float64)[:, None]
    lines = np.arange(site.most_lines + 1, dtype=np.float64)[None, :]
    rate = site.agents / site.handling + site.most_lines * (site.answered + site.given_up)
    answers, leaves, ends = site.answered * lines / rate, site.given_up * lines / rate, busy / site.handling / rate
    paid = price * site.answered * lines * ((busy == site.agents) - limit)
    reward = busy / site.agents - paid
    stays = 1 - answers - leaves - ends
    best = np.zeros((site.agents + 1, site.most_lines + 1)) if values is None else values
    for _ in range(MOST_ROUNDS):
        fewer = np.concatenate((best[:, :1], best[:, :-1]), axis=1)
        talk = np.concatenate((fewer[1:], fewer[-1:]))
        done = np.concatenate((best[:1], best[:-1]))
        new = reward + answers * talk + leaves * fewer + ends * done + stays * best
        new = np.maximum.accumulate(new[:, ::-1], axis=1)[:, ::-1]  # more lines may be added at any time
        change = new - best
        best = new - new[0, 0]
        if change.max() - change.min() < NEAR:
            break
    return float(change.max()), best


class ForgetfulCustomers(Customers):
    """The same call centre for the simulator."""

    def __init__(self, told: dict[str, Any], cell: Cell, site: Forgetful) -> None:
        super().__init__({**told, "drop_after_seconds": 0.0, "ring_seconds": 120.0, "failed_share": 0.0}, cell)
        self._site = site

    def answer_rate(self, at: float) -> float:
        return self._site.answered / (self._site.answered + self._site.given_up)

    def call(self, at: float) -> Call:
        luck, after, talk, _ = self._row()
        return Call(after if luck < self.answer_rate(at) else None, after, talk, 0.0)

    def failures(self) -> tuple[float, Floats]:
        return 1 - self.answer_rate(0.0), self.sample(self.CHUNK)[0]

    def sample(self, count: int) -> tuple[Floats, Floats, Floats]:
        after = self._random.exponential(1 / (self._site.answered + self._site.given_up), count)
        return after, self._random.exponential(self._site.handling, count), np.zeros(count)


def informed(site: Forgetful, told: dict[str, Any], hours: float, risks: Sequence[float]) -> list[Outcome]:
    """What the informed dialer reaches there with each risk, in so many hours."""
    cell = Cell(agents=site.agents, answer_percent=0.0, hours=hours)
    truth = Truth(ForgetfulCustomers(told, cell, site))
    lines = site.most_lines / site.agents
    return [Day(ForgetfulCustomers(told, cell, site), Informed(truth, risk, lines)).run() for risk in risks]
