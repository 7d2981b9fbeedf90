"""Who follows the plan has 100 %; late, early and long breaks cost their time; no cut of the day changes a sum."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from reports.adherence import PlanTimes, Stretch, plan_times
from reports.plan_metrics import ADHERENCE, CONFORMANCE

DAY = [Stretch(480, 600, True), Stretch(600, 610, False), Stretch(610, 720, True)]


@st.composite
def stretches(draw: st.DrawFn) -> list[Stretch]:
    edges = sorted(set(draw(st.lists(st.integers(0, 1000), max_size=24))))
    kinds = draw(st.lists(st.sampled_from([True, False, None]), min_size=len(edges), max_size=len(edges)))
    return [
        Stretch(begins, ends, kind)
        for begins, ends, kind in zip(edges, edges[1:], kinds, strict=False)
        if kind is not None
    ]


def minute_by_minute(planned: list[Stretch], done: list[Stretch], start: int, end: int) -> PlanTimes:
    """The definition, read aloud."""

    def at(all_of: list[Stretch], minute: int) -> bool | None:
        return next((one.is_work for one in all_of if one.begins <= minute < one.ends), None)

    found = PlanTimes()
    for minute in range(start, end):
        plan, works = at(planned, minute), bool(at(done, minute))
        found += PlanTimes(
            planned=plan is not None,
            followed=plan is not None and plan is works,
            planned_work=plan is True,
            worked=works,
            away=plan is True and not works,
            overrun=plan is False and works,
            unplanned=plan is None and works,
        )
    return found


@given(planned=stretches(), done=stretches(), start=st.integers(0, 1000), end=st.integers(0, 1000))
def test_every_minute_counts_as_the_definition_says(planned, done, start, end):
    assert plan_times(planned, done, start, end) == minute_by_minute(planned, done, start, end)


@given(planned=stretches(), done=stretches(), cuts=st.lists(st.integers(0, 1000), max_size=8))
def test_a_day_cut_anywhere_adds_up_to_the_day(planned, done, cuts):
    edges = [0, *sorted(cuts), 1000]
    parts = [plan_times(planned, done, begins, ends) for begins, ends in itertools.pairwise(edges)]
    assert sum(parts, PlanTimes()) == plan_times(planned, done, 0, 1000)


def test_who_does_what_the_plan_says_follows_it():
    found = plan_times(DAY, DAY, 0, 1440)
    assert ADHERENCE.of(found).value == 1
    assert CONFORMANCE.of(found).value == 1


def test_ten_minutes_late_and_a_break_five_minutes_long_cost_fifteen_minutes():
    done = [Stretch(490, 600, True), Stretch(600, 615, False), Stretch(615, 720, True)]
    found = plan_times(DAY, done, 0, 1440)
    assert (found.planned, found.followed, found.away) == (240, 225, 15)


def test_who_works_through_the_break_and_goes_earlier_conforms_and_does_not_adhere():
    found = plan_times(DAY, [Stretch(480, 710, True)], 0, 1440)
    assert CONFORMANCE.of(found).value == 1
    assert ADHERENCE.of(found) == (220, 240)
    assert (found.overrun, found.away) == (10, 10)


def test_work_without_a_plan_is_told_and_measures_nothing():
    found = plan_times([], [Stretch(100, 200, True)], 0, 1440)
    assert ADHERENCE.of(found).value is None
    assert found.unplanned == 100
