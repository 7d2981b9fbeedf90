"""What happened in a week, against the week before: the figures, and what of them is worth a sentence. Pure.

No words here: agent_desktop.reports.weekly_text writes them in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from reports.metrics import Ratio

NOTHING = Ratio(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFigures:
    """Counts and ratios of seven days. `target` and `level` are shares of 1."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0  # without short ones
    abandon_rate: Ratio = NOTHING
    level: Ratio = NOTHING
    answer_seconds: Ratio = NOTHING
    resolution: Ratio = NOTHING
    content: Ratio = NOTHING
    cases_opened: int = 0
    complaints_opened: int = 0
    complaints_closed: int = 0
    complaints_in_time: Ratio = NOTHING
    overdue: int = 0
    leads: int = 0
    won: int = 0
    visitors: int = 0
    per_day: tuple[int, ...] = ()  # offered, Monday first


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What customers wanted: kind and sub-kind of the records, this week and the one before."""

    kind: str
    sub_kind: str
    now: int
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst:
    """A half hour of one queue that went badly."""

    queue: str
    start: datetime
    offered: int
    abandoned: int
    level: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DealerTrouble:
    dealer: str
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """All that the text is written from. `target` = the service level that is aimed at, None = none is set."""

    now: WeekFigures
    before: WeekFigures
    topics: Sequence[Topic] = ()
    worst: Sequence[Worst] = ()
    dealers: Sequence[DealerTrouble] = ()
    target: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notable:
    """One thing worth a sentence; `values` are what the sentence names. The weightiest come first."""

    word: str
    weight: float
    values: Mapping[str, Any] = field(default_factory=dict)


LEAST_TOPIC, TOPIC_GROWTH = 10, 0.5
LEAST_CHANGE, MOST_NOTABLE = 0.15, 8
WORST_SHOWN = 3


def notable(week: Week) -> list[Notable]:
    """By plain rules, so that a reader can check why something is said; at most eight, the weightiest first."""
    found = [*_service(week), *_calls(week), *_topics(week.topics), *_work(week)]
    found.sort(key=lambda one: -one.weight)
    return found[:MOST_NOTABLE]


def growth(now: float, before: float) -> float | None:
    """By which share it grew; None when there was nothing before."""
    return (now - before) / before if before else None


def _calls(week: Week) -> Iterable[Notable]:
    grown = growth(week.now.offered, week.before.offered)
    if grown is not None and abs(grown) >= LEAST_CHANGE:
        word = "calls_up" if grown > 0 else "calls_down"
        values = {"now": week.now.offered, "before": week.before.offered, "growth": abs(grown)}
        yield Notable(word=word, weight=abs(grown), values=values)


def _service(week: Week) -> Iterable[Notable]:
    level, target = week.now.level.value, week.target
    if level is not None and target is not None and level < target:
        yield Notable(word="below_target", weight=2 + target - level, values={"level": level, "target": target})
    for place, worst in enumerate(week.worst[:WORST_SHOWN]):
        values = {"queue": worst.queue, "start": worst.start.isoformat(), "offered": worst.offered,
                  "abandoned": worst.abandoned}  # fmt: skip
        yield Notable(word="worst_interval", weight=1.2 - place / 10, values=values)


def _topics(topics: Sequence[Topic]) -> Iterable[Notable]:
    for topic in topics:
        grown = growth(topic.now, topic.before)
        if topic.now < LEAST_TOPIC:
            continue
        values = {"kind": topic.kind, "sub_kind": topic.sub_kind, "now": topic.now, "before": topic.before}
        if grown is None:
            yield Notable(word="topic_new", weight=1.0 + topic.now / 1000, values=values)
        elif grown >= TOPIC_GROWTH:
            yield Notable(word="topic_up", weight=min(3.0, grown), values={**values, "growth": grown})


def _work(week: Week) -> Iterable[Notable]:
    now, before = week.now, week.before
    if now.overdue:
        yield Notable(word="overdue", weight=1.5, values={"now": now.overdue, "before": before.overdue})
    for trouble in week.dealers[:2]:
        yield Notable(word="dealer_overdue", weight=1.1, values={"dealer": trouble.dealer, "now": trouble.overdue})
    grown = growth(now.complaints_opened, before.complaints_opened)
    if grown is not None and abs(grown) >= TOPIC_GROWTH and now.complaints_opened + before.complaints_opened >= 10:
        word = "complaints_up" if grown > 0 else "complaints_down"
        values = {"now": now.complaints_opened, "before": before.complaints_opened, "growth": abs(grown)}
        yield Notable(word=word, weight=1 + abs(grown), values=values)


def as_plain(week: Week) -> dict[str, Any]:
    """As JSON, to be kept with the text that was written from it."""
    plain = asdict(week)
    plain["worst"] = [{**one, "start": one["start"].isoformat()} for one in plain["worst"]]
    return plain


def from_plain(plain: Mapping[str, Any]) -> Week:
    """The week as it was when the text was written."""
    return Week(
        now=_figures(plain["now"]),
        before=_figures(plain["before"]),
        topics=[Topic(**one) for one in plain["topics"]],
        worst=[Worst(**{**one, "start": datetime.fromisoformat(one["start"])}) for one in plain["worst"]],
        dealers=[DealerTrouble(**one) for one in plain["dealers"]],
        target=plain["target"],
    )


def _figures(plain: Mapping[str, Any]) -> WeekFigures:
    ratios = {one.name for one in fields(WeekFigures) if isinstance(one.default, Ratio)}
    values: dict[str, Any] = {name: Ratio(*value) if name in ratios else value for name, value in plain.items()}
    return WeekFigures(**{**values, "per_day": tuple(plain["per_day"])})
