"""The checker finds what a caller would fall over."""

from dataclasses import replace

import pytest

from agent_desktop import catalogues
from ivr.catalogue import catalogue
from ivr.checker import Finding, Problem, check_flow
from ivr.findings import SENTENCES
from ivr.flow import ChooseLanguage, Consent, End, IfOpen, Menu, Queue, Say
from ivr.flow_file import read_flow, shipped_flow

QUEUES = ("enquiry", "complaint", "suggestion", "repair", "rescue", "vip")
FLOW = shipped_flow()


def check(flow=FLOW, **changed_nodes):
    return check_flow(replace(flow, nodes={**flow.nodes, **changed_nodes}), catalogue(), QUEUES)


def test_the_shipped_menu_is_without_fault():
    assert check() == []


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({"notice": Say(prompts=("recording-notice",), then="nowhere")}, (Problem.UNKNOWN_NODE, "notice", "nowhere")),
        ({"island": End(outcome="menu_only")}, (Problem.UNREACHABLE, "island", "")),
        ({"notice": Say(prompts=("recording-notice",), then="notice")}, (Problem.DEAD_END, "notice", "")),
        (
            {"hours": IfOpen(open="goodbye", closed="goodbye"), "goodbye": End(outcome="x")},
            (Problem.NO_AGENT, "greeting", ""),
        ),
        ({"notice": Say(prompts=("jingle",), then="hours")}, (Problem.MISSING_PROMPT, "notice", "en/jingle")),
        ({"agent": Queue(queue="nobody", topic="")}, (Problem.UNKNOWN_QUEUE, "agent", "nobody")),
        ({"agent": End(outcome="x")}, (Problem.BAD_GIVE_UP, "", "agent")),
        ({"closed": Menu(prompts=(), keys={"55": "rescue"}, give_up="agent")}, (Problem.BAD_KEY, "closed", "55")),
        (
            {"closed": Consent(purpose="marketing", prompts=("menu",), yes="agent", no="agent", unavailable="agent")},
            (Problem.UNKNOWN_PURPOSE, "closed", "marketing"),
        ),
        (
            {"language": ChooseLanguage(prompts=(), keys={"1": "fr"}, then="notice")},
            (Problem.UNKNOWN_LANGUAGE, "language", "fr"),
        ),
    ],
)
def test_a_fault_is_found_at_its_node(changed, finding):
    assert Finding(*finding) in check(**changed)


def test_a_prompt_that_only_lacks_english_is_found():
    lacking = {**catalogue(), "en": {name: () for name in catalogue()["en"] if name != "menu"}}
    findings = check_flow(FLOW, lacking, QUEUES)
    assert findings == [Finding(Problem.MISSING_PROMPT, "main", "en/menu")]


def test_every_finding_names_node_and_remedy_in_both_languages():
    chinese = catalogues.load("zh-CN")
    for problem in Problem:
        finding = Finding(problem, "node-7", "detail-9")
        told = chinese.gettext(SENTENCES[problem])
        assert told != SENTENCES[problem]
        for sentence in (str(finding), told.format(**finding.values())):
            assert "node-7" in sentence or problem is Problem.BAD_GIVE_UP
            assert sentence[-1] in ".?。？"


HEAD = """
name: t
languages: [zh-CN, en]
start: a
give_up: agent
nodes:
  agent: {kind: queue, queue: repair, topic: ''}
"""
RING = """a: {kind: menu, prompts: [menu], keys: {0: agent}, give_up: b}
b: {kind: menu, prompts: [menu], keys: {0: agent}, give_up: a}"""
PROOF = """a: {kind: menu, prompts: [menu], keys: {1: p, 2: c}, give_up: agent}
p: {kind: collect, fact: proof, prompts: [menu], then: i, give_up: agent}
i: {kind: do, operation: identify, ways: {right: c, wrong: agent, no_more: agent, unavailable: agent}}
c: {kind: do, operation: case_state, ways: {found: agent, none: agent, unavailable: agent}}"""
WORDS = "a: {kind: menu, prompts: [menu], keys: {0: agent, 1: agent}, give_up: agent, words: {en: {%s}}}"
DO = "{kind: do, operation: %s, ways: {%s: agent, unavailable: agent}%s}"
ASK = "{kind: collect, fact: road, prompts: [menu], then: b, give_up: %s}"


