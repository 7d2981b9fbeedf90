"""The measurement of the dialer: the peer's published rule by its numbers, and the day that all of them play."""

from dataclasses import replace

import pytest

from acd.dialer import Busy, Staffing, Work
from benchmarks.dialer import occupancy_at, our_pacer
from benchmarks.dialer_bound import Informed, Promise, Truth, clairvoyant_occupancy
from benchmarks.dialer_exact import Forgetful, best_occupancy, informed
from benchmarks.dialer_peers import HardLimit, next_level
from benchmarks.dialer_world import Cell, Customers, Day, Outcome, scenario, worst_percent

HOUR = Cell(agents=20, answer_percent=30, hours=1)


def told(at: float, ready: int, talking: int = 0, writing: int = 0, waiting: int = 0) -> Staffing:
    busy = (Busy(Work.TALK, 10.0),) * talking + (Busy(Work.WRAP_UP, 5.0),) * writing
    return Staffing(at=at, ready=ready, busy=busy, waiting_outbound=waiting)


def told_each_second(peer: HardLimit, first: int, last: int, staffing: Staffing) -> None:
    for second in range(first, last + 1):
        peer.wanted(replace(staffing, at=float(second)))


@pytest.mark.parametrize(
    ("level", "difference", "agents", "then"),
    [
        (1.0, 5.0, 20.0, 1.25),  # a quarter of the agents waited: a quarter more lines
        (2.0, -4.0, 20.0, 1.6),
        (1.1, -10.0, 20.0, 1.0),  # never below one line for each agent
        (2.9, 10.0, 20.0, 3.0),  # never above the most
        (1.234, 0.0, 20.0, 1.234),
        (1.5, 3.0, 0.0, 1.5),
    ],
)
def test_the_published_level_changes_by_the_share_of_waiting_agents(level, difference, agents, then):
    assert next_level(level, difference, agents) == then


def test_the_published_level_changes_every_fifteen_seconds_by_the_mean_of_fifteen():
    peer = HardLimit(3.0, counts_wrap_up=False)
    told_each_second(peer, 0, 14, told(0, ready=10, talking=10))
    assert peer.level == 1.0
    told_each_second(peer, 15, 15, told(0, ready=10, talking=10))
    assert peer.level == 1.5
    told_each_second(peer, 16, 22, told(0, ready=0, talking=20, waiting=2))
    told_each_second(peer, 23, 30, told(0, ready=4, talking=16))
    assert peer.level == pytest.approx(1.5 * (1 + (8 * 4 - 7 * 2) / 15 / 20), abs=0.001)


def test_the_published_rule_fills_lines_up_to_level_times_agents_with_talks_among_them():
    for counts_wrap_up, expected in ((False, 16), (True, 20)):
        peer = HardLimit(3.0, counts_wrap_up=counts_wrap_up)
        peer.level = 2.0
        for number in range(8):
            peer.placed(f"talk {number}", 0.0)
        assert peer.wanted(told(0.0, ready=4, talking=8, writing=2)) == expected


def test_the_published_rule_goes_to_one_when_the_day_is_over_the_limit_with_more_than_fifty_calls():
    for calls, level in ((50, 2.25), (51, 1.0)):
        peer = HardLimit(3.0, counts_wrap_up=False)
        peer.level = 1.5
        for number in range(calls):
            peer.placed(str(number), 0.0)
            peer.answered(str(number), 1.0)
        for number in range(2):
            peer.dropped(str(number), 2.0)
        told_each_second(peer, 0, 59, told(0, ready=0, talking=20))
        assert peer.level == 1.5
        told_each_second(peer, 60, 60, told(0, ready=0, talking=20))
        told_each_second(peer, 61, 75, told(0, ready=10, talking=10))
        assert peer.level == level


def test_the_published_rule_halves_after_a_minute_that_dropped_most_of_its_calls():
    peer = HardLimit(99.0, counts_wrap_up=False)
    peer.level = 3.0
    for number in range(21):
        peer.placed(str(number), 50.0)
        peer.answered(str(number), 55.0)
    for number in range(11):
        peer.dropped(str(number), 57.0)
    told_each_second(peer, 60, 60, told(0, ready=0, talking=20))
    assert peer.level == 1.5


