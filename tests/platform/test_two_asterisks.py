"""Two Asterisks are one call centre: one queue, one pool of agents; and one of them may die."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.integration import scenarios
from tests.integration.site import Sipp, wait_until
from tests.platform.desk_browser import desk_browser, sign_out, voice
from tests.platform.full_house import full_house, open_contacts
from tests.platform.site import REPAIR, new_number
from tests.platform.test_asterisk_killed import CLOSED, REGISTERED, SERVED, sign_in_on_a_break
from tests.platform.two_asterisks import AGENTS, TwoAsterisks

GIVEN_UP = 16.0  # seconds: noticed within 3, kept for 10


def callers(centre: TwoAsterisks, count: int) -> dict[str, Sipp]:
    """Who call one after the other and wait."""
    line: dict[str, Sipp] = {}
    for _ in range(count):
        number = new_number()
        line[number] = centre.call(number, scenarios.caller(number, keys=REPAIR))
        centre.until_waiting(number)
    return line


@contextmanager
def all_talk(centre: TwoAsterisks, agents: tuple[str, ...] = ("1001", "1002")) -> Iterator[dict[str, str]]:
    """Two agents talk, each with a caller of another Asterisk; gives the caller by node."""
    line = callers(centre, 2)
    for agent in agents:
        centre.telephones.phone(agent, scenarios.phone_answers(), calls=3)
    with centre.agent(agents[0]), centre.agent(agents[1]):
        for number in line:
            centre.until_talking(number)
        yield {centre.node_of(number): number for number in line}


@pytest.mark.timeout(300)
def test_callers_of_both_asterisks_wait_in_one_queue_for_one_agent(centre: TwoAsterisks) -> None:
    line = callers(centre, 4)
    assert sorted(centre.node_of(number) for number in line) == ["", "", "b", "b"]
    centre.telephones.phone("1001", scenarios.phone_answers(hang_up_after=0.5), calls=4)
    with centre.agent("1001"):
        ended = [centre.contact(number, seconds=40) for number in line]
    assert {(row["outcome"], row["agent"]) for row in ended} == {("answered", "1001")}
    offered = [centre.legs(row["id"])[0]["offered_at"] for row in ended]
    assert offered == sorted(offered)
    for number, sipp in line.items():
        assert sipp.wait() == 0, f"{number}: {sipp.complaints()}"


@pytest.mark.timeout(300)
def test_an_agent_calls_out_through_either_asterisk(centre: TwoAsterisks) -> None:
    centre.telephones.phone("1001", scenarios.phone_answers(), calls=2)
    centre.telephones.outside_phone(scenarios.phone_answers(hang_up_after=0.5), calls=2)
    with centre.agent("1001", ready=False) as agent:
        for _ in range(2):
            contact = agent.ask("/api/call/dial", number="13800138000").json()["contact"]
            wait_until(lambda call=contact: ended(centre, call), 20, "the call is over")
    rows = centre.rows("SELECT id, outcome FROM contact WHERE direction = 'outbound'")
    assert [row["outcome"] for row in rows] == ["reached", "reached"]
    assert centre.logged("HLOUT") == {"": 1, "b": 1}


def ended(centre: TwoAsterisks, contact: str) -> bool:
    return bool(centre.rows("SELECT id FROM contact WHERE id = ? AND ended_at IS NOT NULL", contact))


def calls_in(node: Any) -> list[str]:
    return [line for line in node.rx("core show channels concise").splitlines() if "!" in line]


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("calls", [20, pytest.param(100, marks=pytest.mark.full)])
def test_when_one_asterisk_is_killed_its_calls_end_and_all_else_goes_on(
    centre: TwoAsterisks, tmp_path: Path, record_property: Any, calls: int
) -> None:
    agents = AGENTS[: calls // 10 + 1]
    with desk_browser(voice(tmp_path / "agent.wav", 880)) as page, full_house(centre, calls, agents) as house:
        sign_in_on_a_break(page, centre)
        wait_until(lambda: centre.registered_with("1018") == {"", "b"}, 10, "the phone is registered with both")
        doomed = [call for call in open_contacts(centre) if call.startswith("b-")]
        spared = {row["id"] for row in centre.contacts(house.queued)}.difference(doomed)
        assert len(doomed) >= calls // 4
        figures = kill(centre, doomed, len(agents))
        assert page.evaluate("document.body.dataset.phone") == "ok"
        wait_until(lambda: centre.registered_with("1018") == {"", "b"}, 20, "the phone is registered with both again")
        figures["registered"] = time.time() - figures.pop("at")
        record_property("seconds", {name: round(value, 2) for name, value in figures.items()})
        print({name: round(value, 2) for name, value in figures.items()})
        assert figures["closed"] <= CLOSED
        assert figures["next"] <= CLOSED + 3, "the agents of the calls that ended have the next callers"
        assert figures["reached"] <= SERVED
        assert figures["registered"] <= REGISTERED
        assert spared <= set(open_contacts(centre)), "the calls of the other go on"
        assert set(house.states()) == {"talking"}, "no ghost agent"
        outcomes = {row["outcome"] for row in house.contacts(centre) if row["id"] in doomed}
        sign_out(page)
    assert outcomes == {"lost"}


def kill(centre: TwoAsterisks, doomed: list[str], agents: int) -> dict[str, float]:
    """kill -9 of the second Asterisk; seconds until what must follow has."""
    before = centre.pid("second asterisk")
    killed = time.time()
    os.kill(before, signal.SIGKILL)
    late = new_number()
    centre.call(late, scenarios.caller(late, keys=REPAIR))
    wait_until(lambda: not set(doomed) & set(open_contacts(centre)), 30, "closed")
    figures = {"at": killed, "closed": time.time() - killed}
    wait_until(lambda: talks(centre) == agents, 30, "the agents who lost their calls have the next callers")
    figures["next"] = time.time() - killed
    centre.until_waiting(late, 30)
    figures["reached"] = time.time() - killed
    assert centre.node_of(late) == ""
    wait_until(lambda: centre.pid("second asterisk") != before, 20, "the second Asterisk is started again")
    return figures


def talks(centre: TwoAsterisks) -> int:
    return len(centre.rows("SELECT id FROM leg WHERE answered_at IS NOT NULL AND ended_at IS NULL"))


@pytest.mark.timeout(300)
def test_an_asterisk_that_hangs_is_given_up_and_what_it_still_holds_is_hung_up_when_it_lives_again(
    centre: TwoAsterisks,
) -> None:
    with all_talk(centre) as talking:
        stopped, before = centre.pid("second asterisk"), len(told_of(centre))
        began = time.time()
        os.kill(stopped, signal.SIGSTOP)
        try:
            assert centre.contact(talking["b"], seconds=30)["outcome"] == "lost"
            assert time.time() - began <= GIVEN_UP
            assert telephony_is(centre) == "low", "somebody should look"
            wait_until(lambda: told_of(centre)[before:] == ["node_lost"], 10, "supervisors are told")
            assert "The second Asterisk does not answer" in centre.command("doctor").stdout
            late = new_number()
            centre.call(late, scenarios.caller(late, keys=REPAIR))
            assert centre.until_talking(late, 20)["agent"] in ("1001", "1002")
        finally:
            os.kill(stopped, signal.SIGCONT)
        wait_until(lambda: not calls_in(centre.second), 20, "nothing is left in the one that hung")
        wait_until(lambda: told_of(centre)[before:] == ["node_lost", "node_back"], 20, "and told that it is back")
        [leg] = centre.legs(centre.contacts(talking[""])[0]["id"])
        assert leg["ended_at"] is None


def told_of(centre: TwoAsterisks) -> list[str]:
    """What was told of the Asterisks, in order: the audit log's entries are written with the notices."""
    return [
        row["action"] for row in centre.rows("SELECT action FROM audit_entry WHERE action LIKE 'node%' ORDER BY id")
    ]


def telephony_is(centre: TwoAsterisks) -> str:
    return str(httpx2.get(f"{centre.address}/healthz", trust_env=False, timeout=5).json()["telephony"])


@pytest.mark.timeout(300)
def test_talks_outlive_kamailio_and_the_next_call_comes_in(centre: TwoAsterisks) -> None:
    with all_talk(centre) as talking:
        before = centre.pid("kamailio")
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: centre.pid("kamailio") != before, 15, "Kamailio is started again")
        late = new_number()
        centre.call(late, scenarios.caller(late, keys=REPAIR))
        centre.until_waiting(late, 20)
        for number in talking.values():
            [leg] = centre.legs(centre.contacts(number)[0]["id"])
            assert leg["ended_at"] is None
