"""A site that asks everybody two questions after the talk."""

from __future__ import annotations

from cti.survey import AskedQuestion, Questions
from ivr.question_prompts import prompt_of

TEXTS = {"zh-CN": ["服务满意吗？", "问题解决了吗？"], "en": ["Were you satisfied?", "Is it solved?"]}
ASKED = tuple(AskedQuestion(id=f"q{n}", prompt=prompt_of(text)) for n, text in enumerate(TEXTS["zh-CN"], start=1))


class TwoQuestions:
    """A cti.survey.SurveySource; its version is 3."""

    async def chosen(self, call: str, queue: str, language: str, matches: tuple[int, ...]) -> Questions | None:
        return Questions(version=3, asked=ASKED)

    async def version(self, queue: str, number: int, language: str) -> Questions | None:
        return Questions(version=number, asked=ASKED) if number == 3 else None
