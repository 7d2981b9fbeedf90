"""When a news flash is drafted: a safety topic repeats, or a queue loses too many callers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class FlashRules:
    """`topic_times` cases of one safety topic in `topic_hours`; more than `abandon_percent` of at least
    `abandon_calls` callers of a queue gave up in `abandon_minutes`. 0 times or percent = that rule is off."""

    topic_times: int = 3
    topic_hours: int = 24
    abandon_percent: int = 20
    abandon_minutes: int = 30
    abandon_calls: int = 10


LIMITS = {
    "topic_times": (0, 100),
    "topic_hours": (1, 168),
    "abandon_percent": (0, 100),
    "abandon_minutes": (5, 240),
    "abandon_calls": (1, 1000),
}


def read_rules(body: Mapping[str, Any]) -> FlashRules:
    """As stored; what is missing or out of its limits is as shipped."""
    shipped = FlashRules()
    values: dict[str, int] = {}
    for name, (least, most) in LIMITS.items():
        value = body.get(name)
        fits = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        values[name] = int(value or 0) if fits else getattr(shipped, name)
    return FlashRules(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyCase:
    """A case in which a danger word was found; `topic` as in crm_core.cases.levels."""

    id: int
    number: str
    title: str
    topic: str
    word: str
    model: str = ""
    dealer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueNow:
    """Visits to a queue that began in the last minutes and are over; short abandons are in neither."""

    queue: str
    offered: int
    abandoned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    """A rule that fired. `subject` is the same as long as it is about the same thing: one draft a day for each."""

    subject: str
    values: Mapping[str, Any]


def fired(rules: FlashRules, cases: Iterable[SafetyCase], queues: Sequence[QueueNow]) -> list[Flash]:
    """Every rule that holds now."""
    found = []
    topics: dict[str, list[SafetyCase]] = {}
    for case in cases:
        topics.setdefault(case.topic, []).append(case)
    for topic, own in sorted(topics.items()):
        if rules.topic_times and len(own) >= rules.topic_times:
            found.append(Flash(subject=f"topic/{topic}", values=_topic(topic, own, rules)))
    for queue in queues:
        many = rules.abandon_percent and queue.offered >= rules.abandon_calls
        if many and 100 * queue.abandoned > rules.abandon_percent * queue.offered:
            values = {"queue": queue.queue, "offered": queue.offered, "abandoned": queue.abandoned}
            found.append(Flash(subject=f"abandon/{queue.queue}", values={**values, "minutes": rules.abandon_minutes}))
    return found


def _topic(topic: str, cases: Sequence[SafetyCase], rules: FlashRules) -> dict[str, Any]:
    told = [{"id": one.id, "number": one.number, "title": one.title, "model": one.model, "dealer": one.dealer,
             "word": one.word} for one in cases]  # fmt: skip
    return {"topic": topic, "times": len(cases), "hours": rules.topic_hours, "cases": told}
