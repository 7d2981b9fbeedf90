"""How far two who judged the same talk without knowing of each other agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_core.quality.agreement import Agreement, of_criterion, of_scores
from crm_core.quality.forms import Criterion, Form
from crm_core.quality.model import QualityReview
from crm_core.quality.reach import Agents, within
from crm_core.quality.review_queries import GIVEN
from crm_core.quality.stored import load_marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A criterion's agreement between first and second reviewers."""

    criterion: Criterion
    agreement: Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A talk that two judged by the same version."""

    first: QualityReview
    second: QualityReview

    @property
    def difference(self) -> float:
        """In points of 100, the second's against the first's."""
        return ((self.second.tenths or 0) - (self.first.tenths or 0)) / 10


async def pairs(
    session: AsyncSession, agents: Agents, start: datetime, end: datetime, *, form: int, version: int = 0
) -> list[Pair]:
    """Talks that began in [start, end) and that both have given; the newest first. `version` 0 = every one."""
    first, second = aliased(QualityReview), aliased(QualityReview)
    asked = select(first, second).join(second, second.recording_id == first.recording_id).where(
        first.second.is_(False), second.second, first.state.in_(GIVEN), second.state.in_(GIVEN),
        first.form_id == form, second.form_id == form, first.version == second.version,
        first.talk_at >= start, first.talk_at < end,
        within(first.agent, agents),
    )  # fmt: skip
    if version:
        asked = asked.where(first.version == version)
    rows = await session.execute(asked.order_by(first.talk_at.desc()).limit(500))
    return [Pair(first=row[0], second=row[1]) for row in rows]


def agreements(form: Form, found: Sequence[Pair]) -> tuple[Agreement, list[Difference]]:
    """Of the scores, and of each criterion; first scores are those before an appeal changed them."""
    scores = [(_as_given(pair.first), pair.second.tenths or 0) for pair in found]
    marks = [(load_marks(pair.first.marks).points, load_marks(pair.second.marks).points) for pair in found]
    lines = [
        Difference(
            criterion=one, agreement=of_criterion(one, [(there.get(one.id), here.get(one.id)) for there, here in marks])
        )
        for one in form.criteria
    ]
    return of_scores(scores), lines


def _as_given(review: QualityReview) -> int:
    return (review.tenths if review.first_tenths is None else review.first_tenths) or 0
