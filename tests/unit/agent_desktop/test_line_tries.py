"""What would answer a number, as it is tried on the page."""

from __future__ import annotations

from sqlalchemy import update

from crm_core.access.model import User
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.test_lines import post


async def test_a_number_is_published_as_people_write_it_and_who_sees_no_customers_learns_no_name(web: WebSite):
    entered = await web.enter(people.ADMIN)
    form = {"number": "400-171 8888", "name": "总机", "brand": "", "queue": "repair", "in_use": "1", "position": "1"}
    assert (await post(web, entered, "numbers/new", form)).status_code == 303
    asked = f"/admin/lines/test?asked=4001718888&caller={people.CHEN_NUMBER.removeprefix('+86')}"
    seen = (await web.client.get(asked)).text
    assert "陈建国" not in seen
    assert "已登记" in seen
    async with web.db.begin() as session:
        await session.execute(update(User).where(User.number == people.ADMIN).values(roles="supervisor"))
    await web.enter(people.ADMIN)
    assert "陈建国" in (await web.client.get(asked)).text
