"""What the knowledge base could not answer: asked beside a call, taken by an author, answered, told to who asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.integration.outbox import tell
from crm_core.knowledge.model import OpenQuestion, QuestionAsk
from crm_core.knowledge.usage import readable_article
from crm_core.knowledge.words import likeness

SAME = 0.6  # likeness from which two questions are one
COMPARED = 500  # open questions at most; more than any centre leaves open


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A question of this person that has an answer they have not noted yet."""

    question_id: int
    text: str
    article_id: int | None
    remark: str


async def ask(
    session: AsyncSession,
    text: str,
    *,
    contact_id: str = "",
    topic: str = "",
    model: str = "",
    actor: str,
    at: datetime,
) -> OpenQuestion:
    """Put a question on the list; one that asks the same as an open one is counted with it."""
    clean = " ".join(storable(text, 200).split())
    if len(clean) < 2:
        raise Invalid("Write what you looked for.", field="text")
    question = await _same(session, clean)
    if question is None:
        question = OpenQuestion(text=clean, first_at=at, last_at=at, asked=1)
        session.add(question)
    else:
        question.asked, question.last_at = question.asked + 1, at
    await session.flush()
    asked = QuestionAsk(question_id=question.id, agent=actor, words=clean, at=at)
    asked.contact_id, asked.topic, asked.model = storable(contact_id, 64), storable(topic, 16), storable(model, 60)
    session.add(asked)
    await session.flush()
    await audit(session, at=at, actor=actor, action="question_asked", subject=f"question/{question.id}", detail=clean)
    return question


async def take(session: AsyncSession, question_id: int, *, actor: str, at: datetime) -> OpenQuestion:
    """An author will answer it. Raises Refused when a colleague took it before."""
    question = await _open(session, question_id)
    if question.status == "taken" and question.taken_by != actor:
        raise Refused("A colleague is answering this question already.")
    question.status, question.taken_by, question.taken_at = "taken", actor, at
    await audit(session, at=at, actor=actor, action="question_taken", subject=f"question/{question_id}")
    return question


async def leave(session: AsyncSession, question_id: int, *, actor: str, at: datetime) -> OpenQuestion:
    """Undo `take`."""
    question = await _open(session, question_id)
    question.status, question.taken_by, question.taken_at = "open", "", None
    await audit(session, at=at, actor=actor, action="question_left", subject=f"question/{question_id}")
    return question


async def answer(session: AsyncSession, question_id: int, article_id: int, *, actor: str, at: datetime) -> OpenQuestion:
    """A published article answers it; everybody who asked is told. Raises NotFound for an article nobody can read."""
    question = await _open(session, question_id)
    article = await readable_article(session, article_id)
    question.status, question.article_id, question.answered_at = "answered", article.id, at
    question.taken_by = question.taken_by or actor
    await _told(session, question, at)
    await audit(session, at=at, actor=actor, action="question_answered", subject=f"question/{question_id}")
    return question


async def close(session: AsyncSession, question_id: int, *, remark: str, actor: str, at: datetime) -> OpenQuestion:
    """No article will answer it; `remark` tells those who asked why."""
    question = await _open(session, question_id)
    if not remark.strip():
        raise Invalid("Write why there will be no article: who asked reads it.", field="remark")
    question.status, question.remark, question.answered_at = "closed", storable(remark.strip(), 200), at
    await _told(session, question, at)
    await audit(session, at=at, actor=actor, action="question_closed", subject=f"question/{question_id}")
    return question


async def answers_for(session: AsyncSession, agent: str) -> list[Answered]:
    """What this person asked and has an answer to that they have not noted; the latest first."""
    rows = await session.scalars(
        select(OpenQuestion)
        .join(QuestionAsk, QuestionAsk.question_id == OpenQuestion.id)
        .where(
            QuestionAsk.agent == agent, QuestionAsk.read_at.is_(None), OpenQuestion.status.in_(("answered", "closed"))
        )
        .order_by(OpenQuestion.answered_at.desc(), OpenQuestion.id)
    )
    return [
        Answered(question_id=row.id, text=row.text, article_id=row.article_id, remark=row.remark)
        for row in dict.fromkeys(rows)
    ]


async def noted(session: AsyncSession, question_id: int, *, actor: str, at: datetime) -> None:
    """This person has read the answer; a second time changes nothing."""
    mine = (QuestionAsk.question_id == question_id, QuestionAsk.agent == actor, QuestionAsk.read_at.is_(None))
    await session.execute(update(QuestionAsk).where(*mine).values(read_at=at))


async def asks_of(session: AsyncSession, question_ids: Sequence[int]) -> dict[int, list[QuestionAsk]]:
    """Who asked each question, the latest first."""
    rows = await session.scalars(
        select(QuestionAsk).where(QuestionAsk.question_id.in_(question_ids)).order_by(QuestionAsk.at.desc())
    )
    found: dict[int, list[QuestionAsk]] = {}
    for row in rows:
        found.setdefault(row.question_id, []).append(row)
    return found


async def questions(session: AsyncSession, *, done: bool = False, limit: int = 200) -> list[OpenQuestion]:
    """Those still to answer, asked most often first; or with `done` the answered ones, latest first."""
    states = ("answered", "closed") if done else ("open", "taken")
    order = (OpenQuestion.answered_at.desc(),) if done else (OpenQuestion.asked.desc(), OpenQuestion.last_at.desc())
    statement = select(OpenQuestion).where(OpenQuestion.status.in_(states)).order_by(*order).limit(limit)
    return list(await session.scalars(statement))


async def _told(session: AsyncSession, question: OpenQuestion, at: datetime) -> None:
    agents = await session.scalars(
        select(QuestionAsk.agent).where(QuestionAsk.question_id == question.id).distinct().order_by(QuestionAsk.agent)
    )
    told = {"status": question.status, "article": question.article_id, "agents": list(agents)}
    await tell(session, "question.answered", f"question/{question.id}", told, at=at)


async def _same(session: AsyncSession, text: str) -> OpenQuestion | None:
    """The open question that asks the same, if there is one."""
    statement = select(OpenQuestion).where(OpenQuestion.status.in_(("open", "taken")))
    rows = await session.scalars(statement.order_by(OpenQuestion.last_at.desc()).limit(COMPARED))
    like = [(likeness(text, row.text), row) for row in rows]
    best = max(like, key=lambda pair: pair[0], default=None)
    return best[1] if best and best[0] >= SAME else None


async def _open(session: AsyncSession, question_id: int) -> OpenQuestion:
    question = await session.get(OpenQuestion, question_id, with_for_update=True)
    if question is None:
        raise NotFound("There is no such question.")
    if question.status in ("answered", "closed"):
        raise Refused("This question is answered already.")
    return question
