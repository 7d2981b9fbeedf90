"""Judging a talk: saving the draft, giving it to the agent, the agent's answer, the decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Update, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.access.model import User
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.history.model import Recording
from crm_core.notices.actions import mark_read, notify
from crm_core.quality.form_queries import Given, given
from crm_core.quality.model import QualityDraw, QualityReview
from crm_core.quality.scoring import Marks, Score, fitting, score
from crm_core.quality.stored import load_marks, store_marks
from crm_core.workforce.model import AgentRow

ANSWER_WITHIN = timedelta(days=7)
"""How long the agent may answer a review after it was given."""
LONGEST = 4000
JUDGED = ("submitted", "appealed", "decided")


class OwnTalk(Refused):
    """Nobody judges an own talk."""


class JudgedMeanwhile(Refused):
    """The draft was saved elsewhere, in another window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a page sends. `revision` is the draft's that the page began from, 0 = none yet."""

    form: int
    version: int
    marks: Marks
    comment: str
    revision: int


async def save_draft(
    session: AsyncSession, recording: Recording, said: Judgement, *, actor: str, at: datetime
) -> tuple[QualityReview, Score]:
    """Keep what was marked so far. Raises OwnTalk, JudgedMeanwhile, NotFound, Refused when it was given already."""
    using = await _form_of(session, said)
    row = await _own(session, recording, using, actor=actor, at=at)
    if row.state != "draft":
        raise Refused("You have given this review already. The agent has it.")
    if said.revision != row.revision:
        raise JudgedMeanwhile("This draft was saved in another window. Load the page again.")
    found = _write(row, using, said)
    row.saved_at, row.revision = at, row.revision + 1
    await session.flush()
    return row, found


async def submit(
    session: AsyncSession, recording: Recording, said: Judgement, *, actor: str, at: datetime
) -> QualityReview:
    """Give the review: the agent is told, except of a second one. Raises as save_draft, and Invalid with what lacks."""
    row, found = await save_draft(session, recording, said, actor=actor, at=at)
    if found.missing:
        raise Invalid("{count} criteria have no mark yet.", count=len(found.missing), missing=list(found.missing))
    row.second = row.second or await _another_counts(session, row)
    row.state, row.submitted_at, row.tenths = "submitted", at, found.tenths
    await session.execute(_own_draws(row, actor).values(state="done", reviewer=actor))
    if not row.second:
        row.answer_until = at + ANSWER_WITHIN
        notify(session, [row.agent], "review", str(row.id), "reviewed", at=at)
    await session.flush()
    detail = noting(recording=row.recording_id, agent=row.agent, score=found.value, second=row.second)
    await audit(session, at=at, actor=actor, action="review_given", subject=f"review/{row.id}", detail=detail)
    return row


async def see(session: AsyncSession, review: int, *, actor: str, at: datetime) -> QualityReview:
    """The agent opens a review. Raises NotFound for every other one."""
    row = await _of_agent(session, review, actor)
    row.seen_at = row.seen_at or at
    await mark_read(session, actor, "review", str(row.id), at)
    return row


async def answer(
    session: AsyncSession, review: int, *, words: str, appeal: bool, actor: str, at: datetime
) -> QualityReview:
    """The agent's one answer: agrees, or appeals with a reason. Raises NotFound, Invalid, Refused."""
    row = await _of_agent(session, review, actor)
    if row.answered_at is not None:
        raise Refused("You have answered this review already.")
    if row.state != "submitted" or row.answer_until is None or at > row.answer_until:
        raise Refused("The time to answer is over. Talk to your team leader.")
    text = storable(words.strip(), LONGEST)
    if appeal and not text:
        raise Invalid("Say what you see otherwise.", field="words")
    row.answer, row.answered_at, row.seen_at = text, at, row.seen_at or at
    row.state = "appealed" if appeal else row.state
    if appeal:
        notify(session, [row.reviewer], "review", str(row.id), "appealed", at=at)
    await session.flush()
    action = "review_appealed" if appeal else "review_accepted"
    await audit(session, at=at, actor=actor, action=action, subject=f"review/{row.id}")
    return row


