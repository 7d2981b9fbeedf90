"""Talks to judge, one of an own and one of a foreign team: each waits for a review, and has one with an appeal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.clock import now
from crm_core.history.model import Contact, Recording
from crm_core.quality.forms import Criterion, Form, Section
from crm_core.quality.model import QualityCoaching, QualityDraw, QualityForm, QualityFormVersion, QualityReview
from crm_core.quality.stored import store
from crm_core.questionnaires.questions import Words

FORM = Form(
    title=Words("表", "Form"),
    sections=(Section(words=Words("一"), criteria=(Criterion(id="c1", words=Words("问候", "Greeting")),)),),
)


async def settle_judged(session: AsyncSession, talks: Mapping[int, str]) -> None:
    """Recording to agent; review and draw have the recording's number."""
    at = now()
    form = QualityForm(id=901, name_zh="表", published=1, created_by="8004", created_at=at)
    session.add(form)
    await session.flush()
    version = QualityFormVersion(form_id=901, number=1, state="published", content=store(FORM), saved_by="8004")
    version.saved_at = version.published_at = at
    session.add(version)
    for number, agent in talks.items():
        await _talk(session, number, agent)
        await _talk(session, number + 100, agent)  # a judged talk is another than the one that waits
        review = QualityReview(id=number, recording_id=number + 100, contact_id=f"judged-{number + 100}", agent=agent)
        review.talk_at, review.form_id, review.version, review.state, review.reviewer = at, 901, 1, "appealed", "7777"
        review.marks, review.tenths, review.began_at, review.saved_at = {"points": {"c1": 5}}, 500, at, at
        review.submitted_at, review.answered_at, review.answer = at, at, "不同意"
        draw = QualityDraw(id=number, recording_id=number, agent=agent, kind="complaint", form_id=901, by="system")
        draw.drawn_at, draw.due_at = at, at + timedelta(days=5)
        session.add_all([review, draw])
    session.add_all(
        QualityCoaching(id=900 + place, agent=agent, by="8004", text="x", made_at=at)
        for place, agent in enumerate(talks.values(), 1)
    )
    await session.flush()


async def _talk(session: AsyncSession, number: int, agent: str) -> None:
    begin = now() - timedelta(hours=3)
    contact = Contact(id=f"judged-{number}", direction="inbound", agent=agent, started_at=begin, ended_at=begin)
    contact.outcome, contact.answered_at = "answered", begin
    sound = Recording(id=number, contact_id=contact.id, leg_id=f"judged-{number}-1", agent=agent, seconds=60.0)
    sound.file, sound.started_at, sound.status = f"judged/{number}.flac", begin, "ready"
    session.add_all([contact, sound])
    await session.flush()
