"""Which cases are open, and one by its number."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.model import Case
from crm_core.db import storable


async def open_cases(session: AsyncSession, *, kind: str = "", limit: int = 50) -> list[Case]:
    """Open cases of everybody, the most urgent first; `kind` "" = all kinds."""
    statement = select(Case).where(Case.closed_at.is_(None)).order_by(Case.due_at.is_(None), Case.due_at, Case.id)
    if kind:
        statement = statement.where(Case.kind == kind)
    return list(await session.scalars(statement.limit(limit)))


async def by_number(session: AsyncSession, number: str) -> Case | None:
    return await session.scalar(select(Case).where(Case.number == storable(number, 20)))
