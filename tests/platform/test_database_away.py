"""PostgreSQL is stopped, or hangs, under live calls: they are routed as before, and every contact is written once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from statistics import median, quantiles
from typing import Any

import pytest

from crm_core.history import events as feed
from crm_core.history.events import HistoryEvent
from tests.integration import scenarios
from tests.integration.site import wait_until
from tests.integration.test_recovery import each_contact_once, journal
from tests.platform.desk_socket import DeskSocket
from tests.platform.postgres_site import PostgresCallCentre
from tests.platform.site import DESK_AGENTS, REPAIR, new_number

PACE = 1.0  # seconds from one call to the next: four agents have time for each


@pytest.fixture
def on_postgres(postgres_centre: PostgresCallCentre) -> PostgresCallCentre:
    postgres_centre.up()
    return postgres_centre


def routed(records: list[HistoryEvent], began: float, ended: float) -> list[float]:
    """For each call that came between: the seconds from the INVITE to the ringing of an agent's phone."""
    offered: dict[str, float] = {}
    for event in records:
        if isinstance(event, feed.CallOffered):
            offered.setdefault(event.call, event.at)
    started = [event for event in records if isinstance(event, feed.ContactStarted) and began <= event.at < ended]
    return [offered[event.call] - event.at for event in started]


def p99(times: list[float]) -> float:
    return quantiles(times, n=100, method="inclusive")[98]


def a_stream_of_calls(centre: PostgresCallCentre, seconds: float) -> tuple[float, float]:
    """One each second; when the first and the last one came."""
    number, began = new_number(), time.time()
    calls = int(seconds / PACE)
    keys = scenarios.caller(number, keys=REPAIR)
    customers = centre.call(number, keys, calls=calls, rate=int(1 / PACE))
    assert customers.wait(seconds + 30) == 0, customers.complaints()
    return began, time.time()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seconds", [8, pytest.param(60, marks=pytest.mark.full)])
@pytest.mark.parametrize("how", ["is down", "hangs"])
def test_calls_are_routed_as_fast_and_each_contact_is_written_once(
    on_postgres: PostgresCallCentre, how: str, seconds: int, record_property: Any
) -> None:
    centre = on_postgres
    go: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
        "is down": (centre.server.stop, centre.server.start),
        "hangs": (centre.server.freeze, lambda: centre.server.freeze(on=False)),
    }
    away, back = go[how]
    for agent in DESK_AGENTS:
        centre.telephones.phone(agent, scenarios.phone_answers(hang_up_after=0.3), calls=1_000)
    signed_in = [centre.agent(number) for number in DESK_AGENTS]
    agents = [one.__enter__() for one in signed_in]
    with DeskSocket(centre, agents[0]) as desk:
        before = a_stream_of_calls(centre, seconds)
        away()
        try:
            during = a_stream_of_calls(centre, seconds)
            wait_until(desk.says_degraded, 15, "the desk says that customer data is away")
        finally:
            back()
        wait_until(lambda: not desk.says_degraded(), 30, "the desk is whole again")
    wait_until(lambda: all_written(centre), 30, "all contacts are in the database")
    records = journal(centre.run_dir)
    each_contact_once(records)
    times = {"before": routed(records, *before), "away": routed(records, *during)}
    for name, found in times.items():
        told = {"n": len(found), "median": round(median(found), 3), "p99": round(p99(found), 3)}
        record_property(f"{name}, {how}", told)
        print(f"{how}, {name}: {told}")
    assert p99(times["away"]) <= 2 * p99(times["before"])


def all_written(centre: PostgresCallCentre) -> bool:
    """What Asterisk's log knows is in the database, each call with one contact and one end."""
    rows = centre.rows("SELECT id, outcome FROM contact WHERE id NOT LIKE 'old-%'")
    assert set(Counter(row["id"] for row in rows).values()) <= {1}
    return {row["id"] for row in rows if row["outcome"] == "answered"} == centre.cel_calls()
