"""The audit log as people read it: things, deeds and changes in words, no dead links, nothing that is not theirs."""

from __future__ import annotations

import ast
import csv
import io
from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import update

from agent_desktop.admin.audit_fields import FIELDS
from agent_desktop.admin.audit_subjects import PAGES, Subject, page_of, subject_of
from agent_desktop.admin.audit_words import action_words
from crm_core.access.audit import audit
from crm_core.access.audit_detail import changed, noting
from crm_core.access.model import User
from crm_core.access.rights import allowed, right_of
from crm_core.access.roles import Permission, Role, may
from crm_core.campaigns import actions as campaign_actions
from crm_core.campaigns.rules import settings_from, state_of
from crm_core.cases.loop import Act as LoopAct
from crm_core.cases.rescue import RescueAct
from crm_core.clock import now
from crm_core.dealers.supply_flow import Status as SupplyStatus
from crm_core.leads.words import Act as LeadAct
from crm_core.quality import rule_actions
from crm_core.workforce.versions import KINDS
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.rights_site import routes

ROOT = Path(__file__).parents[3]
ROOMS = ("agent_desktop", "crm_core", "recording")
READERS = [role for role in Role if may((role,), Permission.SEE_AUDIT)]
CASE = {"part": "压缩机"}


async def noted(web: WebSite, *entries: tuple[str, str, str]) -> None:
    """Entries (action, subject, detail) of agent 1018."""
    async with web.db.begin() as session:
        for action, subject, detail in entries:
            await audit(session, at=now(), actor=people.AGENT, action=action, subject=subject, detail=detail)


async def read_as(web: WebSite, role: Role, language: str, path: str = "/admin/audit") -> str:
    async with web.db.begin() as session:
        change = update(User).where(User.number == people.ADMIN).values(roles=role.value, language=language)
        await session.execute(change)
    await web.enter(people.ADMIN)
    return (await web.client.get(path)).text


