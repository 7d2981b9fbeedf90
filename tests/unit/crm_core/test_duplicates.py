"""Suggestions of customers who may be one: found, kept up to date, refused, and compared all at once with progress."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm_core.customers.actions import add_phone, create
from crm_core.customers.duplicates import (
    compare_all,
    last_run,
    refuse,
    reopen,
    suggestions_of,
)
from crm_core.customers.identity_jobs import (
    CHECK,
    CROWD,
    EVERY,
    IDENTITY_JOBS,
    IMPORT_STEP,
    LONG_IDENTITY_JOBS,
    compare_crowd,
)
from crm_core.customers.identity_model import CustomerDuplicate, DuplicateCheck
from crm_core.customers.merging import merge
from crm_core.customers.model import Customer, CustomerHandle
from crm_core.db import Database
from crm_core.errors import NotFound, Refused
from crm_core.imports.actions import STEP
from crm_core.jobs.actions import cancel, ensure, schedule
from crm_core.jobs.runner import Due, JobRunner
from crm_core.vehicles.model import VehicleRole
from tests.unit.crm_core.builders import NOW, a_customer, a_vehicle

CHEN, HOME = "+8613843107706", "+8643184863318"
LEADER: dict[str, Any] = {"actor": "2001"}


def runner(db: Database) -> JobRunner:
    return JobRunner(db, IDENTITY_JOBS | LONG_IDENTITY_JOBS)


async def looked(db: Database, minutes: int = 0) -> None:
    """The recurring look has come round."""
    async with db.begin() as session:
        await ensure(session, CHECK, "site", NOW)
    await runner(db).run_due(NOW + timedelta(minutes=minutes))


async def test_a_second_record_of_a_customer_is_suggested_with_its_reasons_as_soon_as_it_is_made(db: Database):
    async with db.begin() as session:
        first = await create(session, name="陈建国", number=CHEN, actor="1018", at=NOW)
        second = await create(session, name="陈健国", number=CHEN, actor="1019", at=NOW)
        await create(session, name="刘敏", number=CHEN, label="family", actor="1019", at=NOW)
    await looked(db)
    async with db.begin() as session:
        [found] = await suggestions_of(session, first.id)
        assert (found.other_id, found.name, found.score) == (second.id, "陈健国", 70)
        assert [(reason.kind, reason.value) for reason in found.reasons] == [
            ("number", CHEN),
            ("sound", "陈健国 / 陈建国"),
        ]
        assert [one.other_id for one in await suggestions_of(session, second.id)] == [first.id]
        assert (await session.scalars(select(DuplicateCheck))).all() == []


async def test_a_suggestion_goes_when_what_spoke_for_it_was_corrected(db: Database):
    async with db.begin() as session:
        first = await create(session, name="陈建国", number=CHEN, actor="1018", at=NOW)
        await create(session, name="陈建国", number=CHEN, actor="1018", at=NOW)
    await looked(db)
    async with db.begin() as session:
        (await session.get_one(Customer, first.id)).name = "赵刚"
        (await session.get_one(Customer, first.id)).name_pinyin = "zhaogang zg"
    await looked(db, minutes=1)
    async with db.begin() as session:
        assert await suggestions_of(session, first.id) == []


async def test_a_number_added_later_makes_the_suggestion(db: Database):
    async with db.begin() as session:
        first = await create(session, name="陈建国", number=CHEN, actor="1018", at=NOW)
        second = await create(session, name="陈建国", number="+8613900000001", actor="1018", at=NOW)
    await looked(db)
    async with db.begin() as session:
        assert await suggestions_of(session, first.id) == []
        await add_phone(session, second.id, CHEN, actor="1018", at=NOW)
    await looked(db, minutes=1)
    async with db.begin() as session:
        assert [one.other_id for one in await suggestions_of(session, first.id)] == [second.id]


async def test_who_was_said_to_be_another_person_is_never_suggested_again_until_it_is_taken_back(db: Database):
    async with db.begin() as session:
        first = await create(session, name="王伟", number=CHEN, actor="1018", at=NOW)
        second = await create(session, name="王伟", number=CHEN, actor="1018", at=NOW)
    await looked(db)
    async with db.begin() as session:
        await refuse(session, second.id, first.id, note="父子同名", **LEADER, at=NOW)
    async with db.begin() as session:
        await compare_all(session, **LEADER, at=NOW)
    await runner(db).run_due(NOW)
    async with db.begin() as session:
        assert await suggestions_of(session, first.id) == []
        row = (await session.scalars(select(CustomerDuplicate))).one()
        assert (row.state, row.decided_by, row.decided_at, row.note) == ("refused", "2001", NOW, "父子同名")
        await reopen(session, first.id, second.id, **LEADER, at=NOW)
        assert [one.score for one in await suggestions_of(session, second.id)] == [80]


async def test_only_two_known_customers_are_refused_and_merged_ones_not_at_all(db: Database):
    async with db.begin() as session:
        first, second = await a_customer(session, "王伟", CHEN), await a_customer(session, "王伟", CHEN)
        for pair in ((first.id, first.id), (first.id, 99_999)):
            with pytest.raises(NotFound):
                await refuse(session, *pair, **LEADER, at=NOW)
        await merge(session, first.id, second.id, **LEADER, at=NOW)
        with pytest.raises(Refused):
            await refuse(session, first.id, second.id, **LEADER, at=NOW)
        assert await suggestions_of(session, first.id) == []


async def test_all_are_compared_by_number_car_plate_address_and_name_and_the_progress_is_told(db: Database):
    async with db.begin() as session:
        pairs = []
        for facts in ({"numbers": (CHEN,)}, {"car": True}, {"plate": "吉AD30618"}, {"mail": True}, {"born": 1961}):
            name = f"欧阳{'建国平安福'[len(pairs)]}"
            more = {"name_pinyin": f"ouyang{len(pairs)} oy", "birth_year": facts.get("born"), "city": "长春"}
            two = [await a_customer(session, name, *facts.get("numbers", ()), **more) for _ in range(2)]
            for number, one in enumerate(two):
                if "mail" in facts:
                    session.add(CustomerHandle(customer_id=one.id, kind="email", value="a@b.cn"))
                if "plate" in facts:
                    await a_vehicle(session, one, "吉AD30618", vin=f"LYHPLATE00000000{number}")
            if "car" in facts:
                car = await a_vehicle(session, two[0], "")
                session.add(VehicleRole(vehicle_id=car.id, customer_id=two[1].id, role="buyer"))
            pairs.append((two[0].id, two[1].id))
        run = await compare_all(session, **LEADER, at=NOW)
        assert (run.position, run.last_id) == (0, 10)
        assert (await compare_all(session, actor="2002", at=NOW)).id == run.id
    await runner(db).run_due(NOW)
    async with db.begin() as session:
        found = await session.execute(select(CustomerDuplicate.one_id, CustomerDuplicate.other_id))
        assert sorted(map(tuple, found)) == pairs
        done = await last_run(session)
        assert done is not None
        assert (done.position, done.found, done.ended_at) == (10, 5, NOW)


async def test_a_switchboards_number_costs_no_comparison_of_everybody_with_everybody(db: Database):
    async with db.begin() as session:
        for _ in range(35):
            await a_customer(session, "王伟", f"company:{HOME}", name_pinyin="wangwei ww", city="长春")
        await compare_all(session, **LEADER, at=NOW)
    await runner(db).run_due(NOW)
    async with db.begin() as session:
        assert (await session.scalars(select(CustomerDuplicate))).all() == []


async def test_a_crowd_is_compared_when_no_list_is_being_taken_over(db: Database):
    async with db.begin() as session:
        await schedule(session, STEP, "1", NOW)
    assert IMPORT_STEP == STEP
    async with db.begin() as session:
        assert await compare_crowd(session, Due(kind=CROWD, key="site", due_at=NOW, payload={}), NOW) == NOW + EVERY
        await cancel(session, STEP, "1")
        assert await compare_crowd(session, Due(kind=CROWD, key="site", due_at=NOW, payload={}), NOW) is None
