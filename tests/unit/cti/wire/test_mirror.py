"""A web worker sees what the telephony process sees, at once, and misses no record of the feed."""

from __future__ import annotations

import asyncio
from dataclasses import fields, replace

import pytest
from redis.asyncio import Redis

from agent_desktop.ports import Telephony
from crm_core.history.events import CallOffered, TeamMessageSent
from cti.dial_caps import CapHit
from cti.line_plan import TrunkWay
from cti.talk_text import Side
from cti.trunk_watch import TrunkState, TrunkView
from cti.views import CallView, FloorView
from cti.wire import remote_desk, teller
from cti.wire.bus import TOLD, Bus, InProcessBus
from cti.wire.messages import Told, Unreadable, read, to_bytes
from cti.wire.redis_bus import RedisBus
from cti.wire.remote_desk import RemoteDesk
from tests.unit.cti.wire.site import TelephonyProcess, both, leading, until

CALL = CallView(
    call="c1",
    leg="c1-1",
    direction="inbound",
    phase="ringing",
    caller="+8613800000001",
    entry="4001718888",
    queue="repair",
    topic="",
    menu_path=(),
    matches=(7,),
    why="longest_idle",
    started_at=1.0,
    queued_at=2.0,
    offered_at=3.0,
    answered_at=0.0,
    hold_since=0.0,
)


def note(text: str) -> TeamMessageSent:
    return TeamMessageSent(at=1.0, by="2011", agents=("1018",), text=text)


def test_the_pages_cannot_tell_a_web_worker_from_one_process():
    asks: Telephony = RemoteDesk(InProcessBus())
    assert not asks.floor().connected


def test_all_that_a_floor_says_travels_to_the_pages():
    told, floor = ({one.name for one in fields(kind)} for kind in (Told, FloorView))
    assert floor - told == {"agents"}  # as desks, each when it changes


async def test_who_hears_that_a_phone_rings_sees_the_call_on_that_desk(bus: Bus):
    async with both(bus, "1018", "1019") as site, site.web.follow() as feed:
        site.telephony.ring("1018", CALL)
        async with asyncio.timeout(5):
            async for record in feed:
                assert record.number == site.telephony.number
                assert site.web.desk("1018").call == site.telephony.desk("1018").call
                break
        assert site.web.desk("1019").call is None


async def test_an_offer_does_not_wait_until_others_have_gathered(bus: Bus, monkeypatch: pytest.MonkeyPatch):
    async with both(bus, "1018") as site:
        monkeypatch.setattr(teller, "PAUSE_SECONDS", 60.0)
        site.telephony.tell(note("begins a pause"))
        await until(lambda: site.web.floor().number == 1)
        site.telephony.tell(note("waits"))
        with pytest.raises(TimeoutError):
            await until(lambda: site.web.floor().number > 1, seconds=0.2)
        site.telephony.tell(
            CallOffered(at=3.0, call="c1", leg="c1-1", agent="1018", queue="repair", why="longest_idle")
        )
        await until(lambda: site.web.floor().number == 3)


async def test_all_views_are_the_same_on_both_sides_after_many_changes(bus: Bus):
    async with both(bus, "1018", "1019", "1020") as site:
        for round_ in range(20):
            for agent in ("1018", "1019", "1020"):
                await site.telephony.sign_in(agent, ready=True)
                site.telephony.ring(agent, replace(CALL, call=f"{agent}-{round_}"))
                site.telephony.answer(agent)
                site.telephony.end(agent)
            if round_ % 3 == 0:
                await asyncio.sleep(0.03)
        await until(lambda: site.web.floor().number == site.telephony.number)
        seen, real = site.web.floor(), site.telephony.floor()
        assert [replace(one, number=0) for one in seen.agents] == [replace(one, number=0) for one in real.agents]
        assert (seen.waiting, seen.parked, seen.callbacks) == (real.waiting, real.parked, real.callbacks)


async def test_a_web_worker_knows_which_asterisk_is_away(bus: Bus):
    async with both(bus, "1018") as site:
        site.telephony.asterisks, site.telephony.asterisks_away, site.telephony.proxy_away = 2, (2,), True
        site.telephony.tell(note("1"))
        await until(lambda: site.web.floor().asterisks_away == (2,))
        assert (site.web.floor().asterisks, site.web.floor().proxy_away) == (2, True)


async def test_no_record_is_missing_and_none_comes_twice(bus: Bus):
    async with both(bus, "1018") as site, site.web.follow() as feed:
        for number in range(500):
            site.telephony.tell(note(str(number)))
            if number % 50 == 0:
                await asyncio.sleep(0.005)
        heard: list[int] = []
        async with asyncio.timeout(5):
            async for record in feed:
                heard.append(record.number)
                if len(heard) == 500:
                    break
        assert heard == list(range(1, 501))


