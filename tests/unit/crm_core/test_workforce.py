"""Teams and who leads them, reasons, and the versions of what was saved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from acd.model import Medium, Queue, QueueId, Skill, Strategy, WayOut
from crm_core.access.actions import SignedInUser
from crm_core.access.chain import verify
from crm_core.access.model import AuditEntry, User
from crm_core.access.roles import Role
from crm_core.db import Database
from crm_core.errors import Refused
from crm_core.workforce import versions
from crm_core.workforce.actions import add_agent
from crm_core.workforce.fields import Unusable
from crm_core.workforce.model import BreakReason, QueueRow, Team, TeamLeader
from crm_core.workforce.queries import agent, break_reasons, leaders, led_agents, led_teams, queues
from crm_core.workforce.restore import restore
from crm_core.workforce.team_actions import remove_team, save_reasons, save_team
from crm_core.workforce.words import FIRST_REASONS, MEDIA, STRATEGIES, WAYS_OUT, Reason
from reports.engine_queues import routed
from tests.unit.crm_core.builders import NOW


def somebody(user_id: int, *roles: Role) -> SignedInUser:
    return SignedInUser(
        user_id=user_id,
        number="2011",
        name="高峰",
        name_en="",
        roles=roles,
        language="zh-CN",
        theme="light",
        session="",
        csrf="",
        expires_at=NOW,
    )


async def _a_team_with_an_agent(db: Database) -> int:
    async with db.begin() as session:
        session.add_all(
            [
                Team(id="team_one", name_zh="一组", name_en="One", missed_limit=2),
                Team(id="team_two", name_zh="二组", name_en="Two"),
            ]
        )
        skills = {"repair": 5}
        common: dict[str, Any] = {"password": "x" * 9, "skills": skills, "actor": "9001", "at": NOW}
        await add_agent(session, number="1001", name="张丽", team="team_one", **common)
        await add_agent(session, number="1002", name="王磊", team="team_two", **common)
        row = await add_agent(session, number="2011", name="高峰", team="", **common)
        session.add(TeamLeader(user_id=row.user_id, team="team_one"))
        return row.user_id


async def test_a_leader_leads_own_teams_a_supervisor_all_and_an_agent_none(db: Database):
    leader = await _a_team_with_an_agent(db)
    async with db.begin() as session:
        assert await led_teams(session, somebody(leader, Role.TEAM_LEADER)) == {"team_one"}
        assert await led_agents(session, somebody(leader, Role.TEAM_LEADER)) == {"1001"}
        assert await led_teams(session, somebody(99, Role.SUPERVISOR)) is None
        assert await led_agents(session, somebody(99, Role.SUPERVISOR)) is None
        assert await led_teams(session, somebody(leader, Role.AGENT)) == frozenset()
        assert await led_agents(session, somebody(99, Role.TEAM_LEADER)) == frozenset()
        assert await leaders(session) == {"team_one": ["2011"]}


async def test_the_team_says_how_many_offers_an_agent_may_miss(db: Database):
    await _a_team_with_an_agent(db)
    async with db.begin() as session:
        limits = [(await agent(session, number)).missed_limit for number in ("1001", "1002", "2011")]
    assert limits == [2, 3, 3]


async def test_the_first_reasons_hold_until_a_site_has_its_own(db: Database):
    async with db.begin() as session:
        assert await break_reasons(session) == list(FIRST_REASONS)
        session.add_all(
            [
                BreakReason(code="prayer", name_zh="祷告", name_en="Prayer", minutes=10, position=2),
                BreakReason(code="lunch", name_zh="午餐", name_en="Lunch", minutes=45, position=1),
                BreakReason(code="gym", name_zh="健身", name_en="Gym", minutes=20, active=False, position=3),
            ]
        )
    async with db.begin() as session:
        assert [reason.code for reason in await break_reasons(session)] == ["lunch", "prayer"]
        assert [reason.code for reason in await break_reasons(session, retired=True)] == ["lunch", "prayer", "gym"]


async def test_a_removed_queue_is_only_history(db: Database):
    async with db.begin() as session:
        session.add(QueueRow(id="old", name_zh="旧", name_en="Old", skill="old", removed_at=NOW))
    async with db.begin() as session:
        assert await queues(session) == []
        assert [row.id for row in await queues(session, removed=True)] == ["old"]


async def test_of_two_who_edited_the_same_page_the_second_is_told_who_saved_first(db: Database):
    save: dict[str, Any] = {"kind": "team", "subject": "team_one", "at": NOW}
    async with db.begin() as session:
        await versions.record(session, **save, before=None, after={"limit": 3}, actor="2001", base=0)
    async with db.begin() as session:
        with pytest.raises(versions.SavedMeanwhile) as refused:
            await versions.record(session, **save, before={"limit": 3}, after={"limit": 5}, actor="9001", base=0)
    assert refused.value.values["by"] == "2001"
    async with db.begin() as session:
        done = await versions.record(session, **save, before={"limit": 3}, after={"limit": 5}, actor="9001", base=1)
        assert done is not None
        assert (done.number, await versions.current_number(session, "team", "team_one")) == (2, 2)
        assert [row.number for row in await versions.history(session, kind="team")] == [2, 1]
        assert (await verify(session)).whole


async def test_saving_what_is_there_already_makes_no_version(db: Database):
    async with db.begin() as session:
        same = {"limit": 3}
        saved = await versions.record(
            session, "team", "team_one", before=same, after=dict(same), actor="2001", at=NOW, base=0
        )
        assert saved is None
        assert await session.scalar(select(func.count()).select_from(AuditEntry)) == 0


def test_a_difference_names_fields_in_the_order_of_the_settings():
    changed = versions.changes({"a": 1, "gone": 2, "same": 0}, {"same": 0, "new": 5, "a": 3})
    assert [(one.field, one.before, one.after) for one in changed] == [("new", None, 5), ("a", 1, 3), ("gone", 2, None)]


def test_the_records_and_the_engine_use_the_same_words():
    assert set(STRATEGIES) == set(Strategy)
    assert set(WAYS_OUT) == set(WayOut)
    assert set(MEDIA) == set(Medium)


def test_every_setting_of_a_queue_reaches_the_engine():
    """Each field of the engine's queue gets a value here that is not its default; a field left out shows."""
    row = QueueRow(
        id="repair",
        name_zh="售后",
        name_en="After-sales",
        skill="repair",
        ring_seconds=11,
        wrap_up_seconds=12,
        announce_every_seconds=13,
        first_announcement_seconds=14,
        strategy="round_robin",
        levels=[{"after_seconds": 0, "level": 7}, {"after_seconds": 30, "level": 4}],
        priority=2,
        ageing_seconds=16,
        sticky_seconds=17,
        affinity_seconds=18,
        overflow=[{"to": "enquiry", "after_seconds": 60, "expected_over_seconds": 0}],
        most_waiting=19,
        when_full="voicemail",
        longest_wait_seconds=600,
        when_too_long="callback",
        is_open_for_calls=False,
        service_seconds=15,
        service_target_percent=90,
    )
    queue, plain = routed(row), Queue(id=QueueId("x"), skill=Skill("x"))
    same = [name for name in Queue.__slots__ if getattr(queue, name) == getattr(plain, name)]
    assert same == []
    row.is_open_for_calls, row.leaving_at = True, NOW
    assert not routed(row).is_open_for_calls


