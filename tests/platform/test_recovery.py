"""The platform is killed again and again under live and waiting calls: nobody is cut off, lost or counted twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import Any

import pytest

from crm_core.history import events as feed
from tests.integration import scenarios
from tests.integration.site import Sipp, wait_until
from tests.integration.test_recovery import journal
from tests.platform.people import WRAP_UP_SECONDS
from tests.platform.site import REPAIR, CallCentre, new_number

TALK_SECONDS = 1.5


def instant(stored: str) -> float:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC).timestamp()


@dataclass
class Kills:
    """What was measured, in seconds: `away` from the kill until in step again, `late` from then to the offer."""

    away: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    passers_by: list[tuple[str, Sipp]] = field(default_factory=list)


def channels(call_centre: CallCentre) -> list[list[str]]:
    """name, context, extension, priority, state, application, data, caller, …"""
    told = call_centre.telephones.asterisk.rx("core show channels concise")
    return [line.split("!") for line in told.splitlines() if "!" in line]


def in_talk(call_centre: CallCentre, number: str) -> bool:
    mine = [row for row in channels(call_centre) if row[7] == number]
    return any(row[5] == "Dial" and row[12] for row in mine)


def on_music(call_centre: CallCentre) -> set[str]:
    """Or in an announcement between, which cuts nothing short."""
    return {row[7] for row in channels(call_centre) if row[1] in ("hl-wait", "hl-announce")}


def kill(call_centre: CallCentre, waiting: list[str], talking: str, kills: Kills) -> None:
    """kill -9; while it is away the talk goes on, everybody hears music, and a passer-by comes and goes."""
    platform, at = call_centre.pid("platform"), datetime.now(UTC).timestamp()
    os.kill(platform, signal.SIGKILL)
    passer_by = new_number()
    sipp = call_centre.call(passer_by, scenarios.caller(passer_by, hang_up_after=0.2))
    kills.passers_by.append((passer_by, sipp))
    assert set(waiting) <= on_music(call_centre)
    assert in_talk(call_centre, talking)
    wait_until(lambda: call_centre.pid("platform") != platform, 10, "a new platform process")
    wait_until(lambda: back_since(call_centre, at) > 0, 30, "in step with Asterisk")
    kills.away.append(back_since(call_centre, at) - at)
    print(f"away {kills.away[-1]:.3f} s")


def back_since(call_centre: CallCentre, at: float) -> float:
    """When the platform was in step with Asterisk after `at`; 0 = not yet."""
    links = [event for event in journal(call_centre.run_dir) if isinstance(event, feed.TelephonyLinkChanged)]
    return next((event.at for event in links if event.connected and event.at > at), 0.0)


@contextmanager
def a_long_talk(call_centre: CallCentre) -> Iterator[str]:
    """A customer and 1001 who talk all the time."""
    number = new_number()
    call_centre.telephones.phone("1001", scenarios.phone_answers())
    with call_centre.agent("1001") as agent:
        call_centre.call(number, scenarios.caller(number, keys=REPAIR))
        call_centre.until_talking(number)
        yield number
        assert agent.state() == "talking"
        [leg] = call_centre.legs(call_centre.contacts(number)[0]["id"])
        assert leg["ended_at"] is None
        assert agent.ask("/api/call/hang-up").status_code == 200
        assert call_centre.contact(number)["outcome"] == "answered"


def a_line_of_callers(call_centre: CallCentre, count: int) -> dict[str, Sipp]:
    line = {}
    for _ in range(count):
        number = new_number()
        line[number] = call_centre.call(number, scenarios.caller(number, keys=REPAIR))
        call_centre.until_waiting(number)
    return line


def one_batch(call_centre: CallCentre, rounds: int, kills: Kills) -> None:
    """1002 talks with one after the other; the platform dies in the middle of each talk but the last."""
    with a_long_talk(call_centre) as talking:
        callers = a_line_of_callers(call_centre, rounds + 1)
        line = list(callers)
        call_centre.telephones.phone("1002", scenarios.phone_answers(hang_up_after=TALK_SECONDS), calls=len(line))
        with call_centre.agent("1002"):
            for place in range(rounds):
                # Asterisk itself is asked: a talk is short, and the database may hear of it when it is over.
                wait_until(lambda number=line[place]: in_talk(call_centre, number), 30, f"{line[place]} talks")
                kill(call_centre, line[place + 1 :], talking, kills)
            call_centre.contact(line[-1], seconds=30)
            wait_until(call_centre.pages_answer, 30, "the pages are back")
        in_order_and_in_time(call_centre, callers, kills)


def in_order_and_in_time(call_centre: CallCentre, callers: dict[str, Sipp], kills: Kills) -> None:
    ended = 0.0
    links = [e.at for e in journal(call_centre.run_dir) if isinstance(e, feed.TelephonyLinkChanged) and e.connected]
    for number, sipp in callers.items():
        contact = call_centre.contact(number)
        assert (contact["outcome"], contact["agent"]) == ("answered", "1002"), f"{dict(contact)} {sipp.complaints()}"
        [leg] = call_centre.legs(contact["id"])
        offered = instant(leg["offered_at"])
        assert offered > ended, "out of order"
        if ended:
            back = max(at for at in links if at <= offered)
            kills.late.append(offered - max(back, ended + WRAP_UP_SECONDS))
        ended = instant(leg["ended_at"])


def ids(rows: list[dict[str, Any]]) -> set[str]:
    return {row["id"] for row in rows}


@pytest.mark.timeout(7200)
@pytest.mark.parametrize(
    ("batches", "rounds"), [(1, 3), pytest.param(10, 20, marks=pytest.mark.full)], ids=["3 kills", "200 kills"]
)
def test_kills_cut_off_nobody_lose_nobody_and_count_nobody_twice(
    call_centre: CallCentre, batches: int, rounds: int, record_property: Any
) -> None:
    before, logged = ids(call_centre.rows("SELECT id FROM contact")), call_centre.cel_calls()
    asterisk, kills = call_centre.pid("asterisk"), Kills()
    for _ in range(batches):
        one_batch(call_centre, rounds, kills)
    for number, sipp in kills.passers_by:
        assert sipp.wait() == 0, sipp.complaints()
        assert call_centre.contact(number)["outcome"] == "menu_only"
    assert call_centre.pid("asterisk") == asterisk
    now = ids(call_centre.rows("SELECT id FROM contact WHERE outcome IS NOT NULL"))
    assert now - before == call_centre.cel_calls() - logged
    for name, figures in (("away", kills.away), ("late", kills.late)):
        record_property(name, {"median": round(median(figures), 3), "worst": round(max(figures), 3)})
        print(f"{name}: median {median(figures):.3f} s, worst {max(figures):.3f} s, n {len(figures)}")
    assert max(kills.late) <= 2.0
