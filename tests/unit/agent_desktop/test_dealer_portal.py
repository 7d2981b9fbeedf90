"""The dealer portal's pages: own data only, each step with its sentence, nothing lost when it is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import func, select

from crm_core.access.actions import SignedIn
from crm_core.access.model import AuditEntry, User
from crm_core.cases.model import Case
from crm_core.dealers.model import CareTask, DailyFigures, Dealer, DealerStaff
from crm_core.dealers.network_model import FiguresChange, NewsRead, SupplyOrder, WorkshopBooking
from crm_core.leads.model import Lead
from crm_core.vehicles.model import TradeIn, WorkshopVisit
from tests import dealer_people as d
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

PAGES = (
    "/dealer",
    "/dealer?task=complaint/TS-1",
    "/dealer?task=lead/XS-1",
    "/dealer?task=care/301",
    "/dealer?task=care/999999999999",
    "/dealer/complaints",
    "/dealer/complaints?state=late&q=%27;--&owner=-",
    "/dealer/complaints/TS-1",
    "/dealer/leads?state=new",
    "/dealer/leads/XS-1",
    "/dealer/care?state=open",
    "/dealer/care/301",
    "/dealer/daily",
    "/dealer/station",
    "/dealer/staff",
    "/dealer/staff/12",
    "/dealer/workshop",
    "/dealer/news",
    "/dealer/news/1",
    "/dealer/supply",
    "/dealer/figures",
    "/dealer/figures?measure=visitors&month=1999-01",
)
WORKING = (
    "/dealer/workshop?new=1&q=陈建国",
    "/dealer/workshop?new=1&customer=1&work=repair",
    "/dealer/returned?customer=1",
    "/dealer/returned?what=trade_in&q=吉AD30618",
    "/dealer/supply?new=material",
    "/dealer/daily?day={today}",
)
EXPORTS = (
    "/dealer/complaints.csv",
    "/dealer/leads.csv",
    "/dealer/care.csv",
    "/dealer/daily.csv",
    "/dealer/figures.csv",
)
FOREIGN = (
    "/dealer/complaints/TS-3",
    "/dealer/leads/XS-3",
    "/dealer/care/303",
    "/dealer/staff/32",
    "/dealer/news/2",
    "/dealer?dealer=3",
    "/dealer/station?dealer=3",
)


@pytest.fixture
async def shop(web: WebSite) -> WebSite:
    async with web.db.begin() as session:
        await d.settle_dealers(session)
    return web


async def post(web: WebSite, who: SignedIn, path: str, **form: Any) -> Response:
    return await web.client.post(path, data={"csrf_token": who.csrf, **form})


async def one(web: WebSite, statement: Any) -> Any:
    async with web.db.begin() as session:
        return await session.scalar(statement)


async def statuses(web: WebSite, paths: tuple[str, ...]) -> set[int]:
    return {(await web.client.get(path)).status_code for path in paths}


@pytest.mark.parametrize("number", [d.RELATIONS, d.MANAGER, d.REGIONAL])
async def test_a_dealers_person_sees_every_page_and_an_agent_none(shop: WebSite, number: str):
    await shop.enter(number)
    assert await statuses(shop, PAGES) == {200}
    await shop.enter(people.AGENT)
    assert await statuses(shop, PAGES) == {403}


async def test_the_forms_open_for_who_works_at_the_dealer(shop: WebSite):
    await shop.enter(d.RELATIONS)
    today = datetime.now(UTC).astimezone(shop.app.state.site.zone).date()
    assert await statuses(shop, tuple(path.format(today=today) for path in WORKING)) == {200}


async def test_what_is_shown_can_be_taken_to_a_spreadsheet(shop: WebSite):
    await shop.enter(d.RELATIONS)
    for path in EXPORTS:
        answer = await shop.client.get(path)
        assert answer.status_code == 200
        assert answer.content.startswith(b"\xef\xbb\xbf")


async def test_a_formula_in_a_name_stays_text_in_the_spreadsheet(shop: WebSite):
    async with shop.db.begin() as session:
        (await session.get_one(Case, 101)).title = "=HYPERLINK(1)"
    await shop.enter(d.RELATIONS)
    assert "'=HYPERLINK(1)" in (await shop.client.get("/dealer/complaints.csv")).text


async def test_another_dealers_ids_are_answered_like_unknown_ones(shop: WebSite):
    await shop.enter(d.RELATIONS)
    assert await statuses(shop, FOREIGN) == {404}


FOREIGN_ACTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/dealer/complaints/TS-3/accept", {}),
    ("/dealer/leads/XS-3/follower", {"staff_id": "32"}),
    ("/dealer/care/303/done", {"note": "x"}),
    ("/dealer/daily/today?dealer=3", {"visitors": "1", "enquiries": "1"}),
    ("/dealer/staff/32/leave", {}),
    ("/dealer/station?dealer=3", {}),
    ("/dealer/news/2/read", {}),
)


async def test_nothing_of_another_dealer_can_be_changed(shop: WebSite):
    me = await shop.enter(d.MANAGER)
    for path, form in FOREIGN_ACTS:
        assert (await post(shop, me, path, **form)).status_code == 404, path
    assert await one(shop, select(Case.stage).where(Case.id == 103)) == "accept"
    assert await one(shop, select(CareTask.status).where(CareTask.id == 303)) == "open"


async def test_a_regional_manager_sees_the_own_dealers_and_does_nothing(shop: WebSite):
    me = await shop.enter(d.REGIONAL)
    page = (await shop.client.get("/dealer")).text
    assert "TS-1" in page
    assert "TS-3" not in page
    assert (await shop.client.get("/dealer/ranking")).status_code == 200
    assert (await post(shop, me, "/dealer/complaints/TS-1/accept")).status_code == 403
    assert (await shop.client.get("/dealer/returned")).status_code == 403


async def test_the_ranking_is_not_a_single_dealers(shop: WebSite):
    await shop.enter(d.MANAGER)
    assert (await shop.client.get("/dealer/ranking")).status_code == 403


async def test_a_complaint_goes_through_the_dealers_steps(shop: WebSite):
    me = await shop.enter(d.RELATIONS)
    base = "/dealer/complaints/TS-1"
    assert (await post(shop, me, f"{base}/accept", next="/dealer")).headers["location"] == "/dealer?told=accepted"
    page = (await shop.client.get(base)).text
    assert "按类型建议" in page
    await post(shop, me, f"{base}/owner", staff_id=d.TECHNICIAN, words="请今天联系")
    await post(shop, me, f"{base}/contacted", words="客户希望本周修好")
    await post(shop, me, f"{base}/support", words="需要三电专家")
    await post(shop, me, f"{base}/solved", words="更换充电口")
    refused = await post(shop, me, f"{base}/report", cause="接触不良", measures="", customer_said="满意")
    assert refused.status_code == 422
    assert "接触不良" in refused.text
    await post(shop, me, f"{base}/report", cause="接触不良", measures="更换", customer_said="满意")
    assert await one(shop, select(Case.stage).where(Case.id == 101)) == "confirm"


async def test_a_step_that_is_not_next_is_refused_with_a_sentence(shop: WebSite):
    me = await shop.enter(d.RELATIONS)
    answer = await post(shop, me, "/dealer/complaints/TS-1/solved", words="好了")
    assert answer.status_code == 409
    assert "签收" in answer.text


async def test_where_to_go_back_is_never_another_site(shop: WebSite):
    me = await shop.enter(d.RELATIONS)
    answer = await post(shop, me, "/dealer/complaints/TS-1/accept", next="https://evil.example/dealer")
    assert answer.headers["location"].startswith("/dealer")


async def test_a_lead_is_named_answered_and_won_with_the_car(shop: WebSite):
    me = await shop.enter(d.RELATIONS)
    await post(shop, me, "/dealer/leads/XS-1/follower", staff_id=d.CONSULTANT)
    empty = await post(shop, me, "/dealer/leads/XS-1/feedback", words="")
    assert empty.status_code == 422
    await post(shop, me, "/dealer/leads/XS-1/feedback", words="周六试驾")
    assert await one(shop, select(Lead.status).where(Lead.id == 201)) == "following"
    wrong = await post(shop, me, "/dealer/leads/XS-1/won", vin="X", plate="", model="远辰 E8", delivered_on="gestern")
    assert wrong.status_code == 422
    today = datetime.now(UTC).date()
    won = {"vin": "LFV3A23C9R0099999", "plate": "吉AD12345", "model": "远辰 E8", "delivered_on": str(today)}
    answer = await post(shop, me, "/dealer/leads/XS-1/won", **won, price_yuan="258000")
    assert answer.status_code == 303, answer.text
    assert await one(shop, select(Lead.status).where(Lead.id == 201)) == "won"


async def test_figures_are_reported_once_and_corrected_with_the_reason(shop: WebSite):
    me = await shop.enter(d.RELATIONS)
    bad = await post(shop, me, "/dealer/daily/today", visitors="viele", enquiries="-1")
    assert bad.status_code == 422
    assert 'value="viele"' in bad.text
    await post(shop, me, "/dealer/daily/today", visitors="42", enquiries="31")
    no_reason = await post(shop, me, "/dealer/daily/today", visitors="43", enquiries="31")
    assert no_reason.status_code == 422
    await post(shop, me, "/dealer/daily/today", visitors="43", enquiries="31", reason="漏记一组")
    row = await one(shop, select(DailyFigures))
    change = await one(shop, select(FiguresChange))
    assert (row.dealer_id, row.visitors, change.visitors_before, change.reason) == (1, 43, 42, "漏记一组")
    future = str(datetime.now(UTC).date() + timedelta(days=3))
    assert (await post(shop, me, f"/dealer/daily/{future}", visitors="1", enquiries="1")).status_code == 422


async def test_a_care_task_is_done_undone_moved_and_skipped(shop: WebSite):
    me = await shop.enter(d.RELATIONS)
    assert (await post(shop, me, "/dealer/care/301/done", note="")).status_code == 422
    answer = await post(shop, me, "/dealer/care/301/done", note="一切正常", channel="phone")
    assert "undo=301" in answer.headers["location"]
    assert await one(shop, select(CareTask.status).where(CareTask.id == 301)) == "done"
    await post(shop, me, "/dealer/care/301/reopen")
    assert (await post(shop, me, "/dealer/care/301/move", due_on="1999-01-01")).status_code == 422
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    await post(shop, me, "/dealer/care/301/move", due_on=str(tomorrow))
    assert await one(shop, select(CareTask.due_on).where(CareTask.id == 301)) == tomorrow
    assert (await post(shop, me, "/dealer/care/301/skip", reason="")).status_code == 422
    await post(shop, me, "/dealer/care/301/skip", reason="sold_car")
    assert await one(shop, select(CareTask.reason).where(CareTask.id == 301)) == "sold_car"


STATION = {f"day{day}": "08:30-18:00" for day in range(6)} | {
    "day6": "",
    "closed_days": "2027-02-06",
    "services": ["sales", "rescue"],
    "latitude": "43.88",
    "longitude": "125.26",
    "phone": "0431-88880001",
    "rescue_phone": "",
    "address": "景阳大路 1288 号",
}


async def test_a_manager_keeps_the_stations_data_and_can_go_back(shop: WebSite):
    me = await shop.enter(d.MANAGER)
    assert (await post(shop, me, "/dealer/station", base="0", **STATION)).status_code == 303
    dealer = await one(shop, select(Dealer).where(Dealer.id == 1))
    assert (dealer.week[6], dealer.services, dealer.phone) == ([], ["sales", "rescue"], "+8643188880001")
    wrong = await post(shop, me, "/dealer/station", base="1", **{**STATION, "day0": "18:00-08:30", "latitude": "x"})
    assert wrong.status_code == 422
    assert 'value="18:00-08:30"' in wrong.text
    far = await post(shop, me, "/dealer/station", base="1", **{**STATION, "latitude": "30.0"})
    assert far.status_code == 409
    stale = await post(shop, me, "/dealer/station", base="0", **STATION)
    assert stale.status_code == 409
    await post(shop, me, "/dealer/station/undo", number="1")
    assert (await one(shop, select(Dealer).where(Dealer.id == 1))).services == []


async def test_a_relations_manager_reads_the_stations_data_only(shop: WebSite):
    me = await shop.enter(d.RELATIONS)
    assert (await post(shop, me, "/dealer/station", base="0", **STATION)).status_code == 403
    assert (await post(shop, me, "/dealer/staff/new", name="x", role="technician")).status_code == 403


async def test_a_manager_adds_a_person_with_a_sign_in_that_sees_this_dealer_only(shop: WebSite):
    me = await shop.enter(d.MANAGER)
    assert (await post(shop, me, "/dealer/staff/new", name="", role="boss")).status_code == 422
    await post(shop, me, "/dealer/staff/new", name="<b>白静</b>", role="relations_manager", phone="13804310000")
    person = await one(shop, select(DealerStaff).where(DealerStaff.name.contains("白静")))
    given = await post(shop, me, f"/dealer/staff/{person.id}/sign_in")
    assert "600001" in given.text
    assert "<b>白静" not in given.text
    user = await one(shop, select(User).where(User.number == "600001"))
    assert (user.dealer_id, user.roles) == (1, "dealer_relations")


async def test_who_leaves_hands_the_open_work_over_and_cannot_sign_in_any_more(shop: WebSite):
    me = await shop.enter(d.MANAGER)
    async with shop.db.begin() as session:
        (await session.get_one(Lead, 201)).staff_id = 11
    refused = await post(shop, me, "/dealer/staff/11/leave")
    assert refused.status_code == 409
    await post(shop, me, "/dealer/staff/11/leave", hand_to="12")
    assert await one(shop, select(Lead.staff_id).where(Lead.id == 201)) == 12
    assert await one(shop, select(User.disabled_at).where(User.number == d.RELATIONS)) is not None


async def test_a_slot_is_booked_given_and_becomes_a_visit_in_the_cars_life(shop: WebSite):
    me = await shop.enter(d.RELATIONS)
    zone = shop.app.state.site.zone
    day = (datetime.now(UTC) + timedelta(days=1)).astimezone(zone)
    begins = day.replace(hour=9, minute=0, second=0, microsecond=0).isoformat()
    form = {"customer": "1", "vehicle_id": "1", "work": "repair", "begins_at": begins, "day": str(day.date())}
    assert (await post(shop, me, "/dealer/workshop/book", **form)).status_code == 303
    assert (await post(shop, me, "/dealer/workshop/book", **form)).status_code == 409  # one technician, one place
    assert (await post(shop, me, "/dealer/workshop/book", **{**form, "customer": "4"})).status_code == 422
    booking = await one(shop, select(WorkshopBooking))
    await post(shop, me, f"/dealer/workshop/{booking.id}/give", technician_id=str(d.TECHNICIAN))
    await post(shop, me, f"/dealer/workshop/{booking.id}/arrived")
    came = (datetime.now(UTC) - timedelta(hours=3)).astimezone(zone)
    visit = {"customer": "1", "vehicle_id": "1", "kind": "repair", "came_at": f"{came:%Y-%m-%dT%H:%M}"}
    low = await post(shop, me, "/dealer/returned/visit", **visit, work_done="换件", mileage_km="12", cost_yuan="0")
    assert low.status_code == 422
    done = {**visit, "work_done": "换件", "mileage_km": "42000", "cost_yuan": "300", "booking": str(booking.id)}
    assert (await post(shop, me, "/dealer/returned/visit", **done)).status_code == 303
    assert await one(shop, select(WorkshopVisit.dealer_id)) == 1
    assert await one(shop, select(WorkshopBooking.status)) == "done"


async def test_a_used_car_comes_back_and_not_from_another_dealers_customer(shop: WebSite):
    me = await shop.enter(d.RELATIONS)
    car = {"old_vehicle": "大众 迈腾 2016", "mileage_km": "98000", "offered_yuan": "62000", "traded_on": "2026-01-05"}
    assert (await post(shop, me, "/dealer/returned/trade_in", customer="4", **car)).status_code == 404
    assert (await post(shop, me, "/dealer/returned/trade_in", customer="1", **car)).status_code == 303
    assert await one(shop, select(TradeIn.offered_yuan)) == 62000


async def test_must_read_news_is_confirmed_once(shop: WebSite):
    me = await shop.enter(d.RELATIONS)
    await shop.client.get("/dealer/news/1")
    await post(shop, me, "/dealer/news/1/read")
    await post(shop, me, "/dealer/news/1/read")
    assert await one(shop, select(func.count()).select_from(NewsRead)) == 1
    assert await one(shop, select(func.count()).where(AuditEntry.action == "news_confirmed")) == 1


async def test_material_is_ordered_and_too_much_is_refused(shop: WebSite):
    me = await shop.enter(d.RELATIONS)
    assert (await post(shop, me, "/dealer/supply", kind="material", **{"count-1": "501"})).status_code == 422
    assert (await post(shop, me, "/dealer/supply", kind="material", **{"count-1": ""})).status_code == 422
    assert (await post(shop, me, "/dealer/supply", kind="material", **{"count-1": "20"})).status_code == 303
    order = await one(shop, select(SupplyOrder))
    assert (order.dealer_id, order.status) == (1, "requested")
    assert (await post(shop, me, f"/dealer/supply/{order.id}/receive")).status_code == 409
    assert (await post(shop, me, f"/dealer/supply/{order.id}/cancel")).status_code == 303


HOSTILE = ("' OR 1=1 --", "<script>alert(1)</script>", "\0\0", "长" * 5000, "😀")


async def test_hostile_words_are_words(shop: WebSite):
    me = await shop.enter(d.RELATIONS)
    for hostile in HOSTILE:
        for path in ("/dealer/complaints", "/dealer/care", "/dealer/news", "/dealer/leads"):
            page = await shop.client.get(path, params={"q": hostile, "state": "open"})
            assert page.status_code == 200
            assert "<script>alert" not in page.text
        answer = await post(shop, me, "/dealer/care/301/tried", note=hostile)
        assert answer.status_code == 303


async def test_a_regional_manager_opens_reports_of_the_own_dealers_down_to_their_complaints(shop: WebSite):
    await shop.enter(d.REGIONAL)
    assert "/dealer/reports/cases" in (await shop.client.get("/dealer/reports")).text
    for report in ("cases", "leads"):
        at = f"/dealer/reports/{report}"
        page = (await shop.client.get(f"{at}?period=this_month")).text
        assert "博众" in page or "TS" not in page
        listed = (await shop.client.get(f"{at}/calls?period=this_month&row=all&of=opened")).text
        assert "TS-3" not in listed
        assert "XS-3" not in listed
        assert 'href="/cases/' not in listed + page
        assert 'href="/reports' not in listed + page
        answer = await shop.client.get(f"{at}/export/csv?period=this_month&list=1&row=all&of=opened")
        assert answer.status_code == 200
        assert "TS-3" not in answer.text
    assert (
        "/dealer/complaints/TS-1"
        in (await shop.client.get("/dealer/reports/cases/calls?period=this_month&row=all&of=still_open")).text
    )
    for other in ("queues", "agents", "trace", "value", "media"):
        assert (await shop.client.get(f"/dealer/reports/{other}")).status_code == 404
    assert (await shop.client.get("/reports")).status_code == 403
    await shop.enter(d.MANAGER)
    assert (await shop.client.get("/dealer/reports/cases")).status_code == 403


async def test_a_foreign_dealers_row_of_a_report_is_empty(shop: WebSite):
    await shop.enter(d.REGIONAL)
    page = (await shop.client.get("/dealer/reports/cases/calls?period=this_month&row=3&of=still_open")).text
    assert "TS-3" not in page
