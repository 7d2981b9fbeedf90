"""A customer's last contact is known without looking through the history."""

from __future__ import annotations

from datetime import timedelta

from crm_core.customers.last_contact import keep_last_contact
from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.history import events
from crm_core.history.actions import assign_customer
from crm_core.history.events import EndedBy, Outcome
from crm_core.history.writer import apply_all
from tests.unit.crm_core.builders import NOW, START, a_customer, an_answered_call, numbered


async def last_contact(db: Database, customer_id: int) -> object:
    async with db.begin() as session:
        return (await session.get_one(Customer, customer_id)).last_contact_at


async def test_the_end_of_a_call_moves_the_customers_last_contact_to_its_beginning(db: Database):
    async with db.begin() as session:
        customer = await a_customer(session)
        await apply_all(
            session,
            numbered(
                events.ContactStarted(
                    at=START, call="c9", direction=events.Direction.INBOUND, caller="+8613843107706", entry="400"
                ),
                events.CallerIdentified(at=START, call="c9", matches=(customer.id,), language="zh-CN"),
                events.ContactEnded(at=START + 9, call="c9", outcome=Outcome.MENU_ONLY, by=EndedBy.CUSTOMER),
            ),
        )
    assert await last_contact(db, customer.id) == NOW


async def test_an_earlier_contact_that_becomes_known_late_changes_nothing(db: Database):
    async with db.begin() as session:
        customer = await a_customer(session)
        await keep_last_contact(session, {customer.id: NOW})
        await keep_last_contact(session, {customer.id: NOW - timedelta(days=3), 99_999: NOW})
        await keep_last_contact(session, {})
    assert await last_contact(db, customer.id) == NOW


async def test_saying_who_called_counts_for_that_customer(db: Database):
    async with db.begin() as session:
        customer = await a_customer(session)
        await apply_all(session, numbered(*an_answered_call()))
        await assign_customer(session, "c1", customer.id, actor="1018", at=NOW + timedelta(minutes=5))
    assert await last_contact(db, customer.id) == NOW
