"""The complaint's loop in the records: who may do what, what both sides read, how long each step took."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm_core.access.model import User
from crm_core.access.reach import EVERYTHING, Reach
from crm_core.cases import dealer_queries
from crm_core.cases import loop_actions as loop
from crm_core.cases.actions import open_case, reopen
from crm_core.cases.loop import IllegalStep
from crm_core.cases.model import Case, CaseNotice
from crm_core.db import Database
from crm_core.dealers.model import Dealer, DealerStaff
from crm_core.errors import Invalid, NotFound
from crm_core.integration.model import OutboxEvent
from tests.unit.crm_core.builders import a_customer, a_dealer, a_vehicle

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 7, 13, 1, 12, tzinfo=UTC)
SUN, CENTRE = "6101", "1018"


@dataclass(frozen=True)
class Story:
    case_id: int
    number: str
    liu: int
    zhou: int
    here: Reach
    foreign: Reach


@pytest.fixture
async def story(db: Database) -> AsyncIterator[Story]:
    """Zhao Min complains of a charge that stops; her dealer has Sun Li, Liu Zhiyuan and Zhou Wei."""
    async with db.begin() as session:
        dealer = await a_dealer(session)
        other = Dealer(code="YC2", name="别家", short_name="别家", province="吉林", city="长春", address="x", phone="x")
        other.latitude = other.longitude = 40.0
        session.add(other)
        session.add(User(number=CENTRE, name="林晓梅", password_hash="x", roles="agent"))
        sun = User(number=SUN, name="孙丽", password_hash="x", roles="dealer_relations", dealer_id=dealer.id)
        session.add(sun)
        await session.flush()
        staff = [
            DealerStaff(
                dealer_id=dealer.id, name="刘志远", title="技术总监", role="technician", skills=["product_quality"]
            ),
            DealerStaff(dealer_id=dealer.id, name="周伟", title="服务顾问", role="service_adviser", skills=[]),
        ]
        session.add_all(staff)
        zhao = await a_customer(session, "赵敏", dealer_id=dealer.id)
        car = await a_vehicle(session, zhao)
        case = await open_case(
            session,
            customer_id=zhao.id,
            kind="complaint",
            sub_kind="product_quality",
            title="充电中断，三次进店未解决",
            vehicle_id=car.id,
            actor=CENTRE,
            at=NOW,
            zone=ZONE,
        )
        here, foreign = Reach(frozenset({dealer.id})), Reach(frozenset({other.id}))
        return Story(case.id, case.number, staff[0].id, staff[1].id, here, foreign)


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


async def to_report(db: Database, story: Story) -> None:
    by: dict[str, Any] = {"reach": story.here, "actor": SUN}
    async with db.begin() as session:
        await loop.accept(session, story.case_id, at=later(28), **by)
        await loop.name_owner(
            session, story.case_id, story.liu, contact_by=later(400), words="请说明", at=later(60), **by
        )
        await loop.contacted(session, story.case_id, words="约明天检测", at=later(300), **by)
        await loop.solved(session, story.case_id, words="更换充电模块", at=later(3000), **by)


async def reported(db: Database, story: Story) -> None:
    await to_report(db, story)
    said: dict[str, Any] = {"cause": "模块故障", "measures": "更换", "customer_said": "同意"}
    async with db.begin() as session:
        await loop.report(session, story.case_id, reach=story.here, actor=SUN, at=later(3100), **said)


async def test_a_new_complaint_is_with_the_customers_dealer_at_once_and_its_relations_manager_is_told(db, story):
    async with db.begin() as session:
        [line] = await dealer_queries.complaints(session, story.here, now=later(10), zone=ZONE)
        told = list(await session.scalars(select(CaseNotice.number)))
        events = list(await session.scalars(select(OutboxEvent.kind)))
    assert (line.customer, line.step, line.calls, line.used) == ("赵敏", "wait_accept", 1, 1)
    assert line.due_at == NOW + timedelta(days=7)
    assert told == [SUN]
    assert events == ["case.opened"]


async def test_every_step_has_its_time_and_its_person_on_both_sides(db, story):
    await to_report(db, story)
    async with db.begin() as session:
        detail = await dealer_queries.complaint(session, story.number, story.here, now=later(3050), zone=ZONE)
    assert [step.state for step in detail.steps] == ["done", "done", "done", "done", "current", "todo"]
    accepted = detail.steps[1]
    assert (accepted.seconds, accepted.by_name.name) == (28 * 60, "孙丽")
    assert [event.kind for event in detail.events] == [
        "opened",
        "sent",
        "accepted",
        "owner_named",
        "contacted",
        "solved",
    ]
    assert detail.line.owner == "刘志远"
    assert detail.line.step == "wait_report"


async def test_it_closes_when_the_customer_confirms_and_keeps_the_score(db, story):
    await reported(db, story)
    async with db.begin() as session:
        with pytest.raises(Invalid):
            await loop.confirm(session, story.case_id, satisfied=True, score=6, words="", actor=CENTRE, at=later(3200))
    async with db.begin() as session:
        await loop.confirm(session, story.case_id, satisfied=True, score=4, words="满意", actor=CENTRE, at=later(3200))
    async with db.begin() as session:
        assert await dealer_queries.complaints(session, story.here, now=later(3300), zone=ZONE) == []
        case = await session.get_one(Case, story.case_id)
        assert (case.status, case.satisfaction, case.result) == ("closed", 4, "confirmed")


async def test_not_satisfied_goes_back_with_the_reason_and_the_report_is_written_again(db, story):
    await reported(db, story)
    async with db.begin() as session:
        with pytest.raises(Invalid):
            await loop.confirm(
                session, story.case_id, satisfied=False, score=2, words=" ", actor=CENTRE, at=later(3200)
            )
    async with db.begin() as session:
        await loop.confirm(
            session, story.case_id, satisfied=False, score=2, words="又断了", actor=CENTRE, at=later(3200)
        )
        detail = await dealer_queries.complaint(session, story.number, story.here, now=later(3210))
    assert [step.state for step in detail.steps] == ["done", "done", "done", "current", "todo", "todo"]
    assert detail.steps[3].times == 2
    assert detail.line.step == "wait_contact"
    assert detail.events[-1].text == "又断了"


async def test_the_maker_is_asked_and_answers(db, story):
    by: dict[str, Any] = {"reach": story.here, "actor": SUN}
    async with db.begin() as session:
        await loop.accept(session, story.case_id, at=later(1), **by)
        await loop.ask_support(session, story.case_id, words="需要诊断仪", at=later(2), **by)
        asked = await dealer_queries.complaint(session, story.number, story.here, now=later(3))
        told = list(await session.scalars(select(CaseNotice.number).where(CaseNotice.kind == "support")))
        await loop.answer_support(session, story.case_id, words="明天寄出", actor=CENTRE, at=later(5))
    assert asked.line.support == "asked"
    assert told == [CENTRE]


async def test_a_dealer_learns_nothing_of_another_dealers_complaint(db, story):
    async with db.begin() as session:
        assert await dealer_queries.complaints(session, story.foreign, now=NOW, zone=ZONE) == []
        with pytest.raises(NotFound):
            await dealer_queries.complaint(session, story.number, story.foreign, now=NOW)
        with pytest.raises(NotFound):
            await loop.accept(session, story.case_id, reach=story.foreign, actor="6201", at=NOW)


async def test_only_own_people_are_named_and_only_for_a_time_to_come(db, story):
    by: dict[str, Any] = {"reach": story.here, "actor": SUN, "at": later(5)}
    async with db.begin() as session:
        await loop.accept(session, story.case_id, **by)
        with pytest.raises(Invalid) as nobody:
            await loop.name_owner(session, story.case_id, 999, contact_by=None, **by)
        with pytest.raises(Invalid) as past:
            await loop.name_owner(session, story.case_id, story.liu, contact_by=later(1), **by)
    assert (nobody.value.values["field"], past.value.values["field"]) == ("staff_id", "contact_by")


async def test_who_knows_the_problem_is_suggested_with_what_he_has_already(db, story):
    async with db.begin() as session:
        best = await dealer_queries.suggest_owner(session, story.case_id)
    assert (best.name, best.skill, best.open_cases) == ("刘志远", "product_quality", 0)


async def test_a_complaint_is_taken_back_and_sent_to_another_dealer(db, story):
    [other] = story.foreign.dealers
    async with db.begin() as session:
        await loop.withdraw(session, story.case_id, words="客户要求换店", actor=CENTRE, at=later(10))
        with pytest.raises(IllegalStep):
            await loop.withdraw(session, story.case_id, words="再次", actor=CENTRE, at=later(11))
        await loop.send(session, story.case_id, other, actor=CENTRE, at=later(12))
    async with db.begin() as session:
        assert await dealer_queries.complaints(session, story.here, now=NOW, zone=ZONE) == []
        assert len(await dealer_queries.complaints(session, story.foreign, now=NOW, zone=ZONE)) == 1


async def test_a_second_click_on_the_same_step_is_told_so(db, story):
    async with db.begin() as session:
        await loop.accept(session, story.case_id, reach=EVERYTHING, actor=SUN, at=later(1))
        with pytest.raises(IllegalStep, match="done already"):
            await loop.accept(session, story.case_id, reach=EVERYTHING, actor=SUN, at=later(1))


async def test_a_closed_complaint_is_opened_again_and_goes_to_its_owner(db, story):
    await reported(db, story)
    async with db.begin() as session:
        await loop.confirm(session, story.case_id, satisfied=True, score=5, words="", actor=CENTRE, at=later(3200))
        case = await reopen(session, story.case_id, "客户又来电", actor=CENTRE, at=later(9000))
        assert (case.stage, case.due_at) == ("solve", later(9000) + timedelta(days=7))
