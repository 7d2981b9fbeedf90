"""Callers who gave up: each has exactly one fate, and who was spoken with is not called back."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from crm_core.cases.model import Case
from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.history.model import Contact, QueueVisit
from reports.abandoned import Abandoned, Fate, FateCounts, Later, count, follow, worth_calling
from reports.abandoned_queries import _abandoned, abandoned_calls
from reports.further_metrics import NEVER_HEARD, RECOVERED
from tests.unit.crm_core.conftest import database_url, db, migrated_postgres, postgres_url, sqlite_template
from tests.unit.reports.plans import plan

__all__ = ["database_url", "db", "migrated_postgres", "postgres_url", "sqlite_template"]

AT = datetime(2026, 7, 16, 2, 0, tzinfo=UTC)
MUCH_LATER = AT + timedelta(days=30)


def gave_up(contact: str = "c1", **known: object) -> Abandoned:
    visit = {"queue": "repair", "entered_at": AT, "left_at": AT + timedelta(minutes=1), "wait": 60.0, "short": False}
    return Abandoned(**{"contact_id": contact, "number": "+8613800000001", "customer_id": 1, **visit, **known})  # type: ignore[arg-type]


def later(hours: float, outcome: str = "answered", direction: str = "inbound", **known: object) -> Later:
    return Later(
        contact_id=f"later {hours}", direction=direction, at=AT + timedelta(hours=hours), outcome=outcome,
        **known,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("contacts", "fate"),
    [
        ([], Fate.NEVER),
        ([later(30)], Fate.NEVER),
        ([later(2, disposition="answered")], Fate.SOLVED),
        ([later(2, disposition="callback_promised")], Fate.REACHED),
        ([later(2, disposition="answered", case_open=True)], Fate.REACHED),
        ([later(2, disposition="case_opened", case_open=False)], Fate.SOLVED),
        ([later(1, "abandoned"), later(2, "reached", "outbound")], Fate.CALLED_BACK),
        ([later(1, "abandoned")], Fate.MISSED_AGAIN),
        ([later(1, "not_reached", "outbound")], Fate.MISSED_AGAIN),
        ([later(1, "voicemail"), later(2, "abandoned")], Fate.WAITING),
    ],
)
def test_what_became_of_a_caller_is_told_by_the_first_talk_within_a_day(contacts: Sequence[Later], fate: Fate):
    assert follow(gave_up(), contacts, now=MUCH_LATER).fate == fate


def test_nothing_is_said_of_a_caller_whose_day_is_not_over():
    assert follow(gave_up(), [], now=AT + timedelta(hours=3)).fate == Fate.OPEN
    assert follow(gave_up(), [], now=AT + timedelta(hours=3), within=timedelta(hours=2)).fate == Fate.NEVER


def test_a_person_is_called_back_once_and_not_after_somebody_spoke_with_them():
    first, second = gave_up("c1"), gave_up("c2", left_at=AT + timedelta(hours=1), entered_at=AT + timedelta(hours=1))
    other = gave_up("c3", customer_id=2, wait=200.0)
    short, hidden = gave_up("c4", customer_id=3, short=True), gave_up("c5", customer_id=None, number="")
    found = [
        follow(first, [later(1, "abandoned")], now=MUCH_LATER),
        *(follow(one, [], now=MUCH_LATER) for one in (second, other, short, hidden)),
    ]
    assert [one.visit.contact_id for one in worth_calling(found)] == ["c3", "c2"]
    spoken = [found[0], follow(second, [later(2)], now=MUCH_LATER)]
    assert worth_calling(spoken) == []


@given(
    st.lists(
        st.tuples(
            st.floats(-5, 60),
            st.sampled_from(["answered", "abandoned", "voicemail", "callback", "menu_only", "reached", "not_reached"]),
            st.sampled_from([None, True, False]),
        ),
        max_size=6,
    ),
    st.floats(0, 60),
)
def test_every_caller_has_exactly_one_fate(contacts: list[tuple[float, str, bool | None]], hours: float):
    found = follow(
        gave_up(),
        [later(at, outcome, case_open=case) for at, outcome, case in contacts],
        now=AT + timedelta(hours=hours),
    )
    counts = count([found])
    fates = [getattr(counts, fate) for fate in Fate]
    assert counts.abandoned == sum(fates) == 1
    assert (found.by is None) == (found.fate in (Fate.NEVER, Fate.OPEN))


def test_rates_leave_out_whose_time_is_not_over():
    counts = FateCounts(abandoned=10, solved=2, reached=1, called_back=1, never=3, missed_again=1, open=2)
    assert RECOVERED.of(counts) == (4, 8)
    assert NEVER_HEARD.of(counts) == (3, 8)
    assert RECOVERED.of(FateCounts()).value is None


async def a_busy_week(db: Database) -> list[dict[str, object]]:
    """400 inbound and outbound contacts of 60 people in a week, 90 of them given up in a queue."""
    dice, contacts, visits = random.Random(3), [], []
    for number in range(400):
        person = dice.randrange(60)
        customer = person + 1 if person < 30 else None
        at = AT + timedelta(seconds=dice.randrange(7 * 86400))
        outbound = dice.random() < 0.15
        outcome = dice.choice(("reached", "not_reached")) if outbound else dice.choice(
            ("answered", "answered", "abandoned", "voicemail", "menu_only")
        )  # fmt: skip
        row = {
            "id": f"c{number}", "direction": "outbound" if outbound else "inbound", "started_at": at,
            "caller": "" if person == 59 else f"+86138000{person:05}", "customer_id": customer, "outcome": outcome,
            "disposition": dice.choice(("answered", "callback_promised", "")), "entry": "",
            "case_id": dice.choice((None, None, 1, 2)),
        }  # fmt: skip
        contacts.append(row)
        if outcome == "abandoned":
            wait = float(dice.randrange(1, 200))
            visits.append(
                {"contact_id": row["id"], "queue": dice.choice(("repair", "vip")), "result": "abandoned",
                 "entered_at": at, "left_at": at + timedelta(seconds=wait), "wait_seconds": wait}
            )  # fmt: skip
    async with db.begin() as session:
        session.add_all([Customer(id=one, name=f"客户{one}", created_at=AT) for one in range(1, 31)])
        await session.flush()
        for one, closed in ((1, None), (2, AT)):
            session.add(
                Case(id=one, number=f"GD-{one}", kind="repair", title="异响", customer_id=1, opened_at=AT,
                     closed_at=closed)
            )  # fmt: skip
        await session.flush()
        await session.execute(insert(Contact), contacts)
        await session.execute(insert(QueueVisit), visits)
    return contacts


async def test_the_fates_are_those_of_a_recount_over_all_contacts(db: Database):
    contacts = await a_busy_week(db)
    async with db.begin() as session:
        found = await abandoned_calls(session, AT, AT + timedelta(days=5), now=MUCH_LATER)
        vip = await abandoned_calls(session, AT, AT + timedelta(days=5), now=MUCH_LATER, queues=["vip"])
    assert len(found) > 30
    assert [one.visit.contact_id for one in vip] == [one.visit.contact_id for one in found if one.visit.queue == "vip"]
    known = {str(row["id"]): row for row in contacts}
    for one in found:
        mine = known[one.visit.contact_id]
        same = [
            row for row in contacts
            if row["id"] != mine["id"] and row["started_at"] > mine["started_at"]
            and ((mine["customer_id"] and row["customer_id"] == mine["customer_id"])
                 or (mine["caller"] and row["caller"] == mine["caller"]))
        ]  # fmt: skip
        plain = [
            Later(
                contact_id=str(row["id"]), direction=str(row["direction"]), at=row["started_at"],  # type: ignore[arg-type]
                outcome=str(row["outcome"]), disposition=str(row["disposition"]),
                case_open=None if row["case_id"] is None else row["case_id"] == 1,
            )
            for row in same
        ]  # fmt: skip
        assert one.fate == follow(one.visit, plain, now=MUCH_LATER).fate
    assert {one.fate for one in found} >= {Fate.SOLVED, Fate.REACHED, Fate.CALLED_BACK, Fate.WAITING, Fate.NEVER}


async def test_asking_for_a_day_reads_only_who_gave_up_on_it(db: Database):
    async with db.begin() as session:
        steps = await plan(session, _abandoned(AT, AT + timedelta(days=1), ()))
    assert "ix_visit_abandoned" in steps
