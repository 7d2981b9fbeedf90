"""The pages of lines: who may edit them, what is never shown, what is told while a person watches."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from agent_desktop.lines import words
from crm_core.access.actions import SignedIn
from crm_core.access.model import AuditEntry, User
from crm_core.clock import now
from crm_core.dialling import NumberNotAllowed
from crm_core.lines import queries
from crm_core.lines.notices import ABOUT
from crm_core.lines.sealing import Safe
from crm_core.lines.settings import dial_limits, outgoing_rules
from crm_core.notices.actions import notify, unread
from crm_core.workforce.actions import add_queue
from crm_core.workforce.model import QueueRow
from cti.dial_caps import CapHit
from cti.line_plan import TrunkWay
from cti.line_tests import LineTest, Step
from cti.trunk_watch import TrunkState, TrunkView
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

SECRET = "c4rr1er-s3cret"
SUPERVISOR = people.ENGLISH_AGENT
TRUNK = {
    "id": "unicom", "name": "联通中继", "kind": "registration", "host": "192.0.2.10", "port": "5060",
    "transport": "udp", "username": "hotline01", "secret": SECRET, "codecs": "alaw,ulaw", "dtmf": "auto",
    "caller_id": "from", "sources": "192.0.2.10, 192.0.2.11", "number_form": "national", "capacity": "30",
    "position": "1", "in_use": "1", "base": "0",
}  # fmt: skip
PAGES = ("trunks", "numbers", "outgoing", "limits", "test")


async def enter_supervisor(web: WebSite) -> SignedIn:
    async with web.db.begin() as session:
        values = {"roles": "supervisor", "language": "zh-CN"}
        await session.execute(update(User).where(User.number == SUPERVISOR).values(**values))
    return await web.enter(SUPERVISOR)


async def post(web: WebSite, entered: Any, path: str, form: dict[str, Any]) -> Any:
    return await web.client.post(f"/admin/lines/{path}", data={"csrf_token": entered.user.csrf, **form})


async def test_an_administrator_saves_a_trunk_whose_secret_is_never_shown_again(web: WebSite):
    entered = await web.enter(people.ADMIN)
    assert (await post(web, entered, "trunks/new", TRUNK)).status_code == 303
    assert ("lines_changed",) in web.telephony.wishes
    shown = (await web.client.get("/admin/lines/trunks/unicom")).text
    assert "联通中继" in shown
    assert SECRET not in shown
    assert "保持不变" in shown
    async with web.db.begin() as session:
        row = await queries.trunk(session, "unicom")
        entries = list(await session.scalars(select(AuditEntry)))
    assert row.sources == ["192.0.2.10", "192.0.2.11"]
    assert Safe(web.app.state.config.line_key).open("unicom", row.sealed) == SECRET
    assert SECRET not in "".join(one.detail for one in entries)
    again = await post(web, entered, "trunks/unicom", {**TRUNK, "secret": "", "port": "5080", "base": "1"})
    assert again.status_code == 303
    async with web.db.begin() as session:
        kept = await queries.trunk(session, "unicom")
    assert (kept.port, kept.sealed) == (5080, row.sealed)
    history = (await web.client.get("/admin/versions?kind=trunk")).text
    assert "中继" in history
    assert SECRET not in history


async def test_what_cannot_be_used_is_told_at_its_field_and_the_secret_is_not_sent_back(web: WebSite):
    entered = await web.enter(people.ADMIN)
    wrong = {**TRUNK, "host": "a;b", "sources": "127.0.0.2"}
    answer = await post(web, entered, "trunks/new", wrong)
    assert answer.status_code == 422
    assert "请填写运营商服务器的域名或 IPv4 地址。" in answer.text
    assert "127.0.0.2 已属于其他线路或话机。" in answer.text
    assert SECRET not in answer.text
    assert "hotline01" in answer.text


@pytest.mark.parametrize("page", PAGES)
async def test_a_supervisor_reads_the_lines_and_changes_nothing_and_an_agent_sees_nothing(web: WebSite, page: str):
    entered = await enter_supervisor(web)
    shown = await web.client.get(f"/admin/lines/{page}")
    assert shown.status_code == 200
    assert "Ctrl+Enter" not in shown.text
    for path in ("trunks/new", "numbers/new", "outgoing", "limits", "test/call"):
        assert (await post(web, entered, path, TRUNK)).status_code == 403
    await web.enter(people.AGENT)
    assert (await web.client.get(f"/admin/lines/{page}")).status_code == 403


async def test_a_number_is_published_with_its_queue_and_the_page_tells_what_answers(web: WebSite):
    entered = await web.enter(people.ADMIN)
    form = {"number": "4001718888", "name": "总机", "brand": "", "queue": "repair", "in_use": "1", "position": "1"}
    assert (await post(web, entered, "numbers/new", form)).status_code == 303
    shown = (await web.client.get("/admin/lines/numbers")).text
    assert "+864001718888" in shown
    asked = "/admin/lines/test?caller=13812345678&asked="
    assert "400-171-8888" in (await web.client.get(f"{asked}00864001718888")).text
    assert "不是我们的号码" in (await web.client.get(f"{asked}8008201111")).text


async def test_a_number_whose_flow_leads_to_queues_that_are_not_made_is_published_with_a_warning(web: WebSite):
    entered = await web.enter(people.ADMIN)
    form = {"number": "4001718888", "name": "总机", "brand": "", "menu": "main", "in_use": "1", "position": "1"}
    assert (await post(web, entered, "numbers/new", form)).status_code == 303
    shown = (await web.client.get("/admin/lines/numbers/4001718888")).text
    tried = (await web.client.get("/admin/lines/test?asked=4001718888")).text
    for page in (shown, tried):
        warning = page.split("尚未建立的队列：")[1].split("。")[0]
        assert "suggestion" in warning
        assert "repair" not in warning
    async with web.db.begin() as session:
        for queue in warning.split(", "):
            row = QueueRow(id=queue, name_zh=queue, name_en=queue, skill="repair", position=90)
            await add_queue(session, row, actor=people.ADMIN, at=now())
    assert "尚未建立的队列" not in (await web.client.get("/admin/lines/numbers/4001718888")).text


async def test_a_refused_test_call_shows_nothing_of_the_one_before(web: WebSite):
    entered = await web.enter(people.ADMIN)
    assert (await post(web, entered, "test/call", {"number": "13800138000", "trunk": "settings"})).status_code == 303
    assert 'id="test-steps"' in (await web.client.get("/admin/lines/test")).text
    web.telephony.lines.refusal = NumberNotAllowed()
    refused = await post(web, entered, "test/call", {"number": "00442071234567", "trunk": "settings"})
    assert "form-error" in refused.text
    assert 'id="test-steps"' not in refused.text


async def test_a_flow_and_a_queue_together_are_refused(web: WebSite):
    entered = await web.enter(people.ADMIN)
    form = {"number": "4001718888", "menu": "main", "queue": "repair", "in_use": "1", "position": "1"}
    answer = await post(web, entered, "numbers/new", form)
    assert answer.status_code == 422
    assert "流程和队列只能选一个。" in answer.text


async def test_shown_numbers_and_the_order_of_trunks_are_saved(web: WebSite):
    entered = await web.enter(people.ADMIN)
    await post(web, entered, "trunks/new", TRUNK)
    form = {
        "default_shown": "4001718888", "brand": ["远辰", ""], "brand_shown": ["043188883318", ""], "home_area": "0431",
        "mobile_zero": "1", "trunk": ["settings", "unicom"], "place_settings": "2", "place_unicom": "1", "base": "0",
    }  # fmt: skip
    assert (await post(web, entered, "outgoing", form)).status_code == 303
    async with web.db.begin() as session:
        rules = await outgoing_rules(session)
    assert rules.order == ("unicom", "settings")
    assert (dict(rules.by_brand), rules.mobile_zero, rules.local_short) == ({"远辰": "043188883318"}, True, False)


async def test_limits_are_changed_with_a_reason(web: WebSite):
    entered = await web.enter(people.ADMIN)
    figures = {f"{who}_{name}": "20" for who in ("agent", "campaign") for name, _ in words.LIMITS}
    form = {**figures, "allowed": "86 852", "denied": "870", "night_from": "21:00", "night_until": "08:00", "base": "0"}
    refused = await post(web, entered, "limits", {**form, "why": ""})
    assert refused.status_code == 422
    assert "请写明修改原因" in refused.text
    assert (await post(web, entered, "limits", {**form, "why": "香港客户"})).status_code == 303
    async with web.db.begin() as session:
        limits = await dial_limits(session)
    assert (limits.allowed, limits.agent.in_a_minute, limits.night_from) == (("86", "852"), 20, "21:00")


async def test_a_test_call_is_made_audited_and_told_step_by_step(web: WebSite):
    entered = await web.enter(people.ADMIN)
    answer = await post(web, entered, "test/call", {"number": "13812345678", "trunk": "settings"})
    assert answer.status_code == 303
    assert web.telephony.lines.called == [(people.ADMIN, "13812345678", "settings")]
    async with web.db.begin() as session:
        [entry] = await session.scalars(select(AuditEntry).where(AuditEntry.action == "line_tested"))
    assert entry.actor == people.ADMIN
    before = web.telephony.lines.tests[people.ADMIN]
    for sip, said in (
        (403, "运营商禁止"),
        (404, "运营商不认识此号码"),
        (488, "不接受这些编码"),
        (503, "没有空闲线路"),
        (499, "499"),
    ):
        ended = replace(before, steps=((Step.SENT, 1.0), (Step.ENDED, 2.0)), sip=sip)
        web.telephony.lines.tests[people.ADMIN] = ended
        assert said in (await web.client.get("/admin/lines/test")).text


@pytest.mark.parametrize(
    ("sip", "cause"), [(401, 21), (403, 21), (404, 1), (408, 18), (488, 58), (503, 34), (0, 20), (499, 0)]
)
def test_each_end_of_a_test_call_has_a_sentence(sip: int, cause: int):
    assert words.end_of(sip, cause, answered=False).endswith((".", "means."))
    assert words.end_of(sip, cause, answered=True) == words.ANSWERED


async def test_who_watches_is_told_of_a_trunk_that_is_lost_with_the_remedy(web: WebSite):
    lines = web.telephony.lines
    way = TrunkWay(id="unicom", endpoint="trunk-unicom", name="联通中继", server="192.0.2.10:5060", registers=True)
    lines.views = (TrunkView(way=way, state=TrunkState.REGISTERED, since=1.0),)
    told = web.app.state.lines.messages(people.ADMIN, "zh-CN")
    assert "已登录" in json.loads(await anext(told))["regions"]["trunk-rows"]
    lines.views = (TrunkView(way=way, state=TrunkState.REJECTED, since=2.0, fault=403, fault_at=2.0),)
    lines.hits.append(CapHit("1018", "8613812345678", "DialledTooOften", 2.0))
    lines.tell()
    rows = json.loads(await anext(told))["regions"]["trunk-rows"]
    assert "登录被拒" in rows
    assert "请重新填写密码" in rows
    assert "短时间呼叫过多" in rows
    assert "13812345678" not in rows
    await told.aclose()


async def test_a_notice_stays_until_its_reader_has_seen_it(web: WebSite):
    async with web.db.begin() as session:
        notify(session, [SUPERVISOR, people.ADMIN], ABOUT, "unicom", "rejected", at=now())
    entered = await enter_supervisor(web)
    assert "运营商拒绝中继登录" in (await web.client.get("/admin/lines/trunks")).text
    assert (await post(web, entered, "seen", {"subject": "unicom"})).status_code == 303
    async with web.db.begin() as session:
        assert not await unread(session, SUPERVISOR, ABOUT)
        assert await unread(session, people.ADMIN, ABOUT)


async def test_metrics_tell_of_each_trunk(web: WebSite):
    way = TrunkWay(id="unicom", endpoint="trunk-unicom", capacity=30)
    web.telephony.lines.views = (TrunkView(way=way, state=TrunkState.UNREACHABLE, calls=3),)
    text = (await web.app.state.monitoring.text()).decode()
    for line in (
        'hotline_trunk_up{trunk="unicom"} 0.0',
        'hotline_trunk_calls{trunk="unicom"} 3.0',
        "hotline_dial_refused_total 0.0",
    ):
        assert line in text
    assert LineTest
