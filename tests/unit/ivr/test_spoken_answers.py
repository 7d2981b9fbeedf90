"""Keys and words become the answers of a questionnaire, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.questionnaires.questions import Kind, Option, Question, Words, fits
from ivr.phrases import meant
from ivr.spoken_answers import (
    AGREES,
    DECLINES,
    STOP,
    given_of,
    kept,
    phrases,
    read_back,
    stops,
    token_of_keys,
)

OPTIONS = (Option(id="o1", words=Words("服务顾问", "adviser")), Option(id="o2", words=Words("其他人", "somebody")))
QUESTIONS = tuple(
    Question(id=f"q{place}", kind=kind, words=Words("满意吗？", "Satisfied?"), options=OPTIONS)
    for place, kind in enumerate(Kind)
)


@given(st.sampled_from(QUESTIONS), st.text(alphabet="0123456789*#", max_size=3))
def test_keys_are_an_answer_of_the_question_or_none(question: Question, keys: str) -> None:
    token = token_of_keys(question, keys)
    assert token == "" or token in question.tokens
    assert fits(question, given_of(question, token))


@given(st.sampled_from(QUESTIONS), st.text(max_size=6))
def test_whatever_a_line_says_is_never_a_fault(question: Question, keys: str) -> None:
    token_of_keys(question, keys)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: str(one.kind))
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_answer_but_a_comment_can_be_said(question: Question, language: str) -> None:
    assert set(phrases(question, language).values()) == set(question.tokens)


@pytest.mark.parametrize(
    ("said", "token"),
    [("非常不满意", "1"), ("不满意", "2"), ("满意", "4"), ("非常满意", "5"), ("五分", "5"), ("三", "3")],
)
def test_a_rating_in_mandarin_is_the_longest_phrase_that_was_said(said: str, token: str) -> None:
    known = phrases(QUESTIONS[0], "zh-CN")
    assert known[meant(said, tuple(known))[0]] == token


def test_no_is_not_yes_in_either_language() -> None:
    for language in ("zh-CN", "en"):
        both = (*AGREES[language], *DECLINES[language], *STOP[language])
        for phrase in both:
            assert meant(phrase, both)[0] == phrase


def test_nine_is_no_more_calls_only_where_it_is_no_answer() -> None:
    rating, nps = QUESTIONS[0], QUESTIONS[1]
    assert stops(None, "9")
    assert stops(rating, "9")
    assert not stops(nps, "9")
    assert not stops(rating, "5")


@given(st.dictionaries(st.sampled_from(QUESTIONS), st.integers(0, 10)))
def test_the_way_so_far_is_read_back_as_it_was(picked: dict[Question, int]) -> None:
    answers = {
        question.id: given_of(question, question.tokens[place % len(question.tokens)] if question.tokens else "")
        for question, place in picked.items()
    }
    assert read_back(kept(answers), QUESTIONS) == answers


@given(st.text())
def test_a_broken_variable_is_no_answer_of_a_foreign_question(text: str) -> None:
    assert set(read_back(text, QUESTIONS)) <= {question.id for question in QUESTIONS}
