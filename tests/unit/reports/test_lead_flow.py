"""Leads from capture to purchase: each step holds those that came at least so far."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.dealers.model import Dealer
from crm_core.demo.places import dealer_rows
from crm_core.leads.model import Lead, LeadTurn
from reports.lead_flow import STAGES, LeadFact, by, count
from reports.lead_flow_queries import leads_of
from tests.unit.crm_core.conftest import database_url, db, migrated_postgres, postgres_url, sqlite_template

__all__ = ["database_url", "db", "migrated_postgres", "postgres_url", "sqlite_template"]

AT = datetime(2026, 7, 1, tzinfo=UTC)
NOW = AT + timedelta(days=40)
HOUR = timedelta(hours=1)


def lead(number: int = 1, status: str = "new", **known: object) -> LeadFact:
    plain = {"source": "web", "horizon": "hot", "dealer_id": 1, "touchpoint": "", "created_at": AT}
    return LeadFact(**{"id": number, "number": f"XS-{number}", "status": status, **plain, **known})  # type: ignore[arg-type]


def test_a_lead_that_was_won_has_come_through_every_step():
    won = lead(status="won")
    assert all(won.came_to(stage) for stage in STAGES)
    assert [lead().came_to(stage) for stage in STAGES] == [True, False, False, False, False]


def test_conversion_leaves_out_what_was_no_prospect():
    found = count("web", [lead(1, "won"), lead(2, "lost"), lead(3, "invalid"), lead(4)], NOW)
    assert found.conversion == (1, 3)
    assert (found.captured, found.invalid, found.won, found.lost, found.still_open) == (4, 1, 1, 1, 1)


def test_the_first_word_is_timed_from_when_the_dealer_got_the_lead():
    quick = lead(1, "following", sent_at=AT + HOUR, due_at=AT + 20 * HOUR, first_word_at=AT + 4 * HOUR)
    late = lead(2, "following", sent_at=AT, due_at=AT + HOUR, first_word_at=AT + 9 * HOUR)
    waits = lead(3, "sent", sent_at=AT, due_at=NOW + HOUR)
    silent = lead(4, "sent", sent_at=AT, due_at=AT + HOUR)
    found = count("1", [quick, late, waits, silent], NOW)
    assert found.in_time == (1, 3)
    assert found.median_hours == 3.0
    assert (found.sent, found.answered) == (4, 2)


async def test_a_lead_counts_for_who_has_it_and_by_its_last_turn(db: Database):
    async with db.begin() as session:
        session.add(Customer(id=1, name="陈建国", created_at=AT))
        await session.execute(insert(Dealer), dealer_rows())
        await session.flush()
        for number, dealer, at in ((1, 2, AT), (2, 1, AT + 24 * HOUR), (3, None, AT - HOUR)):
            session.add(
                Lead(id=number, number=f"XS-{number}", customer_id=1, source="web", status="sent", dealer_id=dealer,
                     created_at=at)
            )  # fmt: skip
        await session.flush()
        turns = [(1, 1, 0, None), (2, 1, 2, None), (3, 2, 30, 33)]
        for number, dealer, sent, word in turns:
            session.add(
                LeadTurn(id=number, lead_id=1 if number != 2 else 2, dealer_id=dealer, sent_at=AT + sent * HOUR,
                         due_at=AT + (sent + 24) * HOUR, first_word_at=AT + word * HOUR if word else None)
            )  # fmt: skip
        await session.flush()
        found = await leads_of(session, AT, AT + timedelta(days=2))
    assert [one.id for one in found] == [1, 2]
    assert found[0].hours_to_word == 3.0
    assert {line.of: line.answered for line in by(found, lambda one: str(one.dealer_id), NOW)} == {"2": 1, "1": 0}
