"""The link to AMI: nothing is sent twice, nobody waits for ever, nothing is lost, nothing hostile gets out."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from cti import ami_protocol
from cti.ami import AmiAccount, AmiLink, LinkDown, LinkUp
from cti.errors import AsteriskRefused, AsteriskUnreachable
from cti.frames import Frame, HostileValue

RIGHT = "right"


class FakeAsterisk:
    """Logs anybody in, then does with each action what the test says."""

    def __init__(self, handler: Callable[[dict[str, str], FakeAsterisk], None]) -> None:
        self._handler = handler
        self.arrived: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.actions: list[str] = []
        self.logins = 0
        self._writer: asyncio.StreamWriter | None = None

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        writer.write(b"Asterisk Call Manager/9.0.0\r\n")
        try:
            while True:
                raw = (await reader.readuntil(b"\r\n\r\n")).decode().strip()
                action = dict(line.split(": ", 1) for line in raw.split("\r\n"))
                self.actions.append(action["Action"])
                self.arrived[action["Action"]].set()
                if action["Action"] == "Login":
                    self._login(action)
                else:
                    self._handler(action, self)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _login(self, action: dict[str, str]) -> None:
        self.logins += 1
        if action["Secret"] != "right":
            self.say(Response="Error", ActionID=action["ActionID"], Message="Authentication failed")
            return
        self.say(Response="Success", ActionID=action["ActionID"], Message="Authentication accepted")
        self.say(Event="FullyBooted", Status="Fully Booted")

    def say(self, **headers: str) -> None:
        assert self._writer is not None
        self._writer.write("".join(f"{key}: {value}\r\n" for key, value in headers.items()).encode() + b"\r\n")

    def cut(self) -> None:
        assert self._writer is not None
        self._writer.transport.abort()


class Running:
    def __init__(self, link: AmiLink, items: list[Frame | LinkUp | LinkDown], news: asyncio.Condition) -> None:
        self.link, self.items, self._news = link, items, news

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(8), self._news:
            await self._news.wait_for(condition)

    def count(self, kind: type[object]) -> int:
        return sum(isinstance(item, kind) for item in self.items)


@asynccontextmanager
async def linked(
    asterisk: FakeAsterisk, backlog: Callable[[], int] = lambda: 0, password: str = RIGHT
) -> AsyncIterator[Running]:
    server = await asyncio.start_server(asterisk.connected, "127.0.0.1", 0)
    items: list[Frame | LinkUp | LinkDown] = []
    news = asyncio.Condition()

    async def tell() -> None:
        async with news:
            news.notify_all()

    def take(item: Frame | LinkUp | LinkDown) -> None:
        items.append(item)
        tasks.add(asyncio.ensure_future(tell()))

    tasks: set[asyncio.Future[None]] = set()
    account = AmiAccount(host="127.0.0.1", port=server.sockets[0].getsockname()[1], username="hotline", secret=password)
    link = AmiLink(account, take, backlog)
    running = asyncio.ensure_future(link.run())
    try:
        yield Running(link, items, news)
    finally:
        link.stop()
        await running
        server.close()


def pongs(action: dict[str, str], asterisk: FakeAsterisk) -> None:
    asterisk.say(Response="Success", ActionID=action["ActionID"])


def silent(action: dict[str, str], asterisk: FakeAsterisk) -> None:
    """Answers pings only."""
    if action["Action"] == "Ping":
        pongs(action, asterisk)


async def test_an_unanswered_action_fails_with_the_link_and_is_never_sent_again() -> None:
    asterisk = FakeAsterisk(silent)
    async with linked(asterisk) as running:
        await running.until(lambda: running.count(LinkUp) == 1)
        waiting = asyncio.ensure_future(running.link.send({"Action": "Originate", "Async": "true"}))
        await asyncio.wait_for(asterisk.arrived["Originate"].wait(), 5)
        asterisk.cut()
        with pytest.raises(AsteriskUnreachable):
            await waiting
        await running.until(lambda: running.count(LinkUp) == 2)
        await running.link.send({"Action": "Ping"})
    assert asterisk.actions.count("Originate") == 1


async def test_an_action_without_an_answer_ends_in_time_and_leaves_nothing_behind() -> None:
    async with linked(FakeAsterisk(silent)) as running:
        await running.until(lambda: running.count(LinkUp) == 1)
        for _ in range(20):
            with pytest.raises(AsteriskUnreachable):
                await running.link.send({"Action": "QueueAdd"}, seconds=0.01)
        assert running.link._protocol is not None
        assert not running.link._protocol._pending


async def test_before_the_link_is_up_an_action_is_refused() -> None:
    link = AmiLink(AmiAccount(host="127.0.0.1", port=1, username="x", secret="x"), print, lambda: 0)
    with pytest.raises(AsteriskUnreachable):
        await link.send({"Action": "Ping"})


async def test_a_wrong_password_is_told_and_not_tried_in_haste() -> None:
    asterisk = FakeAsterisk(pongs)
    async with linked(asterisk, password="wrong") as running:
        await asyncio.wait_for(asterisk.arrived["Login"].wait(), 5)
        assert not running.link.connected
    assert asterisk.logins == 1


async def test_a_list_gives_its_rows_and_events_that_come_between_stay_events() -> None:
    def lists(action: dict[str, str], asterisk: FakeAsterisk) -> None:
        if action["Action"] == "CoreShowChannels":
            asterisk.say(Response="Success", ActionID=action["ActionID"], EventList="start")
            asterisk.say(Event="CoreShowChannel", ActionID=action["ActionID"], Channel="PJSIP/a-1")
            asterisk.say(Event="Hangup", Channel="PJSIP/b-1", Uniqueid="7.7")
            asterisk.say(Event="CoreShowChannel", ActionID=action["ActionID"], Channel="PJSIP/c-1")
            asterisk.say(Event="CoreShowChannelsComplete", ActionID=action["ActionID"], EventList="Complete")
        else:
            asterisk.say(Response="Success", ActionID=action["ActionID"])
            asterisk.say(Event="OriginateResponse", ActionID=action["ActionID"], Response="Failure", Uniqueid="x")

    async with linked(FakeAsterisk(lists)) as running:
        await running.until(lambda: running.count(LinkUp) == 1)
        rows = await running.link.ask({"Action": "CoreShowChannels"})
        assert [row.get("Channel") for row in rows] == ["PJSIP/a-1", "PJSIP/c-1"]
        assert (await running.link.send({"Action": "Originate"})).get("Response") == "Success"
        await running.until(lambda: running.count(Frame) >= 2)
        events = [item.event for item in running.items if isinstance(item, Frame)]
        assert events[:2] == ["Hangup", "OriginateResponse"]


async def test_an_error_is_a_refusal_and_a_hostile_value_never_leaves() -> None:
    def refuses(action: dict[str, str], asterisk: FakeAsterisk) -> None:
        asterisk.say(Response="Error", ActionID=action["ActionID"], Message="Channel does not exist")

    asterisk = FakeAsterisk(refuses)
    async with linked(asterisk) as running:
        await running.until(lambda: running.count(LinkUp) == 1)
        with pytest.raises(AsteriskRefused, match="Channel does not exist"):
            await running.link.send({"Action": "Redirect"})
        with pytest.raises(HostileValue):
            await running.link.send({"Action": "Setvar", "Value": "x\nAction: Command"})
    assert "Setvar" not in asterisk.actions


async def test_a_blocked_consumer_loses_nothing_and_the_reading_pauses_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ami_protocol, "BACKLOG_HIGH", 50)
    monkeypatch.setattr(ami_protocol, "BACKLOG_LOW", 10)
    waiting = 0
    asterisk = FakeAsterisk(pongs)
    async with linked(asterisk, backlog=lambda: waiting) as running:
        await running.until(lambda: running.count(LinkUp) == 1)
        waiting = 51
        for n in range(3_000):
            asterisk.say(Event="Hangup", Uniqueid=str(n), Timestamp=f"{time.time():.6f}")
        await running.until(lambda: running.count(Frame) > 0)
        waiting = 0
        await running.until(lambda: running.count(Frame) == 3_000)
        heard = [item.get("Uniqueid") for item in running.items if isinstance(item, Frame)]
        assert heard == [str(n) for n in range(3_000)]
        assert running.count(LinkDown) == 0


async def test_a_reader_that_lags_reconnects() -> None:
    asterisk = FakeAsterisk(pongs)
    async with linked(asterisk) as running:
        await running.until(lambda: running.count(LinkUp) == 1)
        asterisk.say(Event="Hangup", Uniqueid="1", Timestamp=f"{time.time():.6f}")
        await running.until(lambda: running.count(Frame) == 1)
        asterisk.say(Event="Hangup", Uniqueid="2", Timestamp=f"{time.time() - 2.5:.6f}")
        await running.until(lambda: running.count(LinkDown) == 1)
        await running.until(lambda: running.count(LinkUp) == 2)


async def test_another_clock_in_asterisk_is_no_lag() -> None:
    asterisk = FakeAsterisk(pongs)
    async with linked(asterisk) as running:
        await running.until(lambda: running.count(LinkUp) == 1)
        for n in range(5):
            asterisk.say(Event="Hangup", Uniqueid=str(n), Timestamp=f"{time.time() - 3_600:.6f}")
        await running.until(lambda: running.count(Frame) == 5)
        await running.link.send({"Action": "Ping"})
        assert running.count(LinkDown) == 0
