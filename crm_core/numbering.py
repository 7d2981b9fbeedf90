"""The numbers that people say of a case, a lead, an order: counted on behind a prefix, each given once."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from crm_core.db import Base
from crm_core.errors import Refused

TRIES = 5


async def add_numbered(
    session: AsyncSession, row: Base, column: InstrumentedAttribute[str], prefix: str, *, digits: int = 4
) -> None:
    """Store a new row with the next number behind `prefix`, e.g. GD-0713-0184 after GD-0713-0183.

    A prefix without a year counts on where the same day of an earlier year stopped. Raises Refused when others take
    every number we draw.
    """
    for _ in range(TRIES):
        setattr(row, column.key, f"{prefix}{await _highest(session, column, prefix) + 1:0{digits}d}")
        try:
            async with session.begin_nested():
                session.add(row)
        except IntegrityError:  # somebody else took the number between our look and our write
            continue
        return
    raise Refused("No number is free just now. Save again.")


async def _highest(session: AsyncSession, column: InstrumentedAttribute[str], prefix: str) -> int:
    # The longest first: as text, 9999 is more than 10000.
    numbers = select(column).where(column.startswith(prefix, autoescape=True))
    last = await session.scalar(numbers.order_by(func.length(column).desc(), column.desc()).limit(1))
    return int(last.removeprefix(prefix)) if last else 0
