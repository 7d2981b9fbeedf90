"""How a database answers a question of the reports: which index it takes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, text
from sqlalchemy.ext.asyncio import AsyncSession


async def plan(session: AsyncSession, statement: Select[*tuple[Any, ...]]) -> str:
    """The steps, one a line. An empty PostgreSQL would read whole tables, so that is forbidden to it here."""
    dialect = session.get_bind().dialect
    compiled = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    if dialect.name == "postgresql":
        await session.execute(text("SET LOCAL enable_seqscan = off"))
    word = "EXPLAIN QUERY PLAN" if dialect.name == "sqlite" else "EXPLAIN"
    rows = await session.execute(text(f"{word} {compiled}".replace(":", "\\:")))
    return "\n".join(str(row[-1]) for row in rows)
