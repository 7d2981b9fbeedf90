"""Rows of any table as plain JSON values, and back: for what must be given back later exactly as it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, ColumnElement, Date, DateTime, Numeric, Table, and_

from crm_core.db import UtcTime

Values = dict[str, Any]
_PLAIN = frozenset({str, int, bool, float, type(None)})


def written_columns(table: Table) -> list[Column[Any]]:
    """The columns that a row is written with; the database computes the others."""
    return [column for column in table.columns if column.computed is None]


def plain(values: Mapping[str, Any]) -> Values:
    """For a JSON column: times and dates as ISO 8601 text."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def restored(table: Table, values: Mapping[str, Any]) -> Values:
    """The values of `plain` as the table's columns take them."""
    return {name: _restored(table.columns[name], value) for name, value in values.items() if name in table.columns}


def _restored(column: Column[Any], value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if isinstance(column.type, UtcTime | DateTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    return Decimal(value) if isinstance(column.type, Numeric) and column.type.asdecimal else value


def key_of(table: Table, row: Mapping[str, Any]) -> Values:
    return plain({column.name: row[column.name] for column in table.primary_key})


def is_row(table: Table, key: Mapping[str, Any]) -> ColumnElement[bool]:
    """For a `where`: the row with this primary key."""
    return and_(*(table.columns[name] == value for name, value in restored(table, key).items()))
