"""The demo's callers go through the menu as delivered, node by node, as somebody could."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import groupby, pairwise
from typing import Any

import pytest

from crm_core.demo.callers import Caller
from crm_core.demo.menu_ways import rows_of
from crm_core.demo.month import Day, make_day
from ivr.drawing import first_nodes
from ivr.flow_file import shipped_flow
from ivr.questions import Ending
from ivr.served import people_nodes
from ivr.ways import ways

FLOW = shipped_flow()
ZONE = timezone(timedelta(hours=8))


class Everybody:
    """Callers in turn: one whom we know, one whom nobody knows, one who speaks English."""

    def __init__(self) -> None:
        self._turn = 0

    def known(self, random: object) -> Caller:
        return Caller("+8613800000000", 1, 1, "E6", "zh-CN", vip=False)

    def anybody(self, random: object) -> Caller:
        self._turn += 1
        strangers = [Caller("+8613900000000", None, None, "", language, vip=False) for language in ("zh-CN", "en")]
        return [self.known(random), *strangers][self._turn % 3]


@pytest.fixture(scope="module")
def day() -> Day:
    return make_day(date(2026, 11, 18), Everybody(), ZONE, datetime(2026, 11, 20, tzinfo=UTC))  # type: ignore[arg-type]


def calls(day: Day) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    contacts = {row["id"]: row for row in day.contacts}
    for call, visits in groupby(rows_of(day.contacts, day.visits), key=lambda row: row["contact_id"]):
        yield contacts[call], list(visits)


def test_every_step_of_every_caller_is_a_way_of_the_shipped_menu(day: Day):
    for _contact, visits in calls(day):
        assert visits[0]["node"] in first_nodes(FLOW)
        for here, there in pairwise(visits):
            led = {(by, to) for by, to in ways(FLOW.nodes[here["node"]])}
            if here["node"] in ("language",):  # skipped for who has a language
                led.add(("", "notice"))
            assert (there["by"], there["node"]) in led, (here["node"], there)


def test_who_did_not_hang_up_came_to_an_end_and_nobody_hangs_up_twice(day: Day):
    for contact, visits in calls(day):
        assert not any(visit["hung_up"] for visit in visits[:-1])
        assert visits[-1]["hung_up"] or isinstance(FLOW.nodes[visits[-1]["node"]], Ending), contact


def test_the_menus_end_is_what_the_contact_tells(day: Day):
    for contact, visits in calls(day):
        assert (visits[-1]["node"] in people_nodes(FLOW)) == (contact["outcome"] in {"answered", "abandoned"})
        if contact["outcome"] == "out_of_hours":
            assert "closed" in {visit["node"] for visit in visits}


def test_the_visits_fill_the_time_of_the_call_in_the_menu(day: Day):
    queued = {visit["contact_id"]: visit["entered_at"] for visit in reversed(day.visits)}
    for contact, visits in calls(day):
        over = queued.get(contact["id"], contact["ended_at"])
        left = visits[-1]["entered_at"] + timedelta(seconds=visits[-1]["seconds"])
        assert abs((left - over).total_seconds()) < 0.1
        assert visits[0]["entered_at"] == contact["answered_at"]


def test_most_calls_that_somebody_answered_came_through_the_menu(day: Day):
    through = {contact["id"] for contact, _ in calls(day)}
    inbound = [row for row in day.contacts if row["direction"] == "inbound" and row["queue"]]
    assert {row["id"] for row in inbound} <= through
