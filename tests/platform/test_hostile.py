"""A cut, silent or lying link to Asterisk, port scans and forged calls: nothing stops, the next call works."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from crm_core.history import events as feed
from tests.integration import scenarios
from tests.integration.site import wait_until
from tests.integration.test_recovery import journal
from tests.platform.cut_link import ProxyInThread
from tests.platform.site import REPAIR, CallCentre, new_number

FORGERY = "1%0d%0a%0d%0aEvent%3a%20Hangup%0d%0aUniqueid%3a%20{call}%0d%0aCause%3a%2016%0d%0a%0d%0a"
HOSTILE_CALLERS = (
    "1%0d%0aVariable%3a%20HL_DONE%3d1",
    "1%00",
    "13900000001%0aAction%3a%20Originate",
    "${SHELL(id)}",
    "$[1+1]&)?x:(",
    "'--",
    "a" * 900,
)
NOISE = (b"", b"\n", b"GET / HTTP/1.0\r\n\r\n", b"\xff" * 100_000, b"agi_network_script: menu\n\n", b"\x16\x03\x01")


def links(call_centre: CallCentre, *, connected: bool) -> list[float]:
    told = [event for event in journal(call_centre.run_dir) if isinstance(event, feed.TelephonyLinkChanged)]
    return [event.at for event in told if event.connected is connected]


@contextmanager
def lost_and_back(call_centre: CallCentre, *, within: float) -> Iterator[None]:
    """The block cuts the link; afterwards the platform has noticed in time, and has compared with Asterisk again."""
    lost, back, began = links(call_centre, connected=False), links(call_centre, connected=True), time.time()
    yield
    wait_until(lambda: len(links(call_centre, connected=False)) > len(lost), 10, "the link is lost")
    assert links(call_centre, connected=False)[-1] - began <= within
    wait_until(lambda: len(links(call_centre, connected=True)) > len(back), 10, "the link is back")


def nothing_left(call_centre: CallCentre) -> None:
    """Every call of Asterisk's log is one ended contact; nobody waits, nobody talks."""
    wait_until(lambda: not call_centre.rows("SELECT id FROM contact WHERE ended_at IS NULL"), 15, "all contacts ended")
    known = {row["id"] for row in call_centre.rows("SELECT id FROM contact WHERE id NOT LIKE 'old-%'")}
    assert known == call_centre.cel_calls()
    with call_centre.agent("1004", ready=False) as watcher:
        assert watcher.board()["waiting"] == 0


def a_call_works(call_centre: CallCentre) -> None:
    number = new_number()
    call_centre.telephones.phone("1001", scenarios.phone_answers(hang_up_after=0.5))
    with call_centre.agent("1001"):
        customer = call_centre.call(number, scenarios.caller(number, keys=REPAIR))
        contact = call_centre.contact(number, seconds=20)
        assert (contact["outcome"], contact["agent"]) == ("answered", "1001")
        assert len(call_centre.legs(contact["id"])) == 1
        assert customer.wait() == 0


def test_a_cut_a_silent_and_a_lying_link_leave_no_ghost_calls(proxied: tuple[CallCentre, ProxyInThread]) -> None:
    call_centre, proxy = proxied
    platform, waiting = call_centre.pid("platform"), new_number()
    waiter = call_centre.call(waiting, scenarios.caller(waiting, keys=REPAIR))
    call = call_centre.until_waiting(waiting)["contact_id"]
    passers_by = [new_number() for _ in range(2)]
    with lost_and_back(call_centre, within=1.0):
        proxy.do(lambda cutter: cutter.cut())
        call_centre.call(passers_by[0], scenarios.caller(passers_by[0], hang_up_after=0.2))
    with lost_and_back(call_centre, within=4.0):
        proxy.do(lambda cutter: cutter.silent.set())
        call_centre.call(passers_by[1], scenarios.caller(passers_by[1], hang_up_after=0.2))
        wait_until(lambda: bool(links(call_centre, connected=False)[1:]), 10, "the silence is noticed")
        proxy.do(lambda cutter: cutter.silent.clear())
    lie = b"\xff\x00garbage\r\n\r\nEvent: Hangup\r\nUniqueid: " + call.encode() + b"\r\n\r\n"
    with lost_and_back(call_centre, within=4.0):
        proxy.do(lambda cutter: setattr(cutter, "garbage", lie))
    assert call_centre.until_waiting(waiting)["contact_id"] == call
    assert waiter.running
    for number in passers_by:
        assert call_centre.contact(number)["outcome"] == "menu_only"
    a_call_for_who_waited(call_centre, waiting)
    assert call_centre.pid("platform") == platform
    nothing_left(call_centre)


def a_call_for_who_waited(call_centre: CallCentre, waiting: str) -> None:
    """Whoever waited through it all is the next one served."""
    call_centre.telephones.phone("1001", scenarios.phone_answers(hang_up_after=0.5))
    with call_centre.agent("1001"):
        contact = call_centre.contact(waiting, seconds=20)
    assert (contact["outcome"], contact["agent"]) == ("answered", "1001")
    assert len(call_centre.legs(contact["id"])) == 1


def test_forged_callers_and_a_port_scan_stop_nothing(call_centre: CallCentre) -> None:
    platform, waiting = call_centre.pid("platform"), new_number()
    call_centre.call(waiting, scenarios.caller(waiting, keys=REPAIR))
    call = call_centre.until_waiting(waiting)["contact_id"]
    for port in ("AGI_PORT", "WEB_PORT"):
        for noise in NOISE:
            with socket.create_connection(("127.0.0.1", call_centre.ports[port]), timeout=5) as scanner:
                scanner.sendall(noise)
    forgers = [FORGERY.format(call=call), *HOSTILE_CALLERS]
    sipps = [call_centre.call("", scenarios.raw_invite(from_user=user)) for user in forgers]
    for sipp, user in zip(sipps, forgers, strict=True):
        if "%0" in user:
            assert sipp.wait() == 0, f"{user}: {sipp.complaints()}"
    assert call_centre.until_waiting(waiting)["contact_id"] == call
    call_centre.telephones.hang_up_everything()
    assert call_centre.contact(waiting)["outcome"] == "abandoned"
    a_call_works(call_centre)
    assert call_centre.pid("platform") == platform
    nothing_left(call_centre)
