"""Imports as administrators make them: checked, taken over, again without effect, resumed after a crash, taken back."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.identity_model import CustomerKey, DuplicateCheck
from crm_core.customers.model import Customer, CustomerAddress, CustomerHandle, CustomerPhone
from crm_core.customers.queries import card, matches
from crm_core.db import Base, Database
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.history.model import Contact
from crm_core.imports import records, work
from crm_core.imports.actions import check, receive, register, remove, run, sweep_leftovers, undo
from crm_core.imports.files import rows_from
from crm_core.imports.model import DataImport, ImportChange, ImportProblem
from crm_core.imports.unusable import Unusable
from crm_core.imports.work import import_handlers
from crm_core.integration.model import OutboxEvent
from crm_core.jobs.runner import JobRunner
from crm_core.vehicles.model import Delivery, TradeIn, Vehicle, VehicleOrder, VehicleRole, WorkshopVisit
from crm_core.vehicles.recalls import open_recalls
from tests.unit.crm_core.builders import NOW, a_contact, a_customer, a_dealer, a_vehicle
from tests.unit.crm_core.test_timeline import plans_of

CHEN = "+8613843107706"
VIN, OTHER_VIN = "LYHEA6B17P0012847", "LYHEA6B16P0012855"
SITE = ZoneInfo("Asia/Shanghai")
BY: dict[str, Any] = {"actor": "9001", "at": NOW}

CUSTOMERS = """客户编号,客户姓名,手机号码,性别,出生日期,邮箱,城市,地址,经销商
C001,陈建国,138 4310 7706,先生,1979年3月1日,cjg@example.cn,长春,景阳大路 88 号,YC1001
C002,刘敏,13944085217,女,1982/5/6,,长春,,
C003,长春远辰物流有限公司,0431-84863318,,,,长春,,YC1001
"""
VEHICLES = f"""VIN码,车型,车牌号,能源,销售日期,里程,车主姓名,手机
{VIN},远辰 E6 四驱,吉A·D30618,纯电,2025-03-01,41260,陈建国,13843107706
{OTHER_VIN},远辰 S5,吉A7K28M,汽油,2024-08-01,,陈建国,13843107706
"""


async def chunks(text: str | bytes) -> AsyncIterator[bytes]:
    content = text if isinstance(text, bytes) else text.encode()
    for start in range(0, len(content), 64 * 1024):
        yield content[start : start + 64 * 1024]


class Desk:
    """An administrator with files."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db, self.folder = db, folder

    async def upload(self, kind: str, text: str | bytes, name: str = "list.csv") -> DataImport:
        file, found = await receive(self.folder, kind, chunks(text))
        async with self.db.begin() as session:
            return await register(session, kind, name, file, found, **BY)

    async def work(self) -> None:
        await JobRunner(self.db, import_handlers(self.folder, SITE)).run_due(NOW + timedelta(hours=9))

    async def checked(self, kind: str, text: str | bytes, policy: str = "fill", consent: str = "") -> DataImport:
        row = await self.upload(kind, text)
        told: dict[str, Any] = {"columns": row.columns, "policy": policy, "system": "dms", "consent": consent}
        async with self.db.begin() as session:
            await check(session, row.id, **told, **BY)
        await self.work()
        return await self.look(row.id)

    async def imported(self, kind: str, text: str | bytes, policy: str = "fill", consent: str = "") -> DataImport:
        row = await self.checked(kind, text, policy, consent)
        tried = dict(row.counts), dict(row.problems)
        async with self.db.begin() as session:
            await run(session, row.id, **BY)
        await self.work()
        row = await self.look(row.id)
        assert (dict(row.counts), dict(row.problems)) == tried, "the check told what the run does"
        return row

    async def look(self, import_id: int) -> DataImport:
        async with self.db.begin() as session:
            return await session.get_one(DataImport, import_id)

    async def count(self, *tables: type[Base]) -> list[int]:
        async with self.db.begin() as session:
            return [await session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


@pytest.fixture
async def desk(db: Database, tmp_path: Path) -> Desk:
    async with db.begin() as session:
        await a_dealer(session)
    return Desk(db, tmp_path / "imports")


async def test_a_list_of_customers_is_taken_over_and_each_is_recognised_at_the_next_call(desk: Desk):
    row = await desk.imported("customers", CUSTOMERS)
    assert (row.state, row.counts, row.rows, row.done) == ("done", {"created": 3}, 3, 3)
    async with desk.db.begin() as session:
        [chen] = await matches(session, CHEN)
        facts = await card(session, chen, now=NOW)
        assert facts is not None
        assert (facts.name, facts.salutation, facts.age, facts.dealer_short) == ("陈建国", "先生", 47, "金达远辰")
        handle = (await session.scalars(select(CustomerHandle))).one()
        street = (await session.scalars(select(CustomerAddress.street))).one()
        assert (handle.value, street) == ("cjg@example.cn", "景阳大路 88 号")
        firm = (await session.scalars(select(Customer).where(Customer.kind == "company"))).one()
        phone = (await session.scalars(select(CustomerPhone).where(CustomerPhone.customer_id == firm.id))).one()
        assert (phone.e164, phone.label) == ("+8643184863318", "company")
        assert (await session.scalars(select(OutboxEvent.kind))).all() == ["import.done"]
        assert (await session.scalars(select(DuplicateCheck))).first() is not None


async def test_a_check_changes_nothing(desk: Desk):
    before = await desk.count(Customer, CustomerPhone, CustomerKey, ImportChange)
    row = await desk.checked("customers", CUSTOMERS)
    assert (row.state, row.counts) == ("checked", {"created": 3})
    assert await desk.count(Customer, CustomerPhone, CustomerKey, ImportChange) == before


async def test_a_check_asks_nobody_to_be_compared_and_an_import_everybody_once(desk: Desk):
    await desk.checked("customers", CUSTOMERS)
    assert await desk.count(DuplicateCheck) == [0]
    await desk.imported("customers", CUSTOMERS)
    async with desk.db.begin() as session:
        waiting = list(await session.scalars(select(DuplicateCheck.customer_id).order_by(DuplicateCheck.customer_id)))
        assert waiting == list(await session.scalars(select(Customer.id).order_by(Customer.id)))


async def test_a_new_plate_from_a_list_lets_its_owner_be_compared(desk: Desk):
    async with desk.db.begin() as session:
        chen = await a_customer(session, "陈建国", CHEN)
        await a_vehicle(session, chen, vin=VIN, plate="")
        await session.execute(delete(DuplicateCheck))
    async with desk.db.begin() as session:
        await session.execute(delete(DuplicateCheck))
    await desk.imported("vehicles", f"VIN,车型,车牌\n{VIN},远辰 E6,吉AD30618\n")
    async with desk.db.begin() as session:
        assert list(await session.scalars(select(DuplicateCheck.customer_id))) == [chen.id]


async def test_the_same_file_a_second_time_changes_nothing(desk: Desk):
    for kind, text in (("customers", CUSTOMERS), ("vehicles", VEHICLES)):
        await desk.imported(kind, text)
        before = await desk.count(Customer, CustomerPhone, CustomerHandle, Vehicle, VehicleRole)
        for policy in ("fill", "overwrite"):
            again = await desk.checked(kind, text, policy)
            assert again.counts == {"unchanged": len(text.splitlines()) - 1}
            async with desk.db.begin() as session:
                with pytest.raises(Refused, match="nothing"):
                    await run(session, again.id, **BY)
        assert await desk.count(Customer, CustomerPhone, CustomerHandle, Vehicle, VehicleRole) == before


async def test_a_known_customer_is_not_made_a_second_time_and_what_we_lack_is_filled(desk: Desk):
    async with desk.db.begin() as session:
        chen = await a_customer(session, "陈建国", CHEN, name_pinyin="chenjianguo cjg", city="吉林")
        family = await a_customer(session, "陈父", f"family:{CHEN}", name_pinyin="chenfu cf")
    row = await desk.imported("customers", CUSTOMERS)
    assert row.counts == {"created": 2, "updated": 1}
    async with desk.db.begin() as session:
        known = await session.get_one(Customer, chen.id)
        assert (known.birth_year, known.city) == (1979, "吉林")
        assert (await session.get_one(Customer, family.id)).birth_year is None
    await desk.imported("customers", CUSTOMERS, "overwrite")
    async with desk.db.begin() as session:
        assert (await session.get_one(Customer, chen.id)).city == "长春"


async def test_vehicles_with_their_owners_deliveries_visits_orders_and_trade_ins(desk: Desk):
    await desk.imported("vehicles", VEHICLES)
    owner = "陈建国,13843107706"
    deliveries = f'VIN,交车日期,客户姓名,手机,经销商,成交价\n{VIN},2025年3月1日,{owner},金达远辰,"¥184,000"\n'
    visits = (
        "工单号,VIN,进厂时间,出厂时间,维修类型,里程,维修项目\n"
        f"W-88213,{VIN},2026/7/1 9:30,2026/7/1 17:00,保养,42000,首保\n,{OTHER_VIN},2026-07-02,,维修,30000,换刹车片\n"
    )
    orders = f"订单号,车型,下单日期,客户姓名,手机,状态\nO-1,远辰 E8 旗舰,2026-07-01,{owner},生产中\n"
    trades = f"客户姓名,手机,旧车,置换日期,评估价\n{owner},大众朗逸 2016,2025-03-01,32000\n"
    for kind, text in (("deliveries", deliveries), ("visits", visits), ("orders", orders), ("trade_ins", trades)):
        row = await desk.imported(kind, text)
        assert row.problems == {}, kind
        assert set(row.counts) == {"created"}, kind
    async with desk.db.begin() as session:
        [chen] = await matches(session, CHEN)
        assert await session.scalar(select(func.count()).select_from(Customer)) == 1
        delivery = (await session.scalars(select(Delivery))).one()
        assert (delivery.customer_id, delivery.delivered_on, delivery.price_yuan) == (chen, date(2025, 3, 1), 184_000)
        first, second = (await session.scalars(select(WorkshopVisit).order_by(WorkshopVisit.came_at))).all()
        assert (first.number, first.kind, first.customer_id) == ("W-88213", "maintenance", chen)
        assert (second.number[:2], second.customer_id) == ("X-", chen)
        assert (await session.scalars(select(VehicleOrder.status))).one() == "in_production"
        assert (await session.scalars(select(TradeIn.offered_yuan))).one() == 32_000
        vehicle = (await session.scalars(select(Vehicle).where(Vehicle.vin == VIN))).one()
        assert (vehicle.plate, vehicle.energy, vehicle.mileage_km) == ("吉AD30618", "electric", 42_000)


async def test_a_recall_list_marks_its_vehicles_and_a_later_one_tells_which_are_done(desk: Desk):
    await desk.imported("vehicles", VEHICLES)
    both = [f"{vin},YC-2026-02,压缩机支架紧固,2026-06-01" for vin in (VIN, OTHER_VIN)]
    first = "\n".join(("VIN,召回编号,召回内容,公告日期", *both))
    assert (await desk.imported("recalls", first)).counts == {"created": 2}
    done = [f"{vin},YC-2026-02,2026-06-01,{day}" for vin, day in ((OTHER_VIN, "2026-07-02"), (VIN, "2026-05-02"))]
    later = "\n".join(("VIN,召回编号,公告日期,完成日期", *done))
    row = await desk.imported("recalls", later)
    assert (row.counts, row.problems) == ({"updated": 1, "refused": 1}, {"date_order.recall_done_on": 1})
    async with desk.db.begin() as session:
        cars = {car.vin: car.id for car in await session.scalars(select(Vehicle))}
        assert [one.code for one in await open_recalls(session, [cars[VIN]])] == ["YC-2026-02"]
        assert not await open_recalls(session, [cars[OTHER_VIN]])


async def test_every_wrong_row_is_told_with_its_line_and_field_and_the_others_are_taken(desk: Desk):
    text = f"""VIN,车型,车牌,销售日期,经销商,客户姓名,手机
{VIN},远辰 E6,吉AD30618,2025-03-01,,陈建国,13843107706
{VIN},远辰 E6,,,,,
LYHEA6B17PO012847,远辰 E6,,,,,
{OTHER_VIN},远辰 S5,,2025-02-30,,,
{OTHER_VIN},远辰 S5,,,XX99,,
{OTHER_VIN},,,,,,
{OTHER_VIN},远辰 S5,,,,,13900000009
"""
    row = await desk.imported("vehicles", text)
    assert row.counts == {"created": 1, "refused": 6}
    async with desk.db.begin() as session:
        found = await session.execute(
            select(ImportProblem.line, ImportProblem.field, ImportProblem.kind, ImportProblem.value)
            .where(ImportProblem.refused)
            .order_by(ImportProblem.line)
        )
        assert [tuple(one) for one in found] == [
            (3, "", "double", "2"),
            (4, "vin", "vin_signs", "LYHEA6B17PO012847"),
            (5, "sold_on", "date_impossible", "2025-02-30"),
            (6, "dealer", "unknown_dealer", "XX99"),
            (7, "model", "missing", ""),
            (8, "", "double", "6"),
        ]
    assert await desk.count(Vehicle, Customer) == [1, 1]


async def test_a_row_whose_customer_is_unknown_leaves_no_vehicle_behind(desk: Desk):
    text = f"VIN,交车日期,车型,手机\n{VIN},2026-07-01,远辰 E6,13900000009\n"
    row = await desk.checked("deliveries", text)
    assert (row.counts, row.problems) == ({"refused": 1}, {"unknown_customer.name": 1})
    unknown = await desk.checked("deliveries", f"VIN,交车日期,姓名,手机\n{VIN},2026-07-01,陈建国,13900000009\n")
    assert unknown.problems == {"unknown_vehicle.vin": 1}
    assert await desk.count(Vehicle, Customer) == [0, 0]


async def test_after_a_crash_the_import_goes_on_behind_the_last_batch(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(work, "BATCH", 10)
    text = "客户姓名,手机\n" + "".join(f"客户{n},1384310{n:04d}\n" for n in range(35))
    row = await desk.checked("customers", text)
    async with desk.db.begin() as session:
        await run(session, row.id, **BY)
    taken = records.take
    calls = 0

    async def dies(*args: Any) -> bool:
        nonlocal calls
        calls += 1
        whole = await taken(*args)
        if calls == 3:
            raise RuntimeError("power cut")
        return whole

    monkeypatch.setattr(work, "take", dies)
    await JobRunner(desk.db, import_handlers(desk.folder, SITE)).run_due(NOW)
    assert ((await desk.look(row.id)).done, await desk.count(Customer)) == (20, [20])
    await desk.work()
    row = await desk.look(row.id)
    assert (row.state, row.done, row.counts, await desk.count(Customer)) == ("done", 35, {"created": 35}, [35])


async def test_an_import_is_taken_back_whole(desk: Desk):
    async with desk.db.begin() as session:
        chen = await a_customer(session, "陈建国", CHEN, name_pinyin="chenjianguo cjg")
    before = await desk.count(
        Customer, CustomerPhone, CustomerKey, CustomerHandle, CustomerAddress, Vehicle, VehicleRole
    )
    one = await desk.imported("customers", CUSTOMERS)
    two = await desk.imported("vehicles", VEHICLES)
    for row in (two, one):
        async with desk.db.begin() as session:
            await undo(session, row.id, **BY)
        await desk.work()
        assert (await desk.look(row.id)).state == "undone"
    assert before == await desk.count(
        Customer, CustomerPhone, CustomerKey, CustomerHandle, CustomerAddress, Vehicle, VehicleRole
    )
    async with desk.db.begin() as session:
        assert (await session.get_one(Customer, chen.id)).birth_year is None


@pytest.mark.parametrize("what", ["value", "call"])
async def test_an_import_somebody_worked_with_stays_and_says_so(desk: Desk, what: str):
    row = await desk.imported("customers", CUSTOMERS)
    async with desk.db.begin() as session:
        liu = (await session.scalars(select(Customer).where(Customer.name == "刘敏"))).one()
        if what == "value":
            liu.preference = "请先发短信"
        else:
            await a_contact(session, "c1", liu, days_ago=0)
    async with desk.db.begin() as session:
        await undo(session, row.id, **BY)
    await desk.work()
    row = await desk.look(row.id)
    assert (row.state, row.failure) == ("done", "changed:1")
    assert await desk.count(Customer) == [3]


async def test_what_two_batches_wrote_one_over_the_other_is_taken_back_too(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    row = await desk.imported("customers", "客户编号,客户姓名,手机\nC1,陈建国,13843107706\n")
    monkeypatch.setattr(work, "BATCH", 1)
    vehicles = f"VIN码,车型,车主姓名,手机\n{VIN},远辰 E6,陈建国,13843107706\n"
    visits = f"工单号,VIN,进厂时间,里程\nW1,{VIN},2026-07-01,100\nW2,{VIN},2026-07-02,900\n"
    cars, came = await desk.imported("vehicles", vehicles), await desk.imported("visits", visits)
    async with desk.db.begin() as session:
        assert (await session.scalars(select(Vehicle.mileage_km))).one() == 900
    for one in (came, cars, row):
        async with desk.db.begin() as session:
            await undo(session, one.id, **BY)
        await desk.work()
        assert (await desk.look(one.id)).state == "undone"
    assert await desk.count(Customer, CustomerKey, Vehicle, WorkshopVisit, ImportChange) == [0, 0, 0, 0, 0]


async def test_what_is_used_while_an_import_is_taken_back_stays_and_is_told(desk: Desk):
    row = await desk.imported("customers", CUSTOMERS)
    async with desk.db.begin() as session:
        await undo(session, row.id, **BY)
    runner = JobRunner(desk.db, import_handlers(desk.folder, SITE))
    assert await runner.run_next(NOW + timedelta(hours=9))  # the look: nobody has worked with it
    async with desk.db.begin() as session:
        liu = (await session.scalars(select(Customer).where(Customer.name == "刘敏"))).one()
        await a_contact(session, "c1", liu, days_ago=0)
    await desk.work()
    row = await desk.look(row.id)
    assert (row.state, row.failure) == ("undone", "kept:1")
    async with desk.db.begin() as session:
        assert list(await session.scalars(select(Customer.name))) == ["刘敏"]
        assert await session.scalar(select(Contact.customer_id)) == liu.id


async def test_what_somebody_wrote_where_the_list_said_nothing_is_work_too(desk: Desk):
    row = await desk.imported("customers", CUSTOMERS)
    async with desk.db.begin() as session:
        kept = (await session.scalars(select(ImportChange).where(ImportChange.of_table == "customer"))).first()
        assert kept is not None
        assert "preference" not in kept.after, "what is empty is not kept, for most of a new customer is"
        (await session.scalars(select(CustomerPhone))).first().note = "妻子接听"
    async with desk.db.begin() as session:
        await undo(session, row.id, **BY)
    await desk.work()
    assert (await desk.look(row.id)).failure == "changed:1"


async def test_files_of_uploads_that_broke_off_go_after_a_day_and_no_others(desk: Desk):
    row = await desk.upload("customers", CUSTOMERS)
    for name, hours in (("a.coming", 30), ("b.rows", 30), ("c.coming", 1)):
        (desk.folder / name).touch()
        os.utime(desk.folder / name, (NOW.timestamp() - hours * 3600,) * 2)
    os.utime(desk.folder / row.file, (NOW.timestamp() - 10**6,) * 2)
    async with desk.db.begin() as session:
        assert await sweep_leftovers(session, desk.folder, at=NOW) == 2
    assert {path.name for path in desk.folder.iterdir()} == {row.file, "c.coming"}


async def test_a_large_file_is_read_in_a_process_of_its_own_with_the_same_result(desk: Desk):
    lines = "".join(f"客户{n},1384{n:07d}\n" for n in range(60_000))
    file, found = await receive(desk.folder, "customers", chunks(f"客户姓名,手机\n{lines}"))
    assert (found.rows, found.header, found.encoding) == (60_000, ["客户姓名", "手机"], "utf-8")
    assert rows_from(desk.folder / file, 0, 1)[0][0].cells == ["客户0", "13840000000"]
    with pytest.raises(Unusable, match="neither a table"):
        await receive(desk.folder, "customers", chunks(b"\x89PNG\r\n\x1a\n" + bytes(2 * 2**20)))
    assert [path.name for path in desk.folder.iterdir()] == [file]


async def test_columns_are_remembered_for_the_next_file_with_the_same_header(desk: Desk):
    text = "谁,怎么找\n陈建国,13843107706\n"
    row = await desk.upload("customers", text)
    assert row.columns == ["", ""]
    async with desk.db.begin() as session:
        with pytest.raises(Invalid, match="Say which column"):
            await check(session, row.id, columns=row.columns, policy="fill", system="", **BY)
        with pytest.raises(Invalid, match="Two columns"):
            await check(session, row.id, columns=["name", "name"], policy="fill", system="", **BY)
        await check(session, row.id, columns=["name", "number"], policy="fill", system="", **BY)
    await desk.work()
    assert (await desk.look(row.id)).counts == {"created": 1}
    assert (await desk.upload("customers", text)).columns == ["name", "number"]


async def test_an_import_at_work_is_left_alone_and_one_that_wrote_nothing_can_be_removed(desk: Desk):
    row = await desk.upload("customers", CUSTOMERS)
    async with desk.db.begin() as session:
        await check(session, row.id, columns=row.columns, policy="fill", system="", **BY)
        with pytest.raises(Refused, match="at work"):
            await run(session, row.id, **BY)
        with pytest.raises(NotFound):
            await undo(session, 999, **BY)
    await desk.work()
    async with desk.db.begin() as session:
        await remove(session, desk.folder, row.id, **BY)
    assert list(desk.folder.iterdir()) == []


async def test_a_refused_upload_leaves_nothing_on_disk(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    for kind, content in (("customers", b"\x89PNG\r\n\x1a\n"), ("customers", b"")):
        with pytest.raises(Unusable):
            await receive(desk.folder, kind, chunks(content))
    with pytest.raises(Invalid):
        await receive(desk.folder, "passwords", chunks(b"a,b\n"))
    monkeypatch.setattr("crm_core.imports.actions.MOST_BYTES", 100_000)
    with pytest.raises(Unusable, match="may have"):
        await receive(desk.folder, "customers", chunks(CUSTOMERS.encode() * 1000))
    with pytest.raises(Unusable, match="may have"):
        await receive(desk.folder, "customers", chunks(CUSTOMERS), announced=100_001)
    assert list(desk.folder.iterdir()) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_batch_looks_nobody_up_by_going_through_all_customers(desk: Desk):
    """SQLite has no statistics of its tables here and may begin with whatever an index has most of."""
    rows = "".join(f"K{number:04d},客户{number},138{number:08d},,,,长春,,\n" for number in range(600))

    async def take(_: AsyncSession) -> None:
        await desk.imported("customers", CUSTOMERS.splitlines(keepends=True)[0] + rows)

    steps = [step for step, statement in await plans_of(desk.db, take) if "customer_phone.e164 IN" in statement]
    assert steps
    assert not [step for step in steps if "(merged_into_id=?)" in step or step.startswith("SCAN customer")]
