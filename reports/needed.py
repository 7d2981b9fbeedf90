"""How many agents a goal needs: the inverse of reports.staffing, with a limit of occupancy and shrinkage. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, inf

from reports.staffing import Load, Performance, performance

MOST_AGENTS = 20_000
NO_WORK = Performance(
    occupancy=0.0, waits=0.0, mean_wait=0.0, in_time=1.0, gives_up=0.0, gives_up_in_time=0.0, mean_queue=0.0
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """`share` of all callers answered within `within` seconds, nobody busier than `most_occupied` (0 to 1).

    `shrinkage` is the part of the paid time in which a person is not there: leave, illness, training, breaks that
    the plan does not hold. `patience` is the mean in seconds; endless patience makes it Erlang C.
    """

    share: float = 0.8
    within: float = 20.0
    most_occupied: float = 0.88
    shrinkage: float = 0.0
    patience: float = inf


@dataclass(frozen=True, slots=True)
class Needed:
    """`agents` at their phones; `people` to be planned so that so many are there, rounded up. What they achieve."""

    agents: int
    people: int
    reached: Performance


@lru_cache(maxsize=20_000)
def needed(calls_per_hour: float, handling: float, goal: Goal) -> Needed:
    """The fewest agents that reach the goal. `handling` in seconds, talk with hold and after-call work.

    More agents never make the service worse, so the fewest are found by doubling and halving. Nobody calls: nobody.
    Raises ValueError for a goal that no number of agents reaches: all callers, or an occupancy of nothing.
    """
    if not 0 < goal.share < 1 or not 0 < goal.most_occupied <= 1 or not 0 <= goal.shrinkage < 1:
        raise ValueError(f"nobody can reach {goal}")
    if calls_per_hour <= 0 or handling <= 0:
        return Needed(0, 0, NO_WORK)

    def reached(agents: int) -> Performance:
        return performance(
            Load(
                calls_per_hour=calls_per_hour, talk=handling, agents=agents, patience=goal.patience, target=goal.within
            )
        )

    guess = max(1, ceil(calls_per_hour * handling / 3600))
    agents = _fewest(lambda count: _is_reached(reached(count), goal), guess)
    return Needed(agents, ceil(agents / (1 - goal.shrinkage) - 1e-9), reached(agents))


def achieved(calls_per_hour: float, handling: float, agents: int, goal: Goal) -> Performance | None:
    """What so many agents reach; None = nobody is there for callers who come."""
    if calls_per_hour <= 0 or handling <= 0:
        return NO_WORK
    if agents < 1:
        return None
    return performance(
        Load(calls_per_hour=calls_per_hour, talk=handling, agents=agents, patience=goal.patience, target=goal.within)
    )


def _is_reached(found: Performance, goal: Goal) -> bool:
    return found.in_time >= goal.share and found.occupancy <= goal.most_occupied


def _fewest(is_enough: Callable[[int], bool], guess: int) -> int:
    low, high, step = 0, guess, 1
    while not is_enough(high):
        low, high, step = high, high + step, step * 2
        if high > MOST_AGENTS:
            raise ValueError("more agents than any site has")
    while high - low > 1 and step == 1:  # the guess was enough: so may be fewer
        below = max(high - step, low)
        if below == low or not is_enough(below):
            low = below
            break
        high = below
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high
