"""How callers went through a version of a menu: counts for each node and each way, ready to be drawn on it. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Protocol


class Visited(Protocol):
    """One visit of one call; those of a call stand together, in order: `crm_core.flows.queries.path_rows`."""

    @property
    def call(self) -> str: ...

    @property
    def node(self) -> str: ...

    @property
    def by(self) -> str: ...

    @property
    def seconds(self) -> float: ...

    @property
    def hung_up(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCount:
    """`entered` counts visits and `calls` the calls that made them; `left` = went on or ended as the node says.

    entered = left + hung_up. `seconds` is the mean stay. What is said before a question is played together with it, so
    its time counts to the question.
    """

    node: str
    entered: int
    calls: int
    left: int
    hung_up: int
    seconds: float

    @property
    def hang_up_rate(self) -> float:
        return self.hung_up / self.entered if self.entered else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WayCount:
    """How often callers went from one node to another because of `by`: a key, a result, a case, "" = nothing said."""

    node: str
    to: str
    by: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PathCount:
    """`served` are the calls that got what they wanted and went to no person: self-service that succeeded."""

    calls: int
    hung_up: int
    served: int
    nodes: tuple[NodeCount, ...]
    ways: tuple[WayCount, ...]

    @property
    def self_service_rate(self) -> float:
        """Of all calls, 0 to 1."""
        return self.served / self.calls if self.calls else 0.0


def count_paths(rows: Iterable[Visited], *, served_by: Iterable[str] = (), people: Iterable[str] = ()) -> PathCount:
    """The counts of these visits. `served_by` are nodes where a caller has got what was wanted, `people` its queues.

    A call counts as served when it came to one of the first and did not end at one of the others, however it ended.
    `ivr.served` gives both for a flow.
    """
    entered: Counter[str] = Counter()
    hung_up: Counter[str] = Counter()
    seconds: defaultdict[str, float] = defaultdict(float)
    calls_of: defaultdict[str, set[str]] = defaultdict(set)
    ways: Counter[tuple[str, str, str]] = Counter()
    good, asked_for_people = frozenset(served_by), frozenset(people)
    calls = gone = served = 0
    for call, group in groupby(rows, key=lambda row: row.call):
        visits = list(group)
        calls += 1
        gone += visits[-1].hung_up
        served += visits[-1].node not in asked_for_people and any(visit.node in good for visit in visits)
        for visit in visits:
            entered[visit.node] += 1
            hung_up[visit.node] += visit.hung_up
            seconds[visit.node] += visit.seconds
            calls_of[visit.node].add(call)
        ways.update((one.node, other.node, other.by) for one, other in pairwise(visits))
    nodes = tuple(
        NodeCount(
            node=node,
            entered=times,
            calls=len(calls_of[node]),
            left=times - hung_up[node],
            hung_up=hung_up[node],
            seconds=seconds[node] / times,
        )
        for node, times in entered.items()
    )
    taken = tuple(WayCount(node=node, to=to, by=by, times=times) for (node, to, by), times in sorted(ways.items()))
    return PathCount(calls=calls, hung_up=gone, served=served, nodes=nodes, ways=taken)
