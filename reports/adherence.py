"""Was the plan followed: planned spans of work and breaks laid over what an agent did. Pure; any unit of time.

Adherence is the time in which an agent did what the plan said (work while work was planned, no work while a break
was) by the planned time; conformance is all work by the planned work, whenever it was done. Source of both:
B. Cleveland, "Call Center Management on Fast Forward" (2012), chapter 8, "schedule adherence".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

AT_WORK = ("ready", "ringing", "talking", "hold", "wrap_up")
"""States of crm_core.history.model.AgentStint that count as work; a break and being away do not."""


class Stretch(NamedTuple):
    """[begins, ends): work, or (planned) a break. Stretches of one list do not overlap."""

    begins: float
    ends: float
    is_work: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTimes:
    """In the unit of the stretches. `away` = work was planned and not done; `overrun` = worked in a planned break;
    `unplanned` = worked while nothing was planned."""

    planned: float = 0
    followed: float = 0
    planned_work: float = 0
    worked: float = 0
    away: float = 0
    overrun: float = 0
    unplanned: float = 0

    def __add__(self, other: PlanTimes) -> PlanTimes:
        return PlanTimes(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})


def plan_times(planned: Sequence[Stretch], done: Sequence[Stretch], start: float, end: float) -> PlanTimes:
    """What lies in [start, end). Times of adjoining stretches of time add up to those of the whole."""
    work = _covered(planned, is_work=True)
    rest = _covered(planned, is_work=False)
    worked = _covered(done, is_work=True)
    window = [(start, end)] if start < end else []
    planned_work, planned_rest = _common(work, window), _common(rest, window)
    all_work = _common(worked, window)
    kept, overrun = _length(_common(planned_work, all_work)), _length(_common(planned_rest, all_work))
    work_length, rest_length = _length(planned_work), _length(planned_rest)
    return PlanTimes(
        planned=work_length + rest_length,
        followed=kept + rest_length - overrun,
        planned_work=work_length,
        worked=_length(all_work),
        away=work_length - kept,
        overrun=overrun,
        unplanned=_length(all_work) - kept - overrun,
    )


_Spans = list[tuple[float, float]]


def _covered(stretches: Iterable[Stretch], *, is_work: bool) -> _Spans:
    return sorted((one.begins, one.ends) for one in stretches if one.is_work is is_work and one.begins < one.ends)


def _common(some: _Spans, others: _Spans) -> _Spans:
    found: _Spans = []
    here = there = 0
    while here < len(some) and there < len(others):
        begins, ends = max(some[here][0], others[there][0]), min(some[here][1], others[there][1])
        if begins < ends:
            found.append((begins, ends))
        if some[here][1] <= others[there][1]:
            here += 1
        else:
            there += 1
    return found


def _length(spans: _Spans) -> float:
    return sum(ends - begins for begins, ends in spans)
