"""What a `decide` node may ask: facts, as one word, one of several, or a comparison. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ivr.nodes import Case, Decide

_COMPARISON = re.compile(r"(>=|<=|!=|>|<) ?(.{1,60})")
_QUEUE_FACT = re.compile(r"queue\.([a-z][a-z0-9_]{0,39})\.(waiting|ready|wait)")

FIRST_FACTS = ("open", "closure", "known", "entry", "language", "identified", "class", "nuisance", "time", "weekday")
"""Known of every caller before the first node: yes or no, words, a score, "17:30" and "mon" at the site."""


def holds(case: Case, facts: Mapping[str, str]) -> bool:
    """Whether all that the case wants is so. A fact that is not known is nothing, and compares with nothing."""
    return all(is_as_wanted(facts.get(name), wanted) for name, wanted in case.when.items())


def is_as_wanted(value: str | None, wanted: str | tuple[str, ...]) -> bool:
    """Numbers are compared as numbers, everything else as text, so "09:00" < "17:30"."""
    if not isinstance(wanted, str):
        return value in wanted
    comparison = _COMPARISON.fullmatch(wanted)
    if comparison is None:
        return value == wanted
    sign, limit = comparison.groups()
    if sign == "!=":
        return value != limit
    if value is None:
        return False
    order = _order(value, limit)
    return {">=": order >= 0, "<=": order <= 0, ">": order > 0, "<": order < 0}[sign]


def queue_of(fact: str) -> str:
    """The queue that a fact like "queue.repair.waiting" tells of, "" for every other fact."""
    found = _QUEUE_FACT.fullmatch(fact)
    return found[1] if found else ""


def queues_asked(node: Decide) -> tuple[str, ...]:
    """The queues whose state must be known before this node decides."""
    return tuple(dict.fromkeys(filter(None, map(queue_of, facts_asked(node)))))


def facts_asked(node: Decide) -> Iterable[str]:
    return (fact for case in node.cases for fact in case.when)


def _order(value: str, limit: str) -> int:
    try:
        left, right = float(value), float(limit)
    except ValueError:
        return (value > limit) - (value < limit)
    return (left > right) - (left < right)