def faults(nodes, rest=""):
    flow = read_flow(HEAD + "".join(f"  {line}\n" for line in nodes.splitlines()) + rest)
    return {(finding.problem.value, finding.node, finding.detail) for finding in check_flow(flow, catalogue(), QUEUES)}


@pytest.mark.parametrize(
    ("nodes", "fault"),
    [
        ("a: " + DO % ("case_state", "found: agent, none", ""), ("not_identified", "a", "case_state")),
        ("a: " + DO % ("magic", "done", ""), ("unknown_operation", "a", "magic")),
        ("a: " + DO % ("case_state", "found", ""), ("missing_way", "a", "none")),
        ("a: " + DO % ("stop_calls", "stopped: agent, maybe", ""), ("unknown_way", "a", "maybe")),
        ("a: " + DO % ("open_rescue", "opened: agent, open_already", ""), ("unknown_fact", "a", "road")),
        ("a: " + DO % ("stop_calls", "stopped", ", given: {colour: red}"), ("unknown_fact", "a", "colour")),
        ("a: {kind: say, prompts: [{fact: weather}], then: agent}", ("unknown_fact", "a", "weather")),
        (
            "a: " + ASK % "b" + "\nb: {kind: say, prompts: [{fact: road}], then: agent}",
            ("missing_fact", "b", "road"),
        ),
        (
            "a: " + ASK % "b" + "\nb: {kind: decide, cases: [{when: {road: '1'}, then: agent}], otherwise: agent}",
            ("unsure_fact", "b", "road"),
        ),
        (
            "a: {kind: decide, cases: [{when: {queue.tea.waiting: '> 1'}, then: agent}], otherwise: agent}",
            ("unknown_queue", "a", "tea"),
        ),
        (RING, ("loop", "b", "")),
        ("a: {kind: menu, prompts: [menu], keys: {0: agent}, give_up: agent, tries: 99}", ("bad_number", "a", "tries")),
        (
            "a: {kind: menu, prompts: [menu], keys: {0: agent}, give_up: agent, seconds: nan}",
            ("bad_number", "a", "seconds"),
        ),
        ("a: {kind: collect, fact: x, prompts: [menu], then: agent, give_up: agent, min: 9, max: 2}",
         ("bad_number", "a", "min, max")),
        ("a: {kind: menu, prompts: [], keys: {0: agent}, give_up: agent}", ("nothing_said", "a", "")),
        (WORDS % "7: [seven]", ("bad_words", "a", "7")),
        (WORDS % "0: [x], 1: [X]", ("bad_words", "a", "X")),
        ("a: {kind: end, outcome: answered}", ("unknown_outcome", "a", "answered")),
        ("a: {kind: queue, queue: repair, topic: a topic that is too long}",
         ("unknown_topic", "a", "a topic that is too long")),
        ("Ä b: {kind: say, prompts: [menu], then: agent}\na: {kind: say, prompts: [menu], then: 'Ä b'}",
         ("bad_name", "Ä b", "Ä b")),
    ],
)  # fmt: skip
def test_each_kind_of_fault_is_found(nodes, fault):
    assert fault in faults(nodes)


def test_a_missing_translation_is_a_warning_and_a_text_that_lacks_everywhere_an_error():
    said = "a: {kind: say, prompts: [hello], then: agent}"
    assert faults(said, "texts: {zh-CN: {hello: 您好}}") == {("missing_translation", "a", "en/hello")}
    assert not Finding(Problem.MISSING_TRANSLATION, "a").is_error
    assert ("missing_prompt", "a", "zh-CN/hello") in faults(said, "texts: {en: {hello: Hello}}")


def test_who_was_identified_on_one_way_only_is_not_identified():
    assert ("not_identified", "c", "case_state") in faults(PROOF)
    assert faults(PROOF.replace("2: c", "2: p")) == set()


def test_a_flow_with_thousands_of_nodes_is_refused_at_once():
    flow = replace(FLOW, nodes={**FLOW.nodes, **{f"n{n}": End(outcome="menu_only") for n in range(20_000)}})
    assert [finding.problem for finding in check_flow(flow, catalogue(), QUEUES)] == [Problem.BAD_NUMBER]
