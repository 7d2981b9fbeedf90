"""A definition as a condition of SQL on customer_worth: known columns and bound values only, never text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from crm_core.segments.conditions import FIELDS, Condition, Definition, Group, Kind
from crm_core.segments.model import CustomerWorth
from crm_core.vehicles.model import Vehicle, VehicleRole

W = CustomerWorth
Column = InstrumentedAttribute[Any]
RANKS: dict[str, Column] = {"recency": W.recency_rank, "frequency": W.frequency_rank, "value": W.value_rank}
OF_VEHICLES: dict[str, Column] = {"model": Vehicle.model, "energy": Vehicle.energy}


def compiled(definition: Definition, today: date) -> ColumnElement[bool]:
    """True for the members, on rows of CustomerWorth; days are counted from `today`."""
    return _joined(definition.join, [_group(group, today) for group in definition.groups])


def _group(group: Group, today: date) -> ColumnElement[bool]:
    return _joined(group.join, [_condition(one, today) for one in group.conditions])


def _joined(join: str, parts: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    if not parts:
        return false()
    return or_(*parts) if join == "any" else and_(*parts)


def _condition(one: Condition, today: date) -> ColumnElement[bool]:
    if one.field in SPECIAL:
        return SPECIAL[one.field](one, today)
    column: Column = getattr(W, "dealer_id" if one.field == "dealer" else one.field)
    return BY_KIND[FIELDS[one.field].kind](column, one, today)


def _int(one: Condition) -> int:
    return one.value if isinstance(one.value, int) else 0


def _words(one: Condition) -> tuple[str, ...]:
    return one.value if isinstance(one.value, tuple) else ()


def _choice(column: Column, one: Condition, today: date) -> ColumnElement[bool]:
    chosen: list[Any] = [int(word) for word in _words(one)] if one.field == "dealer" else list(_words(one))
    if one.op == "in":
        return column.in_(chosen)
    return or_(column.is_(None), column.not_in(chosen))


def _number(column: Column, one: Condition, today: date) -> ColumnElement[bool]:
    value = _int(one)
    if one.op == "equal":
        return column == value
    return column >= value if one.op == "least" else column <= value


def _age(one: Condition, today: date) -> ColumnElement[bool]:
    """In years of the calendar, as it is shown; an unknown year of birth fits nothing."""
    born = today.year - _int(one)
    if one.op == "equal":
        return W.birth_year == born
    return W.birth_year <= born if one.op == "least" else W.birth_year >= born


def _digit(one: Condition, today: date) -> ColumnElement[bool]:
    """On the percent rank: digit d holds the ranks from 20 (d - 1) to under 20 d."""
    column = RANKS[one.field]
    low, high = 20 * (_int(one) - 1), 20 * _int(one)
    if one.op == "equal":
        return and_(column >= low, column < high)
    return column >= low if one.op == "least" else column < high


def _flag(column: Column, one: Condition, today: date) -> ColumnElement[bool]:
    return column.is_(one.op == "yes")


def _first(one: Condition, today: date) -> ColumnElement[bool]:
    return W.value_rank >= 100 - _int(one)


def _past(column: Column, one: Condition, today: date) -> ColumnElement[bool]:
    if one.op == "never":
        return column.is_(None)
    since = today - timedelta(days=_int(one))
    return column >= since if one.op == "within" else or_(column.is_(None), column < since)


def _coming(column: Column, one: Condition, today: date) -> ColumnElement[bool]:
    if one.op == "unknown":
        return column.is_(None)
    if one.op == "due_within":
        return column.between(today, today + timedelta(days=_int(one)))
    return column <= today - timedelta(days=max(1, _int(one)))


def _text(column: Column, one: Condition, today: date) -> ColumnElement[bool]:
    if one.op == "is":
        return column.in_(_words(one))
    return or_(*(column.startswith(word, autoescape=True) for word in _words(one)))


def _of_vehicles(one: Condition, today: date) -> ColumnElement[bool]:
    """Of any vehicle that the customer bought or uses; "not" = none of them."""
    column = OF_VEHICLES[one.field]
    fits = _text(column, one, today) if one.field == "model" else column.in_(_words(one))
    owners = (
        select(VehicleRole.customer_id)
        .join(Vehicle, Vehicle.id == VehicleRole.vehicle_id)
        .where(fits, VehicleRole.role != "driver")
    )
    return W.customer_id.not_in(owners) if one.op == "not_in" else W.customer_id.in_(owners)


SPECIAL: dict[str, Callable[[Condition, date], ColumnElement[bool]]] = {
    "age": _age,
    "value_top": _first,
    **dict.fromkeys(RANKS, _digit),
    **dict.fromkeys(OF_VEHICLES, _of_vehicles),
}
BY_KIND: dict[Kind, Callable[[Column, Condition, date], ColumnElement[bool]]] = {
    Kind.CHOICE: _choice,
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
    Kind.PAST: _past,
    Kind.COMING: _coming,
    Kind.TEXT: _text,
}
