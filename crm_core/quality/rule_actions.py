"""Sampling rules: saving, pausing, taking away, and the night's draw, each draw with what it was drawn for."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import changed, noting
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound
from crm_core.quality.candidates import candidates, monday, week_of
from crm_core.quality.draw_actions import reviewers
from crm_core.quality.form_queries import usable_forms
from crm_core.quality.model import QualityDraw, QualityRule
from crm_core.quality.sampling import Drawn, Kind, Rule, Talk, draw, shared_out
from crm_core.workforce.fields import Unusable

LOOKS_BACK = timedelta(days=3)
"""Answers after the call and texts come late: the rules that wait for them look again at this many days."""
BY = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a person sets of a rule. `threshold`: 1 to 5 of a low score, seconds of a long hold."""

    name: str
    kind: str
    form_id: int
    most: int = 3
    threshold: float = 0.0
    shortest: float = 30.0
    queues: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    second_percent: int = 0
    due_days: int = 5


async def save(session: AsyncSession, rule: int | None, settings: Settings, *, actor: str, at: datetime) -> QualityRule:
    """A new rule (None), or another setting of one: its seed stays. Raises Unusable, NotFound."""
    await _check(session, settings)
    row = await rule_of(session, rule) if rule else QualityRule(seed=secrets.token_hex(8), active=True)
    before = _state(row) if rule else None
    row.name, row.kind, row.form_id = storable(settings.name, 60), settings.kind, settings.form_id
    row.most, row.threshold, row.shortest = settings.most, settings.threshold, settings.shortest
    row.queues, row.topics, row.reviewers = [*settings.queues], [*settings.topics], [*settings.reviewers]
    row.second_percent, row.due_days = settings.second_percent, settings.due_days
    row.saved_by, row.saved_at = storable(actor, 16), at
    session.add(row)
    await session.flush()
    detail = changed(before, _state(row))
    await audit(
        session, at=at, actor=actor, action="quality_rule_saved", subject=f"quality_rule/{row.id}", detail=detail
    )
    return row


async def switch(session: AsyncSession, rule: int, *, active: bool, actor: str, at: datetime) -> QualityRule:
    """A paused rule draws nothing; what it has drawn stays."""
    row = await rule_of(session, rule)
    row.active = active
    action = "quality_rule_resumed" if active else "quality_rule_paused"
    await audit(session, at=at, actor=actor, action=action, subject=f"quality_rule/{row.id}")
    return row


async def remove(session: AsyncSession, rule: int, *, actor: str, at: datetime) -> QualityRule:
    """Out of the list; what it has drawn stays."""
    row = await rule_of(session, rule)
    row.removed_at, row.active = at, False
    await audit(session, at=at, actor=actor, action="quality_rule_removed", subject=f"quality_rule/{row.id}")
    return row


async def rule_of(session: AsyncSession, rule: int) -> QualityRule:
    """Raises NotFound."""
    row = await session.get(QualityRule, rule) if 0 < rule < 2**31 else None
    if row is None or row.removed_at is not None:
        raise NotFound("There is no such rule.")
    return row


async def rules(session: AsyncSession) -> list[QualityRule]:
    return list(
        await session.scalars(select(QualityRule).where(QualityRule.removed_at.is_(None)).order_by(QualityRule.id))
    )


async def draw_all(session: AsyncSession, at: datetime, zone: tzinfo) -> int:
    """The night's draw of every active rule; gives how many talks were drawn."""
    drawn = 0
    for row in await rules(session):
        if row.active:
            drawn += len(await draw_rule(session, row, at, zone))
    return drawn


async def draw_rule(session: AsyncSession, row: QualityRule, at: datetime, zone: tzinfo) -> list[QualityDraw]:
    """A random rule draws once of each week that is over, the others of the last days. Nothing is drawn twice."""
    made: list[QualityDraw] = []
    for start, end in _windows(row, at, zone):
        talks = [one.talk for one in await candidates(session, start, end, rule=row.id)]
        period = week_of(start, zone)
        had = await session.scalars(
            select(QualityDraw.recording_id).where(QualityDraw.rule_id == row.id, QualityDraw.period == period)
        )
        found = draw(as_rule(row), period, talks, had=set(had))
        made += await _keep(session, row, period, found, at)
    row.drawn_until = at
    if made:
        detail = noting(count=len(made))
        subject = f"quality_rule/{row.id}"
        await audit(session, at=at, actor=BY, action="quality_rule_drawn", subject=subject, detail=detail)
    return made


