"""A workshop booked in the call: dealer, day, free time; the dealer sees it; another time, off, and back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from crm_core.dealers.network_model import WorkshopBooking
from tests import dealer_people as d
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

PAGE = f"/bookings?customer={people.CHEN}"


@pytest.fixture
async def shop(web: WebSite) -> WebSite:
    async with web.db.begin() as session:
        await d.settle_dealers(session)
    return web


async def seen(web: WebSite, path: str, status: int = 200) -> str:
    answer = await web.client.get(path)
    assert answer.status_code == status, answer.text[:400]
    return answer.text


def tomorrow(web: WebSite, hour: int = 9) -> datetime:
    day = (datetime.now(UTC) + timedelta(days=1)).astimezone(web.app.state.site.zone)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


async def post(web: WebSite, token: str, path: str, status: int = 303, **form: str) -> str:
    answer = await web.client.post(path, data={"csrf_token": token, "customer": str(people.CHEN), **form})
    assert answer.status_code == status, answer.text[:500]
    return answer.headers.get("location", answer.text)


async def booking(web: WebSite) -> WorkshopBooking:
    async with web.db.begin() as session:
        return (await session.scalars(select(WorkshopBooking))).one()


async def booked(web: WebSite, token: str, hour: int = 9) -> str:
    begins = tomorrow(web, hour)
    form: dict[str, Any] = {"dealer": "1", "work": "repair", "day": str(begins.date()), "begins_at": begins.isoformat()}
    return await post(web, token, "/bookings", **form, words="要代步车")


async def test_the_free_times_of_the_own_dealer_are_shown_first(shop: WebSite):
    await shop.enter()
    shown = await seen(shop, f"{PAGE}&day={tomorrow(shop).date()}&work=repair")
    assert re.search(r'<option value="1" selected>[^<]*所属经销商', shown)
    assert tomorrow(shop).isoformat() in unescape(shown)
    block = await shop.client.get(PAGE, headers={"HX-Request": "true"})
    assert "<html" not in block.text


async def test_a_time_is_booked_and_the_dealer_sees_it_with_the_wish(shop: WebSite):
    who = await shop.enter()
    done = await seen(shop, await booked(shop, who.csrf))
    assert "已预约，经销商已可看到。" in done
    row = await booking(shop)
    assert (row.source, row.booked_by, row.wish) == ("hotline", people.AGENT, "要代步车")
    await shop.enter(d.RELATIONS)
    day = await seen(shop, f"/dealer/workshop?day={tomorrow(shop).date()}")
    assert "要代步车" in day


async def test_a_time_that_was_taken_meanwhile_is_refused_and_the_wish_stays(shop: WebSite):
    who = await shop.enter()
    await booked(shop, who.csrf)
    begins = tomorrow(shop)
    form: dict[str, Any] = {"dealer": "1", "work": "repair", "day": str(begins.date()), "begins_at": begins.isoformat()}
    refused = await post(shop, who.csrf, "/bookings", 409, **form, words="<script>x</script>")
    assert "<script>x" not in refused
    assert "&lt;script&gt;x" in refused


async def test_another_time_and_back_again(shop: WebSite):
    who = await shop.enter()
    await booked(shop, who.csrf)
    row = await booking(shop)
    assert "改到此时间" in await seen(shop, f"{PAGE}&change={row.id}&work=repair&day={tomorrow(shop).date()}")
    later: dict[str, Any] = {"work": "inspection", "begins_at": tomorrow(shop, 14).isoformat()}
    done = await seen(shop, await post(shop, who.csrf, f"/bookings/{row.id}/change", **later))
    assert (await booking(shop)).begins_at == tomorrow(shop, 14)
    was = re.search(r'name="work" value="(repair)"><input type="hidden" name="begins_at" value="([^"]+)"', done)
    assert was
    await post(shop, who.csrf, f"/bookings/{row.id}/change", work=was[1], begins_at=unescape(was[2]))
    back = await booking(shop)
    assert (back.begins_at, back.work) == (tomorrow(shop), "repair")


async def test_another_dealer_in_one_step_and_back_again(shop: WebSite):
    who = await shop.enter()
    await booked(shop, who.csrf)
    row = await booking(shop)
    begins = tomorrow(shop)
    shown = await seen(shop, f"{PAGE}&change={row.id}&work=repair&day={begins.date()}&dealer=2")
    assert re.search(r'<option value="2" selected>', shown)
    to_the_other: dict[str, Any] = {"work": "repair", "dealer": "2", "begins_at": begins.isoformat()}
    done = await seen(shop, await post(shop, who.csrf, f"/bookings/{row.id}/change", **to_the_other))
    assert (await booking(shop)).dealer_id == 2
    assert re.search(r'name="dealer" value="1"><input type="hidden" name="work" value="repair">', done)
    await post(shop, who.csrf, f"/bookings/{row.id}/change", **(to_the_other | {"dealer": "1"}))
    assert (await booking(shop)).dealer_id == 1
    await post(shop, who.csrf, f"/bookings/{row.id}/change", 422, **(to_the_other | {"dealer": "99999"}))
    assert (await booking(shop)).dealer_id == 1


async def test_off_and_on_again(shop: WebSite):
    who = await shop.enter()
    await booked(shop, who.csrf)
    row = await booking(shop)
    done = await seen(shop, await post(shop, who.csrf, f"/bookings/{row.id}/cancel"))
    assert f"/bookings/{row.id}/restore" in done
    assert (await booking(shop)).status == "cancelled"
    await post(shop, who.csrf, f"/bookings/{row.id}/restore")
    assert (await booking(shop)).status == "booked"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"begins_at": "soon"}, 422),
        ({"begins_at": ""}, 422),
        ({"begins_at": "1999-01-01T09:00:00+08:00"}, 422),
        ({"vehicle": "99999"}, 422),
        ({"work": "'; DROP"}, 422),
        ({"dealer": "99999"}, 422),
        ({"customer": "99999"}, 404),
    ],
)
async def test_what_is_wrong_is_refused_and_nothing_is_booked(shop: WebSite, wrong: dict[str, str], status: int):
    who = await shop.enter()
    begins = tomorrow(shop)
    form: dict[str, Any] = {"dealer": "1", "work": "repair", "day": str(begins.date()), "begins_at": begins.isoformat()}
    await post(shop, who.csrf, "/bookings", status, **(form | wrong))
    async with shop.db.begin() as session:
        assert not list(await session.scalars(select(WorkshopBooking)))


@pytest.mark.parametrize("query", ["", "?customer=99999", "?customer=1&change=99999"])
async def test_unknown_customers_and_bookings_are_not_found(shop: WebSite, query: str):
    await shop.enter()
    await seen(shop, f"/bookings{query}", 404)


async def test_a_dealers_person_does_not_reach_the_centres_page(shop: WebSite):
    who = await shop.enter(d.RELATIONS)
    await seen(shop, PAGE, 403)
    await post(shop, who.csrf, "/bookings/1/cancel", 403)


async def test_where_a_booking_leads_back_to_is_this_site(shop: WebSite):
    who = await shop.enter()
    assert not urlsplit(await booked(shop, who.csrf)).netloc