async def test_a_team_is_saved_with_members_and_leaders_and_a_member_has_one_team(db: Database):
    await _a_team_with_an_agent(db)
    wanted = {"name_zh": "一组", "name_en": "One", "position": 1, "missed_limit": 4}
    async with db.begin() as session:
        await session.execute(update(User).where(User.number == "2011").values(roles="team_leader"))
        people = {"leaders": ["2011"], "members": ["1001", "1002"]}
        saved = await save_team(session, "team_one", wanted | people, base=0, actor="9001", at=NOW)
        assert saved is not None
        assert saved.after["members"] == ["1001", "1002"]
        assert (await agent(session, "1002")).missed_limit == 4
        with pytest.raises(Refused, match="2 members"):
            await remove_team(session, "team_one", base=None, actor="9001", at=NOW)
        with pytest.raises(Unusable) as told:
            await save_team(
                session,
                "team_one",
                wanted | {"leaders": ["1001"], "members": ["4711"], "missed_limit": 11},
                base=1,
                actor="9001",
                at=NOW,
            )
        assert set(told.value.by_field) == {"leaders", "members", "missed_limit"}
        await restore(session, saved.id, undo=True, base=1, actor="9001", at=NOW)
        assert [(await agent(session, number)).team for number in ("1001", "1002")] == ["team_one", ""]


async def test_reasons_are_retired_and_never_lost(db: Database):
    lunch = Reason(code="lunch", name_zh="午餐", name_en="Lunch", minutes=45)
    async with db.begin() as session:
        saved = await save_reasons(session, [lunch], base=0, actor="9001", at=NOW)
        assert saved is not None
        assert await break_reasons(session) == [lunch]
        assert {reason.code for reason in await break_reasons(session, retired=True)} == {
            reason.code for reason in FIRST_REASONS
        }
        await restore(session, saved.id, undo=True, base=1, actor="9001", at=NOW)
        assert await break_reasons(session) == list(FIRST_REASONS)


@pytest.mark.parametrize(
    ("reasons", "fields"),
    [
        ([Reason(code="a b", name_zh="", name_en="x", minutes=999)], {"code.0", "name_zh.0", "minutes.0"}),
        ([replace(FIRST_REASONS[0], active=False)], {"reasons"}),
        ([FIRST_REASONS[0], FIRST_REASONS[0]], {"code.0", "code.1"}),
    ],
)
async def test_a_reason_that_agents_could_not_use_is_refused(db: Database, reasons: list[Reason], fields: set[str]):
    async with db.begin() as session:
        with pytest.raises(Unusable) as told:
            await save_reasons(session, reasons, base=None, actor="9001", at=NOW)
    assert set(told.value.by_field) == fields
