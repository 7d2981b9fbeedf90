"""What a caller of the shipped menu meets."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow import Ask, Flow, Gather, Leave, Menu, Play, Queue, begin, step
from ivr.flow_file import FlowUnreadable, read_flow, shipped_flow

FLOW = shipped_flow()


def walk(keys="", *, entry="4001718888", language="zh-CN", is_open=True, flow=FLOW):
    """Everything the caller hears and the end reached; after the last key nothing more is pressed."""
    left, heard, asked = list(keys), [], 0
    state, action = begin(flow, entry=entry, language=language, is_open=is_open)
    while not isinstance(action, Leave):
        heard += action.prompts
        key = ""
        if isinstance(action, Ask | Gather):
            asked += 1
            key = left.pop(0) if left else ""
        assert len(heard) < 200, "the menu does not end"
        state, action = step(flow, state, key)
    return state, action, [*heard, *action.prompts]


@pytest.mark.parametrize(
    ("key", "queue", "topic"),
    [
        ("1", "enquiry", "enquiry"),
        ("2", "complaint", "complaint"),
        ("3", "suggestion", "suggestion"),
        ("4", "repair", "repair"),
        ("5", "rescue", "rescue"),
        ("0", "enquiry", ""),
    ],
)
def test_each_key_of_the_menu_leads_to_its_queue(key, queue, topic):
    _, leave, _ = walk(key)
    assert (leave.queue, leave.topic) == (queue, topic)


def test_the_path_names_the_menu_and_the_section():
    state, _, _ = walk("4")
    assert state.path == ("main", "repair")


def test_a_caller_whose_language_is_remembered_is_not_asked_for_it():
    state, _, heard = walk("4", language="en")
    assert "language" not in heard
    assert state.language == "en"


def test_an_unknown_caller_chooses_english_and_then_hears_the_recording_notice():
    state, leave, heard = walk("24", language="")
    assert state.language == "en"
    assert state.language_known
    assert leave.queue == "repair"
    assert heard.index("language") < heard.index("recording-notice") < heard.index("menu")


def test_a_caller_who_does_not_choose_a_language_gets_mandarin_which_is_not_remembered():
    state, leave, _ = walk("", language="")
    assert state.language == "zh-CN"
    assert not state.language_known
    assert leave.queue == "enquiry"


def test_a_language_we_do_not_speak_counts_as_unknown():
    _, _, heard = walk("11", language="ko")
    assert "language" in heard


def test_a_wrong_key_is_called_wrong_and_the_menu_comes_again():
    _, leave, heard = walk("84")
    assert heard.count("menu") == 2
    assert "invalid" in heard
    assert leave.queue == "repair"


def test_three_tries_without_a_key_lead_to_an_agent():
    _, leave, heard = walk("")
    assert heard.count("menu") == 3
    assert heard.count("no-key") == 2
    assert leave.queue == "enquiry"


def test_out_of_hours_only_rescue_is_reached():
    assert walk("5", is_open=False)[1].queue == "rescue"
    for keys in ("", "1", "44"):
        leave = walk(keys, is_open=False)[1]
        assert (leave.queue, leave.outcome) == ("", "out_of_hours")


def test_the_sales_number_greets_otherwise():
    assert walk("1", entry="8008201111")[2][0] == "greeting-sales"
    assert walk("1", entry="4001718888")[2][0] == "greeting"
    assert walk("1", entry="somewhere else")[2][0] == "greeting"


@given(
    keys=st.text(alphabet="0123456789*#x", max_size=12),
    language=st.sampled_from(["", "zh-CN", "en", "ko"]),
    entry=st.sampled_from(["4001718888", "8008201111", ""]),
    is_open=st.booleans(),
)
def test_whatever_is_pressed_the_caller_reaches_an_agent_or_an_end(keys, language, entry, is_open):
    _, leave, heard = walk(keys, language=language, entry=entry, is_open=is_open)
    assert bool(leave.queue) != bool(leave.outcome)
    assert len(heard) <= 2 * FLOW.limit


def test_a_loop_of_menus_gives_the_caller_to_an_agent_in_the_end():
    loop = Menu(prompts=("menu",), keys={"9": "main"}, give_up="agent")
    flow = Flow(
        name="loop",
        languages=("zh-CN",),
        start="main",
        give_up="agent",
        nodes={"main": loop, "agent": Queue(queue="enquiry", topic="")},
        limit=10,
    )
    _, leave, heard = walk("9" * 50, flow=flow)
    assert leave.queue == "enquiry"
    assert len(heard) <= 10


def test_a_key_has_no_meaning_where_nothing_was_asked():
    state, action = begin(FLOW, entry="", language="en", is_open=True)
    assert isinstance(action, Play)
    assert step(FLOW, state, "5") == step(FLOW, state, "")


def test_an_ended_menu_stays_ended():
    state, leave, _ = walk("4")
    assert step(FLOW, replace(state), "1") == (state, leave)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "name: {",
        "name: x",
        "{name: x, languages: [en], start: a, give_up: a, nodes: {a: {kind: magic}}}",
        "{name: x, languages: [en], start: a, give_up: a, nodes: {a: {kind: menu, prompts: [p]}}}",
    ],
)
def test_a_file_that_is_no_menu_is_refused_with_a_sentence(text):
    with pytest.raises(FlowUnreadable, match="menu file"):
        read_flow(text)
