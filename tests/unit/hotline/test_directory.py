"""Who calls, and are we open: asked of the records for every call, in milliseconds."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine

from crm_core.cases.model import Case
from crm_core.clock import now
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.db import Database
from crm_core.dealers.model import Dealer
from crm_core.nuisance.actions import mark
from crm_core.nuisance.scoring import AGENT
from crm_core.tables import METADATA
from crm_core.workforce.hours_actions import close_hotline, open_hotline, save_calendar
from hotline.directory import LAST_OF_ALL, CustomerDirectory, DealerNumbers, SiteHours
from ivr.hours import shipped_hours
from tests.empty_databases import sqlite_database

SHANGHAI = ZoneInfo("Asia/Shanghai")
ENTRY, SALES = "4001718888", "8008201111"
OFFICE = {"name_zh": "热线", "name_en": "Hotline", "entries": [], "week": [[[510, 1050]]] * 5 + [[], []], "days": []}


@pytest.fixture
async def db(tmp_path: Path):
    database = sqlite_database(tmp_path / "directory.db")
    yield database
    await database.close()


@pytest.fixture
def directory(db: Database, monkeypatch: pytest.MonkeyPatch) -> CustomerDirectory:
    """One that may take its time: a busy machine makes strangers of callers, which is not what is tested here."""
    monkeypatch.setattr("hotline.directory.ANSWER_LIMIT", 30.0)
    return CustomerDirectory(db, SiteHours(SHANGHAI, shipped_hours()))


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


async def save(db: Database, calendar: str = "office", **given: object) -> None:
    async with db.begin() as session:
        await save_calendar(session, calendar, {**OFFICE, **given}, base=None, actor="9001", at=datetime.now(UTC))


async def test_the_shipped_hours_hold_until_a_calendar_is_saved_and_then_at_once(db, directory):
    with time_machine.travel(at(date(2026, 11, 21), 10), tick=True):  # a Saturday
        assert (await directory.caller("", ENTRY)).open
        await save(db)
        assert not (await directory.caller("", ENTRY)).open
        workday = {"day": "2026-11-21", "kind": "workday", "name": "调休", "as_weekday": 0, "spans": []}
        await save(db, days=[workday])
        assert (await directory.caller("", ENTRY)).open


async def test_each_number_goes_by_its_own_calendar(db, directory):
    await save(db)
    await save(db, "sales", entries=[SALES], week=[[[0, 1440]]] * 7)
    with time_machine.travel(at(date(2026, 11, 21), 10), tick=True):
        assert [(await directory.caller("", entry)).open for entry in (ENTRY, SALES)] == [False, True]


async def test_a_closure_is_told_to_the_next_caller_and_ends_by_itself(db, directory):
    async with db.begin() as session:
        closed = await close_hotline(
            session,
            entries=[ENTRY],
            prompt="closure",
            reason="停电",
            ends_at=now() + timedelta(hours=1),
            actor="9001",
            at=now(),
        )
    assert [(await directory.caller("", entry)).closure for entry in (ENTRY, SALES)] == ["closure", ""]
    with time_machine.travel(now() + timedelta(hours=2), tick=True):
        assert (await directory.caller("", ENTRY)).closure == ""
    async with db.begin() as session:
        await open_hotline(session, closed.id, actor="9001", at=now())
    assert (await directory.caller("", ENTRY)).closure == ""


async def test_with_the_database_away_the_hours_and_the_closure_known_last_still_count(db, directory, tmp_path: Path):
    await save(db)
    async with db.begin() as session:
        await close_hotline(
            session, entries=[SALES], prompt="closure", reason="x", ends_at=None, actor="9001", at=now()
        )
    await directory.caller("", ENTRY)
    async with db.engine.begin() as connection:
        await connection.run_sync(METADATA.drop_all)
    with time_machine.travel(at(date(2026, 11, 29), 10), tick=True):  # a Sunday
        card = await directory.caller("13804317706", ENTRY)
        assert (card.open, card.closure, card.matches) == (False, "", ())
        assert (await directory.caller("13804317706", SALES)).closure == "closure"


async def test_a_customers_dealer_and_region_are_told_for_routing(db, directory):
    async with db.begin() as session:
        dealer = Dealer(code="X", name="x", short_name="x", province="吉林", city="长春", address="x", phone="1")
        dealer.latitude = dealer.longitude = 0.0
        session.add(dealer)
        await session.flush()
        session.add(Customer(id=1, name="陈建国", created_at=now(), dealer_id=dealer.id, customer_class="vip"))
        await session.flush()
        session.add(CustomerPhone(customer_id=1, e164="+8613804317706", label="mobile", position=0))
    card = await directory.caller("13804317706", ENTRY)
    assert (card.matches, card.priority) == ((1,), 10)
    assert card.affinity == {f"dealer:{dealer.id}", "region:吉林"}


async def test_a_dealer_is_called_by_the_number_on_record_and_nothing_else(db):
    async with db.begin() as session:
        dealer = Dealer(
            code="X", name="x", short_name="x", province="吉林", city="长春", address="x", phone="0431-85901234"
        )
        dealer.latitude = dealer.longitude = 0.0
        session.add(dealer)
        await session.flush()
    numbers = DealerNumbers(db)
    assert await numbers.number(str(dealer.id)) == "0431-85901234"
    for unknown in ("", "0", "999", "1 OR 1=1", "１", "9" * 30, "8613812345678"):
        assert await numbers.number(unknown) == ""


async def test_the_answer_comes_in_milliseconds(db, directory):
    await save(db)
    await directory.caller("", ENTRY)
    began = time.perf_counter()
    for _ in range(50):
        await directory.caller("13804317706", ENTRY)
    assert (time.perf_counter() - began) / 50 < 0.1  # some ms; generous for a busy machine


async def test_a_number_that_several_people_marked_waits_behind_the_others_and_a_vip_with_an_open_case_does_not(
    db, directory
):
    async with db.begin() as session:
        session.add(Customer(id=7, name="陈建国", customer_class="vip", created_at=now()))
        await session.flush()
        session.add(CustomerPhone(customer_id=7, e164="+8613804317706"))
        for agent in ("1001", "1002"):
            for number in ("+8613804317706", "+8613900000001"):
                await mark(session, number, reason="prank", weight=AGENT, actor=agent, at=now())
        case = Case(number="GD-0101-0001", kind="repair", title="异响", customer_id=7, opened_at=now())
        session.add(case)
    prank, vip = await directory.caller("13900000001", ENTRY), await directory.caller("13804317706", ENTRY)
    assert (prank.nuisance, prank.priority) == (40, LAST_OF_ALL)
    assert (vip.nuisance, vip.priority, vip.customer_class) == (0, 10, "vip")
