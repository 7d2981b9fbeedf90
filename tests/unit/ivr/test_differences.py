"""What changed between two versions is told in words, in both languages."""

from __future__ import annotations

from agent_desktop import catalogues
from ivr.differences import SENTENCES, Difference, What, differences
from ivr.flow_file import read_flow, shipped_text

OLD = shipped_text()


def told(*changes: tuple[str, str]) -> list[str]:
    text = OLD
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return [str(one) for one in differences(read_flow(OLD), read_flow(text))]


def test_the_same_text_has_no_differences():
    assert told() == []


def test_a_key_that_leads_elsewhere_is_told_with_its_node():
    assert told(("4: repair, 5: rescue-first, 6", "4: complaint, 5: rescue-first, 6")) == [
        "Node main, keys 4: was repair, is complaint."
    ]


def test_new_and_lost_nodes_and_texts_are_told():
    changes = told(
        ("  self-end: {kind: end", "  bye: {kind: end"),
        ("give_up: self-end", "give_up: bye"),
        ("    stopped: 已经登记，", "    stopped: 好的，"),
        ("limit: 80", "limit: 60"),
    )
    assert changes[0] == "The flow's limit: was 80, is 60."
    assert "Node bye is new: end." in changes
    assert "Node self-end is gone; it was end." in changes
    assert any(one.startswith("Text stopped (zh-CN): was 已经登记，") for one in changes)


def test_a_node_of_another_kind_is_told_as_such():
    before = 'message: {kind: message, topic: "", prompts: [message-intro]}'
    assert told((before, "message: {kind: end, outcome: menu_only}")) == ["Node message was message and is end."]


def test_facts_and_cases_are_written_as_a_reader_knows_them():
    changes = told(("prompts: [case-due, {fact: case_due}]", "prompts: [{fact: case_due}]"))
    assert changes == ["Node own-case-due, prompts: was case-due, {case_due}, is {case_due}."]


def test_every_sentence_is_translated():
    chinese = catalogues.load("zh-CN")
    for what in What:
        one = Difference(what, "n", "f", "b", "a")
        assert chinese.gettext(SENTENCES[what]) != SENTENCES[what]
        assert chinese.gettext(SENTENCES[what]).format(**one.values())
