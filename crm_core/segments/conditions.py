"""What a segment may ask: fields in three dimensions, their operators, and reading a definition that came from a form.

A definition is {"join": "all" | "any", "groups": [{"join": ..., "conditions": [{"field", "op", "value"}]}]}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crm_core.db import storable
from crm_core.errors import Invalid
from crm_core.segments.rulebook import CLASSES, FIVE_STAGES, FOUR_STAGES
from crm_core.workforce.fields import Unusable

JOINS = ("all", "any")
DIMENSIONS = ("who", "behaviour", "worth")
MOST_GROUPS, MOST_CONDITIONS, MOST_VALUES = 6, 20, 60


class Kind(StrEnum):
    CHOICE = "choice"  # one or several of a list
    NUMBER = "number"
    PERCENT = "percent"  # among the first n % of all customers
    PAST = "past"  # a day behind us, asked in days from today
    COMING = "coming"  # a day ahead of us, or missed
    FLAG = "flag"
    TEXT = "text"  # one or several words, parted by commas


OPERATORS: Mapping[Kind, tuple[str, ...]] = {
    Kind.CHOICE: ("in", "not_in"),
    Kind.NUMBER: ("least", "most", "equal"),
    Kind.PERCENT: ("first",),
    Kind.PAST: ("within", "before", "never"),
    Kind.COMING: ("due_within", "overdue", "unknown"),
    Kind.FLAG: ("yes", "no"),
    Kind.TEXT: ("is", "begins"),
}
WITHOUT_VALUE = ("never", "unknown", "yes", "no")


@dataclass(frozen=True, slots=True)
class Field:
    """`choices` of a CHOICE field; () = the site's own list, e.g. its dealers. `unit`: years, yuan, days or ""."""

    key: str
    dimension: str
    kind: Kind
    choices: tuple[str, ...] = ()
    low: int = 0
    high: int = 2_000_000_000
    unit: str = ""


def _numbers(dimension: str, *keys: str, unit: str = "", high: int = 2_000_000_000) -> list[Field]:
    return [Field(key, dimension, Kind.NUMBER, unit=unit, high=high) for key in keys]


def _days(dimension: str, kind: Kind, *keys: str) -> list[Field]:
    return [Field(key, dimension, kind, high=10_000, unit="days") for key in keys]


FIELDS: Mapping[str, Field] = {
    field.key: field
    for field in (
        Field("kind", "who", Kind.CHOICE, ("person", "company")),
        Field("gender", "who", Kind.CHOICE, ("male", "female", "")),
        Field("age", "who", Kind.NUMBER, low=1, high=120, unit="years"),
        Field("city", "who", Kind.TEXT),
        Field("dealer", "who", Kind.CHOICE),
        Field("source", "who", Kind.CHOICE, ("hotline", "web", "event", "dealer", "import", "")),
        Field("model", "who", Kind.TEXT),
        Field("energy", "who", Kind.CHOICE, ("petrol", "hybrid", "electric")),
        *_days("who", Kind.PAST, "known_since"),
        Field("life_cycle_stage", "behaviour", Kind.CHOICE, tuple(dict.fromkeys((*FOUR_STAGES, *FIVE_STAGES)))),
        Field("churn_risk", "behaviour", Kind.CHOICE, ("high", "medium", "low", "")),
        *_numbers("behaviour", "churn_score", high=100),
        Field("dormant", "behaviour", Kind.FLAG),
        *_days("behaviour", Kind.PAST, "recency_on", "last_contact_on", "last_visit_on", "last_purchase_on"),
        *_numbers("behaviour", "contacts", "visits", "open_complaints", high=100_000),
        Field("worst_rating", "behaviour", Kind.NUMBER, low=1, high=5),
        Field("competitor", "behaviour", Kind.FLAG),
        Field("refused", "behaviour", Kind.FLAG),
        Field("horizon", "behaviour", Kind.CHOICE, ("hot", "mid", "long", "")),
        Field("next_need", "behaviour", Kind.CHOICE, ("service", "warranty_end", "replacement", "")),
        *_days("behaviour", Kind.COMING, "service_due_on", "warranty_until", "replacement_on"),
        Field("customer_class", "worth", Kind.CHOICE, CLASSES),
        *_numbers("worth", "value_yuan", "expected_yuan", "service_yuan", unit="yuan"),
        Field("value_top", "worth", Kind.PERCENT, low=1, high=100),
        *_numbers("worth", "vehicles", "vehicles_3y", "vehicles_any_3y", "cars", "referrals", high=1_000_000),
        *(Field(key, "worth", Kind.NUMBER, low=1, high=5) for key in ("recency", "frequency", "value")),
    )
}


