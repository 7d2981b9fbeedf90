"""Leads on the centre's pages: taken down, verified, sent, found again, and kept from people without the right."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from crm_core.consent.model import Consent
from crm_core.leads.model import Lead, LeadEvent
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

CALL: dict[str, Any] = {
    "source": "hotline",
    "model": "远辰 E8",
    "wish": "本周想试驾",
    "consent": "yes",
    "consent_words": "可以，周末打给我",
}


async def post(web: WebSite, path: str, *, who: str = people.AGENT, **form: Any):
    entered = await web.enter(who)
    return await web.client.post(path, data={"csrf_token": entered.user.csrf, **form})


async def taken_down(web: WebSite, **more: Any) -> str:
    answer = await post(web, "/leads/new", **{"customer": people.CHEN, **CALL, **more})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def read(web: WebSite, path: str) -> str:
    await web.enter()
    answer = await web.client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_an_empty_list_says_where_leads_come_from(web: WebSite):
    assert "没有未结线索" in await read(web, "/leads")
    assert "没有符合条件的线索" in await read(web, "/leads?status=won")


async def test_the_list_goes_on_behind_the_last_lead_with_its_filters(web: WebSite, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("agent_desktop.pages.leads.PAGE_SIZE", 1)
    first = await taken_down(web)
    second = await taken_down(web, again="1")
    top = await read(web, "/leads?source=hotline")
    assert (first in top, second in top) == (False, True)
    further = html.unescape(re.search(r'href="([^"]+)" rel="next"', top)[1])
    assert further.startswith("/leads?source=hotline&cursor=")
    rest = await read(web, further)
    assert (first in rest, second in rest) == (True, False)
    assert 'rel="next"' not in rest


async def test_a_lead_is_taken_down_verified_and_sent_to_the_customers_dealer(web: WebSite):
    path = await taken_down(web)
    page = await read(web, path)
    assert "陈建国" in page
    assert "138 **** 7706" in page
    assert people.CHEN_NUMBER not in page
    assert "意向属实" in page
    assert (await post(web, f"{path}/verify", model="远辰 E8", horizon="mid")).headers["location"] == path
    assert "现在下发" in await read(web, path)
    await post(web, f"{path}/send")
    page = await read(web, path)
    assert "下发给长春金达远辰" in page
    assert "客户所属经销商" in page
    assert "剩 7 天" in page or "剩 6 天" in page
    assert path in await read(web, "/leads?dealer=1")
    assert path not in await read(web, "/leads?dealer=2")


async def test_consent_is_asked_before_the_lead_goes_on(web: WebSite):
    path = await taken_down(web, consent="")
    answer = await post(web, f"{path}/verify", model="远辰 E8")
    assert answer.status_code == 409
    assert "还没有征求过客户同意" in answer.text
    unproved = await post(web, f"{path}/verify", model="远辰 E8", consent="yes")
    assert unproved.status_code == 422
    assert "同意需要凭证" in unproved.text
    await post(web, f"{path}/verify", model="远辰 E8", consent="yes", consent_words="可以")
    async with web.db.begin() as session:
        proof = (await session.scalars(select(Consent))).one()
    assert (proof.given, proof.words, proof.purpose) == (True, "可以", "lead")


async def test_a_refusal_at_the_check_ends_the_lead(web: WebSite):
    path = await taken_down(web, consent="")
    await post(web, f"{path}/verify", model="远辰 E8", consent="no", words="以后不要打电话")
    page = await read(web, path)
    assert "不愿再被联系" in page
    assert "拒绝跟进" in page


async def test_an_unknown_caller_becomes_a_customer_with_the_lead(web: WebSite):
    form: dict[str, Any] = {**CALL, "name": "高明", "number": people.NEW_NUMBER, "city": "长春"}
    first = await post(web, "/leads/new", **form)
    assert first.status_code == 303
    again = await post(web, "/leads/new", **form)
    assert again.status_code == 409
    assert "已有未结线索" in again.text
    assert first.headers["location"] in again.text
    assert "高明" in again.text  # nothing typed is lost
    assert (await post(web, "/leads/new", **form, again="1")).status_code == 303


async def test_what_cannot_be_used_is_told_at_its_field_and_nothing_is_lost(web: WebSite):
    answer = await post(web, "/leads/new", **{**CALL, "name": "高明", "number": "12", "wish": "我的愿望"})
    assert answer.status_code == 422
    assert "我的愿望" in answer.text
    assert 'aria-invalid="true"' in answer.text
    for form in ({"buy_by": "gestern"}, {"budget_wan": "viel"}, {"source": "<b>"}, {"model": "", "wish": " "}):
        answer = await post(web, "/leads/new", **{"customer": people.CHEN, **CALL, **form})
        assert answer.status_code == 422, form


async def test_several_are_sent_at_once_and_one_that_may_not_be_keeps_no_other_back(web: WebSite):
    paths = [await taken_down(web, customer=customer) for customer in (people.CHEN, people.LI_MIN)]
    for path in paths:
        await post(web, f"{path}/verify", model="E8", horizon="mid")
    async with web.db.begin() as session:
        ids = list(await session.scalars(select(Lead.id)))
    answer = await post(web, "/leads/send", lead=[*ids, 4711, "x"], dealer="", back="/leads?source=hotline")
    assert answer.headers["location"] == "/leads?source=hotline&sent=2&held=1"
    page = await read(web, "/leads?source=hotline&sent=2&held=1")
    assert "已下发 2 条，1 条没有下发" in page
    evil = await post(web, "/leads/send", lead=[], back="//evil.example/leads")
    assert evil.headers["location"].startswith("/leads?")


async def test_leads_are_found_by_number_name_telephone_and_model(web: WebSite):
    path = await taken_down(web)
    for asked in (path[-4:], "陈建国", "chenjianguo", "138 0431 7706", "E8", "试驾"):
        assert path in await read(web, f"/leads?q={asked}"), asked
    for asked in ("王静怡", "' OR 1=1 --", "%", "_", "<script>alert(1)</script>"):
        page = await read(web, f"/leads?q={quote(asked)}")
        assert path not in page, asked
        assert "<script>alert" not in page
    assert (await web.client.get("/leads?q=%00&status=%00&dealer=%00&due=%00")).status_code == 200


async def test_the_export_opens_as_a_table_and_begins_no_formula(web: WebSite):
    await taken_down(web, wish="=HYPERLINK(1)")
    await web.enter()
    answer = await web.client.get("/leads/export.csv")
    assert answer.text.startswith("\ufeff编号,客户")
    assert "'=HYPERLINK" in answer.text
    assert people.CHEN_NUMBER not in answer.text


async def test_script_in_a_wish_is_shown_as_text(web: WebSite):
    path = await taken_down(web, wish="<script>alert(1)</script>")
    for page in (await read(web, path), await read(web, "/leads")):
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;" in page


async def test_leads_are_for_those_who_work_them(web: WebSite):
    path = await taken_down(web)
    await web.enter(people.ADMIN)
    for asked in ("/leads", path, "/leads/new", "/leads/export.csv"):
        assert (await web.client.get(asked)).status_code == 403, asked
    assert (await post(web, f"{path}/lost", who=people.ADMIN, reason="price")).status_code == 403
    await web.enter()
    for unknown in ("/leads/XS-0000-9999", "/leads/%00", "/leads/' OR 1=1"):
        assert (await web.client.get(unknown)).status_code == 404
    assert (await post(web, f"{path}/explode")).status_code == 404
    assert (await web.client.post(f"{path}/lost", data={"reason": "price"})).status_code == 403


async def test_a_lead_is_lost_with_its_reason_and_opened_again(web: WebSite):
    path = await taken_down(web)
    assert (await post(web, f"{path}/lost", reason="competitor")).status_code == 422
    await post(web, f"{path}/lost", reason="competitor", lost_to="对手 X5")
    assert "对手 X5" in await read(web, path)
    assert path in await read(web, "/leads?status=lost")
    await post(web, f"{path}/reopen", words="客户回来了")
    async with web.db.begin() as session:
        kinds = list(await session.scalars(select(LeadEvent.kind).order_by(LeadEvent.id)))
    assert kinds == ["captured", "lost", "reopened"]


async def test_every_figure_of_the_funnel_opens_the_leads_it_counts(web: WebSite):
    first, second = await taken_down(web), await taken_down(web, customer=people.WANG)
    await post(web, f"{first}/verify", model="E8", horizon="mid")
    page = await read(web, "/leads?stage=verified")
    assert first in page
    assert second not in page
    both = await read(web, "/leads?stage=captured")
    assert first in both
    assert second in both


async def test_the_page_reads_in_english_too(web: WebSite):
    path = await taken_down(web)
    await web.enter(people.ENGLISH_AGENT)
    page = (await web.client.get(path)).text
    assert "The interest is real" in page
    assert "Follow-up: agreed" in page
