"""Cases and their clocks per dealer: equal to a recount, and late steps are traced to who held them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select

from crm_core.access.model import User
from crm_core.access.reach import EVERYTHING
from crm_core.cases.model import Case, CaseEvent, CaseStage
from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.dealers.model import Dealer, DealerStaff
from crm_core.demo.places import dealer_rows
from reports.case_clock_queries import _cases, cases_of, steps_due
from reports.case_clocks import CaseFact, StepFact, by, count, steps_by
from reports.spread import median, percentile
from tests.unit.crm_core.conftest import database_url, db, migrated_postgres, postgres_url, sqlite_template
from tests.unit.reports.plans import plan

__all__ = ["database_url", "db", "migrated_postgres", "postgres_url", "sqlite_template"]

AT = datetime(2026, 7, 1, tzinfo=UTC)
END = AT + timedelta(days=31)
NOW = AT + timedelta(days=40)
HOUR = timedelta(hours=1)


def fact(number: int = 1, **known: object) -> CaseFact:
    plain = {"number": f"GD-{number}", "title": "异响", "kind": "complaint", "dealer_id": 1, "opened_at": AT}
    return CaseFact(**{"id": number, **plain, **known})  # type: ignore[arg-type]


def test_a_percentile_is_always_a_value_that_was_measured():
    assert percentile([5.0, 1.0, 3.0], 0.9) == 5.0
    assert median([4.0, 1.0, 3.0, 2.0]) == 2.0
    assert median([]) is None


def test_the_time_a_case_was_paused_is_not_held_against_anybody():
    slow = fact(closed_at=AT + 30 * HOUR, paused_seconds=10 * 3600)
    assert slow.hours == 20.0
    assert count("1", [slow], AT, END, NOW).median_hours == 20.0


def test_a_clock_that_still_runs_is_neither_kept_nor_missed():
    running = fact(1, respond_by=NOW + HOUR)
    missed = fact(2, respond_by=NOW - HOUR)
    kept = fact(3, respond_by=NOW + HOUR, responded_at=AT + HOUR)
    found = count("1", [running, missed, kept], AT, END, NOW)
    assert found.responded == (1, 2)
    assert found.solved.value is None


def test_open_cases_count_whenever_they_were_opened_but_only_as_open():
    old = fact(1, opened_at=AT - 100 * HOUR, due_at=AT - HOUR)
    found = count("1", [old, fact(2)], AT, END, NOW)
    assert (found.opened, found.closed, found.still_open, found.overdue) == (1, 0, 2, 1)


def test_the_line_of_a_person_shows_how_many_hours_were_lost_there():
    def step(person: str, late: float) -> StepFact:
        return StepFact(
            case_id=1, case_number="GD-1", title="异响", stage="solve", dealer_id=1, team="", person=person,
            began_at=AT, due_at=AT + HOUR, done_at=AT + HOUR + timedelta(hours=late),
        )  # fmt: skip

    lines = steps_by([step("李明", 5), step("李明", -1), step("王芳", 2), step("王芳", 1)], lambda one: one.person, NOW)
    assert [(one.of, one.due, one.late, one.late_hours) for one in lines] == [("李明", 2, 1, 5.0), ("王芳", 2, 2, 3.0)]
    assert lines[1].in_time == (0, 2)
    assert lines[0].worst is not None
    assert lines[0].worst.late_hours(NOW) == 5.0


async def two_months(db: Database) -> None:
    dice = random.Random(5)
    cases, events, stages = [], [], []
    for number in range(1, 301):
        opened = AT + timedelta(hours=dice.uniform(-600, 900))
        lasted = timedelta(hours=dice.uniform(1, 400))
        closed = opened + lasted if dice.random() < 0.7 else None
        responded = opened + timedelta(hours=dice.uniform(0, 4)) if dice.random() < 0.8 else None
        cases.append(
            {"id": number, "number": f"GD-{number}", "kind": dice.choice(("complaint", "repair")), "title": "异响",
             "customer_id": 1, "dealer_id": dice.choice((None, 1, 2, 3)), "opened_at": opened, "closed_at": closed,
             "due_at": opened + timedelta(hours=168), "respond_by": opened + timedelta(hours=2),
             "responded_at": responded, "paused_seconds": dice.choice((0, 0, 3600)), "owner": "1018", "staff_id": 1,
             "merged_into_id": 1 if dice.random() < 0.05 and number > 1 else None}
        )  # fmt: skip
        for kind in ("escalated", "reopened"):
            if dice.random() < 0.15:
                at = opened + timedelta(hours=dice.uniform(0, 300))
                events.append({"case_id": number, "at": at, "actor": "", "kind": kind, "text": "", "detail": {}})
        for stage in ("record", "accept", "solve"):
            due = opened + timedelta(hours=dice.uniform(1, 200))
            done = due + timedelta(hours=dice.uniform(-20, 20)) if dice.random() < 0.8 else None
            stages.append({"case_id": number, "stage": stage, "began_at": opened, "due_at": due, "done_at": done,
                           "done_by": "" if done is None else dice.choice(("1018", "5101"))})  # fmt: skip
    async with db.begin() as session:
        session.add(Customer(id=1, name="陈建国", created_at=AT))
        session.add(User(id=1, number="1018", name="林晓梅", password_hash="x", roles="agent"))
        await session.execute(insert(Dealer), dealer_rows())
        await session.flush()
        session.add(DealerStaff(id=1, dealer_id=1, name="周强", role="service_adviser"))
        await session.flush()
        await session.execute(insert(Case), cases)
        await session.execute(insert(CaseEvent), events)
        await session.execute(insert(CaseStage), stages)


async def test_each_dealers_line_equals_a_recount_of_its_cases(db: Database):
    await two_months(db)
    async with db.begin() as session:
        lines = by(await cases_of(session, AT, END), lambda one: str(one.dealer_id or ""), AT, END, NOW)
        complaints = count("", await cases_of(session, AT, END, kind="complaint"), AT, END, NOW)
        known = list(await session.scalars(select(Case)))
    assert len(lines) == 4
    for line in lines:
        mine = [one for one in known if str(one.dealer_id or "") == line.of and one.merged_into_id is None]
        closed = [one for one in mine if one.closed_at and AT <= one.closed_at < END]
        assert line.opened == sum(AT <= one.opened_at < END for one in mine)
        assert line.closed == len(closed)
        assert line.still_open == sum(one.closed_at is None and one.opened_at < END for one in mine)
        assert line.solved == (sum(one.closed_at <= one.due_at for one in closed), len(closed))
        assert line.median_hours is not None
    whole = [one for one in known if one.kind == "complaint" and one.merged_into_id is None]
    assert complaints.opened == sum(AT <= one.opened_at < END for one in whole)
    assert sum(line.reopened for line in lines) > 0
    assert sum(line.escalated for line in lines) > 0


async def test_a_late_step_belongs_to_the_centre_or_to_the_dealers_person(db: Database):
    await two_months(db)
    async with db.begin() as session:
        steps = await steps_due(session, AT, END)
    assert all(AT <= one.due_at < END for one in steps)
    assert {one.person for one in steps if one.stage == "record" and one.done_at is None} == {"林晓梅"}
    assert {one.person for one in steps if one.stage == "solve" and one.done_at is None and one.dealer_id} == {"周强"}
    assert all(one.dealer_id is None for one in steps if one.stage == "record")


async def test_a_month_of_cases_is_found_by_index(db: Database):
    async with db.begin() as session:
        steps = await plan(session, _cases((Case.opened_at >= AT) & (Case.opened_at < END), "", EVERYTHING))
    assert "ix_case_opened" in steps
