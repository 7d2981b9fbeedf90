"""A talk's lines while they grow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cti.talk_text import MOST_LINES, Side, TalkText, TextState


def a_talk() -> TalkText:
    return TalkText(call="c1", leg="c1-1", agent="1018", queue="repair", language="zh-CN", began_at=100.0)


def test_words_grow_in_one_line_of_each_side_until_it_is_over():
    text = a_talk()
    assert text.grow(Side.CUSTOMER, 101.0, "我的")
    assert text.grow(Side.AGENT, 101.5, "您好")
    assert text.grow(Side.CUSTOMER, 102.0, "我的车")
    assert not text.grow(Side.CUSTOMER, 102.0, "我的车")
    assert text.end(Side.CUSTOMER, 102.0, "我的车还没修好")
    lines = text.view.lines
    assert [(line.side, line.words, line.over) for line in lines] == [
        (Side.CUSTOMER, "我的车还没修好", True),
        (Side.AGENT, "您好", False),
    ]
    assert lines[0].at == 101.0


def test_a_noise_that_was_no_word_leaves_no_line():
    text = a_talk()
    assert not text.end(Side.CUSTOMER, 101.0, "")
    assert text.view.lines == ()


def test_what_is_cut_off_keeps_the_words_so_far_and_says_so():
    text = a_talk()
    text.grow(Side.CUSTOMER, 101.0, "我的车")
    text.end(Side.CUSTOMER, 101.0, "", cut=True)
    [line] = text.view.lines
    assert (line.words, line.over, line.cut) == ("我的车", True, True)


said = st.tuples(st.sampled_from(Side), st.booleans(), st.text("车修好", max_size=3))


@given(st.lists(said, max_size=40))
def test_who_takes_only_what_changed_since_sees_the_same_as_who_looks_now(story: list[tuple[Side, bool, str]]):
    text, shown = a_talk(), {}
    seen = text.view.version
    for number, (side, over, words) in enumerate(story):
        change = text.end if over else text.grow
        changed = change(side, 100.0 + number, words)
        view = text.view
        assert changed == (view.version > seen)
        shown |= {line.number: line for line in view.lines if line.version > seen}
        seen = view.version
    assert tuple(shown.values()) == text.view.lines
    assert sum(not line.over for line in text.view.lines) <= 2


def test_a_talk_of_hours_keeps_its_last_lines():
    text = a_talk()
    for number in range(MOST_LINES + 5):
        text.end(Side.AGENT, 100.0 + number, f"{number}")
    assert [line.words for line in text.view.lines][:2] == ["5", "6"]
    assert len(text.view.lines) == MOST_LINES


def test_a_state_is_news_once():
    text = a_talk()
    assert text.become(TextState.LISTENING)
    assert not text.become(TextState.LISTENING)