async def preview(
    session: AsyncSession, rule: Rule, at: datetime, zone: tzinfo
) -> tuple[datetime, list[Drawn], Mapping[int, Talk], Mapping[str, int]]:
    """What the rule would draw of the last whole week: its Monday, the draw, the talks, and how many each agent had."""
    start = monday(at, zone) - timedelta(days=7)
    talks = [one.talk for one in await candidates(session, start, start + timedelta(days=7), rule=None)]
    found = draw(rule, week_of(start, zone), talks)
    return start, found, {one.recording: one for one in talks}, Counter(one.agent for one in talks)


def as_rule(row: QualityRule) -> Rule:
    return Rule(
        id=row.id or 0,
        kind=Kind(row.kind),
        seed=row.seed,
        most=row.most,
        limit=row.threshold,
        shortest=row.shortest,
        queues=tuple(row.queues),
        topics=tuple(row.topics),
        second_percent=row.second_percent,
    )


def _windows(row: QualityRule, at: datetime, zone: tzinfo) -> list[tuple[datetime, datetime]]:
    """Weeks to look at: of a random rule those that ended since the last draw, of the others those of the last days."""
    this = monday(at, zone)
    if row.kind == Kind.RANDOM:
        first = monday(row.drawn_until, zone) if row.drawn_until else this - timedelta(days=7)
        first = max(first, this - timedelta(days=28))
        return [(start, start + timedelta(days=7)) for start in _weeks(first, this)]
    first = monday(at - LOOKS_BACK, zone)
    return [(start, min(start + timedelta(days=7), at)) for start in _weeks(first, this + timedelta(days=7))]


def _weeks(first: datetime, end: datetime) -> list[datetime]:
    return [first + timedelta(days=7 * place) for place in range(max(0, (end - first).days // 7))]


async def _keep(
    session: AsyncSession, row: QualityRule, period: str, found: Sequence[Drawn], at: datetime
) -> list[QualityDraw]:
    known = set(await reviewers(session))
    named = [one for one in row.reviewers if one in known]
    counted = await session.execute(
        select(QualityDraw.reviewer, func.count()).where(QualityDraw.state == "open").group_by(QualityDraw.reviewer)
    )
    load = {str(who): int(count) for who, count in counted}
    made = []
    for one in shared_out(found, named, load):
        made.append(_row(row, period, one, at))
        if one.second:
            others = [who for who in named if who not in (one.reviewer, one.agent)]
            second = _row(row, period, one, at)
            second.second, second.reviewer = True, min(others, key=lambda who: load.get(who, 0), default="")
            load[second.reviewer] = load.get(second.reviewer, 0) + 1
            made.append(second)
    session.add_all(made)
    await session.flush()
    return made


def _row(row: QualityRule, period: str, one: Drawn, at: datetime) -> QualityDraw:
    return QualityDraw(
        rule_id=row.id,
        recording_id=one.recording,
        agent=one.agent,
        kind=row.kind,
        form_id=row.form_id,
        period=period,
        ticket=one.ticket,
        place=one.place,
        of=one.of,
        found=storable(one.found, 120),
        second=False,
        reviewer=one.reviewer,
        by=BY,
        drawn_at=at,
        due_at=at + timedelta(days=row.due_days),
    )


async def _check(session: AsyncSession, settings: Settings) -> None:
    wrong: list[Invalid] = []
    if not settings.name.strip():
        wrong.append(Invalid("Enter a name.", field="name"))
    if settings.kind not in set(Kind):
        wrong.append(Invalid("Choose from the list.", field="kind"))
    if settings.form_id not in {one.id for one in await usable_forms(session)}:
        wrong.append(Invalid("Choose a form that is in force.", field="form_id"))
    known = set(await reviewers(session))
    if not set(settings.reviewers) <= known:
        wrong.append(Invalid("Choose from the list.", field="reviewers"))
    for field, value, least, most in (
        ("most", settings.most, 1, 50),
        ("shortest", settings.shortest, 0, 3600),
        ("second_percent", settings.second_percent, 0, 100),
        ("due_days", settings.due_days, 1, 60),
        ("threshold", settings.threshold, *_limits(settings.kind)),
    ):
        if not least <= value <= most:
            wrong.append(Invalid("A number from {least} to {most}.", least=least, most=most, field=field))
    if wrong:
        raise Unusable(wrong)


def _limits(kind: str) -> tuple[int, int]:
    return {Kind.LOW_SCORE.value: (1, 4), Kind.LONG_HOLD.value: (10, 3600)}.get(kind, (0, 3600))


def _state(row: QualityRule) -> dict[str, object]:
    names = ("name", "kind", "form_id", "most", "threshold", "shortest", "queues", "topics", "reviewers")
    return {name: getattr(row, name) for name in (*names, "second_percent", "due_days")}
