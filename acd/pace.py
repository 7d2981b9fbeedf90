"""How quickly a line moves, from what was observed; so that a caller can be told how long it will take."""

from __future__ import annotations

from collections.abc import Iterable

from acd.model import Skill

MEMORY = 0.05
"""Weight of the newest call once twenty were seen; before that all count the same."""

LEAST_SHARE = 0.05


class Pace:
    """Handling time of each skill, and which share of the agents who could serve its line did so.

    Expected wait of who is at position p = p * h / (s * k), with h the mean time an agent is taken by such a call
    (ringing, talk, after-call work), s the agents on duty with the skill, k the share of agents who became free, could
    have served this line and did so. With k = 1 this is the mean of the Erlang distribution that the p-th caller waits
    in M/M/s when all are busy: W. Whitt, "Predicting queueing delays", Management Science 45 (1999), 870-888, eq. (2).
    Those who will give up are not foreseen, so the figure is on the safe side when many do.
    """

    def __init__(self) -> None:
        self._handling: dict[Skill, tuple[int, float]] = {}
        self._share: dict[Skill, float] = {}

    def handled(self, skill: Skill, seconds: float) -> None:
        """An agent was taken for so long by a call of this skill."""
        calls, mean = self._handling.get(skill, (0, 0.0))
        weight = max(1 / (calls + 1), MEMORY)
        self._handling[skill] = calls + 1, mean + weight * (seconds - mean)

    def took(self, skill: Skill, wanted: Iterable[Skill]) -> None:
        """An agent who became free took a caller of this skill; there waited callers of all the `wanted`."""
        for other in wanted:
            share = self._share.get(other, 1.0)
            self._share[other] = share + MEMORY * ((1.0 if other == skill else 0.0) - share)

    def expected_wait(self, skill: Skill, position: int, serving: int) -> float | None:
        """Seconds from now until the turn of who is at this position; None = nothing was observed, or nobody serves."""
        calls, handling = self._handling.get(skill, (0, 0.0))
        if not calls or not serving:
            return None
        return position * handling / (serving * max(self._share.get(skill, 1.0), LEAST_SHARE))