@dataclass(frozen=True, slots=True)
class Condition:
    """`value`: None, a number, or words."""

    field: str
    op: str
    value: int | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    join: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    join: str
    groups: tuple[Group, ...]

    def written(self) -> dict[str, Any]:
        """As it is kept and as a form begins with it."""
        return {
            "join": self.join,
            "groups": [
                {"join": group.join, "conditions": [_written(one) for one in group.conditions]} for group in self.groups
            ],
        }


def _written(one: Condition) -> dict[str, Any]:
    value = list(one.value) if isinstance(one.value, tuple) else one.value
    return {"field": one.field, "op": one.op, "value": value}


def read(raw: object) -> Definition:
    """A definition from plain JSON of anybody's. Raises Unusable; a problem's field is "group.place", e.g. "0.2"."""
    if not isinstance(raw, dict) or not isinstance(raw.get("groups"), list):
        raise Unusable([Invalid("This filter cannot be read. Build it again.", field="")])
    rows = [group for group in raw["groups"] if isinstance(group, dict) and isinstance(group.get("conditions"), list)]
    count = sum(len(group["conditions"]) for group in rows)
    if not count:
        raise Unusable([Invalid("Add at least one condition.", field="")])
    if len(rows) > MOST_GROUPS or count > MOST_CONDITIONS:
        raise Unusable([Invalid("At most {most} conditions.", most=MOST_CONDITIONS, field="")])
    problems: list[Invalid] = []
    groups = []
    for number, row in enumerate(rows):
        found = []
        for place, one in enumerate(row["conditions"]):
            try:
                found.append(_condition(one))
            except Invalid as wrong:
                problems.append(Invalid(wrong.message_id, **{**wrong.values, "field": f"{number}.{place}"}))
        if found:
            groups.append(Group(_join(row), tuple(found)))
    if problems:
        raise Unusable(problems)
    return Definition(_join(raw), tuple(groups))


def _join(raw: Mapping[str, Any]) -> str:
    return "any" if raw.get("join") == "any" else "all"


def _condition(raw: object) -> Condition:
    key = raw.get("field") if isinstance(raw, dict) else None
    field = FIELDS.get(key) if isinstance(key, str) else None
    if not isinstance(raw, dict) or field is None:
        raise Invalid("Choose what is asked.")
    op = raw.get("op")
    if op not in OPERATORS[field.kind]:
        raise Invalid("Choose how it is compared.")
    if op in WITHOUT_VALUE:
        return Condition(field.key, op)
    if field.kind is Kind.CHOICE:
        return Condition(field.key, op, _choices(field, raw.get("value")))
    if field.kind is Kind.TEXT:
        return Condition(field.key, op, _words(raw.get("value")))
    return Condition(field.key, op, _number(field, raw.get("value")))


def _choices(field: Field, value: object) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(str(one) for one in value)) if isinstance(value, list) else ()
    known = [one for one in words if one in field.choices] if field.choices else [one for one in words if _id(one)]
    if not words or len(known) != len(words) or len(words) > MOST_VALUES:
        raise Invalid("Choose at least one.")
    return words


def _id(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 10


def _words(value: object) -> tuple[str, ...]:
    texts = value if isinstance(value, list) else str(value or "").replace("，", ",").replace("、", ",").split(",")
    words = tuple(word for one in texts if (word := storable(str(one).strip(), 60)))
    if not words or len(words) > MOST_VALUES:
        raise Invalid("Write at least one word.")
    return words


def _number(field: Field, value: object) -> int:
    text = str(value).strip().replace(",", "") if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdigit() and len(text) < 12 and field.low <= int(text) <= field.high):
        raise Invalid("Enter a number from {low} to {high}.", low=field.low, high=field.high)
    return int(text)
