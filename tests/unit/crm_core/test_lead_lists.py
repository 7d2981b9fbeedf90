"""The list of leads goes on behind the last one shown, and the funnel counts whom a dealer gave an answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from crm_core.access.reach import EVERYTHING, Reach
from crm_core.db import Database
from crm_core.errors import Invalid
from crm_core.leads.filters import LeadFilter
from crm_core.leads.model import Lead
from crm_core.leads.paging import place_of
from crm_core.leads.queries import funnel, lead_lines
from tests.unit.crm_core.builders import a_customer
from tests.unit.crm_core.test_leads import DAY, HOME, MORNING, NOON, Sales, sales  # noqa: F401  a fixture

PUT_OFF = {"reason": "put_off", "lost_to": "", "words": ""}


async def everybody(db: Database, *, size: int) -> list[str]:
    found, place = [], ""
    while True:
        async with db.begin() as session:
            lines = await lead_lines(session, LeadFilter(status="all"), now=NOON, limit=size, after=place)
        if not lines:
            return found
        found += [line.lead.number for line in lines]
        place = place_of(lines[-1].lead)


async def test_a_list_of_leads_read_in_pages_is_the_list_read_at_once(db: Database):
    async with db.begin() as session:
        customer = await a_customer(session)
        for place in range(23):
            created = NOON - (place % 5) * DAY
            due = NOON + timedelta(microseconds=place % 4) if place % 3 else None
            row = {"number": f"XS-1118-{place:04}", "customer_id": customer.id, "source": "web", "created_at": created}
            await session.execute(insert(Lead).values(**row, feedback_due_at=due))
    at_once = await everybody(db, size=100)
    assert len(set(at_once)) == 23
    for size in (1, 4, 23):
        assert await everybody(db, size=size) == at_once


async def test_a_new_lead_between_two_pages_neither_repeats_nor_hides_one(db: Database):
    async with db.begin() as session:
        customer = await a_customer(session)
        facts = {"customer_id": customer.id, "source": "web"}
        for number in "ABCD":
            await session.execute(insert(Lead).values(number=number, created_at=NOON, **facts))
        first = await lead_lines(session, LeadFilter(), now=NOON, limit=2)
        await session.execute(insert(Lead).values(number="NEW", created_at=NOON + DAY, **facts))
        second = await lead_lines(session, LeadFilter(), now=NOON, limit=2, after=place_of(first[-1].lead))
    assert [line.lead.number for line in (*first, *second)] == list("DCBA")


@pytest.mark.parametrize(
    "place", ["x", "~", "~~", "~1", "1~2", "1~2~", "~1~-2", "~1~' OR 1=1", "~" + "9" * 30 + "~1", "~١~1"]
)
async def test_a_hostile_place_in_the_list_of_leads_is_refused(db: Database, place: str):
    async with db.begin() as session:
        with pytest.raises(Invalid, match="place"):
            await lead_lines(session, LeadFilter(), now=NOON, limit=2, after=place)


async def answered(sales: Sales) -> int:  # noqa: F811
    async with sales.db.begin() as session:
        stages = {stage.name: stage.count for stage in await funnel(session, now=MORNING + 20 * DAY)}
    return stages["answered"]


async def test_the_funnel_keeps_a_dealers_answer_when_the_lead_goes_on_to_another_dealer(sales: Sales):  # noqa: F811
    lead = await sales.sent()
    assert await answered(sales) == 0
    word = {"words": "周六试驾", "next_step_on": None, "reach": Reach(frozenset({HOME}))}
    await sales.do("feedback", lead.id, at=MORNING, **word)
    assert await answered(sales) == 1
    await sales.do("reassign", lead.id, at=MORNING + DAY)
    assert (await sales.lead(lead.id)).feedback_at is None
    assert await answered(sales) == 1


async def test_a_lead_that_the_centre_closed_is_no_dealers_answer(sales: Sales):  # noqa: F811
    silent = await sales.sent()
    await sales.do("lost", silent.id, reach=EVERYTHING, at=MORNING + DAY, **PUT_OFF)
    assert await answered(sales) == 0


async def test_a_loss_that_the_dealer_told_is_an_answer(sales: Sales):  # noqa: F811
    lead = await sales.sent()
    await sales.do("lost", lead.id, reach=Reach(frozenset({HOME})), at=MORNING + DAY, **PUT_OFF)
    assert await answered(sales) == 1
