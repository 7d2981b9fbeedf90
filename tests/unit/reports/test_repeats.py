"""First-contact resolution and repeat callers: equal to a recount over every call."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.history.model import Contact
from crm_core.questionnaires.model import Answer, Questionnaire, Response
from reports.further_metrics import FIRST_CONTACT_RESOLUTION, REPEAT_RATE, RESOLUTION_BY_SURVEY
from reports.repeat_lists import repeat_callers, repeat_contacts
from reports.repeat_queries import repeats
from reports.repeats import RepeatCounts, place
from tests.unit.crm_core.conftest import database_url, db, migrated_postgres, postgres_url, sqlite_template

__all__ = ["database_url", "db", "migrated_postgres", "postgres_url", "sqlite_template"]

AT = datetime(2026, 7, 1, tzinfo=UTC)
NOW = AT + timedelta(days=40)
DAY = 86400


def test_a_matter_is_resolved_when_nobody_called_again_for_seven_days():
    assert place(None, None, 8 * DAY) == "resolved"
    assert place(None, 7 * DAY, 9 * DAY) == "repeated"
    assert place(None, 8 * DAY, 9 * DAY) == "resolved"
    assert place(None, None, 6 * DAY) == "open"
    assert place(7 * DAY, None, 8 * DAY) == "again"
    assert place(8 * DAY, None, 8 * DAY) == "resolved"


def test_young_and_nameless_calls_are_in_no_rate():
    counts = RepeatCounts(answered=20, nameless=2, again=6, began=12, resolved=6, repeated=2, open=4)
    assert FIRST_CONTACT_RESOLUTION.of(counts) == (6, 8)
    assert REPEAT_RATE.of(counts) == (6, 18)
    assert RESOLUTION_BY_SURVEY.of(counts).value is None


def some_calls(dice: random.Random, number: int) -> dict[str, object]:
    person = dice.randrange(50)
    return {
        "id": f"c{number}", "direction": "outbound" if dice.random() < 0.1 else "inbound",
        "started_at": AT + timedelta(seconds=dice.randrange(38 * DAY)), "entry": "",
        "caller": "" if person == 49 else f"+86138000{person:05}",
        "customer_id": person + 1 if person < 30 else None,
        "outcome": dice.choice(("answered", "answered", "abandoned")),
        "kind": dice.choice(("repair", "enquiry", "")), "topic": dice.choice(("repair", "")),
        "queue": dice.choice(("repair", "vip")), "agent": dice.choice(("1018", "1019")),
    }  # fmt: skip


async def a_month(db: Database) -> list[dict[str, object]]:
    dice = random.Random(11)
    calls = [some_calls(dice, number) for number in range(500)]
    async with db.begin() as session:
        session.add_all([Customer(id=one, name=f"客户{one}", created_at=AT) for one in range(1, 31)])
        await session.flush()
        await session.execute(insert(Contact), calls)
    return calls


def recount(calls: list[dict[str, object]], start: datetime, end: datetime) -> Counter[str]:
    found: Counter[str] = Counter()
    inbound = [one for one in calls if one["direction"] == "inbound"]
    for one in inbound:
        if not start <= one["started_at"] < end or one["outcome"] != "answered":
            continue
        found["answered"] += 1
        if not matter(one) or not person(one):
            found["nameless"] += 1
            continue
        same = [two for two in inbound if two is not one and person(two) == person(one) and matter(two) == matter(one)]
        gaps = [(two["started_at"] - one["started_at"]).total_seconds() for two in same]
        before = min((-gap for gap in gaps if gap < 0), default=None)
        after = min((gap for gap in gaps if gap >= 0), default=None)
        found[place(before, after, (NOW - one["started_at"]).total_seconds())] += 1
    return found


def matter(call: dict[str, object]) -> str:
    return str(call["kind"] or call["topic"])


def person(call: dict[str, object]) -> str:
    return f"c{call['customer_id']}" if call["customer_id"] else str(call["caller"])


async def test_first_contact_resolution_equals_a_recount_of_every_call(db: Database):
    calls = await a_month(db)
    start, end = AT + timedelta(days=9), AT + timedelta(days=36)
    async with db.begin() as session:
        found = await repeats(session, start, end, now=NOW)
        vip = await repeats(session, start, end, now=NOW, queues=["vip"])
    expected = recount(calls, start, end)
    told = {
        word: getattr(found.total, word) for word in ("answered", "nameless", "again", "resolved", "repeated", "open")
    }
    assert told == {word: expected[word] for word in told}
    assert found.total.began == found.total.resolved + found.total.repeated + found.total.open
    assert min(told.values()) > 0
    for lines in found.lines.values():
        assert sum(line.counts.answered for line in lines) == found.total.answered
    by_queue = {line.of: line.counts for line in found.lines["queue"]}
    assert vip.total == by_queue["vip"]  # a second call in another queue counts all the same


async def test_repeat_callers_are_listed_with_their_calls_most_first(db: Database):
    calls = await a_month(db)
    start, end = AT + timedelta(days=2), AT + timedelta(days=30)
    async with db.begin() as session:
        found = await repeat_callers(session, start, end)
        repair = await repeat_callers(session, start, end, kind="repair", least=4)
    counted = Counter(
        (person(one), matter(one))
        for one in calls
        if one["direction"] == "inbound" and start <= one["started_at"] < end and person(one) and matter(one)
    )
    expected = {key: count for key, count in counted.items() if count >= 2}
    assert {(one.person.removeprefix("n"), one.kind): one.contacts for one in found} == expected
    assert [one.contacts for one in found] == sorted((one.contacts for one in found), reverse=True)
    assert {one.kind for one in repair} == {"repair"}
    assert min(one.contacts for one in repair) >= 4
    assert all(len(set(one.contact_ids)) == one.contacts for one in found)


async def test_what_customers_say_is_counted_beside_it(db: Database):
    async with db.begin() as session:
        session.add(Customer(id=1, name="陈建国", created_at=AT))
        session.add(Questionnaire(id=1, name_zh="投诉回访", created_by="2001", created_at=AT))
        await session.flush()
        for number, value in enumerate((1, 1, 0), start=1):
            row = Response(id=number, call=f"ob-1-{number}-1", questionnaire_id=1, version=1, customer_id=1, how="key")
            row.began_at = AT + timedelta(days=number)
            session.add(row)
            await session.flush()
            session.add(Answer(response_id=number, question="solved", questionnaire_id=1, value=value, at=row.began_at))
        await session.flush()
        found = await repeats(session, AT, AT + timedelta(days=3), now=NOW)
    assert RESOLUTION_BY_SURVEY.of(found.total) == (2, 2)


async def test_behind_each_figure_lie_as_many_contacts_as_it_says(db: Database):
    await a_month(db)
    start, end = AT + timedelta(days=9), AT + timedelta(days=36)
    async with db.begin() as session:
        found = await repeats(session, start, end, now=NOW)
        for dimension, lines in found.lines.items():
            for line in lines[:3]:
                of = (dimension, line.of)
                behind = await repeat_contacts(session, start, end, now=NOW, places=["repeated"], of=of)
                assert len(behind) == line.counts.repeated
        whole = await repeat_contacts(session, start, end, now=NOW, places=())
    assert len(whole) == found.total.answered
