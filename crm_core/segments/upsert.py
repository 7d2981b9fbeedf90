"""Many rows at once, new or known: one statement on both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import Base


async def upsert(session: AsyncSession, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert; a row whose primary key is there gets the new values. All rows name the same columns."""
    if not rows:
        return
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - every model of ours is one table
    on_postgres = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert(table) if on_postgres else sqlite.insert(table)
    keys = [column.name for column in table.primary_key]
    rest = {name: insert.excluded[name] for name in rows[0] if name not in keys}
    await session.execute(insert.on_conflict_do_update(index_elements=keys, set_=rest), list(rows))


async def insert_new(session: AsyncSession, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert what is not there yet by any unique key; gives how many. All rows name the same columns."""
    if not rows:
        return 0
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - every model of ours is one table
    on_postgres = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert(table) if on_postgres else sqlite.insert(table)
    # The rows beside the statement, not in it: so it is compiled once, not for each batch.
    made = await session.scalars(insert.on_conflict_do_nothing().returning(table.c.id), list(rows))
    return len(made.all())
