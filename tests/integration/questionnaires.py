"""A questionnaire of every kind of question, with a branch, as a site has it published."""

from __future__ import annotations

from crm_core.questionnaires.queries import Asked
from crm_core.questionnaires.questions import Branch, Content, Kind, Option, Question, Words

CONTENT = Content(
    greeting=Words("您好，这里是远辰汽车，想了解您的用车感受。", "Hello, this is Yuanchen Motors about your new car."),
    thanks=Words("谢谢，再见。", "Thank you, goodbye."),
    questions=(
        Question(
            id="all",
            kind=Kind.RATING,
            words=Words("总体满意吗？", "Are you satisfied?"),
            branches=(Branch(to="why", on=("1", "2")), Branch(to="again")),
        ),
        Question(id="why", kind=Kind.COMMENT, words=Words("请告诉我们原因。", "Please tell us why.")),
        Question(id="again", kind=Kind.YES_NO, words=Words("还会再来吗？", "Will you come again?")),
        Question(
            id="who",
            kind=Kind.CHOICE,
            words=Words("谁接待了您？", "Who served you?"),
            options=(
                Option(id="adviser", words=Words("服务顾问", "the adviser")),
                Option(id="other", words=Words("其他人", "somebody else")),
            ),
        ),
        Question(id="friends", kind=Kind.NPS, words=Words("会推荐给朋友吗？", "Would you recommend us?")),
    ),
)


class ShortQuestionnaire:
    """A cti.questionnaire.QuestionnaireSource; questionnaire 5, version 3 in force."""

    def __init__(self, content: Content = CONTENT) -> None:
        self._content = content

    async def asked(self, questionnaire: int, version: int, language: str) -> Asked | None:
        if questionnaire != 5 or version not in (0, 3):
            return None
        return Asked(questionnaire=5, version=3, content=self._content, spoken=True)
