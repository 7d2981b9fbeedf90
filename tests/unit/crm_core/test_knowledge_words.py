"""How text is cut for the index, ordered, marked and made safe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.knowledge.markdown import first_sentences, html, plain
from crm_core.knowledge.ranking import Indexed, Piece, marked, snippet, weigh
from crm_core.knowledge.spelling import like_titles, pinyin_of, sounds_of
from crm_core.knowledge.words import Term, fold, index_terms, index_words, likeness, note_terms, query_terms


def test_a_chinese_run_is_found_by_each_sign_and_each_pair():
    assert index_words("空调E6") == "空 调 空调 e6"


def test_full_width_capitals_and_accents_are_the_same_letters():
    assert fold("ＣＯＵＰÉ") == "coupe"


def test_two_chinese_signs_make_one_exact_term_and_the_last_latin_word_is_still_being_typed():
    assert query_terms("空调") == [Term("空调")]
    assert query_terms("winter char") == [Term("winter"), Term("char", prefix=True)]
    assert query_terms("winter char ") == [Term("winter"), Term("char")]


def test_words_of_every_question_are_left_out_as_long_as_others_remain():
    assert query_terms("请问我的空调怎么办") == [Term("空调")]
    assert query_terms("怎么办") == [Term("怎么"), Term("么办")]
    assert query_terms("how do i charge ") == [Term("charge")]


def test_of_a_note_the_last_words_count_first():
    assert note_terms("客户询问空调 电池")[0] == Term("电池")


@given(st.text(max_size=60))
def test_every_term_is_letters_and_digits_whatever_is_typed(typed: str):
    for term in [*query_terms(typed), *note_terms(typed)]:
        assert term.text
        assert all(sign.isalnum() for sign in term.text)


@given(st.text(alphabet="空调制冷电池充电e6 winter", min_size=1, max_size=30))
def test_a_text_is_found_by_every_question_that_is_a_part_of_it(text: str):
    held = set(index_terms(text))
    for term in query_terms(text + " "):
        assert any(term.fits(word) for word in held)


def test_the_title_counts_more_than_the_body_and_two_words_more_than_one():
    shelf = [
        Indexed.of(index_words("空调异响"), index_words("保养")),
        Indexed.of(index_words("保养"), index_words("空调滤芯")),
        Indexed.of(index_words("空调滤芯"), ""),
    ]
    in_title, in_body, _ = (weight.score for weight in weigh(shelf, [Term("空调")]))
    assert in_title > in_body > 0
    one, _, both = (weight.score for weight in weigh(shelf, [Term("空调"), Term("滤芯")]))
    assert both > one


@given(st.text(max_size=200), st.text(min_size=1, max_size=20))
def test_marking_never_changes_the_text(text: str, typed: str):
    assert "".join(piece.text for piece in marked(text, query_terms(typed))) == text


def test_the_snippet_is_the_piece_with_the_hits_and_marks_only_them():
    text = "前言。" * 60 + "请先检查空调滤芯是否堵塞。" + "后记。" * 60
    pieces = snippet(text, [Term("空调"), Term("滤芯")])
    assert Piece("空调滤芯", True) in pieces
    assert pieces[0].text == pieces[-1].text == "…"
    assert sum(len(piece.text) for piece in pieces) < 120


def test_a_latin_term_is_marked_as_a_word_and_not_inside_another():
    assert [piece.text for piece in marked("a car in a cardboard", [Term("car")]) if piece.hit] == ["car"]


def test_a_title_is_found_by_its_sound_and_by_a_word_with_a_letter_too_few():
    assert pinyin_of("空调E6") == "kongtiaoe6 kte6"
    assert any(sound in pinyin_of("空调不制冷") for sound in sounds_of("控调"))
    assert sounds_of("ab") == []
    assert like_titles("chrging", ["warranty periods", "why charging is slow"], 3) == [1]


def test_short_questions_that_ask_the_same_are_alike_and_others_are_not():
    assert likeness("E6 拖车钩在哪里", "拖车钩 在哪") > 0.6
    assert likeness("拖车钩在哪里", "空调异响") == 0.0
    assert likeness("", "空调") == 0.0


@pytest.mark.parametrize(
    "written",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://elsewhere.example/a.png)",
        "<img src=x onerror=alert(1)>",
        "[x](data:text/html,<script>alert(1)</script>)",
        '<a href="x" onclick="alert(1)">x</a>',
    ],
)
def test_nothing_an_author_writes_runs_or_calls_home(written: str):
    made = html(written)
    assert "<script" not in made
    assert "<img" not in made or 'src="' not in made
    assert 'href="javascript' not in made
    assert 'href="data' not in made
    assert "<a onclick" not in made
    assert "<img src=x" not in made


def test_own_pictures_tables_and_lists_stay():
    made = html("![图](/files/3)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n1. one")
    assert '<img src="/files/3"' in made
    assert "<table>" in made
    assert "<ol>" in made


def test_plain_text_has_the_words_without_the_marks():
    assert (
        plain("# 标题\n\n先看 **滤芯**，再看 [手册](https://x.example)。\n\n- 一\n- 二")
        == "标题\n先看 滤芯，再看 手册。\n一\n二"
    )


def test_a_short_answer_ends_with_a_sentence():
    assert first_sentences("第一句。" + "很长" * 100) == "第一句。"
    assert first_sentences("没有句号" * 100).endswith("…")
