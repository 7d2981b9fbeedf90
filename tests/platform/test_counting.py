"""Each INVITE on the trunk, in or out, is exactly one contact with exactly one outcome, as Asterisk has it too."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.integration import scenarios
from tests.integration.site import Sipp, wait_until
from tests.platform.people import BLOCKED_NUMBER
from tests.platform.site import REPAIR, Agent, CallCentre, new_number

TALKING_AGENTS = ("1001", "1002")
WRONG = "4001719999"
# 20 calls: this many of each kind, times the size.
INBOUND = {"menu_only": 2, "blocked": 2, "wrong_number": 2, "short_ring": 2, "abandoned": 2, "answered": 6}


@contextmanager
def frozen(call_centre: CallCentre) -> Iterator[None]:
    """The platform is too busy to answer."""
    platform = call_centre.pid("platform")
    os.kill(platform, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(platform, signal.SIGCONT)


def finish(calls: list[Sipp], seconds: float = 60) -> None:
    for sipp in calls:
        assert sipp.wait(seconds) == 0, sipp.complaints()


def who_hang_up_before_an_agent(call_centre: CallCentre, size: int) -> None:
    """In the menu, blocked, at a number that is not ours, in the queue: side by side, ten at a time."""
    blocked = BLOCKED_NUMBER.removeprefix("+86")
    kinds = (
        (INBOUND["menu_only"], scenarios.caller(new_number(), hang_up_after=0.4), {}),
        (INBOUND["blocked"], scenarios.raw_invite(from_user=blocked, expect=603), {}),
        (INBOUND["wrong_number"], scenarios.raw_invite(from_user=new_number(), expect=404), {"to": WRONG}),
        (INBOUND["abandoned"], scenarios.caller(new_number(), keys=REPAIR, hang_up_after=2.5), {}),
    )
    finish([call_centre.call("", scenario, calls=count * size, **to) for count, scenario, to in kinds], 60 + 10 * size)


def who_give_up_before_we_answer(call_centre: CallCentre, size: int) -> None:
    for _ in range(size):
        with frozen(call_centre):
            finish([call_centre.call("", scenarios.caller_gives_up(new_number()), calls=INBOUND["short_ring"])])


def who_talk(call_centre: CallCentre, size: int) -> None:
    """One after the other at each of the two agents; the last ones wait some seconds."""
    talks = INBOUND["answered"] * size
    for agent in TALKING_AGENTS:
        call_centre.telephones.phone(agent, scenarios.phone_answers(hang_up_after=0.6), calls=talks)
    scenario = scenarios.caller(new_number(), keys=REPAIR)
    finish([call_centre.call("", scenario, calls=talks)], 60 + 10 * size)


def outgoing(call_centre: CallCentre, agent: Agent, scenario: str, outcome: str, *, give_up: bool = False) -> None:
    number = new_number()
    customer = call_centre.telephones.outside_phone(scenario)
    phone = call_centre.telephones.phone(agent.number, scenarios.phone_answers(ring=0.1))
    told = agent.ask("/api/call/dial", number=number, customer_id=None)
    assert told.status_code == 200, told.text
    if give_up:
        call_centre.contact(number, ended=False)
        assert agent.ask("/api/call/hang-up").status_code == 200
    contact = call_centre.contact(number)
    assert (contact["id"], contact["outcome"], contact["agent"]) == (told.json()["contact"], outcome, agent.number)
    assert (contact["direction"], contact["menu_path"]) == ("outbound", "")
    finish([phone, customer])


def customers_called_out(call_centre: CallCentre, size: int) -> None:
    with call_centre.agent("1003", ready=False) as agent:
        for _ in range(size):
            outgoing(call_centre, agent, scenarios.phone_answers(hang_up_after=0.5), "reached")
            outgoing(call_centre, agent, scenarios.phone_rejects("486 Busy Here"), "not_reached")
            outgoing(call_centre, agent, scenarios.phone_rejects("603 Decline"), "not_reached")
            outgoing(call_centre, agent, scenarios.phone_rings(), "not_reached", give_up=True)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("size", [1, pytest.param(25, marks=pytest.mark.full)])
def test_as_many_contacts_as_calls_of_every_kind_and_each_has_one_outcome(call_centre: CallCentre, size: int) -> None:
    before = {row["id"] for row in call_centre.rows("SELECT id FROM contact")}
    logged = call_centre.cel_calls()
    who_hang_up_before_an_agent(call_centre, size)
    who_give_up_before_we_answer(call_centre, size)
    with call_centre.agent(TALKING_AGENTS[0]), call_centre.agent(TALKING_AGENTS[1]):
        who_talk(call_centre, size)
    customers_called_out(call_centre, size)

    expected = Counter({kind: count * size for kind, count in INBOUND.items()}) + Counter(
        {"reached": size, "not_reached": 3 * size}
    )

    def of_test() -> list[dict[str, str | None]]:
        return [row for row in call_centre.rows("SELECT id, outcome FROM contact") if row["id"] not in before]

    def all_ended() -> bool:
        rows = of_test()
        return len(rows) >= expected.total() and all(row["outcome"] for row in rows)

    wait_until(all_ended, 15, "the end of each contact")
    assert Counter(row["outcome"] for row in of_test()) == expected
    assert {row["id"] for row in of_test()} == call_centre.cel_calls() - logged
    open_visits = call_centre.rows("SELECT contact_id FROM queue_visit WHERE left_at IS NULL")
    open_legs = call_centre.rows("SELECT id FROM leg WHERE ended_at IS NULL")
    assert (open_visits, open_legs) == ([], [])
    answered = call_centre.rows("SELECT count(*) AS n FROM leg WHERE result = 'answered' AND id LIKE '%-1'")
    assert answered[0]["n"] >= expected["answered"]
