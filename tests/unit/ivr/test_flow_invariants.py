"""Whatever a flow is made of and whatever happens in it: no dead air, no lost caller, one outcome."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.flow import Flow, QueueState
from ivr.flow_file import shipped_flow
from ivr.line import Caller, Enqueue, Finish, Heard, PutThrough, TakeMessage
from ivr.runner import World, run_menu
from tests.unit.ivr.random_flows import AnyLine, AnyRecords, flows, replies, states
from tests.unit.ivr.scripted_line import CALLER

NOTHING_TO_HEAR = 15.0 + 2.0  # the longest question, and one operation after it
SHIPPED = shipped_flow()
OUTCOMES = {"menu_only", "out_of_hours", "callback"}

callers = st.builds(
    lambda language, is_open, closure, facts: replace(
        CALLER, language=language, open=is_open, closure=closure, facts=facts
    ),
    st.sampled_from(["", "zh-CN", "en", "ko"]),
    st.booleans(),
    st.sampled_from(["", "closure"]),
    st.sampled_from([{}, {"nuisance": "9", "class": "vip"}]),
)


@dataclass
class Course:
    """All that a call brings: who calls, what is answered, what the records and the queues say."""

    caller: Caller
    answers: list[str | Heard]
    can_hear: bool
    turns: list[int]
    queue: QueueState | None


courses = st.builds(
    Course,
    caller=callers,
    answers=replies,
    can_hear=st.booleans(),
    turns=st.lists(st.integers(0, 7), max_size=20),
    queue=st.one_of(st.none(), states),
)


def meets_one_end(flow: Flow, course: Course):
    line = AnyLine(course.answers, can_hear=course.can_hear)
    world = World(operations=AnyRecords(line, course.turns), queues=lambda _: course.queue)
    with structlog.testing.capture_logs():
        result = asyncio.run(run_menu(flow, line, course.caller, lambda *_: None, world=world))
        tries = 0
        while isinstance(result, PutThrough):  # nobody is ever reached
            tries += 1
            caller = replace(course.caller, unreached=result)
            result = asyncio.run(run_menu(flow, line, caller, lambda *_: None, world=world))
    assert tries <= flow.limit
    assert line.longest_silence <= NOTHING_TO_HEAR
    assert line.most_operations <= 1
    assert line.questions <= flow.limit + 1
    assert result.walked is not None
    assert result.walked.first + len(result.walked.visits) <= flow.limit + 1
    match result:
        case Enqueue(queue=name):
            assert name in {node.queue for node in flow.nodes.values() if hasattr(node, "queue")}
        case TakeMessage(outcome=outcome) | Finish(outcome=outcome):
            assert outcome in OUTCOMES
    assert result.language in flow.languages


@given(flow=flows(), course=courses)
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_in_every_flow_that_the_checker_lets_pass_each_caller_meets_exactly_one_end(flow, course):
    meets_one_end(flow, course)


@given(courses)
@settings(max_examples=150, deadline=None)
def test_in_the_shipped_menu_each_caller_meets_exactly_one_end(course):
    meets_one_end(SHIPPED, course)
