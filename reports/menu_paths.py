"""How callers went through a version of a menu: counts for each node and each way, ready to be drawn on it. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCount:
    """`entered` counts visits and `calls` the calls that made them; `left` = went on or ended as the node says.

    entered = left + hung_up. `seconds` is the mean stay. What is said before a question is played together with it, so
    its time counts to the question. `served` are those of the calls that the menu served alone, `gave_up` the visits
    that ended in hanging up without having got it.
    """

    node: str
    entered: int
    calls: int
    left: int
    hung_up: int
    seconds: float
    served: int
    gave_up: int

    @property
    def gave_up_rate(self) -> float:
        return self.gave_up / self.entered if self.entered else 0.0

    @property
    def self_service_rate(self) -> float:
        """Of the calls that came here, 0 to 1: those that got what they wanted and went to no person."""
        return self.served / self.calls if self.calls else 0.0

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