async def decide(
    session: AsyncSession, row: QualityReview, *, words: str, marks: Marks | None, actor: str, at: datetime
) -> QualityReview:
    """The last word on an appeal: `marks` None = the score stays. Raises Invalid, Refused."""
    await session.refresh(row, with_for_update=True)
    if row.state != "appealed":
        raise Refused("Nobody has appealed against this review, or it was decided already.")
    if actor == row.agent:
        raise OwnTalk("Nobody judges an own talk. Another reviewer can.")
    text = storable(words.strip(), LONGEST)
    if not text:
        raise Invalid("Write a sentence for the agent: why the score stays or changes.", field="words")
    using = await given(session, row.form_id, row.version)
    if marks is not None and using is not None:
        await _mark_anew(row, using, marks)
    row.state, row.decision, row.decided_by, row.decided_at = "decided", text, storable(actor, 16), at
    notify(session, [row.agent], "review", str(row.id), "decided", at=at)
    await mark_read(session, row.reviewer, "review", str(row.id), at)
    await session.flush()
    before = row.tenths if row.first_tenths is None else row.first_tenths
    detail = noting(score=(row.tenths or 0) / 10, before=(before or 0) / 10)
    await audit(session, at=at, actor=actor, action="review_decided", subject=f"review/{row.id}", detail=detail)
    return row


async def _mark_anew(row: QualityReview, using: Given, marks: Marks) -> None:
    kept = fitting(using.content, marks)
    found = score(using.content, kept)
    if found.missing:
        raise Invalid("{count} criteria have no mark yet.", count=len(found.missing), missing=list(found.missing))
    row.first_tenths, row.tenths, row.marks = row.tenths, found.tenths, store_marks(kept)


async def _form_of(session: AsyncSession, said: Judgement) -> Given:
    fits = 0 < said.form < 2**31 and 0 < said.version < 2**31
    using = await given(session, said.form, said.version) if fits else None
    if using is None:
        raise NotFound("This form is not known, or was never in force.")
    return using


def _write(row: QualityReview, using: Given, said: Judgement) -> Score:
    kept = fitting(using.content, said.marks)
    found = score(using.content, kept)
    row.form_id, row.version, row.marks = using.form, using.version, store_marks(kept)
    row.comment, row.tenths = storable(said.comment.strip(), LONGEST), found.tenths
    return found


async def _own(session: AsyncSession, recording: Recording, using: Given, *, actor: str, at: datetime) -> QualityReview:
    """This reviewer's review of the talk, made when there is none."""
    if recording.agent == actor:
        raise OwnTalk("Nobody judges an own talk. Another reviewer can.")
    mine = select(QualityReview).where(QualityReview.recording_id == recording.id, QualityReview.reviewer == actor)
    row = await session.scalar(mine.with_for_update())
    if row is not None:
        return row
    row = QualityReview(
        recording_id=recording.id,
        contact_id=recording.contact_id,
        agent=recording.agent,
        team=await _team_of(session, recording.agent),
        talk_at=recording.started_at,
        form_id=using.form,
        version=using.version,
        reviewer=storable(actor, 16),
        second=await _is_asked_second(session, recording.id, actor),
        revision=0,
        marks={},
        began_at=at,
        saved_at=at,
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:  # the other window was faster
        raise JudgedMeanwhile("This draft was saved in another window. Load the page again.") from None
    return row


async def _is_asked_second(session: AsyncSession, recording: int, actor: str) -> bool:
    """Whether this person was asked to judge after, and apart from, somebody else."""
    mine = (QualityDraw.recording_id == recording, QualityDraw.state == "open", QualityDraw.reviewer == actor)
    asked = await session.execute(select(QualityDraw.second).where(*mine))
    kinds = set(asked.scalars())
    return kinds == {True}


async def _another_counts(session: AsyncSession, row: QualityReview) -> bool:
    """Of two who judge a talk without knowing, the first to give it counts; the other's is for calibration."""
    await session.get(Recording, row.recording_id, with_for_update=True, populate_existing=True)
    first = select(QualityReview.id).where(
        QualityReview.recording_id == row.recording_id,
        QualityReview.id != row.id,
        QualityReview.second.is_(False),
        QualityReview.state != "draft",
    )
    return await session.scalar(first.limit(1)) is not None


def _own_draws(row: QualityReview, actor: str) -> Update:
    return update(QualityDraw).where(
        QualityDraw.recording_id == row.recording_id,
        QualityDraw.state == "open",
        QualityDraw.second.is_(row.second),
        QualityDraw.reviewer.in_(("", actor)),
    )


async def _team_of(session: AsyncSession, agent: str) -> str:
    team = select(AgentRow.team).join(User, User.id == AgentRow.user_id).where(User.number == agent)
    return str(await session.scalar(team) or "")


async def _of_agent(session: AsyncSession, review: int, actor: str) -> QualityReview:
    """A review that was given to this agent."""
    row = await session.get(QualityReview, review, with_for_update=True) if 0 < review < 2**31 else None
    if row is None or row.agent != actor or row.second or row.state == "draft":
        raise NotFound("There is no such review.")
    return row


def marks_of(row: QualityReview) -> Marks:
    return load_marks(row.marks)
