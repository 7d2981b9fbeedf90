"""What the panel beside a recording shows to this person: the form to fill, what was given, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.errors import NotFound
from crm_core.history.model import Recording
from crm_core.quality.draw_actions import reviewers
from crm_core.quality.form_queries import Given, given, usable_forms
from crm_core.quality.forms import Form
from crm_core.quality.model import QualityDraw, QualityForm, QualityReview, QualityRule
from crm_core.quality.reach import reviewed_agents
from crm_core.quality.review_queries import GIVEN, open_draw_of, others_reviews, review_of, talk
from crm_core.quality.scoring import Marks
from crm_core.quality.stored import load_marks, store


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A review with the version it was made with."""

    review: QualityReview
    using: Given
    marks: Marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """`using` None = no form was published yet. `own` is what this person has given; `draft` what is being written.

    `others` are reviews that this person may read; `blind`: somebody else's is kept back until the own one is given.
    """

    recording: Recording
    using: Given | None = None
    draft: QualityReview | None = None
    marks: Marks = field(default_factory=Marks)
    own: Shown | None = None
    others: Sequence[Shown] = ()
    draw: QualityDraw | None = None
    rule: str = ""
    forms: Sequence[QualityForm] = ()
    colleagues: Sequence[str] = ()
    mine: Shown | None = None  # of the reader's own talk
    open_until: datetime | None = None  # and until when it can be answered

    @property
    def blind(self) -> bool:
        return bool(self.draw and self.draw.second) or bool(self.draft and self.draft.second)


async def panel_of(session: AsyncSession, me: SignedInUser, recording: int, *, form: int = 0) -> Panel | None:
    """None = this person judges no talk of this agent, and it is no own judged one. `form` = the chosen one."""
    if (own := await session.get(Recording, recording)) is not None and own.agent == me.number:
        return await _of_own_talk(session, own)
    agents = await reviewed_agents(session, me)
    try:
        row = await talk(session, recording, agents)
    except NotFound:
        return None
    mine = await review_of(session, row.id, me.number)
    others = [await shown(session, one) for one in await others_reviews(session, row.id, me.number)]
    if mine is not None and mine.state != "draft":
        colleagues = [one for one in await reviewers(session) if one not in (me.number, row.agent)]
        return Panel(recording=row, own=await shown(session, mine), others=others, colleagues=colleagues)
    if mine is None and others and await open_draw_of(session, row.id, me.number) is None:
        return Panel(recording=row, others=others)
    return await _to_fill(session, me, row, mine, form)


async def _of_own_talk(session: AsyncSession, row: Recording) -> Panel | None:
    """What was given on the reader's own talk; None = nothing, or only a second review."""
    found = await session.scalar(
        select(QualityReview).where(
            QualityReview.recording_id == row.id, QualityReview.second.is_(False), QualityReview.state.in_(GIVEN)
        )
    )
    if found is None:
        return None
    may_answer = found.state == "submitted" and found.answered_at is None and found.answer_until is not None
    until = found.answer_until if may_answer and found.answer_until and found.answer_until > clock.now() else None
    return Panel(recording=row, mine=await shown(session, found), open_until=until)


async def _to_fill(
    session: AsyncSession, me: SignedInUser, row: Recording, draft: QualityReview | None, form: int
) -> Panel:
    draw = await open_draw_of(session, row.id, me.number)
    rule = await session.get(QualityRule, draw.rule_id) if draw and draw.rule_id else None
    forms = await usable_forms(session)
    if draft is not None and form in (0, draft.form_id):
        using = await given(session, draft.form_id, draft.version)
    else:
        chosen = form or (draw.form_id if draw else 0) or (forms[0].id if forms else 0)
        using = await given(session, chosen) if any(one.id == chosen for one in forms) else None
    return Panel(
        recording=row,
        using=using,
        draft=draft,
        marks=load_marks(draft.marks) if draft else Marks(),
        draw=draw,
        rule=rule.name if rule else "",
        forms=forms,
    )


async def shown(session: AsyncSession, review: QualityReview) -> Shown:
    using = await given(session, review.form_id, review.version)
    return Shown(
        review=review,
        using=using or Given(form=review.form_id, version=review.version, content=Form()),
        marks=load_marks(review.marks),
    )


def for_script(using: Given) -> Mapping[str, Any]:
    """What the browser needs to compute the score as the server does."""
    content = store(using.content)
    criteria = [one for section in content["sections"] for one in section["criteria"]]
    return {
        "form": using.form,
        "version": using.version,
        "criteria": [{name: one[name] for name in ("id", "steps", "skippable")} for one in criteria],
        "knockouts": [{"id": one["id"], "cap": one["cap"]} for one in content["knockouts"]],
    }
