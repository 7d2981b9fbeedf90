"""What agents write: records of contacts, cases, and the workforce that supervisors keep."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm_core.access.chain import verify
from crm_core.access.roles import Role
from crm_core.cases.actions import close_case, finish_step, open_case
from crm_core.cases.queries import by_number, open_cases
from crm_core.clock import from_instant, instant
from crm_core.customers.facts import read_steps
from crm_core.db import Database
from crm_core.errors import Invalid, NotAllowed, NotFound, Refused
from crm_core.history.actions import assign_customer, save_record, settle_recording
from crm_core.history.model import Contact, Leg
from crm_core.history.queries import ContactFilter, contact, contact_page, contacts_of_day, recent, recent_of_number
from crm_core.history.writer import apply_all
from crm_core.workforce.actions import add_agent, add_queue, disable_user, set_skills
from crm_core.workforce.model import QueueRow
from crm_core.workforce.queries import agent, agents, names, queues
from tests.unit.crm_core.builders import NOW, a_contact, a_customer, a_vehicle, an_answered_call, numbered

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
async def called(db: Database) -> Database:
    async with db.begin() as session:
        await apply_all(session, numbered(*an_answered_call()))
    return db


async def _save(db: Database, **given: Any) -> Contact:
    record = {"actor": "1018", "kind": "", "finished": False, "at": NOW, **given}
    async with db.begin() as session:
        return await save_record(session, "c1", **record)


async def test_a_draft_needs_nothing_and_a_finished_record_needs_the_kind_first(called: Database):
    assert (await _save(called, note="上坡时空调有声")).recorded_at is None
    with pytest.raises(Invalid) as refused:
        await _save(called, disposition="answered", finished=True)
    assert refused.value.values["field"] == "kind"
    with pytest.raises(Invalid) as refused:
        await _save(called, kind="repair", finished=True)
    assert refused.value.values["field"] == "disposition"
    done = await _save(called, kind="repair", disposition="case_opened", note="已建工单", finished=True)
    assert (done.kind, done.note, done.recorded_at) == ("repair", "已建工单", NOW)


async def test_only_who_took_part_writes_the_record(called: Database):
    with pytest.raises(NotAllowed):
        await _save(called, actor="1002")
    assert await _save(called, actor="2001", any_record=True)
    async with called.begin() as session:
        with pytest.raises(NotFound):
            await save_record(session, "c9", actor="1018", kind="", finished=False, at=NOW)


@pytest.mark.parametrize(
    "given", [{"kind": "x"}, {"relation": "x"}, {"disposition": "x"}, {"vehicle_id": 9}, {"case_id": 9}]
)
async def test_words_and_ids_outside_the_lists_are_refused(called: Database, given: dict[str, Any]):
    with pytest.raises(Invalid):
        await _save(called, **given)


async def test_the_agent_says_who_the_caller_was_and_the_audit_knows_it(called: Database):
    async with called.begin() as session:
        chen = await a_customer(session)
        await assign_customer(session, "c1", chen.id, actor="1018", at=NOW)
        assert [row.id for row in await recent(session, chen.id)] == ["c1"]
        with pytest.raises(Invalid):
            await assign_customer(session, "c1", 99_999, actor="1018", at=NOW)
        assert (await verify(session)).checked == 1


async def test_a_recording_is_settled_once_its_file_is_known(called: Database):
    async with called.begin() as session:
        await settle_recording(session, "c1-1", status="ready", seconds=100.0)
        await settle_recording(session, "unknown", status="missing", seconds=None)
    async with called.begin() as session:
        found = await contact(session, "c1")
    assert found is not None
    assert (found.recordings[0].status, found.recordings[0].seconds) == ("ready", 100.0)


async def test_pages_of_contacts_follow_each_other_without_gap_or_repeat(db: Database):
    async with db.begin() as session:
        for number in range(25):
            await a_contact(session, f"c{number:02d}", None, days_ago=number // 2, agent="1018" if number % 5 else "")
    seen: list[str] = []
    cursor = ""
    async with db.begin() as session:
        while True:
            page = await contact_page(session, ContactFilter(), cursor=cursor, limit=7)
            seen += [row.id for row in page.contacts]
            cursor = page.next_cursor
            if not cursor:
                break
        of_agent = await contact_page(session, ContactFilter(agent="1018", start=NOW - timedelta(days=3.5)))
        with_recording = await contact_page(session, ContactFilter(recorded=True))
        with pytest.raises(Invalid):
            await contact_page(session, ContactFilter(), cursor="1; DROP TABLE contact")
    assert len(seen) == len(set(seen)) == 25
    assert seen[0] == "c01"
    assert len(of_agent.contacts) == 6
    assert with_recording.contacts == ()


async def test_a_day_is_the_sites_day(db: Database):
    async with db.begin() as session:
        await a_contact(session, "yesterday", None, days_ago=11 / 24)  # 23:40 in Shanghai
        await a_contact(session, "today", None, days_ago=10 / 24, caller="+8613843107706")  # 00:40
        day = NOW.astimezone(SHANGHAI).date()
        assert [row.id for row in await contacts_of_day(session, day, SHANGHAI)] == ["today"]
        assert [row.id for row in await recent_of_number(session, "+8613843107706")] == ["today"]


async def _open(db: Database, customer_id: int, **more: Any):
    case = {"customer_id": customer_id, "kind": "repair", "title": "空调异响", "actor": "1018", "at": NOW, **more}
    async with db.begin() as session:
        return await open_case(session, zone=SHANGHAI, **case)


async def test_cases_are_numbered_by_the_sites_day_and_complaints_apart(db: Database):
    async with db.begin() as session:
        chen = await a_customer(session)
        vehicle = await a_vehicle(session, chen)
    first = await _open(db, chen.id, vehicle_id=vehicle.id, steps=("受理", "派店"))
    second = await _open(db, chen.id)
    complaint = await _open(db, chen.id, kind="complaint", due_at=NOW + timedelta(hours=2))
    assert [case.number for case in (first, second, complaint)] == ["GD-0716-0001", "GD-0716-0002", "TS-0716-0001"]
    async with db.begin() as session:
        assert (await open_cases(session))[0].number == "TS-0716-0001"
        done = await finish_step(session, first.id, "受理", actor="1018", at=NOW)
        assert [step.done_on is not None for step in read_steps(done.steps)] == [True, False]
        with pytest.raises(Invalid):
            await finish_step(session, first.id, "回访", actor="1018", at=NOW)
        await close_case(session, first.id, actor="1018", at=NOW)
    async with db.begin() as session:
        assert len(await open_cases(session, kind="repair")) == 1
        assert (await by_number(session, "GD-0716-0001")).status == "closed"
        with pytest.raises(Refused):
            await close_case(session, first.id, actor="1018", at=NOW)
        with pytest.raises(Refused):  # closes only when the customer has confirmed
            await close_case(session, complaint.id, actor="1018", at=NOW)


@pytest.mark.parametrize("given", [{"kind": "x"}, {"title": " "}])
async def test_a_case_needs_a_kind_and_a_title(db: Database, given: dict[str, str]):
    async with db.begin() as session:
        chen = await a_customer(session)
    with pytest.raises(Invalid):
        await _open(db, chen.id, **given)


def _agent(**more: Any) -> dict[str, Any]:
    return {
        "number": "1018",
        "name": "林晓梅",
        "password": "x" * 9,
        "skills": {"repair": 9},
        "actor": "9001",
        "at": NOW,
        **more,
    }


async def test_agents_and_queues_are_added_changed_and_disabled(db: Database):
    async with db.begin() as session:
        queue = QueueRow(id="repair", name_zh="售后服务", name_en="After-sales", skill="repair")
        await add_queue(session, queue, actor="9001", at=NOW)
        await add_agent(session, **_agent(team="一组", phone_contact="sip:1018@127.0.0.3:5390", roles=(Role.AGENT,)))
        await set_skills(session, "1018", {"repair": 7, "vip": 3}, actor="9001", at=NOW)
    async with db.begin() as session:
        (lin,) = await agents(session)
        assert (lin.number, lin.team, lin.skills) == ("1018", "一组", {"repair": 7, "vip": 3})
        assert lin == await agent(session, "1018")
        assert [row.id for row in await queues(session)] == ["repair"]
        await disable_user(session, "1018", actor="9001", at=NOW)
    async with db.begin() as session:
        assert await agents(session) == []
        assert await agent(session, "1018") is None
        assert (await names(session))["1018"] == ("林晓梅", "林晓梅")


@pytest.mark.parametrize(
    "given",
    [
        {"number": "10\n18"},
        {"number": "../x"},
        {"phone_contact": "sip:1018@127.0.0.3:5390\nqualify_frequency=1"},
        {"phone_contact": "Local/1@hl-out"},
        {"skills": {"re pair": 3}},
        {"skills": {"repair": 10}},
    ],
)
async def test_nothing_that_could_break_asterisks_files_gets_into_the_workforce(db: Database, given: dict[str, Any]):
    async with db.begin() as session:
        with pytest.raises(Invalid):
            await add_agent(session, **_agent(**given))
        queue = QueueRow(id="re]pair", name_zh="", name_en="", skill="repair")
        with pytest.raises(Invalid):
            await add_queue(session, queue, actor="9001", at=NOW)


async def test_there_is_one_user_of_a_number_and_one_queue_of_a_name(db: Database):
    queue = {"id": "repair", "name_zh": "售后服务", "name_en": "After-sales", "skill": "repair"}
    async with db.begin() as session:
        await add_queue(session, QueueRow(**queue), actor="9001", at=NOW)
        await add_agent(session, **_agent())
    async with db.begin() as session:
        with pytest.raises(Refused):
            await add_queue(session, QueueRow(**queue), actor="9001", at=NOW)
        with pytest.raises(Refused):
            await add_agent(session, **_agent())
        with pytest.raises(NotFound):
            await set_skills(session, "4711", {}, actor="9001", at=NOW)


async def test_hostile_ids_and_words_are_only_unknown(called: Database):
    async with called.begin() as session:
        assert await contact(session, "c1\0' OR 1=1") is None
        assert await by_number(session, "GD\0\ud800") is None
        assert (await contact_page(session, ContactFilter(queue="x\0", caller="\0"), cursor="1~\0")).contacts == ()
    saved = await _save(called, note="a\0b\ud800", sub_kind="\0" * 99)
    assert saved.note == "ab?"


def test_an_instant_and_its_time_are_the_same_moment():
    assert from_instant(instant(NOW)) == NOW
    with pytest.raises(ValueError, match="naive"):
        instant(NOW.replace(tzinfo=None))


async def _given_to(db: Database, agent: str) -> None:
    """The call went on to a colleague, who has answered."""
    async with db.begin() as session:
        row = await session.get_one(Contact, "c1")
        session.add(Leg(id="c1-2", contact_id="c1", agent=agent, offered_at=NOW, answered_at=NOW))
        row.agent = agent


async def test_two_agents_of_one_contact_each_keep_their_note(called: Database):
    async with called.begin() as session:
        for number, name in (("1018", "林晓梅"), ("1019", "王芳")):
            await add_agent(
                session, number=number, name=name, password="correct-horse-1", skills={}, actor="9001", at=NOW
            )
    await _save(called, kind="repair", note="上坡时空调有声")
    await _given_to(called, "1019")
    saved = await _save(
        called, actor="1019", kind="complaint", note="已约明天进店", disposition="answered", finished=True
    )
    assert (saved.kind, saved.note) == ("complaint", "林晓梅：上坡时空调有声\n王芳：已约明天进店")
    later = await _save(called, kind="repair", relation="owner", note="上坡时空调有声，红灯时也有", finished=True)
    assert later.note == "林晓梅：上坡时空调有声，红灯时也有\n王芳：已约明天进店"
    assert (later.kind, later.relation, later.disposition, later.recorded_at) == ("complaint", "owner", "answered", NOW)


async def test_who_gave_a_contact_away_finishes_nothing_and_needs_no_result(called: Database):
    await _given_to(called, "1019")
    assert (await _save(called, note="请接着问里程", finished=True)).recorded_at is None


async def test_what_a_colleague_chose_is_not_cleared_by_an_empty_choice(called: Database):
    await _save(called, kind="repair", note="请接着问里程")
    await _given_to(called, "1019")
    assert (await _save(called, actor="1019", kind="", note="里程 41,260")).kind == "repair"


async def test_a_note_from_before_notes_had_authors_stays(called: Database):
    async with called.begin() as session:
        (await session.get_one(Contact, "c1")).note = "旧备注"
    assert (await _save(called, actor="2001", any_record=True, note="复核过")).note == "1018：旧备注\n2001：复核过"
