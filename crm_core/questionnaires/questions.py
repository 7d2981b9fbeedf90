"""What is asked and what follows from an answer. Pure: the telephone, the desk and the link walk by the same rules.

An answer's token is what a branch looks at: the number of a rating, NPS or yes/no as text (yes = "1", no = "0"), the id
of a chosen option, and "" for a comment and for a question that was passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

MOST_QUESTIONS = 10
USUAL_MOST = 6
MOST_OPTIONS = 9  # each is one key of a telephone
END = "end"
"""As a branch's target: the customer is thanked."""


class Kind(StrEnum):
    RATING = "rating"  # 1 to 5
    NPS = "nps"  # 0 to 10
    YES_NO = "yes_no"
    CHOICE = "choice"
    COMMENT = "comment"


LANGUAGES = ("zh-CN", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """The same sentence in both languages. `text` falls back to the other one rather than to silence."""

    zh: str = ""
    en: str = ""

    def text(self, language: str) -> str:
        first, second = (self.en, self.zh) if language == "en" else (self.zh, self.en)
        return first or second


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """`id` stays when the words are bettered. The first option is key 1."""

    id: str
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """After this question go `to` a later one or END, when the answer to `of` is one of `on`.

    `of` "" = this question, else an earlier one. `on` () = whatever was answered.
    """

    to: str
    on: tuple[str, ...] = ()
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`id` stays when words are bettered, so that versions can be compared. `topic` is the short name in a chart.

    The first branch that holds decides; when none does, the next question in order follows. `no_is_low`: a "no" counts
    as a low answer.
    """

    id: str
    kind: Kind
    words: Words
    topic: Words = Words()
    options: tuple[Option, ...] = ()
    branches: tuple[Branch, ...] = ()
    no_is_low: bool = False

    @property
    def tokens(self) -> tuple[str, ...]:
        """Every answer that a branch can tell apart."""
        match self.kind:
            case Kind.RATING:
                return ("1", "2", "3", "4", "5")
            case Kind.NPS:
                return tuple(str(value) for value in range(11))
            case Kind.YES_NO:
                return ("1", "0")
            case Kind.CHOICE:
                return tuple(option.id for option in self.options)
        return ()

    def option(self, name: str) -> Option | None:
        return next((one for one in self.options if one.id == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One version of a questionnaire. A rating of at most `low`, or an NPS of at most `low_nps`, is a low answer.

    `low` 0 and `low_nps` -1 = none is. `most_questions` is the limit that the author has set, 1 to 10.
    """

    title: Words = Words()
    greeting: Words = Words()
    thanks: Words = Words()
    most_questions: int = USUAL_MOST
    low: int = 2
    low_nps: int = -1
    questions: tuple[Question, ...] = ()

    def question(self, name: str) -> Question | None:
        return next((one for one in self.questions if one.id == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One answer. Nothing in it = the question was passed over."""

    value: int | None = None
    choice: str = ""
    text: str = ""
    sound: str = ""

    @property
    def token(self) -> str:
        return self.choice or ("" if self.value is None else str(self.value))


def fits(question: Question, given: Given) -> bool:
    """Whether this can be an answer to this question; passing over is one for each."""
    if question.kind is Kind.COMMENT:
        return given.value is None and not given.choice
    return not given.sound and (given.token == "" or given.token in question.tokens)


def path(content: Content, answers: Mapping[str, Given]) -> Iterator[Question]:
    """The questions a customer with these answers comes to, the first unanswered one last. Never goes round."""
    places = {question.id: place for place, question in reversed(list(enumerate(content.questions)))}
    passed: dict[str, Given] = {}  # an answer of a way that was left again decides nothing
    place = 0
    while place < len(content.questions):
        question = content.questions[place]
        yield question
        if question.id not in answers:
            return
        passed[question.id] = answers[question.id]
        target = _target(question, passed)
        ahead = places.get(target, 0) if target else place + 1
        if target == END or ahead <= place:  # a branch that leads back or to nowhere ends the questions
            return
        place = ahead


def _target(question: Question, answers: Mapping[str, Given]) -> str:
    for branch in question.branches:
        looked_at = answers.get(branch.of or question.id)
        if looked_at is not None and (not branch.on or looked_at.token in branch.on):
            return branch.to
    return ""


def next_question(content: Content, answers: Mapping[str, Given]) -> Question | None:
    """What is asked now; None = all that applies was answered."""
    return next((one for one in path(content, answers) if one.id not in answers), None)


def on_the_way(content: Content, answers: Mapping[str, Given]) -> dict[str, Given]:
    """The answers that still apply: after a changed answer those of a branch that is no longer taken do not."""
    return {one.id: answers[one.id] for one in path(content, answers) if one.id in answers}


def low_answers(content: Content, answers: Mapping[str, Given]) -> list[Question]:
    """The questions whose answer is below the version's threshold, in order."""
    return [one for one in content.questions if one.id in answers and _is_low(content, one, answers[one.id])]


def is_low(content: Content, answers: Mapping[str, Given]) -> bool:
    return bool(low_answers(content, answers))


def _is_low(content: Content, question: Question, given: Given) -> bool:
    if given.value is None:
        return False
    match question.kind:
        case Kind.RATING:
            return given.value <= content.low
        case Kind.NPS:
            return given.value <= content.low_nps
        case Kind.YES_NO:
            return question.no_is_low and given.value == 0
    return False
