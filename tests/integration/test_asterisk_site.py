"""The rendered Asterisk itself: it starts clean, keeps calls over an edit, and is closed to hostile requests."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from asterisk_conf.process import AsteriskProcess
from asterisk_conf.site import AgentPhone, AsteriskSite, FallbackQueue
from tests.integration import scenarios
from tests.integration.site import SiteUnderTest, listening_ami, wait_until


@contextmanager
def menu_that_enqueues(site: AsteriskSite, queue: str) -> Iterator[None]:
    """A FastAGI session that answers and sends every caller into one queue."""
    commands = ("ANSWER", f"SET VARIABLE HL_QUEUE {queue}", "SET VARIABLE HL_DONE 1")

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (await reader.readline()).strip():
            pass
        for command in commands:
            writer.write(f"{command}\n".encode())
            await reader.readline()
        writer.close()

    async def serve() -> None:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(session, site.host, site.agi_port)
        handle.append(lambda: loop.call_soon_threadsafe(stopped.set))
        ready.set()
        await stopped.wait()
        server.close()

    handle: list[object] = []
    ready = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait(5)
    try:
        yield
    finally:
        stop = handle[0]
        assert callable(stop)
        stop()
        thread.join(5)


def channel_in(asterisk: AsteriskProcess, context: str) -> str:
    """The name of a channel in this context, "" when there is none."""
    rows = (row.split("!") for row in asterisk.rx("core show channels concise").splitlines() if "!" in row)
    return next((row[0] for row in rows if row[1] == context), "")


def test_a_start_leaves_no_error_and_no_warning(own_telephone_site: SiteUnderTest) -> None:
    assert own_telephone_site.log_trouble() == []


def test_a_second_start_adopts_the_running_asterisk(telephone_site: SiteUnderTest) -> None:
    before = telephone_site.asterisk.pid
    second = AsteriskProcess(telephone_site.site, telephone_site.asterisk.build)
    assert second.start() is False
    assert second.pid == before


def test_a_new_agent_and_queue_lose_no_call(telephone_site: SiteUnderTest) -> None:
    asterisk, site = telephone_site.asterisk, telephone_site.site
    with menu_that_enqueues(site, "repair"):
        customer = telephone_site.call("4001718888", scenarios.caller())
        wait_until(lambda: bool(channel_in(asterisk, "hl-wait")), what="a waiting customer")
        waiting = channel_in(asterisk, "hl-wait")
        asterisk.reload_workforce(
            replace(
                site,
                agents=(*site.agents, AgentPhone(number="1030")),
                queues=(*site.queues, FallbackQueue(id="rescue", agents=("1030",))),
            )
        )
    assert "1030" in asterisk.rx("pjsip show endpoint 1030")
    assert "PJSIP/1030" in asterisk.rx("queue show fallback-rescue")
    assert channel_in(asterisk, "hl-wait") == waiting
    assert customer.running
    assert telephone_site.log_trouble() == []


def test_a_forged_event_in_the_callers_number_gives_no_channel_and_no_event(telephone_site: SiteUnderTest) -> None:
    forged = "1%0d%0a%0d%0aEvent%3a%20Hangup%0d%0aUniqueid%3a%20x"
    with listening_ami(telephone_site.site, telephone_site.ami_user, telephone_site.ami_secret) as heard:
        for invite in (scenarios.raw_invite(from_user=forged), scenarios.raw_invite(target="400%0d%0aX")):
            attack = telephone_site.call("4001718888", invite)
            assert attack.wait() == 0, attack.complaints()
        honest = telephone_site.call("999", scenarios.raw_invite())  # what comes after it proves that we listened
        assert honest.wait() == 0, honest.complaints()
        wait_until(lambda: "HLEnd" in heard(), what="the honest call's end")
        assert "Uniqueid: x" not in heard()
        assert heard().count("Event: Newchannel") == 1


def test_an_agents_phone_reaches_nothing_by_itself(telephone_site: SiteUnderTest) -> None:
    for number in ("13900000001", "1002", "4001718888", "s"):
        attempt = telephone_site.call(number, scenarios.raw_invite(from_user="1001"), from_="127.0.0.3")
        assert attempt.wait() == 0, attempt.complaints()


def test_a_number_we_do_not_serve_ends_at_once_and_is_told(telephone_site: SiteUnderTest) -> None:
    with listening_ami(telephone_site.site, telephone_site.ami_user, telephone_site.ami_secret) as heard:
        customer = telephone_site.call("4001718889", scenarios.raw_invite(from_user="13912345678"))
        assert customer.wait() == 0, customer.complaints()
        wait_until(lambda: "UserEvent: HLEnd" in heard(), what="HLEnd")
        assert "Entry: 4001718889\r\nServed: 0" in heard()
        assert "State: wrong" in heard()
    started, ended = (
        next(row for row in telephone_site.cel() if row[10] == name and "wrong" in row[11] + "wrong")
        for name in ("HLSTART", "HLEND")
    )
    assert started[3] == ended[3]


def test_without_the_platform_a_caller_reaches_an_agent_by_the_plain_queue(telephone_site: SiteUnderTest) -> None:
    phone = telephone_site.phone("1001", scenarios.phone_answers(hang_up_after=0.5))
    customer = telephone_site.call("4001718888", scenarios.caller("13912345678"))
    assert customer.wait(40) == 0, customer.complaints()
    assert phone.wait() == 0, phone.complaints()
    talk = next(row for row in telephone_site.cel() if row[10] == "HLTALK")
    assert "agent=1001" in talk[11]
    assert list(telephone_site.site.recordings.glob(f"*/{talk[3]}-0.raw"))
