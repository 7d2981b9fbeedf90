"""Files from strangers: each gets a sentence, quickly, and nothing is built of a bomb."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.errors import Invalid
from ivr.flow_file import FlowUnreadable, read_flow, shipped_text

HEAD = "name: x\nlanguages: [en]\nstart: a\ngive_up: a\n"
LAUGHS = "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x: " + "a" * 10_000_000, "larger than 256 KB"),
        ("[" * 100_000, "nested too deeply"),
        ("a:\n " + "".join(f"{' ' * n}a:\n" for n in range(1, 60)), "nested too deeply"),
        ("a, " * 80_000, "YAML|fields"),
        (LAUGHS, "anchors and aliases \\(line 2\\)"),
        ("a: 1\na: 2", "a twice, at line 2"),
        (HEAD + "nodes: {a: {kind: end, outcome: x}, a: {kind: end, outcome: y}}", "a twice"),
        ("? [a, b]\n: c", "name must be text"),
        ("!!python/object/apply:os.system ['true']", "no fields"),
        ("a: !!python/name:os.system x", "lacks name"),
        ("\0", "not YAML"),
        ("a: 'b", "not YAML"),
        (HEAD + "nodes: 7", "wrong at"),
        (HEAD + "colour: red", "colour, which is not known"),
        (HEAD + "nodes: {a: {kind: say, prompts: [p]}}", "lacks a.say.then"),
        (HEAD + "nodes: {a: {kind: say, prompts: p, then: a}}", "a.say.prompts"),
        (HEAD + "nodes: {a: {kind: menu, prompts: [p], keys: {}, give_up: a, tries: many}}", "a.menu.tries"),
        (HEAD + "nodes: {a: {kind: end, outcome: x, then: a}}", "a.end.then, which is not known"),
        (HEAD + "nodes: {a: {kind: decide, cases: [{then: a}], otherwise: a}}", "a.decide.cases.0.when"),
        ("name: x\nlanguages: []\nstart: a\ngive_up: a", "languages"),
    ],
)
def test_each_fault_of_a_file_gets_its_sentence_soon(text, said):
    began = time.process_time()  # of this process, whatever else the machine does
    with pytest.raises(FlowUnreadable, match=said) as refused:
        read_flow(text)
    assert time.process_time() - began < 10  # counting coverage makes two seconds of one
    assert len(str(refused.value)) < 600


def test_words_that_yaml_takes_for_something_else_stay_words():
    flow = read_flow(HEAD + "nodes: {a: {kind: decide, cases: [{when: {open: no, x: 010}, then: a}], otherwise: a}}")
    assert flow.nodes["a"].cases[0].when == {"open": "no", "x": "010"}


def test_the_version_is_given_by_publishing_and_never_by_the_text():
    assert read_flow(shipped_text() + "\nversion: 99\n").version == 0
    assert read_flow(shipped_text(), version=7).version == 7


@given(st.integers(0, len(shipped_text())), st.integers(0, 400), st.text(max_size=12))
@settings(max_examples=25, deadline=None)
def test_a_spoilt_file_is_read_or_refused_and_nothing_else(place, length, instead):
    text = shipped_text()
    try:
        read_flow(text[:place] + instead + text[place + length :])
    except Invalid as refused:
        assert str(refused)  # noqa: PT017 - a file that is still one is as good
