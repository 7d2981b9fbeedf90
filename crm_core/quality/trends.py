"""How scores go on: by week, agent, team and criterion, beside the period before. Second reviews are not counted.

The database counts; what comes here is a row per agent or team and week.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from sqlalchemy import ColumnElement, Integer, case, cast, func, literal, literal_column, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.quality.forms import Criterion
from crm_core.quality.model import QualityReview
from crm_core.quality.reach import Agents, within
from crm_core.quality.review_queries import GIVEN
from crm_core.quality.scoring import SKIPPED

FEW = 5
"""Below this many reviews a mean says little, and the page marks it."""
EVERYBODY, NOBODY = "", "-"
"""In the place of an agent or team: all of them; those who were in no team then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which reviews count: of these agents' talks that began in [start, end). `form` 0 and `team` "" = every one;
    `team` NOBODY = those of no team."""

    agents: Agents
    start: datetime
    end: datetime
    form: int = 0
    team: str = ""

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        asked = [
            QualityReview.talk_at >= self.start, QualityReview.talk_at < self.end, QualityReview.second.is_(False),
            QualityReview.state.in_(GIVEN), within(QualityReview.agent, self.agents),
        ]  # fmt: skip
        if self.form:
            asked.append(QualityReview.form_id == self.form)
        if self.team:
            asked.append(QualityReview.team == ("" if self.team == NOBODY else self.team))
        return asked


@dataclass(frozen=True, slots=True)
class Mean:
    """Of so many; `total` is the sum of what they had of 100."""

    count: int = 0
    total: float = 0.0

    def __add__(self, other: Mean) -> Mean:
        return Mean(self.count + other.count, self.total + other.total)

    @property
    def value(self) -> float | None:
        """None = nothing to measure."""
        return self.total / self.count if self.count else None

    @property
    def few(self) -> bool:
        return 0 < self.count < FEW


@dataclass(frozen=True, slots=True)
class Tally:
    """One agent, team or everybody: the weeks of the period, and how many reviews had a knock-out item."""

    weeks: tuple[Mean, ...]
    knocked: int

    @property
    def whole(self) -> Mean:
        return sum(self.weeks, Mean())


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


async def tallies(
    session: AsyncSession, wanted: Wanted, zone: tzinfo, mondays: Sequence[date] = (), *, teams: bool = False
) -> dict[str, Tally]:
    """By agent or team, and EVERYBODY together. Without `mondays` the period is one."""
    week = _week(mondays, zone).label("week_of_it")
    knocked = case((func.json_array_length(QualityReview.marks["knocked"]) > 0, 1), else_=0)
    key = _key(teams=teams)
    counted = await session.execute(
        select(key, week, func.count(), func.coalesce(func.sum(QualityReview.tenths), 0), func.sum(knocked))
        .where(*wanted.conditions)
        .group_by(key, literal_column("week_of_it"))  # its bound times would make two expressions of it
    )
    weeks: dict[str, list[Mean]] = defaultdict(lambda: [Mean()] * max(1, len(mondays)))
    knocks: dict[str, int] = defaultdict(int)
    for name, place, count, tenths, out in counted:
        mean = Mean(count, float(tenths) / 10)
        for one in (name or NOBODY, EVERYBODY):
            weeks[one][place] += mean
            knocks[one] += int(out)
    empty = [Mean()] * max(1, len(mondays))
    return {name: Tally(tuple(weeks.get(name, empty)), knocks[name]) for name in {EVERYBODY, *weeks}}


def _key(*, teams: bool) -> ColumnElement[str]:
    return QualityReview.team if teams else QualityReview.agent  # type: ignore[return-value]


def _week(mondays: Sequence[date], zone: tzinfo) -> ColumnElement[int]:
    """Which of these weeks of the site the talk began in."""
    begins = [datetime(one.year, one.month, one.day, tzinfo=zone).astimezone(UTC) for one in mondays[1:]]
    whens = [(QualityReview.talk_at < begin, literal(place, Integer)) for place, begin in enumerate(begins)]
    last = literal(len(begins), Integer)
    return case(*whens, else_=last) if whens else last


async def heat(
    session: AsyncSession, wanted: Wanted, criteria: Sequence[Criterion], *, teams: bool = False
) -> Mapping[str, tuple[Mean, ...]]:
    """Agent or team to the mean of each criterion in percent of its weight, in their order; EVERYBODY = together."""
    key = _key(teams=teams)
    shares = [_share(one) for one in criteria]
    columns = [column for share in shares for column in (func.count(share), func.coalesce(func.sum(share), 0.0))]
    found: dict[str, list[Mean]] = {EVERYBODY: [Mean()] * len(criteria)}
    if not criteria:
        return {}
    for name, *figures in await session.execute(select(key, *columns).where(*wanted.conditions).group_by(key)):
        means = [Mean(int(count), float(total)) for count, total in zip(figures[::2], figures[1::2], strict=True)]
        found[name or NOBODY] = means
        found[EVERYBODY] = [one + other for one, other in zip(found[EVERYBODY], means, strict=True)]
    return {name: tuple(means) for name, means in found.items()}


def _share(criterion: Criterion) -> ColumnElement[float]:
    """NULL where it was not given, or did not apply."""
    if not criterion.weight:
        return cast(null(), Integer)
    points = QualityReview.marks[("points", criterion.id)].as_integer()
    # A weight that was changed since: its marks were out of another whole, so that they are cut to this one.
    return case(
        (points == SKIPPED, null()), (points > criterion.weight, 100.0), else_=points * 100.0 / criterion.weight
    )


async def most_used_form(session: AsyncSession, agents: Agents, start: datetime, end: datetime) -> int:
    """The form with the most reviews of the period, 0 = there are none."""
    counted = (
        select(QualityReview.form_id, func.count())
        .where(*Wanted(agents=agents, start=start, end=end).conditions)
        .group_by(QualityReview.form_id)
        .order_by(func.count().desc(), QualityReview.form_id)
        .limit(1)
    )
    return int(await session.scalar(counted) or 0)


def weeks(first: date, last: date) -> list[date]:
    """The Mondays of the weeks that [first, last] touches."""
    monday = first - timedelta(days=first.weekday())
    return [monday + timedelta(days=7 * n) for n in range((last - monday).days // 7 + 1)]


def compared(now: Mapping[str, Tally], before: Mapping[str, Tally]) -> list[Compared]:
    """By agent or team, the lowest first; who was not judged in the period comes last."""
    lines = [compared_line(key, now, before) for key in {*now, *before} - {EVERYBODY}]
    return sorted(lines, key=lambda one: (one.now.value is None, one.now.value or 0.0, one.key))


def compared_line(key: str, now: Mapping[str, Tally], before: Mapping[str, Tally]) -> Compared:
    weeks = len(next(iter(now.values())).weeks)
    found, earlier = now.get(key, Tally((Mean(),) * weeks, 0)), before.get(key, Tally((), 0))
    return Compared(key=key, now=found.whole, before=earlier.whole, knocked=found.knocked, weeks=found.weeks)
