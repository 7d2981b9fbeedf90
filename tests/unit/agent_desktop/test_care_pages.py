"""The care plan on the screen: rules that are written, ordered and switched, and the calendar that says why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm_core.access.model import User
from crm_core.access.roles import Role
from crm_core.campaigns.model import Campaign, CampaignEntry
from crm_core.care.jobs import plan_care
from crm_core.care.rulebook import CareRule
from crm_core.care.settings import care_rules
from crm_core.cases.model import Case
from crm_core.clock import now
from crm_core.consent.model import Consent
from crm_core.customers.model import Customer
from crm_core.dealers.model import CareTask
from crm_core.vehicles.model import Delivery, Vehicle
from crm_core.workforce.model import WorkforceVersion
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

CHIEF, LEADER = "3001", "3002"
SITE_ZONE = ZoneInfo("Asia/Shanghai")
RULE: dict[str, Any] = {
    "base": "0", "name_zh": "交车一周问候", "name_en": "A word after a week", "trigger": "delivery", "days": "7",
    "window": "10", "attempts": "3", "owner": "sales_consultant", "by": "dealer", "channel": "phone",
    "purpose": "care", "campaign": "", "models": "远辰 E6，远辰 E8", "regions": "", "energies": ["electric"], "on": "1",
}  # fmt: skip


@pytest.fixture
async def chief(web: WebSite) -> WebSite:
    """A supervisor and a team leader, and a customer who agreed to calls and got a car today."""
    at, today = now(), now().date()
    async with web.db.begin() as session:
        known = await session.get_one(User, 1)
        for number, role in ((CHIEF, Role.SUPERVISOR), (LEADER, Role.TEAM_LEADER)):
            person = User(number=number, name="主管", name_en="Chief", roles=role.value, language="zh-CN")
            person.password_hash = known.password_hash
            session.add(person)
        vehicle = await session.scalar(select(Vehicle).limit(1))
        customer = await session.get_one(Customer, people.CHEN)
        assert vehicle is not None
        session.add(
            Consent(customer_id=people.CHEN, purpose="care", channel="phone", given=True, at=at, words="", by="1")
        )
        delivery = Delivery(vehicle_id=vehicle.id, customer_id=people.CHEN, dealer_id=customer.dealer_id)
        delivery.delivered_on, delivery.consultant = today, "李娜"
        session.add(delivery)
    return web


async def send(web: WebSite, path: str, number: str = CHIEF, **form: Any) -> int:
    entered = await web.enter(number)
    answer = await web.client.post(path, data={"csrf_token": entered.user.csrf, **form})
    return answer.status_code


async def seen(web: WebSite, path: str, number: str = CHIEF) -> str:
    await web.enter(number)
    answer = await web.client.get(path)
    assert answer.status_code == 200, path
    return answer.text


async def rules(web: WebSite) -> dict[str, CareRule]:
    async with web.db.begin() as session:
        return {one.id: one for one in await care_rules(session)}


async def test_a_supervisor_writes_a_rule_and_it_stands_last(chief: WebSite):
    assert await send(chief, "/care/rules/new", **RULE) == 303
    *_, last = (await rules(chief)).values()
    assert (last.name_zh, last.days, last.models, last.energies) == (
        "交车一周问候",
        7,
        ("远辰 E6", "远辰 E8"),
        ("electric",),
    )
    assert "交车一周问候" in await seen(chief, f"/care/rules/{last.id}")


async def test_what_was_typed_stays_when_a_rule_is_refused(chief: WebSite):
    entered = await chief.enter(CHIEF)
    wrong = {**RULE, "csrf_token": entered.user.csrf, "days": "many", "by": "centre"}
    answer = await chief.client.post("/care/rules/new", data=wrong)
    assert answer.status_code == 422
    for shown in ('value="many"', 'value="交车一周问候"', "请选择负责拨打的外呼活动"):
        assert shown in answer.text, shown
    assert len(await rules(chief)) == 7


async def test_a_rule_is_switched_off_and_on_again_by_undoing_it(chief: WebSite):
    assert await send(chief, "/care/rules/two_weeks/off") == 303
    assert not (await rules(chief))["two_weeks"].on
    async with chief.db.begin() as session:
        saved = await session.scalar(select(WorkforceVersion.id).where(WorkforceVersion.kind == "care"))
    assert await send(chief, f"/admin/versions/{saved}/undo", next="/care/rules") == 303
    assert (await rules(chief))["two_weeks"].on


async def test_the_order_of_the_rules_is_changed_and_its_ends_stay_ends(chief: WebSite):
    await send(chief, "/care/rules/four_weeks/up")
    assert list(await rules(chief))[:2] == ["four_weeks", "two_weeks"]
    assert await send(chief, "/care/rules/four_weeks/up") == 303
    assert list(await rules(chief))[:2] == ["four_weeks", "two_weeks"]


async def test_who_only_sees_campaigns_reads_the_rules_and_changes_none(chief: WebSite):
    assert "two_weeks" in await seen(chief, "/care/rules", LEADER)
    assert await send(chief, "/care/rules/two_weeks/off", LEADER) == 403
    assert await send(chief, "/care/rules/new", LEADER, **RULE) == 403


async def test_an_unknown_rule_and_a_foreign_act_are_not_found(chief: WebSite):
    await chief.enter(CHIEF)
    assert (await chief.client.get("/care/rules/no-such")).status_code == 404
    assert await send(chief, "/care/rules/no-such/on") == 404
    assert await send(chief, "/care/rules/two_weeks/explode") == 404


async def plan(web: WebSite) -> None:
    """As the job does it, within seconds of an event."""
    async with web.db.begin() as session:
        await plan_care(session, at=now(), zone=SITE_ZONE)


async def test_the_calendar_shows_what_no_list_has_yet_and_for_whom(chief: WebSite):
    due = now().date() + timedelta(days=60)
    far: dict[str, Any] = {**RULE, "name_zh": "两个月问候", "days": "60", "models": "", "energies": []}
    assert await send(chief, "/care/rules/new", **far) == 303
    *_, rule = await rules(chief)
    await plan(chief)
    page = await seen(chief, f"/care?on={due}&rule={rule}")
    for shown in ("两个月问候", "陈建国", "李娜", "会联系"):
        assert shown in page, shown
    assert "陈建国" not in await seen(chief, f"/care?on={due}&rule=birthday")


async def test_the_calendar_says_why_a_customer_will_not_be_called(chief: WebSite):
    due = now().date() + timedelta(days=14)
    async with chief.db.begin() as session:
        answer = Consent(customer_id=people.CHEN, purpose="care", channel="phone", given=False, words="", by="1")
        answer.at = now()
        session.add(answer)
    await plan(chief)
    page = await seen(chief, f"/care?on={due}&rule=two_weeks")
    assert "不会联系" in page
    assert "拒绝" in page


async def test_an_open_complaint_that_stopped_a_task_is_told(chief: WebSite):
    today = now().date()
    async with chief.db.begin() as session:
        customer = await session.get_one(Customer, people.CHEN)
        session.add(Case(number="TS-X", kind="complaint", title="异响", customer_id=people.CHEN, opened_at=now()))
        task = CareTask(kind="two_weeks", subject="delivery/77", purpose="care", customer_id=people.CHEN)
        task.dealer_id, task.due_on, task.status, task.reason = customer.dealer_id, today, "stopped", "complaint"
        session.add(task)
    assert "客户有未结投诉" in await seen(chief, f"/care?on={today}&rule=two_weeks")


@pytest.mark.parametrize(
    "query", ["day=x&on=y", "day=9999-12-31", "dealer=-1&rule='--&owner=nobody&start=1e9", "view=no"]
)
async def test_a_hostile_query_is_as_if_it_was_not_asked(chief: WebSite, query: str):
    await seen(chief, f"/care?{query}")


async def test_the_centres_rule_needs_a_campaign_of_the_same_purpose(chief: WebSite):
    async with chief.db.begin() as session:
        session.add(Campaign(id=5, name="问候", mode="preview", purpose="news", created_by=CHIEF, created_at=now()))
    centre: dict[str, Any] = {**RULE, "by": "centre", "campaign": "5"}
    assert await send(chief, "/care/rules/new", **centre) == 422
    assert await send(chief, "/care/rules/new", **{**centre, "purpose": "news"}) == 303
    assert "问候" in await seen(chief, "/care/rules/new")


async def test_a_campaigns_customers_are_handed_to_their_dealers_and_taken_back_on_its_page(chief: WebSite):
    async with chief.db.begin() as session:
        dealer_id = (await session.get_one(Customer, people.CHEN)).dealer_id
        session.add(Campaign(id=6, name="回访", mode="preview", purpose="care", created_by=CHIEF, created_at=now()))
        await session.flush()
        entry = CampaignEntry(campaign_id=6, customer_id=people.CHEN, dealer_id=dealer_id, due_at=now(), added_at=now())
        session.add(entry)
    path, day = "/campaigns/6/dealers", str(now().date() + timedelta(days=7))
    assert await send(chief, f"{path}/give", due_on="yesterday") == 422
    assert await send(chief, f"{path}/give", LEADER, due_on=day) == 403
    assert await send(chief, f"{path}/give", due_on=day, dealer=str(dealer_id)) == 303
    async with chief.db.begin() as session:
        assert await session.scalar(select(CampaignEntry.state)) == "handed"
    assert await send(chief, f"{path}/back") == 303
    async with chief.db.begin() as session:
        assert await session.scalar(select(CampaignEntry.state)) == "waiting"
    assert "已收回 1 人" in await seen(chief, f"{path}?taken=1")


async def test_the_calendar_says_that_everybody_is_being_planned_anew_after_a_rule_was_changed(chief: WebSite):
    assert "正在为所有客户重新排计划" not in await seen(chief, "/care")
    assert await send(chief, "/care/rules/two_weeks/off") == 303
    assert "正在为所有客户重新排计划" in await seen(chief, "/care")
