"""A day played by the real engine agrees with Erlang where Erlang is right, and shows what it cannot know."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from acd.model import AgentId, Overflow, Queue, QueueId, Skill
from reports.counts import Thresholds
from reports.staffing import Load, performance
from reports.what_if import Day, Duty, Plan, Stream
from reports.what_if_result import compare, play, quantile

WHOLE_DAY = ((0.0, 86_400.0),)
NO_SHORT = Thresholds(service_seconds=20, short_abandon_seconds=0)


def queue(name: str, **settings: object) -> Queue:
    return Queue(id=QueueId(name), skill=Skill(name), **settings)  # type: ignore[arg-type]


def agents(count: int, *skills: str, work=WHOLE_DAY, first: int = 0) -> tuple[Duty, ...]:
    return tuple(
        Duty(agent=AgentId(f"{first + one}"), skills={Skill(skill): 5 for skill in skills}, work=work)
        for one in range(count)
    )


def stream(name: str, per_half_hour: float, *, handling=600.0, patience=300.0) -> Stream:
    return Stream(
        queue=QueueId(name), calls=(per_half_hour,) * 48, handling=handling, patience=patience, thresholds=NO_SHORT
    )


def plan(queues, duties, streams, **more) -> Plan:
    return Plan(queues=tuple(queues), duties=tuple(duties), streams=tuple(streams), answer_seconds=0.0, **more)


def test_one_queue_that_never_changes_is_erlang_a():
    site = plan([queue("a")], agents(10, "a"), [stream("a", 28.0)])
    days = [Day(site, Random(f"erlang {number}")).play() for number in range(12)]
    found = compare([(day, day) for day in days])["a"]
    exact = performance(Load(calls_per_hour=56, talk=600, agents=10, patience=300, target=20))
    for figure, value in (
        ("service_level", exact.in_time),
        ("abandon_rate", exact.gives_up),
        ("occupancy", exact.occupancy),
    ):
        estimate = found[figure].now
        assert estimate.value == pytest.approx(value, abs=max(0.01, 1.5 * estimate.half)), figure
        assert estimate.half < 0.03, figure


def test_agents_who_know_both_queues_do_what_erlang_says_of_neither():
    """Two queues of ten erlangs with eleven agents each: alone they fail, together they are one large group."""
    streams = [stream("a", 28.0), stream("b", 28.0)]
    apart = plan([queue("a"), queue("b")], [*agents(10, "a"), *agents(10, "b", first=10)], streams)
    together = plan([queue("a"), queue("b")], agents(20, "a", "b"), streams)
    found = compare(list(play(apart, together, days=3)))[""]["service_level"]
    pooled = performance(Load(calls_per_hour=112, talk=600, agents=20, patience=300, target=20))
    alone = performance(Load(calls_per_hour=56, talk=600, agents=10, patience=300, target=20))
    assert found.now.value == pytest.approx(alone.in_time, abs=0.04)
    assert found.then.value == pytest.approx(pooled.in_time, abs=0.04)
    assert found.is_sure
    assert found.change.value > 0.05


def test_the_change_is_surer_than_either_plan_because_both_see_the_same_callers():
    site = plan([queue("a")], agents(10, "a"), [stream("a", 28.0)])
    fewer = replace(site, duties=site.duties[:-1])
    found = compare(list(play(site, fewer, days=4)))["a"]["service_level"]
    assert found.change.value < 0
    assert found.change.half < found.now.half + found.then.half
    nothing = compare(list(play(site, site, days=4)))["a"]["service_level"].change
    assert (nothing.value, nothing.half) == (0.0, 0.0)


def test_nobody_is_answered_before_the_shift_or_in_the_break():
    one = agents(1, "a", work=((3600.0, 7200.0), (9000.0, 10_800.0)))
    played = Day(plan([queue("a")], one, [stream("a", 40.0, handling=5.0, patience=1.0)]), Random(3)).play()
    counts = played.counts["a"]
    assert counts.offered == counts.answered + counts.abandoned
    assert 0 < counts.answered < counts.offered * (1.5 / 24) * 1.4
    assert played.there["a"] >= 3600 + 1800
    assert played.busy["a"] <= played.there["a"]


def test_callers_who_overflow_count_where_they_end():
    queues = [queue("a", overflow=(Overflow(to=QueueId("b"), after_seconds=10),)), queue("b")]
    site = plan(queues, agents(3, "b"), [stream("a", 20.0, handling=60.0, patience=600.0)])
    counts = Day(site, Random(5)).play().counts
    assert counts["b"].answered > 0
    assert counts["a"].answered == 0


def test_the_t_quantile_is_that_of_the_tables():
    assert [round(quantile(freedom), 2) for freedom in (4, 9, 19, 29)] == [2.77, 2.26, 2.09, 2.05]
