"""Which questions a queue's callers are asked after the talk, and whether this one is. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_core.errors import Invalid
from crm_core.workforce.fields import text_of, within

MOST_QUESTIONS = 5
LONGEST_QUESTION = 120  # characters; beyond, nobody remembers its beginning
LEAST, MOST = 1, 5
"""Every question is answered by one key: 1 is the worst, 5 the best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`id` stays when its words are bettered, so that answers of two versions can be compared."""

    id: str
    zh: str
    en: str

    def text(self, language: str) -> str:
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """`share` percent of the calls are asked; a value of at most `low` alarms the supervisor, 0 = none does."""

    on: bool = False
    share: int = 100
    low: int = 2
    questions: tuple[Question, ...] = ()


def is_chosen(call: str, share: int) -> bool:
    """Whether this call belongs to the share that is asked; always the same answer for one call."""
    place = int.from_bytes(hashlib.sha256(f"survey {call}".encode()).digest()[:4], "big")
    return place % 100 < share


def problems(state: Mapping[str, Any]) -> list[Invalid]:
    """One sentence for each field that cannot be used."""
    wrong = within(dict(state), "share", 0, 100) + within(dict(state), "low", LEAST, MOST - 1, zero=True)
    questions = state.get("questions")
    if not isinstance(questions, list) or len(questions) > MOST_QUESTIONS:
        return [*wrong, Invalid("At most {most} questions.", most=MOST_QUESTIONS, field="questions")]
    if state.get("on") and not questions:
        wrong.append(Invalid("Write at least one question.", field="questions"))
    for place, one in enumerate(questions, start=1):
        texts = [text_of(one.get(language), LONGEST_QUESTION + 1) for language in ("zh", "en")]
        if not all(texts):
            wrong.append(Invalid("Question {place} needs its words in both languages.", place=place, field="questions"))
        elif any(len(text) > LONGEST_QUESTION for text in texts):
            wrong.append(
                Invalid("Question {place} is too long: at most {most} signs.", place=place, most=LONGEST_QUESTION,
                        field="questions")
            )  # fmt: skip
    return wrong


def survey_from(state: Mapping[str, Any]) -> Survey:
    """The settings that passed `problems`. Questions without an id get the first free one."""
    taken = {str(one.get("id")) for one in state.get("questions", ())}
    free = iter([name for name in (f"q{number}" for number in range(1, 40)) if name not in taken])
    questions = tuple(
        Question(
            id=text_of(one.get("id"), 12) or next(free),
            zh=text_of(one.get("zh"), LONGEST_QUESTION),
            en=text_of(one.get("en"), LONGEST_QUESTION),
        )
        for one in state.get("questions", ())
    )
    return Survey(on=bool(state.get("on")), share=int(state["share"]), low=int(state["low"]), questions=questions)


def state_of(survey: Survey) -> dict[str, Any]:
    asked = [{"id": one.id, "zh": one.zh, "en": one.en} for one in survey.questions]
    return {"on": survey.on, "share": survey.share, "low": survey.low, "questions": asked}
