"""Texts that begin with what was typed, found by an index in both databases; `LIKE` would read every row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.ext.asyncio import AsyncSession

_LAST = "\U0010ffff"


def begins(session: AsyncSession, column: Any, typed: str) -> ColumnElement[bool]:
    """`column` begins with `typed`. PostgreSQL needs an index with `text_pattern_ops`, SQLite any."""
    if session.get_bind().dialect.name == "postgresql":
        return and_(column.op("~>=~")(typed), column.op("~<~")(typed + _LAST))
    return and_(column >= typed, column < typed + _LAST)
