"""What a customer allows, on its page and in the rules: asked, proved, withdrawn, exported, and saved by few."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from sqlalchemy import select

from crm_core.cases.model import Case
from crm_core.consent.model import Consent
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

PAGE = f"/consent/{people.CHEN}"


async def post(web: WebSite, path: str, *, who: str = people.AGENT, **form: Any):
    entered = await web.enter(who)
    return await web.client.post(path, data={"csrf_token": entered.user.csrf, **form})


async def test_an_answer_is_kept_with_the_words_and_shown_with_its_proof(web: WebSite):
    asked = ["news/phone", "news/sms"]
    kept = await post(web, f"{PAGE}/answer", asked=asked, given="no", words="不要广告", contact_id="old-1")
    assert kept.status_code == 303
    page = (await web.client.get(PAGE)).text
    assert page.count("不要广告") >= 2
    assert "/contacts/old-1" in page
    assert "只有客户本人能改变" in page
    await post(web, f"{PAGE}/answer", asked=["news/sms"], given="yes", words="短信可以")
    page = (await web.client.get(PAGE)).text
    assert "已失效" in page
    async with web.db.begin() as session:
        rows = list(await session.scalars(select(Consent).order_by(Consent.id)))
    assert [(one.channel, one.given, one.by) for one in rows] == [
        ("phone", False, "1018"), ("sms", False, "1018"), ("sms", True, "1018"),
    ]  # fmt: skip


async def test_what_is_missing_is_told_and_what_was_chosen_stays(web: WebSite):
    await web.enter()
    empty = (await web.client.get(PAGE)).text
    assert "还没有问过这位客户" in empty
    unproved = await post(web, f"{PAGE}/answer", asked=["news/sms"], given="yes", words="")
    assert unproved.status_code == 422
    assert "同意需要凭证" in unproved.text
    assert 'value="news/sms" checked' in unproved.text
    for form in ({"given": "yes"}, {"asked": ["news/sms"]}, {"asked": ["<b>/x"], "given": "no"}):
        assert (await post(web, f"{PAGE}/answer", **form)).status_code == 422, form


async def test_a_number_is_stopped_and_allowed_again(web: WebSite):
    assert (await post(web, f"{PAGE}/stop", phone="1", reason="")).status_code == 422
    await post(web, f"{PAGE}/stop", phone="1", reason="家人来电要求")
    page = (await web.client.get(PAGE)).text
    assert "任何人不得使用：家人来电要求" in page
    assert (await post(web, f"{PAGE}/stop", phone="2", reason="x")).status_code == 422  # somebody else's number
    await post(web, f"{PAGE}/allow", phone="1")
    assert "任何人不得使用" not in (await web.client.get(PAGE)).text


async def test_everything_known_of_a_customer_comes_as_a_file_without_secrets(web: WebSite):
    answer = await post(web, f"{PAGE}/everything.zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    told = {name: json.loads(archive.read(name)) for name in archive.namelist()}
    assert told["customer.json"][0]["name"] == "陈建国"
    assert told["customer_phone.json"][0]["e164"] == people.CHEN_NUMBER
    assert len(told["contact.json"]) == 3
    assert len(told["leg.json"]) == 3  # one step further than the customer's own rows
    assert {row["customer_id"] for row in told["vehicle_role.json"]} == {people.CHEN}
    assert "user_account.json" not in told
    assert "password" not in str(told)
    assert told["contents.json"]["rows"]["contact"] == 3
    assert (await post(web, "/consent/4711/everything.zip")).status_code == 404


async def test_the_wish_to_be_deleted_becomes_a_case(web: WebSite):
    assert (await post(web, f"{PAGE}/deletion", deletion_words=" ")).status_code == 422
    await post(web, f"{PAGE}/deletion", deletion_words="请删除我的全部资料")
    async with web.db.begin() as session:
        case = (await session.scalars(select(Case).where(Case.sub_kind == "privacy"))).one()
    assert (case.customer_id, case.detail, case.title) == (people.CHEN, "请删除我的全部资料", "要求删除个人信息")


async def test_a_page_that_leads_elsewhere_is_not_followed(web: WebSite):
    for back in ("//evil.example", "https://evil.example", "/\\evil.example"):
        answer = await post(web, f"{PAGE}/answer", asked=["news/sms"], given="no", back=back)
        assert answer.headers["location"] == PAGE


async def test_the_rules_are_saved_by_who_may_and_undone(web: WebSite):
    rules: dict[str, Any] = {
        "consent_needed": ["news"], "stopped_by_complaint": ["survey", "news"], "most_touches": "2",
        "period_days": "30",
        "rhythm_standard": "30", "rhythm_vip": "14", "rhythm_key_account": "60",
        "hours_workday": "09:00-20:00", "hours_weekend": "10:00-18:00", "hours_holiday": "",
    }  # fmt: skip
    path = "/admin/contact-rules"
    assert (await post(web, f"{path}/contact", **rules)).status_code == 403
    saved = await post(web, f"{path}/contact", who=people.ADMIN, **rules)
    assert saved.status_code == 303, saved.text
    page = (await web.client.get(saved.headers["location"])).text
    assert 'name="most_touches" value="2"' in page
    wrong = await post(
        web, f"{path}/contact", who=people.ADMIN, **{**rules, "period_days": "ewig", "hours_weekend": "9"}
    )
    assert wrong.status_code == 422
    assert 'value="ewig"' in wrong.text
    version = saved.headers["location"].rpartition("=")[2]
    undone = await post(web, f"/admin/versions/{version}/undo", who=people.ADMIN, next=path)
    assert undone.status_code == 303
    assert 'name="most_touches" value="3"' in (await web.client.get(path)).text
    history = (await web.client.get("/admin/versions?kind=contact")).text
    assert "联系规则" in history


async def test_the_rules_of_leads_name_their_mistakes(web: WebSite):
    rules: dict[str, Any] = {
        "hot_days": "31", "mid_days": "183", "nurture_days": "91", "send_at": "08:30", "hot_at_once": "1",
        "remind_days": "5", "feedback_days": "7", "reassign_days": "9", "most_dealers": "3",
    }  # fmt: skip
    path = "/admin/contact-rules/leads"
    assert (await post(web, path, who=people.ADMIN, **rules)).status_code == 303
    assert 'value="08:30"' in (await web.client.get("/admin/contact-rules")).text
    wrong = await post(web, path, who=people.ADMIN, **{**rules, "send_at": "acht", "mid_days": "7"})
    assert wrong.status_code == 422
    assert "例如 08:00" in wrong.text
