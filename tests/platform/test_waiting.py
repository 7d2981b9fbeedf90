"""Customers who call, wait, talk or give up, on the whole running platform."""

from __future__ import annotations

from typing import Any

from tests.integration import scenarios
from tests.integration.site import wait_until
from tests.platform.site import REPAIR, Agent, CallCentre, new_number

FIGURES = ("offered", "answered")


def line(board: dict[str, Any], queue: str) -> dict[str, Any]:
    return next(row for row in board["queues"] if row["id"] == queue)


def board_at_rest(call_centre: CallCentre, watcher: Agent) -> dict[str, Any]:
    """The board once it has seen everything that the history has."""
    [row] = call_centre.rows("SELECT number FROM feed_position")
    wait_until(lambda: watcher.board()["number"] >= row["number"], what="the board's news")
    return watcher.board()


def test_a_customer_who_hangs_up_while_waiting_is_counted_as_abandoned(call_centre: CallCentre) -> None:
    with call_centre.agent("1004", ready=False) as watcher:
        before = board_at_rest(call_centre, watcher)
        number = new_number()
        customer = call_centre.call(number, scenarios.caller(number, keys=REPAIR, hang_up_after=7.0))
        visit = call_centre.until_waiting(number)
        wait_until(lambda: line(watcher.board(), "repair")["waiting"] == 1, 2, "shown as waiting")
        assert visit["queue"] == "repair"
        assert customer.wait() == 0
        contact = call_centre.contact(number)
        assert (contact["outcome"], contact["ended_by"], contact["queue"]) == ("abandoned", "customer", "repair")
        assert (contact["menu_path"], contact["topic"], contact["agent"]) == ("main>repair", "repair", "")
        assert call_centre.legs(contact["id"]) == []
        [visit] = call_centre.visits(contact["id"])
        assert visit["result"] == "abandoned"
        assert 5.0 < visit["wait_seconds"] < 8.0
        after = board_at_rest(call_centre, watcher)
    assert after["abandoned"] - before["abandoned"] == 1
    assert after["offered"] - before["offered"] == 1
    assert line(after, "repair")["offered"] - line(before, "repair")["offered"] == 1
    assert line(after, "repair")["answered"] == line(before, "repair")["answered"]
    assert line(after, "repair")["waiting"] == 0