async def test_a_gap_is_filled_from_the_journal(bus: Bus, monkeypatch: pytest.MonkeyPatch):
    """A message of the bus gets lost: the records in it come all the same, in order, and the picture is whole."""
    async with both(bus, "1018") as site, site.web.follow() as feed:
        site.telephony.tell(note("1"))
        await until(lambda: site.web.floor().number == 1)
        take = site.web.mirror.take
        monkeypatch.setattr(site.web.mirror, "sequence", -1)  # as if one had been missed
        site.telephony.tell(note("2"))
        await until(lambda: not site.web.floor().connected)
        site.telephony.tell(note("3"))
        await until(lambda: site.web.floor().connected and site.web.floor().number == 3)
        assert take is not None
        heard = []
        async with asyncio.timeout(5):
            async for record in feed:
                heard.append(record.number)
        # The reader was closed when a message was missed: whoever reads begins anew, at a whole picture.
        assert heard in ([1], [])
        async with site.web.follow() as again:
            site.telephony.tell(note("4"))
            async with asyncio.timeout(5):
                assert (await anext(aiter(again))).number == 4


async def test_a_talk_is_read_along_in_the_web_worker_line_by_line(bus: Bus):
    async with both(bus, "1018") as site:
        with site.web.texts.watching("1018") as news:
            news.clear()
            text = site.telephony.texts.begin("1018", "c1", "c1-1")
            for words in ("空调", "空调不制冷", "空调不制冷了"):
                site.telephony.texts.say("1018", Side.CUSTOMER, words, over=False)
                await asyncio.sleep(0.03)
            site.telephony.texts.say("1018", Side.CUSTOMER, "空调不制冷了")
            site.telephony.texts.say("1018", Side.AGENT, "请问是哪一年的车")
            await until(lambda: site.web.texts.of("1018") == text.view)
            assert news.is_set()
        site.telephony.texts.end("1018")
        await until(lambda: site.web.texts.of("1018") is None)


async def test_a_worker_that_hears_nothing_says_so_and_is_whole_again_within_two_seconds(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(remote_desk, "AWAY_SECONDS", 1.2)
    first = TelephonyProcess("1018")
    web = RemoteDesk(bus)
    async with web.running():
        async with leading(bus, first, epoch=1):
            first.ring("1018", CALL)
            await until(lambda: web.desk("1018").call is not None)
        await until(lambda: not web.floor().connected)
        assert web.desk("1018").call is not None  # the last picture stays
        first.tell(note("while nobody was told"))
        second = TelephonyProcess("1018", journal=first.journal)
        async with leading(bus, second, epoch=2):
            await until(lambda: web.floor().connected, seconds=2.0)
            assert web.floor().number == 2
            assert web.desk("1018").call is None


async def test_a_leader_of_before_is_not_believed(bus: Bus):
    async with both(bus, "1018") as site:
        await bus.append(TOLD, to_bytes(Told(epoch=0, sequence=1, number=99, at=1.0, connected=False, whole=True)))
        site.telephony.tell(note("x"))
        await until(lambda: site.web.floor().number == 1)
        assert site.web.floor().connected


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"[]",
        b'{"v":2,"epoch":1,"sequence":1,"number":1,"at":1,"connected":true}',
        b'{"v":1,"epoch":1,"sequence":1,"number":1,"at":1,"connected":true,"desks":[{"agent":"1018"}]}',
        b"\xff" * 50,
    ],
)
async def test_what_is_no_message_of_ours_changes_nothing(bus: Bus, message: bytes):
    with pytest.raises(Unreadable):
        read(Told, message)
    async with both(bus, "1018") as site:
        await bus.append(TOLD, message)
        site.telephony.tell(note("x"))
        await until(lambda: site.web.floor().number == 1)
        assert site.web.floor().connected


async def test_after_redis_was_emptied_a_worker_is_right_within_two_seconds(redis_url: str):
    bus = RedisBus(redis_url)
    async with both(bus, "1018") as site:
        async with Redis.from_url(redis_url.removeprefix("redis+")) as redis:
            await redis.flushall()
        site.telephony.ring("1018", CALL)
        await until(lambda: site.web.desk("1018").call is not None, seconds=2.0)
    await bus.close()


async def test_the_pages_of_another_process_see_trunks_and_test_calls(bus: Bus):
    async with both(bus, "1018") as site:
        way = TrunkWay(id="unicom", endpoint="trunk-unicom", name="联通", registers=True)
        with site.web.lines.watching() as news:
            site.telephony.lines.views = (TrunkView(way=way, state=TrunkState.REJECTED, since=2.0, fault=403),)
            site.telephony.lines.hits.append(CapHit("1018", "8613812345678", "DialledTooOften", 2.0))
            test = await site.web.lines.test_call("9001", "13812345678", "unicom")
            assert news.is_set()
        seen = site.web.lines.seen()
        assert seen == site.telephony.lines.seen()
        assert seen.test_of("9001") == test
        await site.web.lines_changed()
        assert ("lines_changed",) in site.telephony.wishes
