"""Every figure means what its words say."""

import itertools
from typing import Any

import pytest

from reports import metrics
from reports.metric_variants import service_level_e
from reports.metrics import AgentTimes, QueueCounts, Thresholds, count_visit, total

A_DAY = QueueCounts(
    offered=100,
    answered=80,
    abandoned=15,
    short_abandoned=5,
    answered_in_time=60,
    abandoned_in_time=9,
    elsewhere=4,
    lost=1,
    overflowed=7,
    answer_wait=1200.0,
    abandon_wait=400.0,
)


@pytest.mark.parametrize(
    ("metric", "numerator", "denominator"),
    [
        ("abandon_rate", 10, 95),
        ("service_level", 60, 90),
        ("service_level_a", 60, 80),
        ("service_level_b", 69, 95),
        ("service_level_c", 60, 95),
        ("service_level_d", 60, 86),
        ("service_level_e", 60, 95),
        ("service_level_e_s", 60, 90),
        ("service_level_e_f", 60, 106),
        ("service_level_e_sf", 60, 101),
        ("service_level_e_b", 60, 80),
        ("service_level_e_fb", 60, 91),
        ("service_level_f", 60, 95),
        ("abandon_rate_all", 15, 100),
        ("abandon_rate_answered", 10, 90),
        ("short_abandon_rate", 5, 100),
        ("average_speed_of_answer", 1200, 80),
        ("average_abandon_time", 400, 10),
    ],
)
def test_a_queue_figure_has_the_numerator_and_denominator_of_its_words(metric, numerator, denominator):
    assert metrics.QUEUE_METRICS[metric].of(A_DAY) == (numerator, denominator)


def test_breaks_are_not_in_the_occupancy():
    times = AgentTimes(talk=300, hold=60, wrap_up=60, idle=180, handled=3)
    assert metrics.OCCUPANCY.of(times).value == pytest.approx(0.7)
    assert metrics.UTILIZATION.of(times).value == pytest.approx(0.6)
    assert metrics.AVERAGE_HANDLING_TIME.of(times).value == pytest.approx(140)


def test_with_nothing_to_measure_there_is_no_figure_instead_of_zero():
    assert {m.of(QueueCounts()).value for m in metrics.QUEUE_METRICS.values()} == {None}
    assert {m.of(AgentTimes()).value for m in metrics.AGENT_METRICS.values()} == {None}


def test_only_short_abandons_leave_nothing_to_measure():
    counts = count_visit("abandoned", 4.999, Thresholds())
    assert metrics.ABANDON_RATE.of(counts).value is None
    assert metrics.SERVICE_LEVEL.of(counts).value is None


@pytest.mark.parametrize(("wait", "short"), [(4.999, 1), (5.0, 0)])
def test_an_abandon_is_short_under_the_limit_and_not_at_it(wait, short):
    assert count_visit("abandoned", wait, Thresholds()).short_abandoned == short


def test_a_limit_of_zero_turns_short_abandons_off():
    assert count_visit("abandoned", 0.0, Thresholds(short_abandon_seconds=0)).short_abandoned == 0


@pytest.mark.parametrize(("wait", "in_time"), [(20.0, 1), (20.001, 0)])
def test_an_answer_at_the_limit_is_within_the_service_level(wait, in_time):
    assert count_visit("answered", wait, Thresholds()).answered_in_time == in_time


def test_who_left_for_a_callback_was_offered_and_did_not_abandon():
    counts = total([count_visit("callback", 90, Thresholds()), count_visit("abandoned", 90, Thresholds())])
    assert metrics.ABANDON_RATE.of(counts) == (1, 2)


def test_an_overflow_counts_in_the_queue_it_went_to():
    assert count_visit("overflow", 60, Thresholds()) == QueueCounts(overflowed=1)


def test_every_figure_says_its_formula_in_both_languages():
    every: list[Any] = [*metrics.QUEUE_METRICS.values(), *metrics.AGENT_METRICS.values()]
    assert all(m.words_zh and m.words_en and m.name_zh and m.name_en and m.formula and m.version >= 1 for m in every)
    assert len({m.name_zh for m in every}) == len({m.name_en for m in every}) == len(every)


def test_every_position_of_the_three_switches_is_a_service_level():
    for short, flow, abandons in itertools.product((False, True), repeat=3):
        of = service_level_e(without_short=short, with_flow_outs=flow, without_abandons=abandons).of(A_DAY)
        assert of == (60, 80 + (0 if abandons else 10 if short else 15) + (11 if flow else 0))
