"""So many agents are enough for the goal, one fewer is not; more work never needs fewer."""

from __future__ import annotations

from fractions import Fraction
from math import exp, inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.needed import Goal, achieved, needed
from reports.staffing import Load, performance

CALLS = st.floats(0.5, 3_000)
TALKS = st.floats(20, 900)
GOALS = st.builds(
    Goal,
    share=st.floats(0.5, 0.98),
    within=st.floats(0, 120),
    most_occupied=st.floats(0.5, 1),
    shrinkage=st.floats(0, 0.4),
    patience=st.sampled_from([inf, 30.0, 120.0, 600.0]),
)


def reaches(agents: int, calls: float, talk: float, goal: Goal) -> bool:
    found = achieved(calls, talk, agents, goal)
    return found is not None and found.in_time >= goal.share and found.occupancy <= goal.most_occupied


@given(calls=CALLS, talk=TALKS, goal=GOALS)
@settings(max_examples=150, deadline=None)
def test_so_many_agents_reach_the_goal_and_one_fewer_do_not(calls: float, talk: float, goal: Goal):
    found = needed(calls, talk, goal)
    assert reaches(found.agents, calls, talk, goal)
    assert found.agents == 1 or not reaches(found.agents - 1, calls, talk, goal)
    assert found.people * (1 - goal.shrinkage) >= found.agents - 1e-6
    assert (found.people - 1) * (1 - goal.shrinkage) < found.agents


@given(calls=CALLS, talk=TALKS, goal=GOALS, more=st.floats(1, 2))
@settings(max_examples=100, deadline=None)
def test_more_calls_longer_talks_or_a_higher_goal_never_need_fewer_agents(
    calls: float, talk: float, goal: Goal, more: float
):
    few = needed(calls, talk, goal).agents
    assert needed(calls * more, talk, goal).agents >= few
    stricter = Goal(
        share=min(0.99, goal.share * more), within=goal.within, most_occupied=goal.most_occupied, patience=goal.patience
    )
    assert needed(calls, talk, stricter).agents >= few


@given(calls=st.floats(5, 600), talk=TALKS, agents=st.integers(1, 90), patience=st.floats(5, 900))
@settings(max_examples=150, deadline=None)
def test_one_agent_more_answers_no_caller_later(calls: float, talk: float, agents: int, patience: float):
    few, more = (
        performance(Load(calls_per_hour=calls, talk=talk, agents=count, patience=patience))
        for count in (agents, agents + 1)
    )
    assert more.in_time >= few.in_time - 1e-12
    assert more.occupancy <= few.occupancy + 1e-12


def exact_in_time(erlangs: Fraction, agents: int, talk: Fraction, within: Fraction) -> float:
    """Erlang C by exact fractions, written anew."""
    if erlangs >= agents:
        return 0.0
    term = total = Fraction(1)
    for busy in range(1, agents):
        term = term * erlangs / busy
        total += term
    last = term * erlangs / agents * agents / (agents - erlangs)
    return 1 - float(last / (total + last)) * exp(-float((agents - erlangs) * within / talk))


@pytest.mark.parametrize("calls", [3, 40, 180, 700])
@pytest.mark.parametrize("share", [0.7, 0.8, 0.95])
def test_the_fewest_agents_are_those_that_exact_fractions_find(calls: int, share: float):
    talk = Fraction(210)
    erlangs = calls * talk / 3600
    agents = next(count for count in range(1, 500) if exact_in_time(erlangs, count, talk, Fraction(20)) >= share)
    assert needed(calls, 210.0, Goal(share=share, within=20, most_occupied=1.0)).agents == agents


def test_a_limit_of_occupancy_adds_agents_to_a_large_group():
    wide = needed(2_000, 180.0, Goal(most_occupied=1.0)).agents
    limited = needed(2_000, 180.0, Goal(most_occupied=0.85)).agents
    assert limited == pytest.approx(100 / 0.85, abs=1)
    assert limited > wide


def test_who_needs_nobody_and_what_nobody_can_reach():
    assert needed(0, 180.0, Goal()).people == 0
    assert achieved(10, 180.0, 0, Goal()) is None
    for impossible in (Goal(share=1.0), Goal(most_occupied=0.0), Goal(shrinkage=1.0)):
        with pytest.raises(ValueError, match="nobody can reach"):
            needed(10, 180.0, impossible)
