"""What a talk is judged by: sections of criteria with steps of points, and items that knock a talk out. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crm_core.errors import Invalid
from crm_core.questionnaires.questions import Words

MOST_CRITERIA = 30
MOST_KNOCKOUTS = 10
MOST_STEPS = 6
HEAVIEST = 100  # points of one criterion
NOTHING = Words()


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """`steps` are the points that can be given, from 0 up to `weight`. `id` stays when the words are bettered.

    `skippable`: "does not apply" may be chosen, and then the criterion counts on neither side.
    """

    id: str
    words: Words
    hint: Words = NOTHING
    steps: tuple[int, ...] = (0, 5, 10)
    skippable: bool = False

    @property
    def weight(self) -> int:
        return self.steps[-1] if self.steps else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Knockout:
    """When it happened, the whole talk scores `cap` at most, whatever else was good."""

    id: str
    words: Words
    cap: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    words: Words
    criteria: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One version of a form."""

    title: Words = NOTHING
    sections: tuple[Section, ...] = ()
    knockouts: tuple[Knockout, ...] = ()

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        return tuple(one for section in self.sections for one in section.criteria)

    def criterion(self, name: str) -> Criterion | None:
        return next((one for one in self.criteria if one.id == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`part` is the id of the criterion or knock-out item that the sentence belongs to, "" = the whole form."""

    sentence: Invalid
    part: str = ""


def problems(form: Form) -> list[Problem]:
    """All that keeps the form from being used."""
    return [*_of_whole(form), *_of_criteria(form), *_of_knockouts(form)]


def _of_whole(form: Form) -> Iterator[Problem]:
    if not form.title.zh and not form.title.en:
        yield Problem(sentence=Invalid("The form has no name. Write one."))
    if not form.criteria:
        yield Problem(sentence=Invalid("There is no criterion yet. Add at least one."))
    if len(form.criteria) > MOST_CRITERIA:
        yield Problem(sentence=Invalid("More than {most} criteria: nobody judges them all.", most=MOST_CRITERIA))
    if form.criteria and all(one.skippable for one in form.criteria):
        yield Problem(sentence=Invalid("One criterion at least must apply to every talk."))


def _of_criteria(form: Form) -> Iterator[Problem]:
    for place, one in enumerate(form.criteria, 1):
        if not one.words.zh and not one.words.en:
            yield Problem(sentence=Invalid("Criterion {place} has no words.", place=place), part=one.id)
        rising = all(low < high for low, high in zip(one.steps, one.steps[1:], strict=False))
        if not 2 <= len(one.steps) <= MOST_STEPS or one.steps[0] != 0 or not rising or one.weight > HEAVIEST:
            sentence = Invalid(
                "Criterion {place}: 2 to {most} steps that rise from 0 to {heaviest} at most, as 0 5 10.",
                place=place,
                most=MOST_STEPS,
                heaviest=HEAVIEST,
            )
            yield Problem(sentence=sentence, part=one.id)


def _of_knockouts(form: Form) -> Iterator[Problem]:
    for place, one in enumerate(form.knockouts, 1):
        if not one.words.zh and not one.words.en:
            yield Problem(sentence=Invalid("Knock-out item {place} has no words.", place=place), part=one.id)