def test_every_dialer_has_the_same_customers():
    first, second = (Customers(scenario(), HOUR) for _ in range(2))
    assert [first.call(60.0) for _ in range(500)] == [second.call(60.0) for _ in range(500)]


def test_as_many_answer_as_the_cell_says():
    customers = Customers(scenario(), replace(HOUR, answer_percent=30))
    answered = sum(customers.call(0.0).answer is not None for _ in range(20_000))
    assert answered / 20_000 == pytest.approx(customers.answer_rate(0.0), abs=0.015)


def test_a_day_replays_identically():
    days = [Day(Customers(scenario(), HOUR), our_pacer(scenario())).run() for _ in range(2)]
    assert days[0] == days[1]
    assert days[0].calls > 500


def test_ours_keeps_the_limit_and_its_agents_busier_than_the_published_rule():
    cell = replace(HOUR, hours=2)
    ours = Day(Customers(scenario(), cell), our_pacer(scenario())).run()
    peer = Day(Customers(scenario(), cell), HardLimit(3.0, counts_wrap_up=False)).run()
    assert worst_percent(ours.answers, ours.drops) <= 3.0
    assert ours.occupancy > peer.occupancy + 8


def test_a_hundred_agents_who_begin_with_customers_who_mostly_answer_drop_no_more_than_they_may():
    """The first calls to end are those that fail at once: they say little of the answers to come."""
    cell = Cell(agents=100, answer_percent=60, hours=0.25)
    ours = Day(Customers(scenario(), cell), our_pacer(scenario())).run()
    assert len(ours.answers) > 500
    assert worst_percent(ours.answers, ours.drops) <= 3.0


def test_who_knows_more_does_better():
    told_, cell = scenario(), replace(HOUR, hours=2)
    truth = Truth(Customers(told_, cell))
    promised = Day(Customers(told_, cell), Informed(truth, None, 3.0, Promise(3.0))).run()
    free = Day(Customers(told_, cell), Informed(truth, 0.015, 3.0)).run()
    assert worst_percent(promised.answers, promised.drops) <= 3.0
    assert promised.occupancy < free.occupancy < clairvoyant_occupancy(Customers(told_, cell)) <= 100


def test_the_bound_comes_within_a_point_of_the_exact_optimum_where_that_can_be_computed():
    site = Forgetful(agents=20, handling=140.0, answered=0.3 / 20, given_up=0.7 / 20, most_lines=30)
    exact = best_occupancy(site, 3.0)
    informed_ = occupancy_at(3.0, informed(site, scenario(), 10.0, (0.01, 0.025)))
    assert exact - 1.0 < informed_ < exact + 0.5  # chance moves ten hours by some tenths


def test_without_time_to_ring_the_exact_optimum_keeps_everybody_busy():
    quick = Forgetful(agents=3, handling=1000.0, answered=20.0, given_up=20.0, most_lines=4)
    assert best_occupancy(quick, 3.0) > 99.5


def test_where_no_drop_is_allowed_the_exact_optimum_is_one_line_for_each_free_agent():
    """Of one agent: 60 s of talk, and on average 20 s until the first answer of lines that follow each other."""
    site = Forgetful(agents=1, handling=60.0, answered=1 / 20, given_up=1 / 20, most_lines=1)
    assert best_occupancy(site, 0.0) == pytest.approx(100 * 60 / 80, abs=0.2)


def test_the_worst_day_begins_anywhere():
    morning = [float(second) for second in range(0, 10_000, 10)]
    evening = [50_000.0 + second for second in range(100)]
    drops = [50_050.0, 50_060.0, 50_070.0]
    assert worst_percent([*morning, *evening], drops) == pytest.approx(100 * 3 / 1071)
    later = 50_000.0 + 86_395
    assert worst_percent([*morning, *evening, later], drops) == pytest.approx(100 * 3 / 100)
    assert worst_percent(evening[:10], [50_005.0]) == 0.0


def test_the_occupancy_at_the_limit_lies_between_its_neighbours():
    few, many = (Outcome(occupancy, [1.0] * 100, [1.0] * drops, 0) for occupancy, drops in ((80.0, 2), (84.0, 6)))
    assert occupancy_at(3.0, [many, few]) == pytest.approx(81.0)
    assert occupancy_at(9.0, [many, few]) == 84.0
