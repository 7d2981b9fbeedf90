"""The figures of outbound campaigns: dropped calls against their limit, how fast the list goes, when it ends. Pure.

A live answer is a call that a person answered: of an agent's talk, of a survey, hung up early, or dropped. Calls that
a machine answered are in neither number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from acd.dialer_budget import DropBudget
from crm_core.clock import instant
from reports.metrics import Metric, Ratio

DAY = timedelta(hours=24)
LIVE = ("answered", "answered_by_voice", "dropped", "hung_up")
"""Results of calls that a person answered. An open call with an answer counts with them at once."""
CURVE_POINTS = 49  # one each half hour of the rolling day, both ends included
LEAST_TO_RANK = 10
"""Answers that a dealer must have before it is ranked: below that a share says nothing."""
_AHEAD_SECONDS = 3600.0  # as acd.dialer.AHEAD_SECONDS: the pacer keeps the limit for so long ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCounts:
    """Live answers of one campaign in the rolling day, and how many of them found no agent within 2 s."""

    connected: int = 0
    dropped: int = 0


DROP_RATE: Metric[AnswerCounts] = Metric(
    id="drop_rate",
    version=1,
    name_zh="放弃率",
    name_en="Drop rate",
    words_zh="2 秒内没有坐席而放弃的电话 ÷（放弃 + 真人接听），滚动 24 小时；答录机不计入。",
    words_en="calls that a person answered and no agent took within 2 s / (those + live answers), of the rolling "
    "24 hours; answering machines are in neither.",
    numerator=lambda c: c.dropped,
    denominator=lambda c: c.dropped + c.connected,
)


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """So many live answers of one moment; a query tells those of one minute together."""

    at: datetime
    dropped: bool
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DropLine:
    """`now` is the rolling day's rate; `points` the rate at each half hour of that day, None = nobody had answered.

    `slowed_at` is the last moment at which the limit left no further drop: from then on only free agents are dialled
    for. `left` more calls may be dropped.
    """

    now: Ratio
    points: tuple[tuple[datetime, float | None], ...]
    slowed_at: datetime | None
    left: int


def drop_line(
    answers: Sequence[LiveAnswer], limit_percent: float, at: datetime, now: AnswerCounts | None = None
) -> DropLine:
    """`answers` are those of the 48 hours before `at`, in order; `now` counts those of the last 24 exactly."""
    points = []
    for place in range(CURVE_POINTS):
        then = at - DAY + DAY * place / (CURVE_POINTS - 1)
        points.append((then, DROP_RATE.of(counts_between(answers, then - DAY, then)).value))
    budget = DropBudget(limit_percent, DAY.total_seconds(), _AHEAD_SECONDS)
    slowed_at, free = None, True
    for one in answers:
        moment = instant(one.at)
        for _ in range(one.count):
            budget.answered(moment)
            if one.dropped:
                budget.dropped(moment)
        left = budget.left(moment)
        if free and left <= 0 and limit_percent and one.at > at - DAY:
            slowed_at = one.at
        free = left > 0
    rate = DROP_RATE.of(now or counts_between(answers, at - DAY, at))
    points[-1] = (at, rate.value)
    return DropLine(now=rate, points=tuple(points), slowed_at=slowed_at, left=budget.left(instant(at)))


def counts_between(answers: Iterable[LiveAnswer], start: datetime, end: datetime) -> AnswerCounts:
    """Of the answers in (start, end]."""
    found = [one for one in answers if start < one.at <= end]
    dropped = sum(one.count for one in found if one.dropped)
    return AnswerCounts(connected=sum(one.count for one in found) - dropped, dropped=dropped)


@dataclass(frozen=True, slots=True, kw_only=True)
class HourCounts:
    """Calls that were placed in one hour of the site's day."""

    placed: int = 0
    live: int = 0

    @property
    def rate(self) -> float | None:
        return self.live / self.placed if self.placed else None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionBars:
    """The answers to one question: how often each value came. `choices` by the option's id."""

    question: str
    values: Mapping[int, int]
    choices: Mapping[str, int]

    @property
    def answered(self) -> int:
        return sum(self.values.values()) + sum(self.choices.values())

    @property
    def mean(self) -> float | None:
        count = sum(self.values.values())
        return sum(value * times for value, times in self.values.items()) / count if count else None

    @property
    def top(self) -> Ratio:
        """The share of the two best of five."""
        return Ratio(self.values.get(4, 0) + self.values.get(5, 0), sum(self.values.values()))

    @property
    def promoters(self) -> tuple[int, int]:
        """How many gave 9 or 10, and how many 0 to 6: the net promoter score is the difference of their shares."""
        good = sum(times for value, times in self.values.items() if value >= 9)
        return good, sum(times for value, times in self.values.items() if value <= 6)

    @property
    def nps(self) -> float | None:
        """-100 to 100."""
        count = sum(self.values.values())
        good, bad = self.promoters
        return 100 * (good - bad) / count if count else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthChange:
    """One question in the running month of the site and in the whole month before; a change is now less then, None
    while either month has fewer than LEAST_TO_RANK answers."""

    now: QuestionBars
    before: QuestionBars

    @property
    def enough(self) -> bool:
        return min(sum(self.now.values.values()), sum(self.before.values.values())) >= LEAST_TO_RANK

    @property
    def top(self) -> float | None:
        """Percentage points of the share of the two best of five."""
        now, before = self.now.top.value, self.before.top.value
        return 100 * (now - before) if self.enough and now is not None and before is not None else None

    @property
    def nps(self) -> float | None:
        now, before = self.now.nps, self.before.nps
        return now - before if self.enough and now is not None and before is not None else None


def two_months(at: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """When the site's last month and its running one began."""
    this = at.astimezone(zone).date().replace(day=1)
    last = (this - timedelta(days=1)).replace(day=1)
    return datetime.combine(last, time(), zone), datetime.combine(this, time(), zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class DealerLine:
    """`responses` complete ones; `top` counts 4 and 5 among the `rated` answers to the first question."""

    dealer_id: int
    name: str
    responses: int
    rated: int
    top: int
    low: int

    @property
    def share(self) -> float | None:
        return self.top / self.rated if self.rated else None

    @property
    def ranked(self) -> bool:
        return self.responses >= LEAST_TO_RANK


def ranking(dealers: Iterable[DealerLine]) -> list[DealerLine]:
    """Those with enough answers by their share, best first; the others follow by how many they have."""
    return sorted(
        dealers, key=lambda one: (not one.ranked, -(one.share or 0) if one.ranked else 0, -one.responses, one.name)
    )


def forecast_end(
    at: datetime, left: int, per_hour: float, open_spans: Iterable[tuple[datetime, datetime]]
) -> datetime | None:
    """When `left` entries are through at `per_hour`, counted in the times in which calls are allowed.

    `open_spans` in order, from now on; None = no speed is known yet, or they are over before.
    """
    if left <= 0:
        return at
    if per_hour <= 0:
        return None
    needed = timedelta(hours=left / per_hour)
    for start, end in open_spans:
        begin = max(start, at)
        if end <= begin:
            continue
        if needed <= end - begin:
            return begin + needed
        needed -= end - begin
    return None
