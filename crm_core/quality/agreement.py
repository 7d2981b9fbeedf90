"""How far two reviewers who did not see each other agree. Pure.

- **Weighted kappa** with quadratic weights (J. Cohen, "Weighted kappa", Psychological Bulletin 70 (4), 1968, 213-220):
  1 = full agreement, 0 = what chance alone would give, below 0 = less than chance. Computed on the places of the steps.
- **Mean absolute difference**: of the scores in points of 100, of a criterion in percent of its weight.
- **Same step**: the share of pairs in which both gave the same step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from crm_core.quality.forms import Criterion
from crm_core.quality.scoring import SKIPPED, is_step

FEW_PAIRS = 10
"""Below this many pairs a figure of agreement says little, and the page says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """`kappa` None = not defined: nothing was compared, or one of the two always gave the same step as the other."""

    pairs: int
    same: float | None
    difference: float | None
    kappa: float | None

    @property
    def few(self) -> bool:
        return self.pairs < FEW_PAIRS


def of_criterion(criterion: Criterion, pairs: Sequence[tuple[int | None, int | None]]) -> Agreement:
    """From the points each of the two gave; a pair in which one of them gave none, or skipped it, is left out."""
    known = [
        (first, second)
        for first, second in pairs
        if first is not None and second is not None and _judged(criterion, first) and _judged(criterion, second)
    ]
    if not known or not criterion.weight:
        return Agreement(pairs=0, same=None, difference=None, kappa=None)
    places = {points: place for place, points in enumerate(criterion.steps)}
    ranks = [(places[first], places[second]) for first, second in known]
    return Agreement(
        pairs=len(known),
        same=sum(first == second for first, second in known) / len(known),
        difference=100 * sum(abs(first - second) for first, second in known) / len(known) / criterion.weight,
        kappa=weighted_kappa(ranks, len(criterion.steps)),
    )


def of_scores(pairs: Sequence[tuple[int, int]]) -> Agreement:
    """From both scores in tenths. Kappa is taken on bands of ten points."""
    if not pairs:
        return Agreement(pairs=0, same=None, difference=None, kappa=None)
    bands = [(min(first // 100, 9), min(second // 100, 9)) for first, second in pairs]
    return Agreement(
        pairs=len(pairs),
        same=sum(first == second for first, second in bands) / len(bands),
        difference=sum(abs(first - second) for first, second in pairs) / len(pairs) / 10,
        kappa=weighted_kappa(bands, 10),
    )


def weighted_kappa(pairs: Sequence[tuple[int, int]], steps: int) -> float | None:
    """1 - seen disagreement / disagreement by chance, with squared distances; None when chance gives none."""
    if not pairs or steps < 2:
        return None
    first, second = Counter(one for one, _ in pairs), Counter(two for _, two in pairs)
    seen = sum((one - two) ** 2 for one, two in pairs) / len(pairs)
    chance = sum(
        n * m * (one - two) ** 2 for one, n in first.items() for two, m in second.items()
    ) / len(pairs) ** 2  # fmt: skip
    return 1 - seen / chance if chance else None


def _judged(criterion: Criterion, points: int) -> bool:
    return points != SKIPPED and is_step(criterion, points)
