"""The shipped menu goes the ways that its test cases tell, and a case that goes wrong says how."""

from __future__ import annotations

import pytest

from ivr.flow_file import shipped_flow
from ivr.trial import Trial, failure_of, walk
from ivr.trial_file import TrialUnreadable, read_trial, shipped_trials

FLOW = shipped_flow()


@pytest.mark.parametrize("name", sorted(shipped_trials()))
def test_the_shipped_menu_keeps_its_test_cases(name: str):
    assert failure_of(FLOW, shipped_trials()[name]) == ""


def test_a_case_that_goes_another_way_tells_the_way_it_took():
    assert failure_of(FLOW, Trial(answers=("4",), path=("main", "rescue"))).endswith("main > repair")
    assert failure_of(FLOW, Trial(answers=("5",), path=("rescue-case",))).endswith("rescue-case > rescue")


def test_a_trial_in_which_the_caller_hangs_up_has_no_end():
    course = walk(FLOW, Trial(answers=("hang up",)))
    assert course.end is None
    assert course.nodes[-1] == "main"


@pytest.mark.parametrize(
    "case", [{"colour": "red"}, {"answers": 7}, {"answers": ["1"] * 61}, {"queues": {"rescue": {"waiting": "many"}}}]
)
def test_a_case_that_is_none_is_refused_with_its_place(case):
    with pytest.raises(TrialUnreadable, match="test case"):
        read_trial(case)
