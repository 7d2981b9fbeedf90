"""The loop of a complaint: six steps, nothing out of turn, closed only by the customer's word."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.cases.loop import TABLE, Act, IllegalStep, Loop, Stage, Visit, after, walk

NOW = datetime(2026, 7, 13, 1, 0, tzinfo=UTC)
WHOLE_WAY = (Act.SEND, Act.ACCEPT, Act.NAME_OWNER, Act.CONTACTED, Act.SOLVED, Act.REPORT)


def walked(*acts: Act) -> Loop:
    loop = Loop()
    for act in acts:
        loop = after(loop, act)
    return loop


def test_a_complaint_goes_from_the_centre_to_the_dealer_and_back_to_the_customer():
    stages = [walked(*WHOLE_WAY[:count]).stage for count in range(len(WHOLE_WAY) + 1)]
    expected = [Stage.RECORD, Stage.ACCEPT, Stage.NAME_OWNER, Stage.SOLVE, Stage.SOLVE, Stage.REPORT, Stage.CONFIRM]
    assert stages == expected
    assert walked(*WHOLE_WAY, Act.SATISFIED).closed


def test_a_customer_who_is_not_satisfied_sends_it_back_to_the_owner_who_must_speak_with_him_again():
    loop = walked(*WHOLE_WAY, Act.NOT_SATISFIED)
    assert (loop.stage, loop.contacted, loop.closed) == (Stage.SOLVE, False, False)
    with pytest.raises(IllegalStep, match="Contact the customer first"):
        after(loop, Act.SOLVED)


def test_a_new_owner_has_not_spoken_with_the_customer_yet():
    assert not walked(*WHOLE_WAY[:4], Act.NAME_OWNER).contacted


def test_the_maker_is_asked_once_and_answers_once():
    asked = walked(Act.SEND, Act.ACCEPT, Act.NAME_OWNER, Act.ASK_SUPPORT)
    with pytest.raises(IllegalStep, match="asked already"):
        after(asked, Act.ASK_SUPPORT)
    answered = after(asked, Act.ANSWER_SUPPORT)
    with pytest.raises(IllegalStep, match="waits for no answer"):
        after(answered, Act.ANSWER_SUPPORT)
    assert after(answered, Act.ASK_SUPPORT).support == "asked"


@pytest.mark.parametrize("stage", list(Stage))
def test_each_step_out_of_turn_is_refused_with_what_is_next(stage: Stage):
    for act in Act:
        if (stage, act) not in TABLE:
            with pytest.raises(IllegalStep) as refused:
                after(Loop(stage=stage, contacted=True), act)
            assert str(refused.value).endswith((".", "first."))


def test_nothing_more_is_done_to_a_closed_complaint():
    closed = walked(*WHOLE_WAY, Act.SATISFIED)
    for act in Act:
        with pytest.raises(IllegalStep):
            after(closed, act)


@given(st.lists(st.tuples(st.sampled_from(Act), st.integers(-600, 90_000)), max_size=60))
def test_whatever_people_try_one_stage_is_current_times_are_in_order_and_only_a_yes_closes(tries):
    """Clicks in any order, clocks that jump back: what is refused changes nothing."""
    loop, visits, at = Loop(), (Visit(stage=Stage.RECORD, began_at=NOW),), NOW
    last = None
    for act, seconds in tries:
        at += timedelta(seconds=seconds)
        try:
            now = after(loop, act)
        except IllegalStep:
            continue
        visits = walk(visits, loop, now, at=at, by="1018")
        loop, last = now, act
    current = [visit for visit in visits if visit.done_at is None]
    assert len(current) == (0 if loop.closed else 1)
    assert visits[-1].stage is loop.stage
    assert all(visit.done_at >= visit.began_at for visit in visits if visit.done_at)
    assert all(one.done_at == other.began_at for one, other in itertools.pairwise(visits))
    assert loop.closed == (last is Act.SATISFIED and loop.stage in (Stage.CONFIRM, Stage.RECORD))
