"""The score of a talk: weights, steps, knock-out items, what does not apply; agreement of two reviewers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.quality.agreement import of_criterion, of_scores, weighted_kappa
from crm_core.quality.forms import HEAVIEST, Criterion, Form, Knockout, Section, problems
from crm_core.quality.scoring import SKIPPED, Evidence, Marks, fitting, score
from crm_core.quality.stored import load, load_marks, store, store_marks
from crm_core.quality.templates import COMPLAINT, TEMPLATES
from crm_core.questionnaires.questions import Words

TEXT = st.text(alphabet="投诉abc 1", min_size=1, max_size=12).filter(str.strip)


def steps() -> st.SearchStrategy[tuple[int, ...]]:
    return st.sets(st.integers(1, HEAVIEST), min_size=1, max_size=5).map(lambda found: (0, *sorted(found)))


@st.composite
def forms(draw: st.DrawFn) -> Form:
    criteria = [
        Criterion(
            id=f"c{n}", words=Words(draw(TEXT).strip()), steps=draw(steps()), skippable=n > 0 and draw(st.booleans())
        )
        for n in range(draw(st.integers(1, 6)))
    ]  # fmt: skip
    knockouts = [
        Knockout(id=f"k{n}", words=Words(draw(TEXT).strip()), cap=draw(st.integers(0, 99)))
        for n in range(draw(st.integers(0, 3)))
    ]
    sections = (Section(words=Words("一"), criteria=tuple(criteria)),)
    return Form(title=Words("表"), sections=sections, knockouts=tuple(knockouts))


def marks_for(form: Form, draw: st.DrawFn, *, whole: bool) -> Marks:
    points: dict[str, int] = {}
    for one in form.criteria:
        choices = [*one.steps, *([SKIPPED] if one.skippable else [])]
        if whole or draw(st.booleans()):
            points[one.id] = draw(st.sampled_from(choices))
    knocked = frozenset(one.id for one in form.knockouts if draw(st.booleans()))
    return Marks(points=points, knocked=knocked)


@st.composite
def marked(draw: st.DrawFn, *, whole: bool = False) -> tuple[Form, Marks]:
    form = draw(forms())
    return form, marks_for(form, draw, whole=whole)


@given(marked())
def test_a_score_is_between_0_and_100_and_names_what_is_not_marked(case: tuple[Form, Marks]):
    form, marks = case
    found = score(form, marks)
    assert found.tenths is None or 0 <= found.tenths <= 1000
    assert set(found.missing) == {one.id for one in form.criteria} - set(marks.points)


@given(marked(whole=True))
def test_full_marks_are_100_and_none_are_0(case: tuple[Form, Marks]):
    form, _ = case
    assert score(form, Marks(points={one.id: one.weight for one in form.criteria})).tenths == 1000
    assert score(form, Marks(points={one.id: 0 for one in form.criteria})).tenths == 0


@given(marked(whole=True), st.data())
def test_a_better_mark_never_lowers_the_score(case: tuple[Form, Marks], data: st.DataObject):
    form, marks = case
    one = data.draw(st.sampled_from(form.criteria))
    had = marks.points[one.id]
    better = [step for step in one.steps if step > had] if had != SKIPPED else []
    for step in better:
        raised = Marks(points={**marks.points, one.id: step}, knocked=marks.knocked)
        assert (score(form, raised).tenths or 0) >= (score(form, marks).tenths or 0)


@given(marked(whole=True))
def test_a_knock_out_item_caps_whatever_else_was_good(case: tuple[Form, Marks]):
    form, marks = case
    free = score(form, Marks(points=marks.points)).tenths
    for one in form.knockouts:
        capped = score(form, Marks(points=marks.points, knocked=frozenset({one.id}))).tenths
        assert capped is not None
        assert capped <= one.cap * 10
        assert free is None or capped == min(free, one.cap * 10)


@given(marked())
def test_a_criterion_that_does_not_apply_counts_on_neither_side(case: tuple[Form, Marks]):
    form, marks = case
    skipped = [one.id for one in form.criteria if one.skippable]
    without = Form(
        title=form.title,
        sections=(Section(words=Words("一"), criteria=tuple(one for one in form.criteria if not one.skippable)),),
        knockouts=form.knockouts,
    )
    all_skipped = Marks(points={**marks.points, **dict.fromkeys(skipped, SKIPPED)}, knocked=marks.knocked)
    assert score(form, all_skipped).tenths == score(without, marks).tenths


@given(marked(), st.dictionaries(TEXT, st.integers(-5, 200)))
def test_marks_that_the_form_does_not_know_change_nothing(case: tuple[Form, Marks], strange: dict[str, int]):
    form, marks = case
    sent = Marks(
        points={**strange, **marks.points}, knocked=marks.knocked | {"x9"}, evidence={"x9": Evidence(note="?")}
    )
    kept = fitting(form, sent)
    assert score(form, kept) == score(form, marks)
    assert set(kept.points) == set(marks.points)
    assert not kept.evidence


@given(marked())
def test_a_form_and_its_marks_come_back_from_the_database_as_they_were(case: tuple[Form, Marks]):
    form, marks = case
    assert load(json.loads(json.dumps(store(form)))) == form
    assert load_marks(json.loads(json.dumps(store_marks(marks)))) == marks


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["title", "sections", "criteria", "steps", "points", "evidence", "at", "id", "zh"]), inner, max_size=4)))  # fmt: skip  # noqa: E501
def test_whatever_a_page_sends_is_read_without_an_error(raw: Any):
    sent = raw if isinstance(raw, dict) else {"sections": raw, "points": raw, "evidence": raw}
    problems(load(sent))
    score(load(sent), load_marks(sent))


def test_the_forms_to_begin_with_can_be_used_at_once_and_their_weights_make_100():
    for one in TEMPLATES.values():
        assert problems(one) == []
        assert sum(criterion.weight for criterion in one.criteria) == 100


def test_a_complaint_call_is_added_up_and_a_red_line_takes_it_all():
    points = {"c1": 10, "c2": 15, "c3": 20, "c4": 20, "c5": 20}
    assert score(COMPLAINT, Marks(points=points)).value == 85.0
    assert score(COMPLAINT, Marks(points=points, knocked=frozenset({"k2"}))).value == 0.0


def test_two_who_always_agree_have_kappa_1_and_no_difference():
    found = of_criterion(COMPLAINT.criteria[1], [(0, 0), (10, 10), (20, 20), (15, 15)])
    assert (found.kappa, found.same, found.difference, found.few) == (1.0, 1.0, 0.0, True)


def test_weighted_kappa_is_that_of_a_table_computed_by_hand():
    # Both marginals 1/2, 1/2 on two steps: seen 1/4, by chance 1/2, so 1 - (1/4) / (1/2).
    assert weighted_kappa([(0, 0), (0, 0), (1, 1), (1, 0), (1, 1), (0, 1), (0, 0), (1, 1)], 2) == pytest.approx(0.5)
    # Three steps, a far and a near miss: seen (4 + 1) / 5 = 1.
    # Firsts 0 0 1 2 2, seconds 2 0 1 1 2: chance = sum n m d^2 / 25 = (4 + 16 + 1 + 2 + 8 + 4) / 25.
    assert weighted_kappa([(0, 2), (0, 0), (1, 1), (2, 1), (2, 2)], 3) == pytest.approx(1 - 1 / (35 / 25))


def test_agreement_without_pairs_or_without_any_difference_by_chance_is_not_a_number():
    assert of_scores([]).kappa is None
    same = of_criterion(COMPLAINT.criteria[0], [(10, 10), (10, 10)])
    assert (same.kappa, same.same) == (None, 1.0)
    assert of_criterion(COMPLAINT.criteria[0], [(10, None), (SKIPPED, 5)]).pairs == 0


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
def test_kappa_does_not_depend_on_who_was_first_and_is_at_most_1(pairs: list[tuple[int, int]]):
    there, back = weighted_kappa(pairs, 5), weighted_kappa([(two, one) for one, two in pairs], 5)
    assert there == pytest.approx(back) if there is not None else back is None
    assert there is None or there <= 1 + 1e-9
