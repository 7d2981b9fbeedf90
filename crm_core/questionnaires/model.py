"""Questionnaires, their versions, and the answers, each with the exact version that was asked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base
from crm_core.drafted import Drafted, DraftedVersion


class Questionnaire(Drafted):
    __tablename__ = "questionnaire"


class QuestionnaireVersion(DraftedVersion):
    """`content` is questionnaires.questions.Content as stored."""

    __tablename__ = "questionnaire_version"
    __table_args__ = (UniqueConstraint("questionnaire_id", "number", name="uq_questionnaire_version"),)

    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id", ondelete="CASCADE"))
    spoken_at: Mapped[datetime | None]  # its prompts exist in both languages: it may be asked without an agent


class Response(Base):
    """A customer was asked. `call` is the contact, or "link/<code>": one response for each.

    `how`: key, voice, agent or link. `result`: "" = is being asked or broke off, complete, declined. Whose work was
    judged (dealer, adviser, agent, model) is kept as it was then. `low` = an answer is below the version's threshold;
    `case_id` is the case that was opened for it, `follows_id` the low response after which this one asks again.
    """

    __tablename__ = "questionnaire_response"
    __table_args__ = (
        Index("ix_response_campaign", "campaign_id", "began_at"),
        Index("ix_response_dealer", "dealer_id", "began_at"),
        Index("ix_response_asked", "questionnaire_id", "began_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call: Mapped[str] = mapped_column(String(64), unique=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    version: Mapped[int]
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="SET NULL"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_entry.id", ondelete="SET NULL"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle.id", ondelete="SET NULL"))
    dealer_id: Mapped[int | None] = mapped_column(ForeignKey("dealer.id"))
    model: Mapped[str] = mapped_column(String(60), default="")
    adviser: Mapped[str] = mapped_column(String(40), default="")
    agent: Mapped[str] = mapped_column(String(16), default="")
    how: Mapped[str] = mapped_column(String(6))
    language: Mapped[str] = mapped_column(String(8), default="zh-CN")
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(String(10), default="")
    low: Mapped[bool] = mapped_column(default=False)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id", ondelete="SET NULL"))
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("questionnaire_response.id", ondelete="SET NULL"))
    looked_at: Mapped[datetime | None] = mapped_column(index=True)  # when the watch looked for a low answer


class Answer(Base):
    """`value` is the number of a rating, NPS or yes/no (1 = yes, 0 = no); `choice` the id of a chosen option.

    `text` is what was said or written, for a voice comment what was understood; `sound` its file below the recordings
    folder. `text_state` of a sound: "" = waits for its text, ready, silent, failed or no_model.
    """

    __tablename__ = "questionnaire_answer"
    __table_args__ = (
        Index("ix_questionnaire_answer", "questionnaire_id", "question", "at"),
        Index("ix_questionnaire_answer_text", "text_state", "at"),
    )

    response_id: Mapped[int] = mapped_column(
        ForeignKey("questionnaire_response.id", ondelete="CASCADE"), primary_key=True
    )
    question: Mapped[str] = mapped_column(String(16), primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    value: Mapped[int | None]
    choice: Mapped[str] = mapped_column(String(16), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    sound: Mapped[str] = mapped_column(String(120), default="")
    text_state: Mapped[str] = mapped_column(String(8), default="", server_default="")
    at: Mapped[datetime]


class ResponseLink(Base):
    """A customer's own page of questions, in the customer's own time. `code` cannot be guessed."""

    __tablename__ = "questionnaire_link"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("campaign_entry.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
