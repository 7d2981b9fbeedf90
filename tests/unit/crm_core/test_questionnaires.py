"""What customers are asked next, and what keeps a questionnaire from being asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.db import Database
from crm_core.drafting import NotReady
from crm_core.errors import NotFound, Refused
from crm_core.questionnaires import actions, queries
from crm_core.questionnaires.checks import errors, problems
from crm_core.questionnaires.questions import (
    END,
    Branch,
    Content,
    Given,
    Kind,
    Option,
    Question,
    Words,
    fits,
    is_low,
    low_answers,
    next_question,
    on_the_way,
)
from crm_core.questionnaires.saying import seconds, sentences, spoken
from crm_core.questionnaires.stored import load, store
from crm_core.questionnaires.templates import AFTER_SERVICE, AFTER_SERVICE_TOPICS, COMPLAINT, FOUR_WEEKS, TEMPLATES
from crm_core.workforce.versions import SavedMeanwhile

AT = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
WHO: dict[str, Any] = {"actor": "9001", "at": AT}
NAMES = ["q1", "q2", "q3", "q4", "q5"]

words = st.builds(Words, st.text("您好吗", max_size=8), st.text("how are you", max_size=12))
tokens = st.lists(st.sampled_from(["0", "1", "2", "5", "o1", "x"]), max_size=3, unique=True).map(tuple)
branches = st.builds(Branch, to=st.sampled_from([*NAMES, END, "gone"]), on=tokens, of=st.sampled_from(["", *NAMES]))


@st.composite
def contents(draw: st.DrawFn) -> Content:
    """Any draft, right or wrong."""
    options = (Option(id="o1", words=Words("甲", "A")), Option(id="o2", words=Words("乙", "B")))
    questions = [
        Question(
            id=name,
            kind=draw(st.sampled_from(Kind)),
            words=draw(words),
            options=options,
            branches=tuple(draw(st.lists(branches, max_size=2))),
            no_is_low=draw(st.booleans()),
        )
        for name in NAMES[: draw(st.integers(0, 5))]
    ]
    return Content(title=draw(words), greeting=draw(words), thanks=draw(words), questions=tuple(questions))


def any_answer(data: st.DataObject, question: Question) -> Given:
    token = data.draw(st.sampled_from([*question.tokens, ""]))
    if question.kind is Kind.CHOICE:
        return Given(choice=token)
    return Given(value=int(token)) if token else Given(text="")


def walked(content: Content, data: st.DataObject) -> dict[str, Given]:
    answers: dict[str, Given] = {}
    while (question := next_question(content, answers)) is not None:
        assert question.id not in answers
        answers[question.id] = any_answer(data, question)
        assert len(answers) <= len(content.questions)
    return answers


@given(contents(), st.data())
def test_whatever_is_answered_each_question_is_asked_once_and_it_ends(content: Content, data: st.DataObject):
    answers = walked(content, data)
    assert on_the_way(content, answers) == answers


@st.composite
def ways_ahead(draw: st.DrawFn) -> Content:
    """Drafts whose ways all lead on, by the answer to the question itself; some reach every question, some do not."""
    questions = []
    for place, name in enumerate(NAMES, start=1):
        kind = draw(st.sampled_from([Kind.RATING, Kind.YES_NO, Kind.COMMENT]))
        bare = Question(id=name, kind=kind, words=Words("您好吗？", "How are you?"))
        on = st.lists(st.sampled_from(bare.tokens or ("",)), max_size=3, unique=True).map(tuple)
        ways = st.builds(Branch, to=st.sampled_from([*NAMES[place:], END]), on=on if bare.tokens else st.just(()))
        questions.append(replace(bare, branches=tuple(draw(st.lists(ways, max_size=2)))))
    return Content(
        title=questions[0].words, greeting=Words("好", "Hi"), thanks=Words("谢", "Bye"), questions=tuple(questions)
    )


def reachable(content: Content) -> set[str]:
    """By trying every answer at every question that some customer comes to."""
    came = {content.questions[0].id: dict[str, Given]()}
    for question in content.questions:
        for token in (*question.tokens, "") if question.id in came else ():
            answers = {**came[question.id], question.id: Given(value=int(token) if token else None)}
            asked = next_question(content, answers)
            if asked is not None:
                came.setdefault(asked.id, answers)
    return set(came)


@given(ways_ahead())
def test_a_question_that_nobody_ever_comes_to_is_named_and_no_other(content: Content):
    named = {one.question for one in errors(problems(content))}
    if named:
        assert named & (set(NAMES) - reachable(content))
    else:
        assert reachable(content) == set(NAMES)


@given(contents())
def test_a_draft_comes_back_as_it_was_saved(content: Content):
    # What is kept has no spaces around it.
    assert load(store(load(store(content)))) == load(store(content))
    assert [one.id for one in load(store(content)).questions] == [one.id for one in content.questions]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["title", "questions", "options", "branches", "id", "kind", "words", "zh", "on", "to"]),
                inner,
            )
        ),
    )
)
def test_nothing_that_a_page_may_send_breaks_the_designer(raw: object):
    content = load({"questions": raw, "title": raw, "low": raw})
    problems(content)
    assert len({one.id for one in content.questions}) == len(content.questions)
    assert seconds(content, "zh-CN") >= 0


@pytest.mark.parametrize("name", list(TEMPLATES))
def test_every_template_can_be_published_as_it_is_and_takes_little_time(name: str):
    content = TEMPLATES[name]
    assert problems(content) == []
    assert load(store(content)) == content
    assert seconds(content, "zh-CN") <= 150
    assert len(content.questions) <= content.most_questions


def test_after_the_workshop_the_six_topics_of_the_research_are_asked():
    assert tuple(one.id for one in AFTER_SERVICE.questions) == AFTER_SERVICE_TOPICS
    assert all(one.kind is Kind.RATING for one in AFTER_SERVICE.questions)


def test_who_has_no_fault_is_not_asked_which_one():
    answers = {"overall": Given(value=5), "fault": Given(value=0)}
    asked = next_question(FOUR_WEEKS, answers)
    assert asked is not None
    assert asked.id == "reached"


def test_a_complaint_that_is_not_solved_is_a_low_answer_and_a_comment_is_asked():
    answers = {"solved": Given(value=0)}
    asked = next_question(COMPLAINT, answers)
    assert asked is not None
    assert (asked.id, is_low(COMPLAINT, answers)) == ("tell", True)
    assert [one.id for one in low_answers(COMPLAINT, {"solved": Given(value=1), "speed": Given(value=3)})] == ["speed"]


def test_a_changed_answer_takes_the_ones_of_the_left_branch_with_it():
    before = {"solved": Given(value=0), "tell": Given(text="还漏水"), "speed": Given(value=2)}
    after = on_the_way(COMPLAINT, {**before, "solved": Given(value=1)})
    assert "tell" not in after
    assert after["speed"] == Given(value=2)


@pytest.mark.parametrize(
    ("kind", "answer", "right"),
    [
        (Kind.RATING, Given(value=5), True),
        (Kind.RATING, Given(value=6), False),
        (Kind.RATING, Given(value=0), False),
        (Kind.NPS, Given(value=10), True),
        (Kind.NPS, Given(value=11), False),
        (Kind.YES_NO, Given(value=2), False),
        (Kind.CHOICE, Given(choice="o2"), True),
        (Kind.CHOICE, Given(choice="o3"), False),
        (Kind.COMMENT, Given(text="很好"), True),
        (Kind.COMMENT, Given(value=3), False),
    ],
)
def test_an_answer_must_be_one_that_the_question_has(kind: Kind, answer: Given, right: bool):
    options = (Option(id="o1", words=Words("甲", "A")), Option(id="o2", words=Words("乙", "B")))
    assert fits(Question(id="q1", kind=kind, words=Words("？", "?"), options=options), answer) is right


def with_question(**changed: Any) -> Content:
    first = replace(AFTER_SERVICE.questions[0], **changed)
    return replace(AFTER_SERVICE, questions=(first, *AFTER_SERVICE.questions[1:]))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (replace(AFTER_SERVICE, questions=()), "There is no question yet"),
        (replace(AFTER_SERVICE, most_questions=4), "6 questions, and the limit is 4. Remove 2"),
        (replace(AFTER_SERVICE, greeting=Words()), "There is no greeting"),
        (with_question(words=Words()), "Question 1 has no words"),
        (with_question(words=Words("很" * 121, "x")), "Question 1 is too long for the ear"),
        (with_question(kind=Kind.CHOICE), "Question 1 needs 2 to 9 answers"),
        (with_question(branches=(Branch(to="gone"),)), "leads to a question that is not there"),
        (with_question(branches=(Branch(to="overall"),)), "leads back to question 1"),
        (with_question(branches=(Branch(to=END, on=("7",)),)), "an answer that nobody can give"),
        (with_question(branches=(Branch(to=END, of="work"),)), "given later or never"),
        (with_question(branches=(Branch(to="work"),)), "Nobody ever comes to question 2"),
    ],
)
def test_what_keeps_it_from_being_asked_is_said_with_its_place_and_remedy(content: Content, said: str):
    assert any(said in str(one.sentence) for one in errors(problems(content)))


def test_a_missing_language_warns_and_the_other_one_is_heard():
    content = with_question(words=Words("您满意吗？", ""))
    assert errors(problems(content)) == []
    assert any(one.warning and one.question == "overall" for one in problems(content))
    assert spoken(content.questions[0], "en")[0] == "您满意吗？"


def test_every_sentence_is_spoken_in_both_languages_with_its_keys():
    said = sentences(TEMPLATES["two_weeks"])
    assert "脚垫请按 1。" in said["zh-CN"]
    assert "For floor mats, press 1." in said["en"]
    assert TEMPLATES["two_weeks"].greeting.zh in said["zh-CN"]


async def test_nobody_is_asked_a_draft_and_whoever_began_keeps_the_version(db: Database):
    async with db.begin() as session:
        row = await actions.create(session, AFTER_SERVICE, **WHO)
        assert await queries.asked(session, row.id) is None
        await actions.publish(session, row.id, base=1, **WHO)
        shorter = replace(AFTER_SERVICE, questions=AFTER_SERVICE.questions[:2])
        await actions.save_draft(session, row.id, shorter, base=0, **WHO)
        now = await queries.asked(session, row.id)
        assert now is not None
        assert (now.version, now.content) == (1, AFTER_SERVICE)
        await actions.publish(session, row.id, **WHO)
        newer, older = await queries.asked(session, row.id), await queries.asked(session, row.id, 1)
        assert newer is not None
        assert older is not None
        assert (newer.version, newer.content, older.content) == (2, shorter, AFTER_SERVICE)


async def test_two_people_at_one_draft_do_not_overwrite_each_other(db: Database):
    async with db.begin() as session:
        row = await actions.create(session, AFTER_SERVICE, **WHO)
        await actions.save_draft(session, row.id, COMPLAINT, base=1, actor="9002", at=AT)
        with pytest.raises(SavedMeanwhile, match="9002"):
            await actions.save_draft(session, row.id, FOUR_WEEKS, base=1, **WHO)


async def test_a_questionnaire_without_a_question_is_not_published(db: Database):
    async with db.begin() as session:
        row = await actions.create(session, replace(AFTER_SERVICE, questions=()), **WHO)
        with pytest.raises(NotReady, match="no question yet") as refused:
            await actions.publish(session, row.id, **WHO)
        assert refused.value.problems[0].field == "questions"
        assert await queries.asked(session, row.id) is None


async def test_an_earlier_version_is_put_in_force_again(db: Database):
    async with db.begin() as session:
        row = await actions.create(session, AFTER_SERVICE, **WHO)
        await actions.publish(session, row.id, **WHO)
        await actions.save_draft(session, row.id, COMPLAINT, base=0, **WHO)
        await actions.publish(session, row.id, **WHO)
        await actions.publish_again(session, row.id, 1, **WHO)
        with pytest.raises(Refused, match="in force already"):
            await actions.publish_again(session, row.id, 1, **WHO)
        (line,) = await queries.questionnaire_lines(session)
        assert (line.published, line.name_en, line.questions) == (1, "After a workshop visit", 6)
        assert {one.number: one.state for one in await queries.versions_of(session, row.id)} == {
            1: "published",
            2: "replaced",
        }


async def test_a_dropped_first_draft_leaves_the_list(db: Database):
    async with db.begin() as session:
        row = await actions.create(session, AFTER_SERVICE, **WHO)
        await actions.drop_draft(session, row.id, **WHO)
        assert await queries.questionnaire_lines(session) == []
        with pytest.raises(NotFound):
            await actions.publish(session, row.id, **WHO)
