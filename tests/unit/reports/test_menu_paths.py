"""How many callers came to a node, went on, hung up, and were served by the menu alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from crm_core.flows.model import MenuVisit
from crm_core.history.model import Contact
from ivr.flow_file import shipped_flow
from ivr.served import people_nodes, served_nodes
from reports.menu_path_queries import path_counts
from reports.menu_paths import PathCount
from tests.empty_databases import sqlite_database

FLOW = shipped_flow()
AT = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
Way = tuple[str, tuple[str, ...], bool]


def way(call: str, *nodes: str, hung_up: bool = False) -> Way:
    """Nodes as "main" or "repair 4": the second word is what led there."""
    return call, nodes, hung_up


async def counted(
    folder: Path,
    *ways: Way,
    at: datetime = AT,
    version: int = 0,
    served_by: Collection[str] = served_nodes(FLOW),
    people: Collection[str] = people_nodes(FLOW),
) -> PathCount:
    """What is counted of these calls in the hour from AT on, when they began at `at`; two seconds for each node."""
    database = sqlite_database(folder / "paths.db")
    contacts = [
        {"id": call, "direction": "inbound", "caller": "", "entry": "", "started_at": at} for call, _, _ in ways
    ]
    visits = [
        {
            "contact_id": call,
            "number": number,
            "flow": "main",
            "version": 0,
            "node": node.split(" ")[0],
            "by": [*node.split(" "), ""][1],
            "entered_at": at + timedelta(seconds=2 * number),
            "seconds": 2.0,
            "hung_up": hung_up and number == len(nodes) - 1,
        }
        for call, nodes, hung_up in ways
        for number, node in enumerate(nodes)
    ]
    try:
        async with database.begin() as session:
            if ways:
                await session.execute(insert(Contact), contacts)
                await session.execute(insert(MenuVisit), visits)
            found = await path_counts(
                session, "main", version, AT, AT + timedelta(hours=1), served_by=served_by, people=people
            )
            await session.rollback()
            return found
    finally:
        await database.close()


async def test_nodes_and_ways_are_counted_for_the_drawing(tmp_path: Path):
    ways = way("c1", "main", "repair 4"), way("c2", "main", "main", "repair 4"), way("c3", "main", hung_up=True)
    found = await counted(tmp_path, *ways)
    nodes = {one.node: one for one in found.nodes}
    assert (nodes["main"].entered, nodes["main"].calls, nodes["main"].left, nodes["main"].hung_up) == (4, 3, 3, 1)
    assert nodes["main"].hang_up_rate == 0.25
    assert nodes["repair"].seconds == 2.0
    assert {(one.node, one.to, one.by): one.times for one in found.ways} == {
        ("main", "repair", "4"): 2,
        ("main", "main", ""): 1,
    }
    assert (found.calls, found.hung_up) == (3, 1)


async def test_self_service_succeeds_for_who_got_it_and_went_to_nobody(tmp_path: Path):
    told = ("own-case", "own-case-told found")
    found = await counted(
        tmp_path,
        way("hung up after it", *told, hung_up=True),
        way("wanted an agent all the same", *told, "agent 0"),
        way("left a message", *told, "message 2"),
        way("ended by itself", *told, "self-end give_up"),
        way("never got it", "own-case", "sorry unavailable", hung_up=True),
        way("was to be called", "callback"),
    )
    assert (found.served, found.calls) == (3, 6)
    assert found.self_service_rate == 0.5
    asked = next(one for one in found.nodes if one.node == "own-case")
    assert (asked.calls, asked.served, asked.self_service_rate) == (5, 2, 0.4)
    gone = {one.node: (one.hung_up, one.gave_up) for one in found.nodes if one.hung_up}
    assert gone == {"own-case-told": (1, 0), "sorry": (1, 1)}  # the first one had got it


def test_who_is_only_identified_is_not_served():
    assert "own" not in served_nodes(FLOW)
    assert {"own-case-told", "station-told", "stopped", "callback"} <= served_nodes(FLOW)


async def test_a_period_without_calls_has_no_rate_and_no_error(tmp_path: Path):
    assert (await counted(tmp_path)).self_service_rate == 0.0


@pytest.mark.parametrize(
    ("began", "version", "calls"),
    [(0, 0, 1), (3599, 0, 1), (-1, 0, 0), (3600, 0, 0), (0, 1, 0)],
)
async def test_a_call_counts_whole_in_the_period_and_version_in_which_it_began(
    tmp_path: Path, began: int, version: int, calls: int
):
    at = AT + timedelta(seconds=began)
    found = await counted(tmp_path, way("c1", "main", "self 6", "people 0"), at=at, version=version)
    assert (found.calls, sum(one.entered for one in found.nodes)) == (calls, 3 * calls)


@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from(["a", "b 1", "b 2", "c"]), min_size=1, max_size=8), st.booleans()),
        max_size=12,
    )
)
def test_every_visit_is_left_or_hung_up_and_every_step_is_a_way(tmp_path_factory: pytest.TempPathFactory, calls):
    ways = [way(f"c{n}", *nodes, hung_up=hung_up) for n, (nodes, hung_up) in enumerate(calls)]
    folder = tmp_path_factory.mktemp("paths")
    found = asyncio.run(counted(folder, *ways, served_by=("b",), people=()))
    assert sum(node.entered for node in found.nodes) == sum(len(nodes) for _, nodes, _ in ways)
    assert all(node.entered == node.left + node.hung_up for node in found.nodes)
    assert sum(one.times for one in found.ways) == sum(len(nodes) - 1 for _, nodes, _ in ways)
    arrivals = Counter({node.node: node.entered for node in found.nodes})
    for one in found.ways:
        arrivals[one.to] -= one.times
    assert sum(arrivals.values()) == found.calls  # what no way explains are the first nodes
    came_to_b = [nodes for _, nodes, _ in ways if any(node.startswith("b") for node in nodes)]
    assert found.served == len(came_to_b)
    assert all(node.served <= node.calls <= node.entered for node in found.nodes)
    assert all(node.gave_up <= node.hung_up for node in found.nodes)
