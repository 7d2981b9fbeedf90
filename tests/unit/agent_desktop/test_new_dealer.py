"""The centre takes a dealer into the network: data, hours, position, and the first person who can sign in."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from crm_core.access.model import User
from crm_core.dealers.model import Dealer, DealerStaff
from tests import dealer_people as d
from tests.unit.agent_desktop.conftest import WebSite

GOOD = {
    "code": "jl900",
    "name": "长春新店远辰 4S 店",
    "short_name": "长春新店",
    "province": "吉林",
    "city": "长春",
    "region": "东北",
    "address": "人民大街 900 号",
    "phone": "0431 8899 0000",
    "latitude": "43.83",
    "longitude": "125.31",
    "services": ["sales", "workshop"],
    "active": "1",
    **{f"day{day}": "08:30-18:00" for day in range(6)},
    "person": "韩冰",
    "role": "manager",
}


@pytest.fixture
async def shop(web: WebSite) -> WebSite:
    async with web.db.begin() as session:
        await d.settle_dealers(session)
    return web


async def add(web: WebSite, token: str, status: int, **changes: object) -> str:
    answer = await web.client.post("/admin/network/new", data={"csrf_token": token, **GOOD, **changes})
    assert answer.status_code == status, answer.text[:400]
    return answer.text


async def dealers(web: WebSite) -> int:
    async with web.db.begin() as session:
        return await session.scalar(select(func.count()).select_from(Dealer)) or 0


async def test_a_dealer_is_added_and_its_manager_signs_in_to_the_own_portal(shop: WebSite):
    who = await shop.enter(d.SUPERVISOR)
    form = await shop.client.get("/admin/network/new")
    assert 'value="08:30-18:00"' in form.text
    shown = await add(shop, who.csrf, 200)
    assert re.search(r"6\d{5}", shown)
    async with shop.db.begin() as session:
        dealer = (await session.scalars(select(Dealer).where(Dealer.code == "JL900"))).one()
        person = (await session.scalars(select(DealerStaff).where(DealerStaff.dealer_id == dealer.id))).one()
        user = await session.get_one(User, person.user_id)
        assert (dealer.phone, dealer.services, dealer.week[6]) == ("+8643188990000", ["sales", "workshop"], [])
        assert (person.name, user.dealer_id, user.roles) == ("韩冰", dealer.id, "dealer_manager")


async def test_without_a_person_the_dealer_is_added_all_the_same(shop: WebSite):
    who = await shop.enter(d.SUPERVISOR)
    await add(shop, who.csrf, 303, person="")


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("code", "", 422),
        ("code", "'; DROP TABLE", 422),
        ("name", " ", 422),
        ("city", "", 422),
        ("phone", "", 422),
        ("latitude", "", 422),
        ("longitude", "999", 422),
        ("latitude", "23.1", 409),
        ("day0", "25:00-26:00", 422),
        ("role", "technician", 422),
        ("person_phone", "abc", 422),
    ],
)
async def test_what_is_wrong_is_said_under_its_field_and_nothing_is_kept(
    shop: WebSite, field: str, value: str, status: int
):
    who = await shop.enter(d.SUPERVISOR)
    before = await dealers(shop)
    text = await add(shop, who.csrf, status, **{field: value})
    assert f'id="{field}-error"' in text
    assert 'value="人民大街 900 号"' in text
    assert await dealers(shop) == before


async def test_a_code_that_is_taken_is_refused_and_a_far_position_can_be_right(shop: WebSite):
    who = await shop.enter(d.SUPERVISOR)
    await add(shop, who.csrf, 303, person="", latitude="40.1", far="1")
    assert "JL900" in await add(shop, who.csrf, 422, person="")


async def test_only_who_edits_the_network_adds_a_dealer(shop: WebSite):
    who = await shop.enter(d.MANAGER)
    await add(shop, who.csrf, 403)
