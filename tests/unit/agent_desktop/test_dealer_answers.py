"""A dealer reads what the own customers answered, and nothing of another dealer's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from crm_core.clock import now
from crm_core.customers.model import Customer
from crm_core.questionnaires import actions
from crm_core.questionnaires.answering import begin, finish, give
from crm_core.questionnaires.questions import Given
from crm_core.questionnaires.templates import COMPLAINT
from tests import dealer_people as d
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite


async def answered(web: WebSite) -> None:
    """One customer of the own dealer and one of a foreign one, each with words."""
    by: dict[str, Any] = {"actor": d.SUPERVISOR, "at": now()}
    async with web.db.begin() as session:
        await d.settle_dealers(session)
        await session.execute(update(Customer).where(Customer.id == people.CHEN).values(dealer_id=d.OWN))
        await session.execute(update(Customer).where(Customer.id == people.WANG).values(dealer_id=d.FOREIGN))
        row = await actions.create(session, COMPLAINT, **by)
        await actions.publish(session, row.id, **by)
        for call, customer, said in (("a", people.CHEN, "还在漏水"), ("b", people.WANG, "别家的话")):
            await begin(
                session, call, questionnaire=row.id, how="agent", language="zh-CN", customer_id=customer, at=by["at"]
            )
            for question, given in (
                ("solved", Given(value=0)), ("tell", Given(text=said)), ("speed", Given(value=5)),
                ("attention", Given(value=4)),
            ):  # fmt: skip
                await give(session, call, question, given, at=by["at"])
            await finish(session, call, at=by["at"])


async def test_a_dealer_reads_the_own_answers_only(web: WebSite):
    await answered(web)
    await web.enter(d.RELATIONS)
    page = (await web.client.get("/dealer/answers")).text
    assert "还在漏水" in page
    assert "别家的话" not in page
    assert "1 / 1" in page  # of the own customers, not of both
    other = (await web.client.get(f"/dealer/answers?dealer={d.FOREIGN}")).status_code
    assert other == (await web.client.get("/dealer/answers?dealer=999")).status_code == 404


async def test_a_dealer_whose_customers_nobody_asked_reads_so(web: WebSite):
    async with web.db.begin() as session:
        await d.settle_dealers(session)
    await web.enter(d.OTHER)
    page = await web.client.get("/dealer/answers?questionnaire=7&days=-3")
    assert (page.status_code, "还没有询问过您的客户" in page.text) == (200, True)
