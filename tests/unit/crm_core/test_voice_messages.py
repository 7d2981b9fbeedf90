"""Voice messages as work: due by the site's clock, offered to who is free, told of when late, never lost on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.access.roles import Role
from crm_core.callbacks import actions
from crm_core.callbacks.model import MessageStep, VoiceMessage
from crm_core.callbacks.offering import ASKED_AGAIN, Idle, Waiting, offers
from crm_core.callbacks.offers import offer_round
from crm_core.callbacks.queries import message_figures, open_messages
from crm_core.callbacks.rules import FIRST_RULES, state_of
from crm_core.callbacks.settings import message_rules, save_message_rules
from crm_core.callbacks.watch import ring_alarms, set_due_times, tell_of_missing_sounds
from crm_core.db import Database
from crm_core.errors import Invalid, Refused
from crm_core.history.model import Contact, Recording
from crm_core.notices.model import WorkNotice
from crm_core.workforce.fields import Unusable
from crm_core.workforce.hours_model import CalendarRow
from crm_core.workforce.model import AgentRow, AgentSkill, QueueRow, Team, TeamLeader
from tests.unit.crm_core.builders import NOW

NINE_TO_FIVE = [[[540, 1020]]] * 5 + [[], []]
ANA, BO = "1001", "1002"


async def a_site(session: AsyncSession) -> None:
    """Two agents of one team with the skill "repair", their leader, a supervisor, hours 9:00 to 17:00 in Shanghai."""
    session.add(Team(id="team_one", name_zh="一组", name_en="One"))
    session.add(QueueRow(id="repair", name_zh="维修", name_en="Repair", skill="repair"))
    session.add(CalendarRow(id="main", name_zh="总", name_en="Main", position=0, entries=[], week=NINE_TO_FIVE))
    leader = User(number="2011", name="班长", name_en="", roles=Role.TEAM_LEADER.value, password_hash="")
    chief = User(number="3001", name="主管", name_en="", roles=Role.SUPERVISOR.value, password_hash="")
    session.add_all([leader, chief])
    await session.flush()
    session.add(TeamLeader(user_id=leader.id, team="team_one"))
    for number in (ANA, BO):
        user = User(number=number, name=number, name_en="", roles=Role.AGENT.value, password_hash="")
        session.add(user)
        await session.flush()
        session.add(AgentRow(user_id=user.id, team="team_one", skills=[AgentSkill(skill="repair", level=5)]))
    await session.flush()


async def a_message(session: AsyncSession, call: str, left: datetime, **more: object) -> VoiceMessage:
    contact = Contact(id=call, direction="inbound", caller="+8613843107706", started_at=left, ended_at=left)
    contact.outcome, contact.topic = "voicemail", "repair"
    session.add(contact)
    await session.flush()
    message = VoiceMessage(contact_id=call, queue="repair", caller=contact.caller, left_at=left, **more)
    session.add(message)
    await session.flush()
    return message


def ready(*numbers: str) -> list[Idle]:
    return [Idle(number=number, skills={"repair": 5}, since=float(place)) for place, number in enumerate(numbers)]


async def kinds(session: AsyncSession, call: str) -> list[str]:
    steps = select(MessageStep.kind).where(MessageStep.contact_id == call).order_by(MessageStep.id)
    return list(await session.scalars(steps))


async def told(session: AsyncSession) -> list[tuple[str, str]]:
    rows = await session.execute(select(WorkNotice.number, WorkNotice.kind).order_by(WorkNotice.id))
    return [(number, kind) for number, kind in rows]


# ---- when it is due


async def test_a_message_of_the_night_is_due_two_open_hours_after_opening(db: Database):
    """NOW is 10:40 in Shanghai on a Thursday; at 22:00 the hotline is closed until 9:00."""
    night = NOW + timedelta(hours=11, minutes=20)
    async with db.begin() as session:
        await a_site(session)
        message = await a_message(session, "m-1", night)
        assert await set_due_times(session) == 1
        assert message.due_at == night + timedelta(hours=13)
        assert message.topic == "repair"


async def test_who_needs_rescue_is_called_back_within_minutes_also_at_night(db: Database):
    night = NOW + timedelta(hours=11, minutes=20)
    async with db.begin() as session:
        await a_site(session)
        message = await a_message(session, "m-1", night, urgent=True)
        await set_due_times(session)
        assert message.due_at == night + timedelta(minutes=10)


async def test_each_alarm_of_a_message_rings_once_and_goes_higher(db: Database):
    async with db.begin() as session:
        await a_site(session)
        await a_message(session, "m-1", NOW)
        await set_due_times(session)
        await actions.take(session, "m-1", actor=ANA, at=NOW)
        for minutes, rang in ((80, 0), (95, 1), (96, 0), (121, 1), (122, 0), (181, 1), (600, 0)):
            assert await ring_alarms(session, NOW + timedelta(minutes=minutes)) == rang
        assert await told(session) == [
            (ANA, "remind"),
            (ANA, "escalate"),
            ("2011", "escalate"),
            ("3001", "escalate"),
        ]


async def test_a_message_without_sound_is_told_to_the_supervisor_once(db: Database):
    async with db.begin() as session:
        await a_site(session)
        await a_message(session, "m-1", NOW)
        sound = Recording(contact_id="m-1", leg_id="m-1-m", agent="", file="20260716/m-1-m.sln", started_at=NOW)
        sound.status = "missing"
        session.add(sound)
        await session.flush()
        assert [await tell_of_missing_sounds(session, NOW) for _ in range(2)] == [1, 0]
        assert await told(session) == [("3001", "lost")]


# ---- who gets it


async def test_a_ready_agent_gets_one_message_and_a_call_goes_first(db: Database):
    async with db.begin() as session:
        await a_site(session)
        for place, call in enumerate(("m-1", "m-2")):
            await a_message(session, call, NOW + timedelta(minutes=place))
        await set_due_times(session)
        assert await offer_round(session, ready(ANA), ["repair"], NOW) == ([], set())
        given, concerned = await offer_round(session, ready(ANA), [], NOW)
        assert [(one.contact_id, one.offered_to) for one in given] == [("m-1", ANA)]
        assert concerned == {ANA}
        assert await offer_round(session, ready(ANA), [], NOW) == ([], set())
        assert (await offer_round(session, ready(ANA), ["repair"], NOW))[1] == {ANA}
        assert await kinds(session, "m-1") == ["offered", "withdrawn"]


async def test_an_offer_that_nobody_takes_goes_to_the_next_agent(db: Database):
    async with db.begin() as session:
        await a_site(session)
        await a_message(session, "m-1", NOW)
        await set_due_times(session)
        await offer_round(session, ready(ANA, BO), [], NOW)
        late = NOW + timedelta(seconds=46)
        given, concerned = await offer_round(session, ready(ANA, BO), [], late)
        assert [one.offered_to for one in given] == [BO]
        assert concerned == {ANA, BO}
        await actions.give_back(session, "m-1", actor=BO, at=late)
        assert (await offer_round(session, ready(ANA, BO), [], late))[0] == []
        again = await offer_round(session, ready(ANA, BO), [], late + ASKED_AGAIN)
        assert len(again[0]) == 1
        assert await kinds(session, "m-1") == ["offered", "timed_out", "offered", "passed", "offered"]


async def test_who_takes_an_offer_has_it_and_nobody_else_can(db: Database):
    async with db.begin() as session:
        await a_site(session)
        await a_message(session, "m-1", NOW)
        await set_due_times(session)
        await offer_round(session, ready(ANA), [], NOW)
        await actions.take(session, "m-1", actor=ANA, at=NOW)
        with pytest.raises(Refused):
            await actions.take(session, "m-1", actor=BO, at=NOW)
        with pytest.raises(Refused):
            await actions.give_back(session, "m-1", actor=BO, at=NOW)
        await a_message(session, "m-2", NOW)
        await set_due_times(session)
        assert (await offer_round(session, ready(ANA), [], NOW))[0] == []
        mine = await open_messages(session, mine=ANA)
        assert [one.message.contact_id for one in mine] == ["m-1"]


async def test_a_call_that_comes_takes_the_offer_away_and_the_message_stays(db: Database):
    async with db.begin() as session:
        await a_site(session)
        await a_message(session, "m-1", NOW)
        await set_due_times(session)
        await offer_round(session, ready(ANA), [], NOW)
        assert await offer_round(session, [], [], NOW) == ([], {ANA})
        figures = await message_figures(session, NOW)
        assert (figures.waiting, figures.in_hand, figures.overdue, figures.oldest) == (1, 0, 0, NOW)


# ---- dealing with it


async def test_a_leader_assigns_a_message_to_an_agent_and_to_nobody_else(db: Database):
    async with db.begin() as session:
        await a_site(session)
        await a_message(session, "m-1", NOW)
        with pytest.raises(Invalid):
            await actions.assign(session, "m-1", "2011", actor="3001", at=NOW)
        message = await actions.assign(session, "m-1", BO, actor="3001", at=NOW)
        assert message.owner == BO


async def test_a_correction_keeps_what_the_machine_heard(db: Database):
    async with db.begin() as session:
        await a_site(session)
        message = await a_message(session, "m-1", NOW, heard="我的车打不着活", text_state="ready")
        await actions.correct(session, "m-1", "我的车打不着火", actor=ANA, at=NOW)
        assert (message.heard, message.text, message.text_by) == ("我的车打不着活", "我的车打不着火", ANA)


async def test_a_message_is_done_with_a_result_and_opens_again_with_a_new_clock(db: Database):
    async with db.begin() as session:
        await a_site(session)
        message = await a_message(session, "m-1", NOW)
        await set_due_times(session)
        await ring_alarms(session, NOW + timedelta(hours=3))
        with pytest.raises(Invalid):
            await actions.finish_message(session, "m-1", actor=ANA, at=NOW, result="perhaps")
        later = NOW + timedelta(hours=4)
        assert await actions.finish_message(session, "m-1", actor=ANA, at=later, result="case", note="已建工单")
        assert not await actions.finish_message(session, "m-1", actor=BO, at=later, result="nothing")
        await actions.reopen_message(session, "m-1", actor=BO, at=later)
        assert (message.done_at, message.result, message.told) == (None, "", [])
        assert message.due_at == later + timedelta(hours=2)
        assert (await kinds(session, "m-1"))[-2:] == ["done", "reopened"]


async def test_a_call_to_the_customer_is_kept_with_the_message(db: Database):
    async with db.begin() as session:
        await a_site(session)
        message = await a_message(session, "m-1", NOW)
        await actions.called(session, "m-1", "c-2", actor=ANA, at=NOW)
        step = await session.scalar(select(MessageStep))
        assert step is not None
        assert (message.owner, step.kind, step.detail) == (ANA, "called", {"call": "c-2"})


async def test_rules_of_messages_are_versioned_and_checked(db: Database):
    async with db.begin() as session:
        better = {**state_of(FIRST_RULES), "due_minutes": 60}
        await save_message_rules(session, better, base=None, actor="3001", at=NOW)
        assert await message_rules(session) == replace(FIRST_RULES, due_minutes=60)
        for field, value in (("due_minutes", 0), ("offer_seconds", "many"), ("supervisor_minutes", -1)):
            with pytest.raises(Unusable) as refused:
                await save_message_rules(session, {**better, field: value}, base=None, actor="3001", at=NOW)
            assert field in refused.value.by_field


# ---- the rule alone

SKILLS = ("repair", "enquiry", "rescue")
numbers = st.integers(1001, 1008).map(str)
idles = st.lists(
    st.builds(
        Idle,
        number=numbers,
        skills=st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 9)),
        since=st.floats(0, 100),
    ),
    unique_by=lambda one: one.number,
)
waitings = st.lists(
    st.builds(
        Waiting,
        id=st.uuids().map(str),
        skill=st.sampled_from(("", *SKILLS)),
        due=st.integers(-300, 300).map(lambda minutes: NOW + timedelta(minutes=minutes)),
        urgent=st.booleans(),
        refused=st.dictionaries(numbers, st.integers(0, 30).map(lambda minutes: NOW - timedelta(minutes=minutes))),
    ),
    unique_by=lambda one: one.id,
)


@given(waitings, idles, st.sets(st.sampled_from(SKILLS)))
def test_an_offer_never_hinders_a_call_and_never_leaves_a_free_agent_without_fitting_work(
    messages: Sequence[Waiting], agents: Sequence[Idle], calls: set[str]
):
    found = offers(messages, agents, calls, NOW)
    by_id, by_number = {one.id: one for one in messages}, {one.number: one for one in agents}
    assert len({number for _, number in found}) == len(found) == len({message for message, _ in found})

    def fits(message: Waiting, agent: Idle) -> bool:
        passed = message.refused.get(agent.number)
        able = not message.skill or message.skill in agent.skills
        return able and not (set(agent.skills) & calls) and (passed is None or NOW - passed >= ASKED_AGAIN)

    assert all(fits(by_id[message], by_number[number]) for message, number in found)
    left = [one for one in messages if one.id not in {message for message, _ in found}]
    free = [one for one in agents if one.number not in {number for _, number in found}]
    assert not any(fits(message, agent) for message in left for agent in free)


@given(waitings, idles)
def test_no_message_is_offered_before_a_more_urgent_one_that_the_same_agent_could_take(
    messages: Sequence[Waiting], agents: Sequence[Idle]
):
    def order(one: Waiting) -> tuple[bool, datetime, str]:
        return not one.urgent, one.due, one.id

    by_id, by_number = {one.id: one for one in messages}, {one.number: one for one in agents}
    found = offers(messages, agents, (), NOW)
    left = [one for one in messages if one.id not in {message for message, _ in found}]
    for message, number in found:
        sooner = [one for one in left if order(one) < order(by_id[message])]
        assert not any(
            (not one.skill or one.skill in by_number[number].skills) and number not in one.refused for one in sooner
        )