def written_actions() -> set[str]:
    """Every action that the code writes by its name."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for room in ROOMS for file in (ROOT / room).rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    calls = [node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit"]
    given = [word.value for call in calls for word in call.keywords if word.arg == "action"]
    drafted = [node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == "Deeds"]
    given += [word.value for call in drafted for word in call.keywords if word.arg != "subject"]
    # Of two actions one is chosen before.
    given += [node.value for node in nodes if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "action"]
    words = [part for one in given if isinstance(one, ast.Constant | ast.IfExp) for part in ast.walk(one)]
    return {part.value for part in words if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def made_actions() -> set[str]:
    """Those that the code makes of a word of its own."""
    return {
        *(f"case_{act.value}" for act in LoopAct),
        *(f"rescue_{act.value}" for act in RescueAct),
        *(f"supply_{status.value}" for status in SupplyStatus),
        *(f"lead_{act.value}" for act in LeadAct),
        *(f"{kind}_saved" for kind in KINDS),
        *(f"workshop_{status}" for status in ("arrived", "done", "cancelled", "missed")),
        *(f"care_{what}" for what in ("done", "tried", "skipped", "reopened", "moved", "named", "planned")),
        *(f"floor_{act}" for act in ("listen", "whisper", "barge", "take_over", "stop", "force", "promote", "move")),
        *(
            "floor_assign",
            "floor_message",
            "consulted",
            "transferred",
            "article_useful",
            "article_not_useful",
            "delivery_checked",
            "delivery_verified",
        ),
    }


def test_everything_that_is_done_has_a_name():
    actions = written_actions() | made_actions()
    assert len(actions) > 150
    unnamed = sorted(one for one in actions if action_words(one, lambda word: word, "en") == one.replace("_", " "))
    assert not unnamed, "give them words in agent_desktop/admin/audit_words.py"


def test_a_subject_is_read_from_what_stands_there_and_from_what_was_done():
    assert subject_of("case_opened", "GD-0714-0001") == Subject("case", "GD-0714-0001")
    assert subject_of("dialled", "1718.22") == Subject("contact", "1718.22")
    assert subject_of("roles_changed", "1018") == Subject("person", "1018")
    assert subject_of("customer_seen", "customer/17") == Subject("customer", "17")
    assert subject_of("sign_in", "127.0.0.1") == Subject("", "127.0.0.1")


async def test_every_page_that_the_log_leads_to_is_a_page_of_the_application(web: WebSite):
    known = {asked.path for asked in routes(web.app) if asked.method == "GET"}
    assert not {*PAGES.values()} - known


@pytest.mark.parametrize("role", READERS)
def test_no_link_of_the_log_leads_a_reader_to_a_refusal(role: Role):
    for kind, route in PAGES.items():
        right = right_of("GET", route)
        assert right is not None
        assert bool(page_of(Subject(kind, "17"), (role,))) == allowed(right.needs, (role,)), kind


@pytest.mark.parametrize("hostile", ["../logout", "x'; --", "%2e%2e", "<b>", "1?next=//evil.test"])
def test_what_stands_in_a_subject_leads_to_no_other_address(hostile: str):
    for kind, route in PAGES.items():
        found = page_of(Subject(kind, hostile), tuple(Role))
        assert not found or found.count("/") == route.count("/"), found
        assert "?" not in found
        assert "<" not in found


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh-CN", ("角色", "坐席", "坐席、班组长", "优先级", "技能", "售后服务 7", "话务", "版本 4", "长春金达远辰")),
        ("en", ("Roles", "Agent, Team leader", "Priority", "Skills", "After-sales 7", "Version 4", "长春金达远辰")),
    ],
)
async def test_a_change_is_told_field_by_field_before_and_after(web: WebSite, language: str, told: tuple[str, ...]):
    before = {"roles": ["agent"], "dealer": None, "region": ""}
    await noted(
        web,
        ("roles_changed", "1018", changed(before, {"roles": ["agent", "team_leader"], "dealer": 1, "region": ""})),
        (
            "queue_saved",
            "repair",
            changed({"priority": 1, "name_zh": "话务"}, {"priority": 3, "name_zh": ""}, version=4),
        ),
        ("agent_saved", "1018", changed({"skills": {"repair": 7}}, {"skills": {"repair": 9, "enquiry": 4}})),
        ("agent_saved", "1019", changed({"capacity": {}}, {"capacity": {"chat": 3}, "tags": ["region:吉林"]})),
    )
    page = await read_as(web, Role.ADMINISTRATOR, language)
    assert not [word for word in told if word not in page]
    for code in ("team_leader", "&#39;", "{", "None", "agent_saved ", "name_zh", "chat", "region:"):
        assert code not in page.partition("<tbody>")[2].partition("</table>\n  <nav")[0], code


async def test_a_case_is_told_to_whom_it_is_work_and_to_others_only_that_it_changed(web: WebSite):
    await noted(web, ("case_fields", "GD-0714-0001", changed({"part": "滤芯"}, CASE)))
    administrator = await read_as(web, Role.ADMINISTRATOR, "zh-CN")
    assert "压缩机" not in administrator
    assert "有权查看的人才能看到" in administrator
    assert "/cases/GD-0714-0001" not in administrator
    supervisor = await read_as(web, Role.SUPERVISOR, "zh-CN")
    assert "压缩机" in supervisor
    assert 'href="/cases/GD-0714-0001"' in supervisor


async def test_a_telephone_number_is_masked_on_the_page_and_in_its_links(web: WebSite):
    await noted(web, ("dialled", "1718.22", "+8613804317706"), ("number_blocked", "+8613804317706", "骚扰"))
    for role in READERS:
        page = await read_as(web, role, "zh-CN")
        assert "138 **** 7706" in page
        assert "4317706" not in page


async def test_the_export_holds_whole_numbers_and_private_details_only_for_whom_they_are(web: WebSite):
    await noted(web, ("number_blocked", "+8613804317706", "骚扰"), ("case_fields", "GD-0714-0001", changed({}, CASE)))
    for role, whole in ((Role.ADMINISTRATOR, False), (Role.SUPERVISOR, True)):
        text = (await read_as(web, role, "zh-CN", "/admin/audit/export?person=1018")).removeprefix("\ufeff")
        case, number = csv.DictReader(io.StringIO(text))
        assert ("4317706" in number["subject"]) == whole
        assert ("压缩机" in case["detail"] and "压缩机" in case["said"]) == whole
        assert (case["who"], case["did"]) == ("林晓梅", "工单改内容")


async def test_small_facts_are_words_too(web: WebSite):
    await noted(
        web,
        ("floor_force", "1018", noting(state="break", reason="lunch")),
        ("floor_move", "1718.22", "repair"),
        ("consent_given", "customer/1", noting(asked=["care/phone"])),
        ("customer_assigned", "contact/1718.22", "customer/7"),
        ("webhook_checked", "webhook/1", "expired"),
        ("customer_changed", "customer/1", noting(section="person", fields=["city", "preference"])),
    )
    page = await read_as(web, Role.SUPERVISOR, "zh-CN")
    for told in ("小休", "午餐", "售后服务", "售后关怀 (电话)", "客户 7", "证书已过期", "城市、意愿", "部分 个人"):
        assert told in page, told


async def test_a_refused_destination_is_told_in_words_with_its_number_masked_and_a_backup_with_its_folder(web: WebSite):
    await noted(
        web,
        ("dial_destination_refused", "test", noting(cap="NumberNotAllowed", dialled="00442071234567")),
        ("dial_cap_reached", people.AGENT, noting(cap="DialledTooOften", dialled="8613800138000")),
        ("backup_taken", "", noting(folder="/var/backups/hotline")),
    )
    page = await read_as(web, Role.ADMINISTRATOR, "zh-CN")
    assert "不允许" in page
    assert "测试呼叫" in page
    assert "NumberNotAllowed" not in page
    assert "442071234567" not in page
    assert "13800138000" not in page
    assert "目录 /var/backups/hotline" in page


def test_each_setting_of_a_campaign_and_of_a_rule_of_sampling_has_a_name() -> None:
    settings = {
        *campaign_actions.FIELDS,
        *state_of(settings_from({})),
        *(one.name for one in fields(rule_actions.Settings)),
    }
    assert not settings - {"name"} - FIELDS.keys()
