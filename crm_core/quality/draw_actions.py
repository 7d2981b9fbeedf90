"""Talks that wait for a review: asking for a second one, taking, passing on; what has no sound any more goes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.access.model import User
from crm_core.access.roles import Permission, may, read_roles
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.history.model import Recording
from crm_core.notices.actions import notify
from crm_core.quality.model import QualityDraw, QualityReview
from crm_core.quality.reach import Agents

PLAYABLE = ("ready", "cut")
SECOND_DAYS = 5


async def reviewers(session: AsyncSession) -> list[str]:
    """The numbers of those who can sign in and may review."""
    rows = await session.execute(
        select(User.number, User.roles).where(User.disabled_at.is_(None)).order_by(User.number)
    )
    return [number for number, roles in rows if may(read_roles(roles), Permission.REVIEW_TALKS)]


async def ask_second(
    session: AsyncSession, review: QualityReview, *, reviewer: str, actor: str, at: datetime
) -> QualityDraw:
    """Another reviewer judges the talk without seeing this review; `reviewer` "" = whoever takes it.

    Raises Invalid for one who may not, Refused when it was asked for already or the sound is gone.
    """
    if review.state == "draft":
        raise Refused("Give your own review first.")
    if reviewer and (reviewer not in await reviewers(session) or reviewer in (review.reviewer, review.agent)):
        raise Invalid("Choose from the list.", field="reviewer")
    recording = await session.get(Recording, review.recording_id)
    if recording is None or recording.status not in PLAYABLE:
        raise Refused("The sound of this talk is gone: nobody can judge it any more.")
    second = select(QualityReview.id).where(QualityReview.recording_id == recording.id, QualityReview.second)
    open_one = select(QualityDraw.id).where(
        QualityDraw.recording_id == recording.id, QualityDraw.second, QualityDraw.state == "open"
    )
    if await session.scalar(second.limit(1)) is not None or await session.scalar(open_one.limit(1)) is not None:
        raise Refused("A second review was asked for already.")
    row = QualityDraw(
        recording_id=recording.id, agent=recording.agent, kind="asked", form_id=review.form_id, second=True,
        reviewer=storable(reviewer, 16), by=storable(actor, 16), drawn_at=at, due_at=at + timedelta(days=SECOND_DAYS),
    )  # fmt: skip
    session.add(row)
    await session.flush()
    if reviewer:
        notify(session, [reviewer], "review", f"draw/{row.id}", "asked", at=at)
    detail = noting(review=review.id, reviewer=reviewer or None)
    await audit(session, at=at, actor=actor, action="review_second", subject=f"review/{review.id}", detail=detail)
    return row


async def take(session: AsyncSession, draw: int, agents: Agents, *, actor: str, at: datetime) -> QualityDraw:
    """This reviewer does it. Raises NotFound, Refused when a colleague has it or it is the own talk."""
    row = await open_draw(session, draw, agents)
    if row.reviewer == actor:
        return row
    if row.reviewer:
        raise Refused("A colleague has this talk already.")
    if row.agent == actor:
        raise Refused("Nobody judges an own talk. Another reviewer can.")
    other = select(QualityDraw.id).where(
        QualityDraw.recording_id == row.recording_id, QualityDraw.id != row.id, QualityDraw.reviewer == actor
    )
    if await session.scalar(other.limit(1)) is not None:
        raise Refused("You have judged this talk already. The second review is a colleague's.")
    own = select(QualityReview.second).where(
        QualityReview.recording_id == row.recording_id, QualityReview.reviewer == actor
    )
    if (had := await session.scalar(own)) is not None and had != row.second:
        raise Refused("You have judged this talk already. The second review is a colleague's.")
    row.reviewer = storable(actor, 16)
    await session.flush()
    await audit(session, at=at, actor=actor, action="draw_taken", subject=f"draw/{row.id}")
    return row


async def give_back(session: AsyncSession, draw: int, agents: Agents, *, actor: str, at: datetime) -> QualityDraw:
    """Anybody may take it again. Raises NotFound, Refused when it is a colleague's."""
    row = await open_draw(session, draw, agents)
    if row.reviewer != actor:
        raise Refused("This talk is not with you.")
    row.reviewer = ""
    await session.flush()
    await audit(session, at=at, actor=actor, action="draw_returned", subject=f"draw/{row.id}")
    return row


async def open_draw(session: AsyncSession, draw: int, agents: Agents) -> QualityDraw:
    """One that waits, of an agent whom this person judges. NotFound for every other one."""
    row = await session.get(QualityDraw, draw, with_for_update=True) if 0 < draw < 2**31 else None
    if row is None or row.state != "open" or (agents is not None and row.agent not in agents):
        raise NotFound("This talk does not wait for a review.")
    return row


async def let_go(session: AsyncSession) -> int:
    """Talks whose sound was deleted or is missing wait for nobody. Gives how many there were."""
    gone = select(Recording.id).where(
        Recording.id == QualityDraw.recording_id, Recording.status.not_in((*PLAYABLE, "recording"))
    )
    done = update(QualityDraw).where(QualityDraw.state == "open", gone.exists()).values(state="gone")
    result = await session.execute(done.execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]
