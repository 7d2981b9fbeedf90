"""How many talks become text at once, by what recognition costs on this machine."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.live_load import FAR_BEHIND, PATIENCE, REST_SECONDS, LiveLoad, Spent

IDLE = 4.0
SECOND = Spent(seconds=1.0, processor=0.0, speech=0.0, talk=0.0, behind=0.0, idle=IDLE)


def learnt(load: LiveLoad, *, cost: float, speech: float = 0.9, seconds: int = 600) -> LiveLoad:
    """After so many seconds of one talk at this cost per second of speech."""
    for _ in range(seconds):
        load.take(replace(SECOND, processor=cost * speech, speech=speech, talk=1.0))
    return load


def test_a_site_that_knows_nothing_yet_takes_three_talks_with_one_process():
    load = LiveLoad(processes=1, cores=2)
    assert [load.admits(talks) for talks in range(5)] == [True, True, True, False, False]


def test_a_faster_machine_takes_more_and_a_slower_one_fewer():
    assert learnt(LiveLoad(processes=1, cores=2), cost=0.15).most == 6
    assert learnt(LiveLoad(processes=1, cores=2), cost=0.55).most == 1


def test_more_processes_never_take_the_whole_machine():
    assert LiveLoad(processes=8, cores=2).room == pytest.approx(1.2)


def test_talks_that_are_silent_now_are_no_promise_of_silence():
    load = learnt(LiveLoad(processes=1, cores=2), cost=0.30, speech=0.01)
    assert load.of_a_talk == pytest.approx(0.18)
    assert load.most == 5


def test_a_machine_that_has_nothing_idle_takes_nobody():
    load = LiveLoad(processes=1, cores=2)
    load.take(replace(SECOND, idle=0.3))
    assert not load.admits(0)
    load.take(SECOND)
    assert load.admits(0)


def test_whoever_is_behind_takes_nobody_more():
    load = LiveLoad(processes=1, cores=2)
    load.take(replace(SECOND, behind=0.7))
    assert not load.admits(1)


def test_a_talk_is_given_up_when_recognition_stays_far_behind_and_nobody_comes_for_a_while():
    load = LiveLoad(processes=1, cores=2)
    late = replace(SECOND, behind=FAR_BEHIND + 1)
    for _ in range(round(PATIENCE) - 1):
        load.take(late)
        assert not load.gives_up()
    load.take(late)
    assert load.gives_up()
    assert not load.gives_up()
    for _ in range(round(REST_SECONDS) - 1):
        load.take(SECOND)
        assert not load.admits(0)
    load.take(SECOND)
    assert load.admits(0)


spent = st.builds(
    Spent,
    seconds=st.floats(0.5, 2.0),
    processor=st.floats(-5.0, 5.0),
    speech=st.floats(0.0, 20.0),
    talk=st.floats(0.0, 20.0),
    behind=st.floats(0.0, 30.0),
    idle=st.floats(0.0, 16.0),
)


@given(st.lists(spent, max_size=30), st.integers(0, 20), st.integers(1, 4), st.integers(1, 16))
def test_whatever_was_measured_nobody_is_admitted_beyond_the_room(
    figures: list[Spent], talks: int, processes: int, cores: int
):
    load = LiveLoad(processes=processes, cores=cores)
    for one in figures:
        load.take(one)
        load.gives_up()
    assert load.of_a_talk >= 0
    if load.admits(talks):
        assert (talks + 1) * load.of_a_talk <= load.room * 1.001
