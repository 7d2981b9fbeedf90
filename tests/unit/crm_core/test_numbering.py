"""The numbers that people say: counted on, never given twice."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core import numbering
from crm_core.cases.model import Case
from crm_core.db import Database
from crm_core.errors import Refused
from tests.unit.crm_core.builders import NOW, a_customer


async def numbered(session: AsyncSession, customer_id: int, number: str = "") -> str:
    case = Case(number=number, kind="repair", title="异响", customer_id=customer_id, opened_at=NOW)
    if number:
        session.add(case)
        await session.flush()
    else:
        await numbering.add_numbered(session, case, Case.number, "GD-0716-")
    return case.number


async def test_a_number_follows_the_highest_behind_its_prefix_also_beyond_four_digits(db: Database):
    async with db.begin() as session:
        customer = await a_customer(session)
        assert await numbered(session, customer.id) == "GD-0716-0001"
        for taken in ("GD-0717-0500", "GD-0716-9999", "GD-0716-10000"):
            await numbered(session, customer.id, taken)
        assert await numbered(session, customer.id) == "GD-0716-10001"


async def test_a_number_that_a_colleague_took_meanwhile_is_drawn_again(db: Database, monkeypatch: pytest.MonkeyPatch):
    seen = iter((0, 1))  # the first look was before the colleague's write

    async def looked(*_: object) -> int:
        return next(seen)

    async with db.begin() as session:
        customer = await a_customer(session)
        await numbered(session, customer.id, "GD-0716-0001")
        monkeypatch.setattr(numbering, "_highest", looked)
        assert await numbered(session, customer.id) == "GD-0716-0002"


async def test_who_never_gets_a_number_is_told_to_save_again(db: Database, monkeypatch: pytest.MonkeyPatch):
    async def always(*_: object) -> int:
        return 0

    async with db.begin() as session:
        customer = await a_customer(session)
        await numbered(session, customer.id, "GD-0716-0001")
        monkeypatch.setattr(numbering, "_highest", always)
        with pytest.raises(Refused, match="Save again"):
            await numbered(session, customer.id)
