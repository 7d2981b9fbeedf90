"""A menu that connects callers with somebody outside: which target, what follows an unanswered try, what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.catalogue import catalogue
from ivr.checker import check_flow
from ivr.findings import Problem
from ivr.flow_file import read_flow, shipped_flow
from ivr.line import Enqueue, PutThrough
from ivr.operations import Answer
from ivr.runner import run_menu
from ivr.trial import Trial, walk
from tests.unit.ivr.scripted_line import CALLER, ScriptedLine, ScriptedRecords, walked

HEAD = "name: t\nlanguages: [zh-CN]\nstart: a\ngive_up: agent\nnodes:\n"
AGENT = "  agent: {kind: queue, queue: repair, topic: repair}\n"
NEAREST = (
    "  a: {kind: do, operation: nearest_station, given: {area: '0431'}, ways: "
    "{found: t, closed: t, unknown_place: agent, unavailable: agent}}\n"
    "  t: {kind: transfer, fact: station_id, topic: repair, ring: 20, prompts: [hold-on], unreachable: agent}\n"
)


def flow(nodes: str):
    return read_flow(HEAD + nodes + AGENT)


def problems(nodes: str) -> set[Problem]:
    return {finding.problem for finding in check_flow(flow(nodes), catalogue(), ("repair",)) if finding.is_error}


async def test_the_nearest_station_is_named_by_its_id_and_the_caller_hears_so_before():
    found = Answer(result="found", facts={"station_id": "17", "station": "station-general"})
    line = ScriptedLine()
    result, nodes, _ = await walked(flow(NEAREST), line, records=ScriptedRecords({"nearest_station": found}))
    assert isinstance(result, PutThrough)
    assert (result.dealer, result.number, result.ring, result.topic) == ("17", "", 20, "repair")
    assert nodes == ["a", "t"]
    assert line.heard == [("zh-CN", "hold-on")]


async def test_after_a_try_the_menu_goes_on_where_it_was_with_all_it_knew_and_in_its_own_version():
    found = Answer(result="found", facts={"station_id": "17", "station_phone": "043188883318"})
    told = NEAREST.replace("unreachable: agent", "unreachable: say")
    told += "  say: {kind: say, prompts: [{fact: station_phone}], then: agent}\n"
    first, _, _ = await walked(flow(told), ScriptedLine(), records=ScriptedRecords({"nearest_station": found}))
    assert isinstance(first, PutThrough)
    line = ScriptedLine()
    again = await run_menu(shipped_flow(), line, replace(CALLER, unreached=first), lambda *_: None)
    assert isinstance(again, Enqueue)
    assert again.walked is not None
    assert (again.walked.first, [visit.node for visit in again.walked.visits]) == (2, ["say", "agent"])
    assert ("zh-CN", "digit-4") in line.heard
    assert "station_phone" not in repr(first)


@pytest.mark.parametrize(
    "target",
    [
        "ring: 20",
        "number: '13812345678', dealer: '17'",
        "number: '110'",
        "number: '16838888888'",
        "number: '0431888833180000000'",
        "number: '13812345678&PJSIP/x'",
        "dealer: '17;1'",
        "dealer: '0'",
    ],
)
def test_a_target_that_is_none_or_may_not_be_dialled_is_found_before_it_is_published(target: str):
    assert Problem.BAD_TRANSFER in problems(f"  a: {{kind: transfer, {target}, unreachable: agent}}\n")


def test_a_good_target_is_no_finding_and_a_bell_that_rings_too_long_is():
    good = "  a: {kind: transfer, number: '0431 8888 3318', ring: 20, unreachable: agent}\n"
    assert problems(good) == set()
    assert problems(good.replace("20", "300")) == {Problem.BAD_NUMBER}
    assert problems(NEAREST) == set()


def test_a_fact_that_some_callers_do_not_have_is_found():
    assert Problem.UNKNOWN_FACT in problems("  a: {kind: transfer, fact: station_id, unreachable: agent}\n")


def test_a_ring_of_tries_that_silence_does_not_leave_is_found():
    assert Problem.DEAD_END in problems(
        "  a: {kind: say, prompts: [], then: b}\n  b: {kind: say, prompts: [], then: a}\n"
    )
    ring = "  a: {kind: transfer, number: '13812345678', unreachable: b}\n"
    ring += "  b: {kind: transfer, dealer: '7', unreachable: a}\n"
    assert Problem.LOOP in problems(ring)


@pytest.mark.parametrize(("result", "end"), [("reached", "put_through"), ("unreachable", "")])
def test_a_trial_says_whether_somebody_answers(result: str, end: str):
    course = walk(flow(NEAREST), Trial(results={"transfer": result}))
    assert course.end is not None
    assert (course.end.outcome, course.end.queue) == (end, "" if end else "repair")
