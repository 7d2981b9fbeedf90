"""The weekly report and the news flash: what is said is what the figures say, and nothing is said twice a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from crm_core.bulletins.actions import (
    BulletinClosed,
    Draft,
    SavedMeanwhile,
    bulletins,
    drop,
    edit,
    make,
    read_addresses,
    send,
)
from crm_core.cases.levels import FIRST_WORDS
from crm_core.cases.model import Case
from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.errors import Invalid
from crm_core.history.model import Contact, QueueVisit
from crm_core.workforce.model import QueueRow
from reports.flash_queries import flashes
from reports.flashes import FlashRules, QueueNow, SafetyCase, fired, read_rules
from reports.metrics import Ratio
from reports.weekly import Topic, Week, WeekFigures, Worst, as_plain, from_plain, notable
from reports.weekly_queries import week_of
from tests.unit.crm_core.conftest import database_url, db, migrated_postgres, postgres_url, sqlite_template

__all__ = ["database_url", "db", "migrated_postgres", "postgres_url", "sqlite_template"]

MONDAY = date(2026, 7, 6)
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 7, 20, 4, tzinfo=UTC)
BY = {"actor": "2001", "at": NOW}


def test_a_topic_that_grew_by_half_is_worth_a_sentence_and_a_rare_one_is_not():
    topics = [
        Topic(kind="repair", sub_kind="充电", now=30, before=20),
        Topic(kind="repair", sub_kind="异响", now=29, before=20),
        Topic(kind="repair", sub_kind="少见", now=9, before=1),
        Topic(kind="repair", sub_kind="新的", now=12, before=0),
    ]
    found = notable(Week(now=WeekFigures(), before=WeekFigures(), topics=topics))
    assert [(one.word, one.values["sub_kind"]) for one in found] == [("topic_new", "新的"), ("topic_up", "充电")]


def test_the_service_level_is_named_only_when_it_is_below_its_target():
    below = Week(now=WeekFigures(level=Ratio(70, 100)), before=WeekFigures(), target=0.8)
    assert [one.word for one in notable(below)] == ["below_target"]
    assert notable(Week(now=WeekFigures(level=Ratio(80, 100)), before=WeekFigures(), target=0.8)) == []


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_a_quiet_week_says_nothing_of_its_calls(now: int, before: int):
    words = [one.word for one in notable(Week(now=WeekFigures(offered=now), before=WeekFigures(offered=before)))]
    changed = before and abs(now - before) >= 0.15 * before
    assert words == (["calls_up" if now > before else "calls_down"] if changed else [])


def test_the_figures_of_a_text_are_kept_with_it():
    figures = WeekFigures(offered=5, level=Ratio(4, 5), per_day=(1, 2))
    worst = [Worst(queue="repair", start=NOW, offered=9, abandoned=4, level=0.4)]
    week = Week(now=figures, before=WeekFigures(), topics=[], worst=worst, dealers=[], target=0.8)
    assert from_plain(as_plain(week)) == week


def case(number: int, topic: str = "brakes") -> SafetyCase:
    return SafetyCase(id=number, number=f"GD-{number}", title="刹车失灵", topic=topic, word="刹车失灵")


def test_a_flash_is_drafted_when_a_safety_topic_repeats():
    rules = FlashRules(topic_times=3)
    assert fired(rules, [case(1), case(2), case(3, "fire")], []) == []
    (flash,) = fired(rules, [case(1), case(2), case(3), case(4, "fire")], [])
    assert (flash.subject, flash.values["times"]) == ("topic/brakes", 3)
    assert fired(FlashRules(topic_times=0), [case(1), case(2), case(3)], []) == []


def test_a_flash_is_drafted_when_a_queue_loses_too_many_but_not_of_two_calls():
    busy, few = QueueNow(queue="repair", offered=40, abandoned=9), QueueNow(queue="vip", offered=2, abandoned=2)
    assert [one.subject for one in fired(FlashRules(), [], [busy, few])] == ["abandon/repair"]
    at_limit = QueueNow(queue="repair", offered=40, abandoned=8)
    assert fired(FlashRules(), [], [at_limit]) == []


def test_rules_that_make_no_sense_are_as_shipped():
    assert read_rules({"topic_times": -1, "abandon_percent": "x", "abandon_minutes": True}) == FlashRules()
    assert read_rules({"topic_times": 5}).topic_times == 5


async def some_weeks(db: Database) -> None:
    async with db.begin() as session:
        session.add(Customer(id=1, name="陈建国", created_at=NOW))
        await session.flush()
        start = datetime(2026, 7, 5, 16, tzinfo=UTC)  # Monday in Shanghai
        rows, visits = [], []
        for number in range(60):
            at = start + timedelta(hours=2 * number) - (timedelta(days=7) if number % 3 == 0 else timedelta(0))
            result = "answered" if number % 5 else "abandoned"
            rows.append({"id": f"c{number}", "direction": "inbound", "started_at": at, "customer_id": 1,
                         "kind": "repair", "sub_kind": "充电", "outcome": result})  # fmt: skip
            visits.append({"contact_id": f"c{number}", "queue": "repair", "entered_at": at, "wait_seconds": 10.0,
                           "left_at": at + timedelta(seconds=10), "result": result})  # fmt: skip
        await session.execute(insert(Contact), rows)
        await session.execute(insert(QueueVisit), visits)
        for number in range(3):
            at = NOW - timedelta(hours=number + 1)
            session.add(
                Case(number=f"GD-{number}", kind="complaint", title="高速上刹车失灵", customer_id=1, opened_at=at)
            )
        session.add(
            Case(number="GD-9", kind="complaint", title="无刹车失灵", customer_id=1, opened_at=NOW, merged_into_id=1)
        )


async def test_the_week_is_counted_from_monday_to_sunday_of_the_site(db: Database):
    await some_weeks(db)
    async with db.begin() as session:
        week = await week_of(session, MONDAY, ZONE, now=NOW)
    assert (week.now.offered, week.now.answered, week.now.abandoned) == (40, 32, 8)
    assert (week.before.offered, week.topics[0].now, week.topics[0].before) == (20, 40, 20)
    assert len(week.now.per_day) == 7
    assert sum(week.now.per_day) == 40
    assert "topic_up" in [one.word for one in notable(week)]


async def test_a_queue_that_loses_its_callers_now_makes_a_flash(db: Database):
    async with db.begin() as session:
        session.add(QueueRow(id="repair", name_zh="售后", name_en="Repair", skill="repair", short_abandon_seconds=5))
        for number in range(24):
            at, wait = NOW - timedelta(minutes=2 * number), 3.0 if number == 0 else 30.0
            session.add(Contact(id=f"n{number}", direction="inbound", started_at=at))
            await session.flush()
            visit = QueueVisit(contact_id=f"n{number}", queue="repair", entered_at=at, wait_seconds=wait)
            visit.result = "abandoned" if number % 3 == 0 else "answered"
            session.add(visit)
        await session.flush()
        found = await flashes(session, FlashRules(), FIRST_WORDS, now=NOW)
    # Of the last half hour: sixteen callers, one of them short; five more gave up.
    assert [(one.subject, one.values["offered"], one.values["abandoned"]) for one in found] == [
        ("abandon/repair", 15, 5)
    ]


async def test_three_cases_of_failing_brakes_make_a_flash(db: Database):
    await some_weeks(db)
    async with db.begin() as session:
        found = await flashes(session, FlashRules(), FIRST_WORDS, now=NOW)
    assert [(one.subject, one.values["times"]) for one in found] == [("topic/brakes", 3)]


def draft(subject: str = "topic/brakes") -> Draft:
    return Draft(kind="flash", subject=subject, language="zh-CN", first_day=MONDAY, last_day=MONDAY, title="刹车",
                 text="三起", figures={"times": 3})  # fmt: skip


async def test_a_rule_that_still_holds_makes_no_second_draft_that_day(db: Database):
    async with db.begin() as session:
        first = await make(session, draft(), **BY)  # type: ignore[arg-type]
        assert (await make(session, draft(), **BY)).id == first.id  # type: ignore[arg-type]
        await make(session, draft("topic/fire"), **BY)  # type: ignore[arg-type]
        assert len(await bulletins(session, "flash")) == 2


async def test_what_was_sent_is_never_changed_and_two_editors_do_not_overwrite_each_other(db: Database):
    async with db.begin() as session:
        row = await make(session, draft(), **BY)  # type: ignore[arg-type]
        await edit(session, row.id, title="刹车", text="四起", revision=1, **BY)  # type: ignore[arg-type]
        with pytest.raises(SavedMeanwhile):
            await edit(session, row.id, title="x", text="y", revision=1, **BY)  # type: ignore[arg-type]
        await drop(session, row.id, **BY)  # type: ignore[arg-type]
        await drop(session, row.id, back=True, **BY)  # type: ignore[arg-type]
        await send(session, row.id, recipients=["a@yuanchen.example"], domains=["yuanchen.example"], revision=2, **BY)  # type: ignore[arg-type]
        with pytest.raises(BulletinClosed):
            await edit(session, row.id, title="x", text="y", revision=3, **BY)  # type: ignore[arg-type]
        with pytest.raises(BulletinClosed):
            await drop(session, row.id, **BY)  # type: ignore[arg-type]


def test_addresses_are_read_from_one_field_and_a_wrong_one_is_named():
    assert read_addresses("a@b.cn; c@d.com\na@b.cn") == ["a@b.cn", "c@d.com"]
    with pytest.raises(Invalid):
        read_addresses("a@b.cn, nobody")
