"""The score of a talk from what was marked, the same on the server and in the browser (quality_score.ts). Pure.

score = 100 x points given / points that could be given, over the criteria that were marked and apply; a knock-out item
that happened caps it. In tenths, half up, in whole numbers, so that both sides round alike.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from crm_core.quality.forms import Criterion, Form

SKIPPED = -1
"""As a mark: the criterion does not apply to this talk."""
MOST_TIMES = 20
MOST_NOTE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a mark rests on: a remark, and places in the recording in seconds from its start."""

    note: str = ""
    at: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """`points` by criterion (SKIPPED = does not apply), the knock-out items that happened, evidence by criterion."""

    points: Mapping[str, int] = field(default_factory=dict)
    knocked: frozenset[str] = frozenset()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """`tenths` of a point, 0 to 1000; None = nothing is marked yet. `missing` are the criteria without a mark."""

    tenths: int | None
    missing: tuple[str, ...] = ()
    capped: bool = False

    @property
    def value(self) -> float | None:
        return None if self.tenths is None else self.tenths / 10


def score(form: Form, marks: Marks) -> Score:
    """Marks that are no step of their criterion are taken as not given."""
    given, possible, missing = 0, 0, []
    for one in form.criteria:
        points = marks.points.get(one.id)
        if points is None or not is_step(one, points):
            missing.append(one.id)
        elif points != SKIPPED:
            given, possible = given + points, possible + one.weight
    caps = [one.cap * 10 for one in form.knockouts if one.id in marks.knocked]
    if not possible and not caps:
        return Score(tenths=None, missing=tuple(missing))
    tenths = (2000 * given + possible) // (2 * possible) if possible else 1000
    return Score(tenths=min([tenths, *caps]), missing=tuple(missing), capped=bool(caps) and min(caps) <= tenths)


def is_step(criterion: Criterion, points: int) -> bool:
    return points in criterion.steps or (points == SKIPPED and criterion.skippable)


def fitting(form: Form, marks: Marks) -> Marks:
    """The marks that this form knows; what else a page sent is left out."""
    points = {one.id: marks.points[one.id] for one in form.criteria if _given(one, marks)}
    knocked = frozenset(one.id for one in form.knockouts if one.id in marks.knocked)
    named = {one.id for one in form.criteria} | {one.id for one in form.knockouts}
    return Marks(points=points, knocked=knocked, evidence=_kept(marks.evidence, named))


def _given(one: Criterion, marks: Marks) -> bool:
    return one.id in marks.points and is_step(one, marks.points[one.id])


def _kept(evidence: Mapping[str, Evidence], named: Collection[str]) -> dict[str, Evidence]:
    return {name: one for name, one in evidence.items() if name in named and (one.note or one.at)}
