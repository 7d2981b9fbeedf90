"""The pages of cases: the list and its filters, one case through its steps, the radar, the rules; and who may."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import python_calamine
from sqlalchemy import select

from agent_desktop.pages.admin.cases import NAMES
from crm_core.access.model import User
from crm_core.access.reach import EVERYTHING
from crm_core.cases import loop_actions as loop
from crm_core.cases.actions import open_case
from crm_core.cases.model import Case, CaseEvent, CaseRules
from crm_core.cases.rules import shipped
from crm_core.clock import now
from crm_core.dealers.model import DealerStaff
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite


async def opened(web: WebSite, **more: Any) -> Case:
    facts: dict[str, Any] = {"customer_id": people.CHEN, "kind": "repair", "title": "天窗漏水", "actor": people.AGENT}
    async with web.db.begin() as session:
        return await open_case(
            session, **facts | {"at": now() - timedelta(hours=1)} | more, zone=web.app.state.site.zone
        )


async def seen(web: WebSite, path: str, status: int = 200) -> str:
    answer = await web.client.get(path)
    assert answer.status_code == status, answer.text[:2000]
    return answer.text


async def sent(web: WebSite, path: str, status: int = 303, **form: Any) -> str:
    token = (await web.enter()).csrf
    answer = await web.client.post(path, data={"csrf_token": token, **form})
    assert answer.status_code == status, answer.text[:2000]
    return answer.text


async def case_now(web: WebSite, number: str) -> Case:
    async with web.db.begin() as session:
        return (await session.scalars(select(Case).where(Case.number == number))).one()


async def test_the_list_shows_the_most_urgent_first_with_its_clock_and_counts(web: WebSite):
    await web.enter()
    await opened(web, kind="complaint", title="交车延迟")
    text = await seen(web, "/cases")
    order = [text.index(title) for title in ("空调压缩机异响", "索取 E6 冬季用车手册", "交车延迟")]
    assert order == sorted(order)
    assert text.count('class="cells') == 3
    assert re.search(r"<b>3</b> 张工单", text)


async def test_filters_stand_in_the_address_and_an_empty_result_says_what_to_do(web: WebSite):
    await web.enter()
    text = await seen(web, "/cases?kind=material&dealer=&level=normal")
    assert "索取 E6 冬季用车手册" in text
    assert "空调压缩机异响" not in text
    assert "没有符合条件的工单" in await seen(web, "/cases?kind=rescue")
    assert "您没有未结工单" in await seen(web, "/cases?whose=mine")


@pytest.mark.parametrize(
    "query",
    ["q=%27+OR+1%3D1--", "q=%3Cscript%3E", "q=%00", "dealer=x", "ids=1-x-99999999999", "from_row=-1", "days=9e9"],
)
async def test_hostile_filters_break_nothing(web: WebSite, query: str):
    await web.enter()
    assert "<script>alert" not in await seen(web, f"/cases?{query}")


async def test_the_export_holds_the_filtered_cases_as_text(web: WebSite):
    await web.enter()
    await opened(web, title='=HYPERLINK("http://x")')
    answer = await web.client.get("/cases/export.xlsx?kind=repair")
    rows = python_calamine.load_workbook(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert len(rows) == 3
    assert any('=HYPERLINK("http://x")' in row for row in rows)


async def test_several_cases_are_given_away_and_taken_back(web: WebSite):
    one, other = await opened(web), await opened(web, title="异响")
    token = (await web.enter()).csrf
    form: dict[str, Any] = {
        "csrf_token": token,
        "owner": people.ENGLISH_AGENT,
        "ids": [str(one.id), str(other.id)],
        "back": "/cases?kind=repair",
    }
    answer = await web.client.post("/cases/assign", data=form)
    assert answer.headers["location"] == f"/cases?kind=repair&given={one.id}-{other.id}"
    assert (await case_now(web, one.number)).owner == people.ENGLISH_AGENT
    assert "已转派 2 张工单" in await seen(web, answer.headers["location"])
    await web.client.post("/cases/assign/undo", data=form)
    assert (await case_now(web, one.number)).owner == people.AGENT


async def test_going_back_never_leads_to_another_site(web: WebSite):
    one = await opened(web)
    token = (await web.enter()).csrf
    for back in ("https://evil.test/", "//evil.test", "/cases\\evil", "javascript:x"):
        form: dict[str, Any] = {"csrf_token": token, "owner": people.AGENT, "ids": [str(one.id)], "back": back}
        answer = await web.client.post("/cases/assign/undo", data=form)
        assert answer.headers["location"] == "/cases"


async def test_a_complaint_is_walked_from_the_page_and_every_step_shows(web: WebSite):
    case = await opened(web, kind="complaint", title="充电中断", detail="三次进店", sub_kind="product_quality")
    path = f"/cases/{case.number}"
    by: dict[str, Any] = {"reach": EVERYTHING, "actor": "6101"}
    await web.enter()
    assert "等签收" in await seen(web, path)
    async with web.db.begin() as session:
        staff = DealerStaff(dealer_id=1, name="刘志远", role="technician", skills=[], active=True)
        session.add(staff)
        await session.flush()
        await loop.accept(session, case.id, at=now(), **by)
        soon = now() + timedelta(hours=5)
        await loop.name_owner(session, case.id, staff.id, contact_by=soon, words="请联系", at=now(), **by)
        await loop.ask_support(session, case.id, words="需要诊断仪", at=now(), **by)
    text = await seen(web, path)
    assert "经销商请厂家支持" in text
    assert "刘志远" in text
    assert "请写给经销商的答复" in await sent(web, f"{path}/answer", 422, words=" ")
    await sent(web, f"{path}/answer", words="明天寄出")
    async with web.db.begin() as session:
        await loop.contacted(session, case.id, words="已约", at=now(), **by)
        await loop.solved(session, case.id, words="换件", at=now(), **by)
        await loop.report(session, case.id, cause="模块", measures="更换", customer_said="好", at=now(), **by)
    assert "处理报告" in await seen(web, path)
    assert "请选择客户的意见" in await sent(web, f"{path}/confirm", 422, words="")
    await sent(web, f"{path}/confirm", satisfied="yes", score="5", words="谢谢")
    closed = await case_now(web, case.number)
    assert (closed.status, closed.satisfaction) == ("closed", 5)
    assert "重新打开" in await seen(web, path)
    await sent(web, f"{path}/reopen", words="又来电")
    assert (await case_now(web, case.number)).closed_at is None


async def test_a_rescue_is_walked_from_the_page(web: WebSite):
    async with web.db.begin() as session:
        from crm_core.dealers.model import Dealer

        for dealer in await session.scalars(select(Dealer)):
            dealer.services, dealer.rescue_phone = ["rescue"], "+8643188880099"
    case = await opened(web, kind="rescue", title="爆胎", at=now())
    path = f"/cases/{case.number}"
    await web.enter()
    assert "车辆在哪里" in await seen(web, path)
    assert "经度和纬度" in await sent(web, f"{path}/place", 422, latitude="43.8", longitude="")
    await sent(web, f"{path}/place", road="京哈高速", km="K1048", near="长春")
    assert "长春金达远辰" in await seen(web, path)
    await sent(web, f"{path}/dispatch", dealer_id="1")
    for act, form in (
        ("accept-rescue", {}),
        ("under-way", {"minutes": "30", "truck": "吉A救01"}),
        ("arrived", {}),
        ("helped", {"words": "换备胎"}),
    ):
        await seen(web, path)
        await sent(web, f"{path}/{act}", **form)  # type: ignore[arg-type]
    assert "吉A救01" in await seen(web, path)
    await sent(web, f"{path}/confirm-rescue", satisfied="yes", score="")
    assert (await case_now(web, case.number)).result == "confirmed"


async def test_a_plain_case_is_answered_paused_resumed_raised_merged_and_closed(web: WebSite):
    case, repeat = await opened(web), await opened(web, title="天窗又漏")
    path = f"/cases/{case.number}"
    for act, form in (
        ("answered", {"words": "已约检测"}),
        ("note", {"words": "内部", "for_dealer": ""}),
        ("pause", {"reason": "parts"}),
        ("resume", {}),
        ("level", {"level": "escalated", "words": "三次来电"}),
        ("assign", {"owner": people.ENGLISH_AGENT}),
        ("dealer", {"dealer_id": "2"}),
        ("merge", {"number": repeat.number}),
        ("unmerge", {"number": repeat.number}),
        ("fields", {"title": "天窗漏水两处", "field.part": "密封条", "field.can_drive": "yes"}),
    ):
        await sent(web, f"{path}/{act}", **form)  # type: ignore[arg-type]
        await seen(web, path)
    await sent(web, f"{path}/close", result="solved", words="换密封条")
    closed = await case_now(web, case.number)
    assert (closed.title, closed.part_name, closed.dealer_id, closed.status) == ("天窗漏水两处", "密封条", 2, "closed")
    assert "仅客户中心可见" in await seen(web, path)
    await sent(web, f"{path}/note", words="关闭后补记")


async def test_a_wrong_entry_says_so_at_its_field_and_keeps_what_was_typed(web: WebSite):
    case = await opened(web)
    text = await sent(web, f"/cases/{case.number}/fields", 422, title="新标题", **{"field.since": "昨天"})
    assert "请按 2026-07-13 的格式填写日期" in text
    assert 'value="新标题"' in text
    assert (await case_now(web, case.number)).title == "天窗漏水"


async def test_what_is_refused_leaves_nothing_behind(web: WebSite):
    case = await opened(web, kind="complaint", title="延迟")
    await sent(web, f"/cases/{case.number}/confirm", 409, satisfied="yes", score="4")
    async with web.db.begin() as session:
        assert "confirmed" not in list(await session.scalars(select(CaseEvent.kind)))


async def test_a_script_in_a_case_stays_text(web: WebSite):
    case = await opened(web, title="<script>alert(1)</script>", detail='"><img src=x onerror=alert(1)>')
    await web.enter()
    for path in ("/cases", f"/cases/{case.number}"):
        text = await seen(web, path)
        assert "<script>alert(1)" not in text
        assert "<img src=x" not in text


@pytest.mark.parametrize("path", ["/cases/GD-9999-0001", "/cases/%00", "/cases/' OR 1=1"])
async def test_an_unknown_number_is_not_found(web: WebSite, path: str):
    await web.enter()
    await seen(web, path, 404)


@pytest.mark.parametrize("path", ["/cases", "/cases/GD-0713-0183", "/cases/export.xlsx"])
async def test_who_works_no_cases_sees_none(web: WebSite, path: str):
    await web.enter(people.ADMIN)
    await seen(web, path, 403)


async def test_the_pages_speak_english(web: WebSite):
    case = await opened(web, kind="complaint", title="Delay")
    await web.enter(people.ENGLISH_AGENT)
    assert "waits to be accepted" in await seen(web, "/cases")
    assert "Recorded by the centre" in await seen(web, f"/cases/{case.number}")


async def test_a_case_is_opened_from_the_record_after_the_open_ones_were_proposed(web: WebSite):
    entered = await web.enter()
    headers = {"X-CSRF-Token": entered.csrf, "Accept": "application/json"}
    panel = await seen(web, "/api/record/old-1/case?kind=complaint&sub_kind=product_quality")
    assert panel.index("GD-0713-0183") < panel.index("客户诉求")
    path = "/api/record/old-1/case"
    missing = await web.client.post(path, headers=headers, json={"kind": "complaint", "title": "充电中断"})
    assert missing.status_code == 422
    assert missing.json()["errors"] == {"field.demand": "请填写此项。"}
    body = {"kind": "complaint", "title": "充电中断", "detail": "记录", "fields": {"demand": "尽快修好"}}
    made = (await web.client.post(path, headers=headers, json=body)).json()
    case = await case_now(web, made["number"])
    assert (case.contact_id, case.detail, case.fields, case.dealer_id) == ("old-1", "记录", {"demand": "尽快修好"}, 1)
    assert "old-1" in await seen(web, f"/cases/{made['number']}")


async def test_the_call_goes_to_a_case_that_is_open_and_only_to_the_customers_own(web: WebSite):
    entered = await web.enter()
    headers = {"X-CSRF-Token": entered.csrf, "Accept": "application/json"}
    foreign = await opened(web, customer_id=people.LI_MIN)
    assert (await web.client.post("/api/record/old-1/case/1", headers=headers)).json()["number"] == "GD-0713-0183"
    assert (await web.client.post(f"/api/record/old-1/case/{foreign.id}", headers=headers)).status_code == 409
    await web.enter(people.ENGLISH_AGENT)
    assert (await web.client.get("/api/record/old-1/case")).status_code == 404


async def test_the_radar_opens_its_figures_and_tells_a_group(web: WebSite):
    for days in (1, 2, 3):
        at = now() - timedelta(days=days)
        await opened(web, vehicle_id=1, title="空调压缩机异响", part_name="空调压缩机", at=at)
    await web.enter()
    text = await seen(web, "/cases/radar")
    assert "空调压缩机" in text
    assert "part=%E7%A9%BA" in text
    form: dict[str, Any] = {"model": "远辰 E6 四驱", "part": "空调压缩机", "days": "30"}
    assert "请写明要通知的内容" in await sent(web, "/cases/radar/notice", 422, words=" ", **form)
    told = await sent(web, "/cases/radar/notice", 200, words="已发技术通报", close="1", **form)
    assert "已通知 3 张工单，关闭 3 张" in told


SUPERVISOR = "2001"


async def supervisor(web: WebSite) -> str:
    async with web.db.begin() as session:
        secret = (await session.scalars(select(User.password_hash).limit(1))).one()
        session.add(User(number=SUPERVISOR, name="主管", roles="supervisor", password_hash=secret, language="zh-CN"))
    return (await web.enter(SUPERVISOR)).csrf


def entries_of(page_text: str) -> dict[str, list[str]]:
    """What a browser would send back from the form of the rules."""
    found: dict[str, list[str]] = {}
    form = page_text[page_text.index("data-editor") :]
    for name, value in re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(html.unescape(value))
    for name, inner in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inner) or re.search(r'value="([^"]*)"', inner)
        found.setdefault(name, []).append(chosen[1] if chosen else "")
    for name, inner in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found.setdefault(name, []).append(html.unescape(inner))
    return found


@pytest.mark.parametrize("name", NAMES)
async def test_the_rules_are_shown_and_saving_them_as_they_are_changes_nothing(web: WebSite, name: str):
    token = await supervisor(web)
    text = await seen(web, f"/admin/cases/{name}")
    answer = await web.client.post(f"/admin/cases/{name}", data=entries_of(text) | {"csrf_token": token})
    assert (answer.status_code, answer.headers.get("location")) == (303, f"/admin/cases/{name}")


async def test_a_changed_clock_counts_for_the_next_case_and_a_wrong_one_is_named(web: WebSite):
    token = await supervisor(web)
    path = "/admin/cases/clock/repair"
    sending = entries_of(await seen(web, path)) | {"csrf_token": token}
    wrong = await web.client.post(path, data=sending | {"normal.solve": ["soon"]})
    assert wrong.status_code == 422
    assert "请按 30m、4h 或 7d 的格式填写时长" in wrong.text
    assert 'value="soon"' in wrong.text
    good = await web.client.post(path, data=sending | {"normal.solve": ["2d"], "normal.escalate": ["0m, 1h"]})
    assert "saved=" in good.headers["location"]
    assert "撤销" in await seen(web, good.headers["location"])
    case = await opened(web)
    assert case.due_at - case.opened_at == timedelta(days=2)


async def test_a_level_is_added_to_the_clocks_changed_and_taken_away_again(web: WebSite):
    token = await supervisor(web)
    path = "/admin/cases/clock/repair"
    sending = entries_of(await seen(web, path)) | {"csrf_token": token}
    added = await web.client.post(path, data=sending | {"add": "major", "normal.solve": "5d"})
    assert "major.solve" in added.text
    assert 'name="normal.solve" value="5d"' in added.text
    assert "major.solve" not in await seen(web, path)
    typed = entries_of(added.text) | {"csrf_token": token, "major.solve": ["1d"]}
    saved = await web.client.post(path, data=typed)
    assert saved.status_code == 303
    case = await opened(web, level="major")
    assert case.due_at - case.opened_at == timedelta(days=1)
    dropped = await web.client.post(path, data=typed | {"drop": "major"})
    assert "major.solve" not in dropped.text
    back = entries_of(dropped.text) | {
        "csrf_token": token,
        "base": re.findall(r'name="base" value="(\d+)"', await seen(web, path)),
    }
    assert (await web.client.post(path, data=back)).status_code == 303
    assert "major.solve" not in await seen(web, path)


@pytest.mark.parametrize("level", ["normal", "<b>", "../x", ""])
async def test_a_level_that_is_none_is_not_added_and_the_normal_one_stays(web: WebSite, level: str):
    token = await supervisor(web)
    path = "/admin/cases/clock/repair"
    sending = entries_of(await seen(web, path)) | {"csrf_token": token}
    for act in ("add", "drop"):
        text = (await web.client.post(path, data=sending | {act: level, "levels": [level, "normal"]})).text
        assert text.count('name="levels"') == 1


async def test_a_rule_has_a_name_for_each_language_and_each_reader_sees_the_own(web: WebSite):
    token = await supervisor(web)
    path = "/admin/cases/assignment"
    async with web.db.begin() as session:  # as it was kept before names had two fields
        old = {**shipped("assignment")["rules"][3], "name": "旧规则 / An old rule"}
        old.pop("name_en")
        session.add(CaseRules(name="assignment", body={"rules": [old]}))
    typed = entries_of(await seen(web, path)) | {"csrf_token": token}
    assert (typed["name"][0], typed["name_en"][0]) == ("旧规则", "An old rule")
    answer = await web.client.post(path, data=typed | {"name": ["救援 / 组", ""], "name_en": ["Rescue team", ""]})
    assert answer.status_code == 303
    case = await opened(web)
    assert case.why_owner == "救援/组 / Rescue team"


async def test_only_who_may_edit_rules_sees_them(web: WebSite):
    await web.enter()
    await seen(web, "/admin/cases", 403)
    await seen(web, "/admin/cases/clock/x", 403)
