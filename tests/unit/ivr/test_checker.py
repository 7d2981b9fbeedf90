"""The checker finds what a caller would fall over."""

from dataclasses import replace

import pytest

from agent_desktop import catalogues
from ivr.catalogue import catalogue
from ivr.checker import Finding, Problem, check_flow
from ivr.findings import SENTENCES
from ivr.flow import ChooseLanguage, End, IfOpen, Menu, Queue, Say
from ivr.flow_file import shipped_flow

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
