"""What keeps a questionnaire from being asked, in sentences that name the question and the remedy. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crm_core.errors import Invalid
from crm_core.questionnaires.questions import END, MOST_OPTIONS, MOST_QUESTIONS, Branch, Content, Kind, Question, Words

LONGEST_ZH, LONGEST_EN = 120, 300  # signs; beyond, nobody remembers how the sentence began
EASY_ZH, EASY_EN = 60, 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`question` is its id ("" = of the whole), `field` the part of it that the sentence belongs to."""

    sentence: Invalid
    question: str = ""
    field: str = ""
    warning: bool = False


def problems(content: Content) -> list[Problem]:
    """Errors keep it from being published, warnings do not."""
    found = [*_whole(content)]
    for place, question in enumerate(content.questions, start=1):
        found += _words(question, place)
        found += _options(question, place)
        found += _branches(content, question, place)
    if not errors(found):
        found += _unreached(content)
    return found


def errors(found: list[Problem]) -> list[Problem]:
    return [one for one in found if not one.warning]


def _whole(content: Content) -> Iterator[Problem]:
    count, most = len(content.questions), content.most_questions
    if not content.title.zh:
        yield Problem(sentence=Invalid("Enter the Chinese title."), field="title")
    if not count:
        yield Problem(sentence=Invalid("There is no question yet. Add at least one."), field="questions")
    if count > MOST_QUESTIONS:
        yield Problem(
            sentence=Invalid("{count} questions are too many. Remove {over}.", count=count, over=count - most),
            field="questions",
        )
    elif count > most:
        yield Problem(
            sentence=Invalid(
                "{count} questions, and the limit is {most}. Remove {over}, or raise the limit (at most {top}).",
                count=count, most=most, over=count - most, top=MOST_QUESTIONS,
            ),
            field="questions",
        )  # fmt: skip
    for field, words in (("greeting", content.greeting), ("thanks", content.thanks)):
        if not words.zh and not words.en:
            sentence = (
                Invalid("There is no greeting: customers would not know who asks. Write one.")
                if field == "greeting"
                else Invalid("There are no words of thanks. Write some.")
            )
            yield Problem(sentence=sentence, field=field)
        elif not words.zh or not words.en:
            yield Problem(
                sentence=Invalid("These words are in one language only: the other one's customers hear this one."),
                field=field, warning=True,
            )  # fmt: skip


def _words(question: Question, place: int) -> Iterator[Problem]:
    words = question.words
    if not words.zh and not words.en:
        yield Problem(
            sentence=Invalid("Question {place} has no words. Write it, or remove it.", place=place),
            question=question.id, field="words",
        )  # fmt: skip
        return
    if not words.zh or not words.en:
        yield Problem(
            sentence=Invalid(
                "Question {place} is in one language only: the other one's customers hear this one.", place=place
            ),
            question=question.id, field="words", warning=True,
        )  # fmt: skip
    if _longer(words, LONGEST_ZH, LONGEST_EN):
        yield Problem(
            sentence=Invalid(
                "Question {place} is too long for the ear: at most {zh} Chinese signs or {en} English letters.",
                place=place, zh=LONGEST_ZH, en=LONGEST_EN,
            ),
            question=question.id, field="words",
        )  # fmt: skip
    elif _longer(words, EASY_ZH, EASY_EN):
        yield Problem(
            sentence=Invalid("Question {place} is long for the ear: better two short sentences.", place=place),
            question=question.id, field="words", warning=True,
        )  # fmt: skip


def _longer(words: Words, zh: int, en: int) -> bool:
    return len(words.zh) > zh or len(words.en) > en


def _options(question: Question, place: int) -> Iterator[Problem]:
    if question.kind is not Kind.CHOICE:
        return
    if not 2 <= len(question.options) <= MOST_OPTIONS:
        yield Problem(
            sentence=Invalid("Question {place} needs 2 to {most} answers to choose from.", place=place,
                             most=MOST_OPTIONS),
            question=question.id, field="options",
        )  # fmt: skip
    if any(not option.words.zh and not option.words.en for option in question.options):
        yield Problem(
            sentence=Invalid("Question {place} has an answer without words. Write it, or remove it.", place=place),
            question=question.id, field="options",
        )  # fmt: skip


def _branches(content: Content, question: Question, place: int) -> Iterator[Problem]:
    places = {one.id: at for at, one in enumerate(content.questions, start=1)}
    for branch in question.branches:
        looked_at = content.question(branch.of) if branch.of else question
        sentence = None
        if branch.to != END and branch.to not in places:
            sentence = Invalid("Question {place} leads to a question that is not there. Choose another.", place=place)
        elif branch.to != END and places[branch.to] <= place:
            sentence = Invalid(
                "Question {place} leads back to question {to}: customers would go round. Lead on to a later one.",
                place=place, to=places[branch.to],
            )  # fmt: skip
        elif looked_at is None or places[looked_at.id] > place:
            sentence = Invalid("Question {place} looks at an answer that is given later or never.", place=place)
        elif not set(branch.on) <= set(looked_at.tokens):
            sentence = Invalid(
                "Question {place} waits for an answer that nobody can give. Choose it anew.", place=place
            )
        if sentence is not None:
            yield Problem(sentence=sentence, question=question.id, field="branches")


def _unreached(content: Content) -> Iterator[Problem]:
    """Only of a content without errors: then every way leads on, and one look from the first to the last is enough."""
    reached = {content.questions[0].id}
    for at, question in enumerate(content.questions):
        if question.id not in reached:
            yield Problem(
                sentence=Invalid(
                    "Nobody ever comes to question {place}. Change the ways before it, or remove it.", place=at + 1
                ),
                question=question.id, field="branches",
            )  # fmt: skip
            continue
        reached |= _targets(question)
        if _goes_on(question) and at + 1 < len(content.questions):
            reached.add(content.questions[at + 1].id)


def _own(question: Question, branch: Branch) -> bool:
    return branch.of in ("", question.id)


def _left_over(question: Question) -> Iterator[tuple[Branch | None, frozenset[str]]]:
    """Each branch with the answers that lead there, and last what no branch takes; "" is a question passed over."""
    left = frozenset((*question.tokens, ""))
    for branch in question.branches:
        hits = left & frozenset(branch.on) if _own(question, branch) and branch.on else left
        yield branch, hits
        if _own(question, branch):
            left -= hits
    yield None, left


def _targets(question: Question) -> set[str]:
    return {branch.to for branch, answers in _left_over(question) if branch is not None and answers}


def _goes_on(question: Question) -> bool:
    return any(branch is None and answers for branch, answers in _left_over(question))
