"""Which calls were given away, to whom, and whether somebody was there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from crm_core.db import Database
from crm_core.history.model import Contact, Leg
from reports.transfer_queries import transfers
from reports.transfers import Transfer, Way, by, count
from tests.unit.crm_core.conftest import database_url, db, migrated_postgres, postgres_url, sqlite_template

__all__ = ["database_url", "db", "migrated_postgres", "postgres_url", "sqlite_template"]

AT = datetime(2026, 7, 16, 2, tzinfo=UTC)


def leg(call: str, number: int, agent: str = "", **known: Any) -> dict[str, Any]:
    row = {"id": f"{call}-{number}", "contact_id": call, "agent": agent, "queue": "repair", "kind": "agent"}
    plain = {"why": "longest_idle", "party": "", "given_to": "", "result": "answered", "answered_at": AT,
             "consulted_at": None, "offered_at": AT + timedelta(seconds=number)}  # fmt: skip
    return {**row, **plain, **known}


CALLS = {
    "straight": [leg("straight", 1, "1018", given_to="queue:vip"), leg("straight", 2, "1020")],
    "asked": [
        leg("asked", 1, "1018", given_to="agent:1019"),
        leg("asked", 2, "1019", why="consult", consulted_at=AT),
    ],
    "to-dealer": [
        leg("to-dealer", 1, "1018", given_to="dealer:17"),
        leg("to-dealer", 2, kind="dealer", party="17", why="transfer", answered_at=None, result="no_answer"),
    ],
    "only-asked": [
        leg("only-asked", 1, "1019"),
        leg("only-asked", 2, "1018", why="consult", consulted_at=AT, answered_at=None, result="hung_up"),
    ],
    "three": [leg("three", 1, "1018"), leg("three", 2, "1019", why="consult", consulted_at=AT)],
    "menu": [leg("menu", 1, kind="number", party="+8610000", why="transfer")],
    "plain": [leg("plain", 1, "1018")],
}
AGENTS = {"only-asked": "1019", "three": "1018", "menu": ""}


async def found(db: Database, queues: tuple[str, ...] = ()) -> dict[str, Transfer]:
    async with db.begin() as session:
        await session.execute(
            insert(Contact),
            [{"id": call, "direction": "inbound", "started_at": AT, "kind": "repair", "agent": AGENTS.get(call, "1018")}
             for call in CALLS],
        )  # fmt: skip
        await session.execute(insert(Leg), [row for legs in CALLS.values() for row in legs])
        calls = await transfers(session, AT, AT + timedelta(hours=1), queues)
    return {one.contact_id: one for one in calls}


async def test_each_way_of_giving_a_call_away_is_told_apart(db: Database):
    told = await found(db)
    assert {call: (one.way, one.agent, one.to_kind, one.to, one.answered) for call, one in told.items()} == {
        "straight": (Way.STRAIGHT, "1018", "queue", "vip", None),
        "asked": (Way.ASKED, "1018", "agent", "1019", True),
        "to-dealer": (Way.STRAIGHT, "1018", "dealer", "17", False),
        "only-asked": (Way.ONLY_ASKED, "1019", "agent", "1018", True),
        "three": (Way.CONFERENCE, "1018", "agent", "1019", True),
        "menu": (Way.MENU, "", "number", "+8610000", True),
    }


async def test_a_queue_without_transfers_has_none(db: Database):
    assert await found(db, ("vip",)) == {}


async def test_the_counts_of_an_agent_add_up(db: Database):
    told = list((await found(db)).values())
    whole, lines = count("", told), by(told, lambda one: one.agent)
    assert whole.given == whole.straight + whole.asked + whole.menu == 4
    assert (whole.to_queues, whole.to_agents, whole.to_dealers, whole.to_numbers) == (1, 1, 1, 1)
    assert (whole.only_asked, whole.conference) == (1, 1)
    assert whole.answered == (4, 5)
    assert [(line.of, line.given) for line in lines] == [("1018", 3), ("", 1), ("1019", 0)]
