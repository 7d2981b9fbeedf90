"""Leads of a fair as a list: once, to be verified, never a second beside an open one, and taken back whole."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.imports.actions import undo
from crm_core.imports.model import ImportProblem
from crm_core.leads.model import Lead, LeadEvent
from tests.unit.crm_core.builders import a_customer, a_dealer
from tests.unit.crm_core.test_imports import BY, CHEN, Desk

FAIR = """姓名,手机,意向车型,购车意向,预计购车日期,预算,试驾,来源,活动,经销商
陈建国,13843107706,远辰 E8,换七座,2027-02-01,30,是,车展,autumn_show,YC1001
高明,13800000925,,先看看混动,,,否,官网,,
"""


@pytest.fixture
async def desk(db: Database, tmp_path: Path) -> Desk:
    async with db.begin() as session:
        await a_dealer(session)
        await a_customer(session, "陈建国", CHEN)
    return Desk(db, tmp_path / "imports")


async def test_a_fairs_list_becomes_leads_to_verify_with_their_source(desk: Desk):
    row = await desk.imported("leads", FAIR)
    assert (row.state, row.counts) == ("done", {"created": 2})
    async with desk.db.begin() as session:
        first, second = await session.scalars(select(Lead).order_by(Lead.id))
        events = list(await session.scalars(select(LeadEvent.kind)))
        names = list(await session.scalars(select(Customer.name).order_by(Customer.id)))
    assert (first.source, first.model, first.buy_by, first.touchpoint) == (
        "event",
        "远辰 E8",
        date(2027, 2, 1),
        "autumn_show",
    )
    assert (first.status, first.budget_wan, first.test_drive) == ("new", 30, True)
    assert (second.source, second.horizon, second.wish) == ("web", "long", "先看看混动")
    assert first.number != second.number
    assert events == ["captured", "captured"]
    assert names == ["陈建国", "高明"]


async def test_the_same_list_again_makes_no_second_lead_and_the_undo_leaves_none(desk: Desk):
    row = await desk.imported("leads", FAIR)
    again = await desk.checked("leads", FAIR)
    assert again.counts == {"unchanged": 2}
    async with desk.db.begin() as session:
        await undo(session, row.id, **BY)
    await desk.work()
    assert (await desk.look(row.id)).state == "undone"
    assert await desk.count(Lead, LeadEvent, Customer) == [0, 0, 1]


async def test_a_row_without_an_interest_or_with_an_unknown_source_is_refused_at_its_field(desk: Desk):
    bad = """姓名,手机,意向车型,来源,经销商
高明,13800000925,,车展,
李敏,13900000001,E6,<script>,
王芳,13900000002,E6,官网,'; DROP TABLE lead --
赵磊,12,E6,官网,
"""
    row = await desk.checked("leads", bad)
    async with desk.db.begin() as session:
        found = list(await session.scalars(select(ImportProblem).order_by(ImportProblem.line)))
    assert row.counts == {"refused": 4}
    assert [(one.kind, one.field) for one in found] == [
        ("missing", "model"),
        ("choice", "source"),
        ("unknown_dealer", "dealer"),
        (found[3].kind, "number"),
    ]
