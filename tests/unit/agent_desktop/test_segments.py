"""The pages of segments, of a customer's worth and of the rules: what they show, save, refuse and export."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select, update

from agent_desktop.segments.reader import SegmentReader
from crm_core.access.model import AuditEntry, User
from crm_core.access.passwords import hashed_now
from crm_core.clock import now
from crm_core.customers.model import Customer
from crm_core.segments.conditions import FIELDS, OPERATORS, WITHOUT_VALUE, Kind
from crm_core.segments.model import ManualClass, Segment, WorthRules
from crm_core.segments.reasons import CHINESE, Reason
from crm_core.segments.recompute import refresh
from crm_core.segments.rulebook import FIVE_STAGES, FOUR_STAGES
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

BOSS, LEADER = "2001", "3001"
PAGES = (
    "/segments",
    "/segments/portrait",
    "/segments/new",
    "/segments/1",
    "/segments/1?which=entered",
    "/segments/1?which=left&after=9.9",
    "/segments/1/edit",
    "/segments/customers/1",
    "/admin/classes",
    "/admin/classes/life_cycle",
    "/admin/classes/churn",
)
CITY = {"join": "all", "groups": [{"join": "all", "conditions": [{"field": "city", "op": "is", "value": "长春"}]}]}


@pytest.fixture
async def site(web: WebSite) -> WebSite:
    """A supervisor signed in, everybody computed, the ready-made segments there."""
    async with web.db.begin() as session:
        for number, role in ((BOSS, "supervisor"), (LEADER, "team_leader")):
            user = User(number=number, name="王海燕", name_en="Wang Haiyan", roles=role, language="zh-CN")
            user.password_hash = hashed_now(people.PASSWORD)
            session.add(user)
        for one in (people.CHEN, people.LI_MIN, people.LI_QIANG, people.WANG):
            await refresh(session, one, now())
    await signed_in(web, BOSS)
    assert (await post(web, "/segments/ready")).status_code == 303
    return web


async def signed_in(web: WebSite, number: str) -> None:
    entered = await web.enter(number)
    web.client.headers["X-CSRF-Token"] = entered.user.csrf


async def post(web: WebSite, path: str, **form: object):
    return await web.client.post(path, data=form)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_page_opens_in_both_languages(site: WebSite, language: str):
    async with site.db.begin() as session:
        await session.execute(update(User).values(language=language))
    for path in PAGES:
        answer = await site.client.get(path)
        assert answer.status_code == 200, path
        assert ("分" in answer.text) == (language == "zh-CN"), path


async def test_a_segment_is_made_counted_and_its_members_are_listed(site: WebSite):
    answer = await post(site, "/segments/new", name="长春客户", note="", dimension="who", definition=json.dumps(CITY))
    assert answer.status_code == 303
    shown = (await site.client.get(answer.headers["location"])).text
    assert "城市是长春" in shown
    assert "陈建国" in shown
    assert "王静怡" not in shown


async def test_the_count_follows_what_is_built_and_names_the_condition_that_is_wrong(site: WebSite):
    told = (await site.client.post("/segments/count", json={"definition": CITY})).json()
    assert (told["count"], told["sentence"], told["errors"]) == (3, "城市是长春", {})
    CITYLESS = json.loads(json.dumps(CITY).replace("\\u957f\\u6625", ""))  # noqa: N806
    told = (await site.client.post("/segments/count", json={"definition": CITYLESS})).json()
    assert (told["count"], told["errors"]) == (None, {"0.0": "请至少填一个词。"})
    odd = await site.client.post("/segments/count", json={"definition": {"groups": "'; DROP TABLE segment"}})
    assert odd.json()["count"] is None


async def test_a_refused_segment_keeps_what_was_typed_and_says_what_to_do(site: WebSite):
    script = "<script>alert(1)</script>"
    answer = await post(site, "/segments/new", name="", note=script, dimension="who", definition="no json")
    assert answer.status_code == 422
    assert "请填写名称，最多 40 个字。" in answer.text
    assert script not in answer.text
    assert "&lt;script&gt;" in answer.text
    async with site.db.begin() as session:
        assert await session.scalar(select(func.count()).select_from(Segment)) == 6


async def test_of_two_who_change_a_segment_the_second_is_told_by_whom(site: WebSite):
    typed = {"name": "沉睡客户", "dimension": "behaviour", "definition": json.dumps(CITY)}
    assert (await post(site, "/segments/1/edit", base="1", **typed)).status_code == 303
    answer = await post(site, "/segments/1/edit", base="1", **typed)
    assert answer.status_code == 409
    assert "王海燕 已在此期间保存" in answer.text or "王海燕" in answer.text
    async with site.db.begin() as session:
        assert (await session.get_one(Segment, 1)).ready == "dormant"


async def test_a_removed_segment_is_gone_and_comes_back(site: WebSite):
    answer = await post(site, "/segments/2/remove")
    assert answer.headers["location"] == "/segments?removed=2"
    assert (await site.client.get("/segments/2")).status_code == 404
    assert "/segments/2/restore" in (await site.client.get("/segments?removed=2")).text
    assert (await post(site, "/segments/2/restore")).status_code == 303
    assert (await site.client.get("/segments/2")).status_code == 200


async def test_members_are_exported_with_a_byte_order_mark_and_without_formulas(site: WebSite):
    async with site.db.begin() as session:
        (await session.get_one(Customer, people.LI_MIN)).name = "=HYPERLINK(1)"
    made = await post(site, "/segments/new", name="长春客户", dimension="who", definition=json.dumps(CITY))
    address = made.headers["location"]
    answer = await site.client.get(f"{address}/members.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("客户编号,姓名")
    assert ",'=HYPERLINK(1)," in answer.text
    assert "+8613804317706" not in answer.text
    book = CalamineWorkbook.from_filelike(io.BytesIO((await site.client.get(f"{address}/members.xlsx")).content))
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows] == [line.split(",")[1] for line in lines]
    async with site.db.begin() as session:
        kept = select(func.count()).where(AuditEntry.action == "segment_exported")
        assert await session.scalar(kept) == 2


async def test_a_class_is_given_by_decision_shown_with_its_end_and_taken_back(site: WebSite):
    until = (now() + timedelta(days=30)).date().isoformat()
    path = f"/segments/customers/{people.WANG}"
    answer = await post(site, f"{path}/class", customer_class="vip", reason="媒体记者", until=until)
    assert answer.status_code == 303
    shown = (await site.client.get(path)).text
    assert "媒体记者" in shown
    assert "人工指定" in shown
    await post(site, f"{path}/class/back")
    async with site.db.begin() as session:
        assert await session.get(ManualClass, people.WANG) is None
        assert (await session.get_one(Customer, people.WANG)).customer_class == "standard"


async def test_wrong_entries_of_a_class_or_a_lot_stand_under_their_fields(site: WebSite):
    path = f"/segments/customers/{people.WANG}"
    answer = await post(site, f"{path}/class", customer_class="vip", reason="", until="2020-01-01")
    assert answer.status_code == 422
    assert "请选择截止日" in answer.text
    answer = await post(site, f"{path}/fleet", bought_on="", vehicles="三百", amount_yuan="1,000,000")
    assert answer.status_code == 422
    assert "三百" in answer.text
    assert (await post(site, "/segments/customers/999/class", customer_class="vip")).status_code == 404


async def test_a_lot_makes_a_key_account_at_once(site: WebSite):
    path = f"/segments/customers/{people.WANG}"
    lot = {"bought_on": "2019-05-01", "vehicles": "310", "amount_yuan": "40,000,000", "reference": "HT-1"}
    assert (await post(site, f"{path}/fleet", **lot)).status_code == 303
    shown = (await site.client.get(path)).text
    assert "大客户" in shown
    assert "3 年内购车 310 台（至 2019-05-01）" in shown
    assert "¥4,000.0 万" in shown


RULES = {
    "gives": ["key_account", "vip", ""],
    "measure_0": ["vehicles_any_3y", "vehicles", ""],
    "least_0": ["300", "1", ""],
    "measure_1": ["", "", ""],
    "least_1": ["", "", ""],
}


async def test_a_change_of_the_rules_is_tried_before_it_is_saved_and_undone_after(site: WebSite):
    told = (await site.client.post("/admin/classes/classes/preview", data=RULES)).json()
    assert told["errors"] == {}
    assert "<b>2</b>" in told["html"]
    assert "李敏" in told["html"]
    async with site.db.begin() as session:
        assert await session.scalar(select(func.count()).select_from(WorthRules)) == 0
    answer = await post(site, "/admin/classes/classes", base="0", **RULES)
    assert answer.status_code == 303
    saved = answer.headers["location"].rsplit("=", 1)[1]
    shown = (await site.client.get(f"/admin/versions?kind=class_rules&version={saved}")).text
    assert "大客户: 任意三年内购车 ≥ 300" in shown
    assert (await post(site, f"/admin/versions/{saved}/undo")).status_code == 303
    async with site.db.begin() as session:
        assert len((await session.get_one(WorthRules, "classes")).state["rules"]) == 6


async def test_rules_that_make_no_sense_are_refused_where_they_stand(site: WebSite):
    wrong = {**RULES, "least_0": ["viele", "0", ""]}
    answer = await post(site, "/admin/classes/classes", base="0", **wrong)
    assert answer.status_code == 422
    assert answer.text.count("请填 1 到 2000000000 的数字。") == 2
    assert 'value="viele"' in answer.text
    told = (await site.client.post("/admin/classes/classes/preview", data=wrong)).json()
    assert set(told["errors"]) == {"least.0.0", "least.1.0"}
    answer = await post(site, "/admin/classes/churn", base="0", medium="80", high="20")
    assert answer.status_code == 422
    assert (await site.client.get("/admin/classes/secret")).status_code == 404


async def test_a_leader_sees_and_exports_but_changes_nothing_and_an_agent_does_not_export(site: WebSite):
    await signed_in(site, LEADER)
    assert (await site.client.get("/segments")).status_code == 200
    assert "/segments/new" not in (await site.client.get("/segments")).text
    assert (await site.client.get("/segments/1/members.csv")).status_code == 200
    for path in ("/segments/new", "/segments/1/remove", "/segments/recompute", "/segments/customers/1/class"):
        assert (await post(site, path)).status_code == 403, path
    assert (await site.client.get("/admin/classes")).status_code == 403
    await signed_in(site, people.AGENT)
    assert (await site.client.get("/segments/1")).status_code == 200
    assert (await site.client.get("/segments/1/members.csv")).status_code == 403
    await signed_in(site, people.ADMIN)
    assert (await site.client.get("/segments")).status_code == 403
    assert (await site.client.get("/admin/classes")).status_code == 200


async def test_an_empty_list_offers_the_ready_made_segments(web: WebSite):
    async with web.db.begin() as session:
        user = User(number=BOSS, name="王海燕", roles="supervisor", password_hash=hashed_now(people.PASSWORD))
        session.add(user)
    await signed_in(web, BOSS)
    assert "添加六个现成分群" in (await web.client.get("/segments")).text
    assert "还没有算过客户" in (await web.client.get("/segments/portrait")).text


def test_every_code_has_a_word_in_both_languages():
    from agent_desktop import catalogues
    from agent_desktop.segments import words as segment_words

    assert set(segment_words.REASONS) == set(CHINESE)
    assert set(segment_words.FIELDS) == set(FIELDS)
    assert set(segment_words.STAGES) == {*FOUR_STAGES, *FIVE_STAGES}
    assert {op for ops in OPERATORS.values() for op in ops} == set(segment_words.OPERATORS)
    say = SegmentReader("zh-CN", catalogues.load("zh-CN").gettext, now().date(), {7: "金达远辰"})
    for field in FIELDS.values():
        for op in OPERATORS[field.kind]:
            one = {"field": field.key, "op": op, "value": _value(field.kind, field.choices, op)}
            raw = {"join": "all", "groups": [{"join": "all", "conditions": [one]}]}
            sentence = say.definition(raw)
            assert "{" not in sentence
            assert say.translate(segment_words.FIELDS[field.key]) in sentence


def _value(kind: Kind, choices: tuple[str, ...], op: str) -> object:
    if op in WITHOUT_VALUE:
        return None
    if kind is Kind.CHOICE:
        return list(choices[:2]) or ["7"]
    return "长春" if kind is Kind.TEXT else 3


def test_a_reason_counts_its_days_from_the_readers_day():
    today = now().date()
    say = SegmentReader("en", lambda text, **values: text.format(**values), today, {})
    quiet = Reason(code="quiet", values={"on": (today - timedelta(days=1400)).isoformat()})
    assert say.reason(quiet).endswith("(1,400 days)")
    assert say.money(684_000) == "¥684,000"
