"""The leading process is killed, stopped or cut off under live calls: the one that stands by goes on in its place."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from crm_core.history import events as feed
from hotline import run_folder
from hotline.leader_note import LeaderNote
from tests.integration import scenarios
from tests.integration.site import Sipp, wait_until
from tests.integration.test_recovery import each_contact_once, journal
from tests.platform.people import WRAP_UP_SECONDS
from tests.platform.site import CallCentre
from tests.platform.test_recovery import (
    TALK_SECONDS,
    a_line_of_callers,
    a_long_talk,
    back_since,
    ids,
    in_talk,
    instant,
    on_music,
)

TAKEN_WITHIN = 5.0  # seconds from the end of the one to the work of the other
KILL, STOP = signal.SIGKILL, signal.SIGSTOP
CALLERS_PER_FAULT = 3  # so many are served until another process stands by
FAULTS_AT_ONCE = 5
ROUTED_WITHIN = 2.0  # seconds from then on, or from when the agent is free


@dataclass
class Takeovers:
    """In seconds: `away` from the fault until another process is in step, `late` from then to the next offer."""

    away: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)


@pytest.fixture(params=["own_call_centre", pytest.param("postgres_centre", marks=pytest.mark.full)])
def with_standby(request: pytest.FixtureRequest) -> CallCentre:
    """On SQLite, where the lease is a file, and on PostgreSQL."""
    centre: CallCentre = request.getfixturevalue(request.param)
    centre.settings["HOTLINE_STANDBY"] = "1"
    centre.up()
    until_stands_by(centre)
    return centre


def leader(call_centre: CallCentre) -> int:
    found = LeaderNote(call_centre.run_dir).read()
    assert found is not None
    return found.pid


def until_stands_by(call_centre: CallCentre) -> None:
    """Until two processes live and the one that does not lead has said that it stands by."""

    def ready() -> bool:
        if len(run_folder.platforms(call_centre.run_dir)) < 2:
            return False
        for place in run_folder.PLACES:
            pid = int((call_centre.run_dir / f"{place}.pid").read_text())
            if pid != leader(call_centre):
                return "standing_by" in since_start(call_centre.run_dir / f"{place}.log", pid)
        return False

    wait_until(ready, 60, "a process stands by")


def since_start(log: Path, pid: int) -> str:
    """What the last process with this log has said: others before wrote into the same file."""
    told = log.read_text(errors="replace") if log.exists() else ""
    return told.rpartition("leading")[2] if "leading" in told else told


def fault(call_centre: CallCentre, sign: signal.Signals, waiting: list[str], talking: str, found: Takeovers) -> None:
    """The leader is hit; while it is away the talk goes on and everybody hears music."""
    former, at = leader(call_centre), datetime.now(UTC).timestamp()
    os.kill(former, sign)
    wait_until(lambda: leader(call_centre) != former, 10, "another process leads")
    assert set(waiting) <= on_music(call_centre)
    assert in_talk(call_centre, talking)
    wait_until(lambda: back_since(call_centre, at) > 0, 15, "in step with Asterisk")
    found.away.append(back_since(call_centre, at) - at)
    print(f"{sign.name}: away {found.away[-1]:.3f} s")


def in_talk_of(call_centre: CallCentre, line: list[str]) -> int:
    """The place in the line of who talks with 1002."""
    talks: list[int] = []

    def anybody() -> bool:
        talks[:] = [place for place, number in enumerate(line) if in_talk(call_centre, number)]
        return bool(talks)

    wait_until(anybody, 30, "somebody of the line talks")
    return talks[0]


def one_line(call_centre: CallCentre, signs: list[signal.Signals], found: Takeovers) -> None:
    """1002 talks with one after the other; the leader is hit in a talk, and again as soon as another one stands by."""
    with a_long_talk(call_centre) as talking:
        callers = a_line_of_callers(call_centre, CALLERS_PER_FAULT * len(signs) + 1)
        line = list(callers)
        call_centre.telephones.phone("1002", scenarios.phone_answers(hang_up_after=TALK_SECONDS), calls=len(line))
        with call_centre.agent("1002"):
            for sign in signs:
                place = in_talk_of(call_centre, line)
                assert place < len(line) - 1, "nobody waits any more"
                fault(call_centre, sign, line[place + 1 :], talking, found)
                until_stands_by(call_centre)
            call_centre.contact(line[-1], seconds=60)
            wait_until(call_centre.pages_answer, 30, "the pages are back")
        in_order_and_in_time(call_centre, callers, found)


def in_order_and_in_time(call_centre: CallCentre, callers: dict[str, Sipp], found: Takeovers) -> None:
    ended = 0.0
    links = [e.at for e in journal(call_centre.run_dir) if isinstance(e, feed.TelephonyLinkChanged) and e.connected]
    for number, sipp in callers.items():
        contact = call_centre.contact(number)
        assert (contact["outcome"], contact["agent"]) == ("answered", "1002"), f"{dict(contact)} {sipp.complaints()}"
        legs = call_centre.legs(contact["id"])  # two, where the leader was hit while the phone rang
        [leg] = [leg for leg in legs if leg["answered_at"]]
        offered = instant(legs[0]["offered_at"])
        assert offered > ended, "out of order"
        if ended:
            back = max(at for at in links if at <= offered)
            found.late.append(offered - max(back, ended + WRAP_UP_SECONDS))
        ended = instant(leg["ended_at"])


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    "faults",
    [[KILL, STOP], pytest.param([*[KILL] * 20, *[STOP] * 5], marks=pytest.mark.full)],
    ids=["2 faults", "25 faults"],
)
def test_the_next_process_takes_over_and_no_call_is_dropped_lost_or_doubled(
    with_standby: CallCentre, faults: list[signal.Signals], record_property: Any
) -> None:
    centre = with_standby
    before, logged, asterisk = ids(centre.rows("SELECT id FROM contact")), centre.cel_calls(), centre.pid("asterisk")
    found = Takeovers()
    for first in range(0, len(faults), FAULTS_AT_ONCE):
        one_line(centre, faults[first : first + FAULTS_AT_ONCE], found)
    assert centre.pid("asterisk") == asterisk
    now = ids(centre.rows("SELECT id FROM contact WHERE outcome IS NOT NULL"))
    assert now - before == centre.cel_calls() - logged
    each_contact_once(journal(centre.run_dir))
    for name, figures in (("away", found.away), ("late", found.late)):
        record_property(name, {"median": round(median(figures), 3), "worst": round(max(figures), 3)})
        print(f"{name}: median {median(figures):.3f} s, worst {max(figures):.3f} s, n {len(figures)}")
    assert max(found.away) <= TAKEN_WITHIN
    assert max(found.late) <= ROUTED_WITHIN
