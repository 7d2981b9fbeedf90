"""Campaigns that call for the same agents: each agent is given to one of them, and callers who wait go first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from acd.dialer import Busy, Staffing


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Of one campaign: its share of the agents by `weight`, agents `reserved` for its lines (PacingFigures), and its
    answered calls that wait for an agent."""

    weight: float = 1.0
    reserved: int = 0
    waiting: int = 0


def share(floor: Staffing, claims: Sequence[Claim]) -> list[Staffing]:
    """The staffing that each campaign may count on, in the order of `claims`; together they are no more than `floor`.

    First come inbound callers, then who has answered and waits, then agents who are reserved; the rest is dealt by
    weight. An agent who is busy is dealt likewise, so that a campaign counts on its part of those to come, and so is
    what has to be left to callers to come.
    """
    free = max(floor.ready - floor.waiting_inbound, 0)
    given = [0] * len(claims)
    for needs in ([claim.waiting for claim in claims], [claim.reserved for claim in claims]):
        for number, need in enumerate(needs):
            grant = min(need, free)
            given[number] += grant
            free -= grant
    weights = [claim.weight for claim in claims]
    for number in _deal(free, weights, given):
        given[number] += 1
    missing = max(floor.waiting_inbound - floor.ready, 0)
    ahead, kept, busy = [0] * len(claims), [0] * len(claims), _deal_busy(floor.busy, claims)
    for taken, count in ((ahead, missing), (kept, floor.kept)):
        for number in _deal(count, weights, taken):
            taken[number] += 1
    total = sum(weights) or 1.0
    return [
        Staffing(
            at=floor.at,
            ready=given[number],
            busy=tuple(busy[number]),
            waiting_inbound=ahead[number] + (given[number] if ahead[number] else 0),
            waiting_outbound=claim.waiting,
            inbound_rate=floor.inbound_rate * claim.weight / total,
            kept=kept[number],
        )
        for number, claim in enumerate(claims)
    ]


def _deal_busy(busy: Sequence[Busy], claims: Sequence[Claim]) -> list[list[Busy]]:
    """Those who will be free soon and those who will not are dealt alike: each kind in the order of its time."""
    hands: list[list[Busy]] = [[] for _ in claims]
    turns = _deal(len(busy), [claim.weight for claim in claims], [0] * len(claims))
    for number, agent in zip(turns, sorted(busy), strict=False):
        hands[number].append(agent)
    return hands


def _deal(count: int, weights: Sequence[float], had: Sequence[int]) -> list[int]:
    """Whose turn it is, so many times: who has least for the weight (Webster's method). Nobody without a weight."""
    has, turns = list(had), []
    takers = [number for number, weight in enumerate(weights) if weight > 0]
    for _ in range(count if takers else 0):
        number = min(takers, key=lambda taker: ((2 * has[taker] + 1) / weights[taker], taker))
        has[number] += 1
        turns.append(number)
    return turns
