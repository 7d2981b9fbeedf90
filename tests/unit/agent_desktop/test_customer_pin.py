"""A customer's PIN for the menu, set and taken away on the customer's page."""

from __future__ import annotations

from sqlalchemy import select

from crm_core.access.model import AuditEntry
from crm_core.self_service.identity import prove
from crm_core.self_service.model import CallerPin
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

PAGE = f"/customers/{people.CHEN}"


async def proves(web: WebSite, pin: str) -> bool:
    async with web.db.begin() as session:
        return await prove(session, people.CHEN_NUMBER, pin) is not None


async def audited(web: WebSite) -> list[tuple[str, str, str]]:
    async with web.db.begin() as session:
        rows = await session.scalars(
            select(AuditEntry).where(AuditEntry.action.startswith("caller_pin")).order_by(AuditEntry.id)
        )
        return [(row.actor, row.action, row.subject) for row in rows]


async def test_a_pin_that_the_agent_sets_opens_the_menu_until_it_is_taken_away(web: WebSite):
    who = await web.enter()
    assert not await proves(web, "402913")
    answer = await web.client.post(f"{PAGE}/pin", data={"csrf_token": who.csrf, "pin": "402913"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}#pin")
    assert await proves(web, "402913")
    shown = (await web.client.get(PAGE)).text
    assert "402913" not in shown
    assert "林晓梅设置" in shown
    cleared = await web.client.post(f"{PAGE}/pin/clear", data={"csrf_token": who.csrf})
    assert cleared.status_code == 303
    assert not await proves(web, "402913")
    subject = f"customer/{people.CHEN}"
    assert await audited(web) == [
        (people.AGENT, "caller_pin_set", subject),
        (people.AGENT, "caller_pin_removed", subject),
    ]


async def test_a_pin_that_anybody_guesses_is_refused_at_its_field_and_the_old_one_stays(web: WebSite):
    who = await web.enter()
    await web.client.post(f"{PAGE}/pin", data={"csrf_token": who.csrf, "pin": "402913"})
    for wrong in ("123456", "111111", "40291", "40291x", ""):
        answer = await web.client.post(f"{PAGE}/pin", data={"csrf_token": who.csrf, "pin": wrong})
        assert answer.status_code == 422, wrong
        assert "请选六位不易猜到的数字" in answer.text
    assert await proves(web, "402913")


async def test_a_customer_whom_nobody_knows_has_no_pin(web: WebSite):
    who = await web.enter()
    for ident in ("999999", "99999999999"):
        for path in ("pin", "pin/clear"):
            answer = await web.client.post(f"/customers/{ident}/{path}", data={"csrf_token": who.csrf, "pin": "402913"})
            assert answer.status_code == 404, path
    async with web.db.begin() as session:
        assert await session.scalar(select(CallerPin.customer_id)) is None
