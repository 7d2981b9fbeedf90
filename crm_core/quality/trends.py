"""How scores go on: by week, agent, team and criterion, beside the period before. Second reviews are not counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_core.quality.agreement import Agreement, of_criterion, of_scores
from crm_core.quality.forms import Criterion, Form
from crm_core.quality.model import QualityReview
from crm_core.quality.reach import Agents, within
from crm_core.quality.review_queries import GIVEN
from crm_core.quality.scoring import SKIPPED, Marks
from crm_core.quality.stored import load_marks

FEW = 5
"""Below this many reviews a mean says little, and the page marks it."""
MOST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One review that counts."""

    agent: str
    team: str
    talk_at: datetime
    form: int
    tenths: int
    marks: Marks
    knocked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """`value` of 100, None = nothing to measure."""

    count: int
    value: float | None

    @property
    def few(self) -> bool:
        return 0 < self.count < FEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One agent or team: the period, and the one of the same length before."""

    key: str
    now: Mean
    before: Mean
    knocked: int
    weeks: tuple[Mean, ...]

    @property
    def change(self) -> float | None:
        return None if self.now.value is None or self.before.value is None else self.now.value - self.before.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A criterion's agreement between first and second reviewers."""

    criterion: Criterion
    agreement: Agreement


async def judged(
    session: AsyncSession, agents: Agents, start: datetime, end: datetime, *, form: int = 0, team: str = ""
) -> list[Judged]:
    """Of talks that began in [start, end), in the order of time."""
    asked = [
        QualityReview.talk_at >= start, QualityReview.talk_at < end, QualityReview.second.is_(False),
        QualityReview.state.in_(GIVEN), within(QualityReview.agent, agents),
    ]  # fmt: skip
    if form:
        asked.append(QualityReview.form_id == form)
    if team:
        asked.append(QualityReview.team == team)
    rows = await session.scalars(select(QualityReview).where(*asked).order_by(QualityReview.talk_at).limit(MOST))
    found = []
    for row in rows:
        marks = load_marks(row.marks)
        found.append(
            Judged(
                agent=row.agent,
                team=row.team,
                talk_at=row.talk_at,
                form=row.form_id,
                tenths=row.tenths or 0,
                marks=marks,
                knocked=bool(marks.knocked),
            )
        )
    return found


async def most_used_form(session: AsyncSession, agents: Agents, start: datetime, end: datetime) -> int:
    """The form with the most reviews of the period, 0 = there are none."""
    counted = (
        select(QualityReview.form_id, func.count())
        .where(QualityReview.talk_at >= start, QualityReview.talk_at < end, QualityReview.second.is_(False))
        .where(QualityReview.state.in_(GIVEN), within(QualityReview.agent, agents))
        .group_by(QualityReview.form_id)
        .order_by(func.count().desc(), QualityReview.form_id)
        .limit(1)
    )
    return int(await session.scalar(counted) or 0)


def mean(scores: Iterable[float]) -> Mean:
    """Of scores out of 100."""
    found = list(scores)
    return Mean(count=len(found), value=sum(found) / len(found) if found else None)


def weeks(first: date, last: date) -> list[date]:
    """The Mondays of the weeks that [first, last] touches."""
    monday = first - timedelta(days=first.weekday())
    return [monday + timedelta(days=7 * n) for n in range((last - monday).days // 7 + 1)]


def by_week(rows: Sequence[Judged], mondays: Sequence[date], zone: tzinfo) -> tuple[Mean, ...]:
    found: dict[date, list[float]] = defaultdict(list)
    for row in rows:
        day = row.talk_at.astimezone(zone).date()
        found[day - timedelta(days=day.weekday())].append(row.tenths / 10)
    return tuple(mean(found.get(monday, ())) for monday in mondays)


def compared(
    now: Sequence[Judged], before: Sequence[Judged], mondays: Sequence[date], zone: tzinfo, *, teams: bool = False
) -> list[Compared]:
    """By agent or team, the lowest first; who was not judged in the period comes last."""
    groups, earlier = _grouped(now, teams=teams), _grouped(before, teams=teams)
    lines = [
        Compared(
            key=key,
            now=mean(row.tenths / 10 for row in groups.get(key, ())),
            before=mean(row.tenths / 10 for row in earlier.get(key, ())),
            knocked=sum(row.knocked for row in groups.get(key, ())),
            weeks=by_week(groups.get(key, ()), mondays, zone),
        )
        for key in {*groups, *earlier}
    ]
    return sorted(lines, key=lambda one: (one.now.value is None, one.now.value or 0.0, one.key))


def heat(rows: Sequence[Judged], form: Form, *, teams: bool = False) -> Mapping[str, tuple[Mean, ...]]:
    """Agent or team to the mean of each criterion in percent of its weight, in the form's order; "" = all together."""
    groups = _grouped(rows, teams=teams)
    return {
        key: tuple(mean(_shares(one, group)) for one in form.criteria)
        for key, group in {"": list(rows), **groups}.items()
    }


def _shares(criterion: Criterion, rows: Iterable[Judged]) -> list[float]:
    given = [row.marks.points.get(criterion.id) for row in rows]
    if not criterion.weight:
        return []
    # A weight that was changed since: its marks were out of another whole, so that they are cut to this one.
    return [min(100.0, 100 * one / criterion.weight) for one in given if one is not None and one != SKIPPED]


def _grouped(rows: Iterable[Judged], *, teams: bool) -> dict[str, list[Judged]]:
    found: dict[str, list[Judged]] = defaultdict(list)
    for row in rows:
        found[row.team if teams else row.agent].append(row)
    return dict(found)


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
