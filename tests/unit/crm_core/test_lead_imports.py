"""Leads of a fair as a list: once, to be verified, never a second beside an open one, and taken back whole."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crm_core.consent.actions import answer
from crm_core.consent.decision import NOT_ASKED, REFUSED
from crm_core.consent.gate import may_contact
from crm_core.consent.model import Consent
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.verdict import Verdict
from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.imports.actions import undo
from crm_core.imports.model import ImportProblem
from crm_core.leads.model import Lead, LeadEvent
from tests.unit.crm_core.builders import NOW, a_customer, a_dealer
from tests.unit.crm_core.test_imports import BY, CHEN, SITE, Desk

LATER = NOW + timedelta(days=1)

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


OWN_WORD = """姓名,手机,意向车型,同意联系,同意方式,登记时间
高明,13800000925,E6,是,官网表单第 3 项,2026-07-01 10:00
李敏,13900000001,E6,否,,2026-07-01 11:00
王芳,13900000002,E6,,,
赵磊,13900000003,E6,是,,
"""


async def may_call(desk: Desk, name: str) -> Verdict:
    async with desk.db.begin() as session:
        customer_id = await session.scalar(select(Customer.id).where(Customer.name == name))
        return await may_contact(session, customer_id, Purpose.LEAD, Channel.PHONE, at=LATER, zone=SITE)


async def test_a_list_that_says_nothing_of_consent_lets_nobody_be_called_before_they_were_asked(desk: Desk):
    await desk.imported("leads", FAIR)
    for name in ("陈建国", "高明"):
        verdict = await may_call(desk, name)
        assert (verdict.yes, verdict.reason) == (False, NOT_ASKED)


async def test_where_a_whole_list_agreed_is_kept_with_each_customer_as_the_proof(desk: Desk):
    row = await desk.imported("leads", FAIR, consent="车展登记表  第 2 栏")
    assert row.consent == "车展登记表 第 2 栏"
    assert (await may_call(desk, "高明")).yes
    async with desk.db.begin() as session:
        proofs = list(await session.scalars(select(Consent)))
    assert {(one.purpose, one.channel, one.given, one.words, one.by) for one in proofs} == {
        ("lead", "phone", True, "车展登记表 第 2 栏", "9001")
    }
    again = await desk.checked("leads", FAIR, consent="车展登记表 第 2 栏")
    assert again.counts == {"unchanged": 2}


async def test_each_row_has_its_own_word_and_silence_beside_it_is_no_yes(desk: Desk):
    row = await desk.imported("leads", OWN_WORD)
    assert (row.counts, row.problems) == ({"created": 3, "refused": 1}, {"consent_proof.consent_words": 1})
    assert (await may_call(desk, "高明")).yes
    assert (await may_call(desk, "李敏")).reason == REFUSED
    assert (await may_call(desk, "王芳")).reason == NOT_ASKED
    async with desk.db.begin() as session:
        leads = {one.customer_id: one for one in await session.scalars(select(Lead))}
        asked = {one.name: leads[one.id] for one in await session.scalars(select(Customer)) if one.id in leads}
    assert {name: (lead.status, lead.lost_reason) for name, lead in asked.items()} == {
        "高明": ("new", ""),
        "李敏": ("lost", "refused"),
        "王芳": ("new", ""),
    }


async def test_a_statement_for_the_list_proves_the_rows_that_say_yes_and_leaves_the_silent_ones(desk: Desk):
    row = await desk.imported("leads", OWN_WORD, consent="车展登记表")
    assert row.counts == {"created": 4}
    assert (await may_call(desk, "赵磊")).yes
    assert (await may_call(desk, "王芳")).reason == NOT_ASKED


async def test_a_refusal_we_know_is_overruled_by_a_later_word_of_the_customer_only(desk: Desk):
    told: dict[str, Any] = {
        "purpose": Purpose.LEAD,
        "channel": Channel.PHONE,
        "given": False,
        "contact_id": "",
        "words": "不要再打",
    }
    async with desk.db.begin() as session:
        chen = await session.scalar(select(Customer.id))
        await answer(session, chen, **told, actor="1018", at=LATER - timedelta(days=3))
    await desk.imported("leads", FAIR, consent="车展登记表")
    assert (await may_call(desk, "陈建国")).reason == REFUSED
    row = "姓名,手机,意向车型,登记时间,同意联系,同意方式\n陈建国,13843107706,E8,{day},是,现场签字\n"
    earlier = await desk.checked("leads", row.format(day=(LATER - timedelta(days=4)).date()))
    assert earlier.counts == {"unchanged": 1}
    assert (await may_call(desk, "陈建国")).reason == REFUSED
    await desk.imported("leads", row.format(day=(LATER - timedelta(days=1)).date()))
    assert (await may_call(desk, "陈建国")).yes


async def test_taking_the_list_back_takes_its_consents_back(desk: Desk):
    row = await desk.imported("leads", FAIR, consent="车展登记表")
    async with desk.db.begin() as session:
        await undo(session, row.id, **BY)
    await desk.work()
    assert await desk.count(Consent, Lead) == [0, 0]
    assert (await may_call(desk, "陈建国")).reason == NOT_ASKED
