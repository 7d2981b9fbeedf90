"""Erlang B, C and A exactly: what so many agents achieve with so much work. Pure; times in seconds.

Sources: A. K. Erlang (1917) for B and C; C. Palm (1957) and Mandelbaum & Zeltyn, "Service Engineering in Action"
(2007) for A, the queue M/M/n+M whose callers give up after exponential patience. All sums have positive terms only,
so nothing cancels; tests hold them to 1e-9 of exact fractions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from math import exp, expm1, inf, log

NEGLIGIBLE = 1e-18
_TOO_LARGE, _RESCALE = 1e250, 1e-250


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Calls come at random (Poisson); talks with after-call work, and patience, are exponential. `agents` >= 1."""

    calls_per_hour: float
    talk: float
    agents: int
    patience: float = inf
    target: float = 20.0

    @property
    def erlangs(self) -> float:
        return self.calls_per_hour * self.talk / 3600

    @property
    def per_second(self) -> float:
        return self.calls_per_hour / 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """In the long run, of all calls that come: `in_time` were answered within the target, `gave_up_in_time` left in it.

    `mean_wait` counts every caller, also who did not wait or gave up. Without a steady state (no patience, and not
    fewer erlangs than agents) everybody waits, for ever.
    """

    occupancy: float
    waits: float
    mean_wait: float
    in_time: float
    gives_up: float
    gives_up_in_time: float
    mean_queue: float

    @property
    def in_time_without_short(self) -> float:
        """Service level when callers who left within the target are not counted."""
        return self.in_time / (1 - self.gives_up_in_time)

    @property
    def in_time_of_served(self) -> float:
        return self.in_time / (1 - self.gives_up)


def blocked(erlangs: float, agents: int) -> float:
    """Erlang B: the share of calls that find all agents busy and leave."""
    inverse = 1.0
    for busy in range(1, agents + 1):
        inverse = 1 + inverse * busy / erlangs
    return 1 / inverse


def performance(load: Load) -> Performance:
    """Erlang C for endless patience, else Erlang A."""
    return _endless(load) if load.patience == inf else _impatient(load)


def _endless(load: Load) -> Performance:
    erlangs, agents = load.erlangs, load.agents
    if erlangs >= agents:
        return Performance(
            occupancy=1.0, waits=1.0, mean_wait=inf, in_time=0.0, gives_up=0.0, gives_up_in_time=0.0, mean_queue=inf
        )
    blocking = blocked(erlangs, agents)
    waits = agents * blocking / (agents - erlangs * (1 - blocking))
    mean_wait = waits * load.talk / (agents - erlangs)
    return Performance(
        occupancy=erlangs / agents,
        waits=waits,
        mean_wait=mean_wait,
        in_time=1 - waits * exp(-(agents - erlangs) * load.target / load.talk),
        gives_up=0.0,
        gives_up_in_time=0.0,
        mean_queue=mean_wait * load.per_second,
    )


def _impatient(load: Load) -> Performance:
    """Sums over the callers whom a new one finds waiting: k are ahead when all agents are busy."""
    odds, target = load.agents / load.talk * load.patience, load.target
    waits = gives_up = served = in_time = still_there = queue = 0.0
    late, late_if_served = tail_of_offered_wait(load), tail_of_offered_wait(load, served=True)
    for k, (share, over, over_if_served) in enumerate(zip(shares_ahead(load), late, late_if_served, strict=False)):
        leaves = (k + 1) / (odds + k + 1)
        waits += share
        gives_up += share * leaves
        served += share * odds / (odds + k + 1)
        in_time += share * odds / (odds + k + 1) * (1 - over_if_served)
        still_there += share * over
        queue += share * k
    served += 1 - waits
    in_time += 1 - waits
    still_there *= exp(-target / load.patience)
    return Performance(
        occupancy=load.erlangs * served / load.agents,
        waits=waits,
        mean_wait=gives_up * load.patience,
        in_time=in_time,
        gives_up=gives_up,
        gives_up_in_time=max(0.0, 1 - in_time - still_there),
        mean_queue=queue,
    )


def shares_ahead(load: Load) -> list[float]:
    """P(all agents busy and k callers waiting) for k = 0, 1, … as far as it matters."""
    talks, leaving, coming = load.agents / load.talk, 1 / load.patience, load.per_second
    last = blocked(load.erlangs, load.agents - 1)
    if not last:  # so many agents are there that no float can hold the chance of finding all of them busy
        return [0.0]
    below = 1 / last  # all states with a free agent, in units of the last of them
    weight, total, weights = coming / talks, below, []
    while True:
        weights.append(weight)
        total += weight
        shrinks = coming / (talks + len(weights) * leaving)
        if shrinks < 1 and weight * shrinks <= NEGLIGIBLE * total * (1 - shrinks):
            return [weight / total for weight in weights]
        weight *= shrinks
        if weight > _TOO_LARGE:
            total, weight = total * _RESCALE, weight * _RESCALE
            weights = [weight * _RESCALE for weight in weights]


def tail_of_offered_wait(load: Load, *, served: bool = False) -> Iterator[float]:
    """P(the wait would be over the target) with k callers ahead, for k = 0, 1, …; `served` = of those who are served.

    With patience the k + 1 steps to the head of the line take exponential times of rates talks + j * leaving; their
    sum is -ln(Beta) / leaving, whose tail is a negative binomial sum.
    """
    talks = load.agents / load.talk
    if load.patience == inf:
        yield from _running_sum(-talks * load.target, lambda step: talks * load.target / (step + 1))
        return
    odds = talks * load.patience + served
    left = -expm1(-load.target / load.patience)
    yield from _running_sum(-odds * load.target / load.patience, lambda step: left * (odds + step) / (step + 1))


def _running_sum(log_first: float, ratio: Callable[[int], float]) -> Iterator[float]:
    """Sums of the first 1, 2, … terms, whose first is exp(log_first), maybe too small for a float by itself."""
    scaled, total = 1.0, 0.0
    for step in count():
        total += exp(log_first + log(scaled)) if scaled > 0 else 0.0
        yield min(total, 1.0)
        scaled *= ratio(step)
        if scaled > _TOO_LARGE:
            scaled, log_first = scaled * _RESCALE, log_first - log(_RESCALE)
