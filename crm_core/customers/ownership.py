"""Which columns of which tables say whose a row is: asked of the tables, so that a new one is not forgotten."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.sql.schema import MetaData

STAYING = frozenset({"customer", "customer_duplicate", "customer_merge"})
"""Tables whose rows a merge leaves: they tell of the merge itself."""


@dataclass(frozen=True, slots=True)
class Owned:
    """`column` holds a customer's id. `unique` are the sets of other columns that may occur once for each customer."""

    table: Table
    column: Column[int]
    unique: tuple[tuple[str, ...], ...]


def owned_columns(metadata: MetaData) -> list[Owned]:
    """Every column that points to a customer, but for those of the tables that stay, in a fixed order."""
    found = []
    for table in sorted(metadata.tables.values(), key=lambda table: table.name):
        if table.name in STAYING:
            continue
        for column in table.columns:
            if any(key.column.table.name == "customer" for key in column.foreign_keys):
                found.append(Owned(table, column, _once_each(table, column)))
    return found


def _once_each(table: Table, column: Column[int]) -> tuple[tuple[str, ...], ...]:
    sets: list[tuple[str, ...]] = []
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint | PrimaryKeyConstraint) and column in list(constraint.columns):
            sets.append(tuple(sorted(one.name for one in constraint.columns if one is not column)))
    for index in table.indexes:
        if index.unique and column.name in index.columns:
            sets.append(tuple(sorted(one.name for one in index.columns if one.name != column.name)))
    return tuple(sorted(set(sets)))


def references_to(metadata: MetaData, table: Table) -> list[Column[int]]:
    """Columns of other tables that point to this table's rows."""
    return [
        column
        for other in sorted(metadata.tables.values(), key=lambda other: other.name)
        for column in other.columns
        if any(key.column.table is table for key in column.foreign_keys)
    ]
