"""Whose talks a person may judge, and which reviews a person may read now: a blind second reviewer not the first's."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from crm_core.access.actions import SignedInUser
from crm_core.access.roles import Permission, Role
from crm_core.quality.model import QualityDraw, QualityReview
from crm_core.workforce.queries import led_agents

Agents = frozenset[str] | None
"""None = every agent's."""


async def reviewed_agents(session: AsyncSession, me: SignedInUser) -> Agents:
    """Everybody's for a quality reviewer and a supervisor, the own teams' for a leader; for others nobody's."""
    if not me.may(Permission.REVIEW_TALKS):
        return frozenset()
    return None if Role.QUALITY in me.roles else await led_agents(session, me)


def within(column: InstrumentedAttribute[str], agents: Agents) -> ColumnElement[bool]:
    if agents is None:
        return true()
    return column.in_(sorted(agents)) if agents else false()


def readable(me: str) -> ColumnElement[bool]:
    """Of QualityReview: the own ones, and others' once they are given and no own judgement of the talk is outstanding.

    Outstanding is an open draw that is this person's or anybody's, or an own draft.
    """
    own = aliased(QualityReview)
    mine = select(own.id).where(own.recording_id == QualityReview.recording_id, own.reviewer == me)
    waits = select(QualityDraw.id).where(
        QualityDraw.recording_id == QualityReview.recording_id,
        QualityDraw.state == "open",
        QualityDraw.reviewer.in_(("", me)),
        QualityDraw.agent != me,
    )
    drafting, given = mine.where(own.state == "draft").exists(), mine.where(own.state != "draft").exists()
    others = and_(QualityReview.state != "draft", or_(given, and_(~waits.exists(), ~drafting)))
    return or_(QualityReview.reviewer == me, others)
