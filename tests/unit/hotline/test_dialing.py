"""The dialer's loop on a real database and a scripted line: nobody twice, nothing before the past is settled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, select

from acd.dialer import Staffing
from crm_core.campaigns.actions import pause
from crm_core.campaigns.model import CampaignAttempt, CampaignEntry
from crm_core.clock import from_instant, instant
from crm_core.db import Database
from crm_core.dialling import dialable
from crm_core.errors import Refused
from crm_core.history.campaign_events import AttemptAnswered, AttemptConnected, AttemptEnded, AttemptPlaced
from crm_core.history.journal import Journal
from crm_core.history.writer import HistoryWriter
from cti.attempt_settling import Pulse
from cti.campaign_ports import DialOrder, OpenAttempt
from cti.dialing import Dialer, SiteCaps
from cti.errors import AsteriskUnreachable
from cti.feed import Feed
from hotline.campaign_book import DatabaseAttempts
from tests.empty_databases import sqlite_database
from tests.unit.crm_core.campaign_site import BOSS, NOON, ZONE, a_running_campaign

PULSE = Pulse(tick=0.02, nothing_due=0.1, old_enough=0.05, look_every=0.1, silent=0.2)


@dataclass
class ScriptedLine:
    """Each call ends at once with `result`; "" = it rings on."""

    feed: Feed
    result: str = "no_answer"
    away: bool = False
    dialled: list[DialOrder] = field(default_factory=list)
    ringing: set[str] = field(default_factory=set)
    told: dict[str, AttemptEnded] = field(default_factory=dict)

    def end(self, call: str, *facts: type[AttemptAnswered | AttemptConnected], result: str) -> None:
        """What becomes of a line that rings."""
        self.ringing.remove(call)
        known: dict[str, Any] = {"call": call, "campaign": 1}
        for fact in facts:
            agent: dict[str, Any] = {"agent": "1018"} if fact is AttemptConnected else {}
            self.feed.publish(fact(at=clock(), **known, **agent))
        self.feed.publish(AttemptEnded(at=clock(), result=result, **known))

    async def place(self, order: DialOrder) -> None:
        if self.away:
            raise AsteriskUnreachable("Originate")
        self.dialled.append(order)
        at = clock()
        known: dict[str, Any] = {"call": order.call, "campaign": order.campaign}
        self.feed.publish(AttemptPlaced(at=at, entry=order.entry, e164=f"+{order.digits}", **known))
        if self.result == "":
            self.ringing.add(order.call)
            return
        if self.result == "answered":
            self.feed.publish(AttemptAnswered(at=at, **known))
        self.feed.publish(AttemptEnded(at=at, result=self.result, **known))

    async def live(self) -> frozenset[str]:
        if self.away:
            raise AsteriskUnreachable("CoreShowChannels")
        return frozenset(self.ringing)

    async def past(self, attempts: Collection[OpenAttempt]) -> Mapping[str, AttemptEnded]:
        return {one.call: self.told[one.call] for one in attempts if one.call in self.told}


Asked = TypeVar("Asked")


async def comes(ask: Callable[[], Awaitable[Asked]], wanted: Callable[[Asked], bool]) -> None:
    """Return when the database says so; what it says last is told when it never does."""
    deadline = time.monotonic() + 20
    while not wanted(found := await ask()):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.02)


async def until_true(ask: Callable[[], bool]) -> None:
    async def asked() -> bool:
        return ask()

    await comes(asked, bool)


BEGAN = time.time()


def clock() -> float:
    """Noon of a working day, and then on."""
    return instant(NOON) + time.time() - BEGAN


@dataclass
class Site:
    database: Database
    feed: Feed
    line: ScriptedLine
    writer: HistoryWriter
    ready: int = 3
    pulse: Pulse = PULSE
    promised: list[int] = field(default_factory=list)

    def dialer(self, caps: SiteCaps | None = None) -> Dialer:
        return Dialer(
            book=DatabaseAttempts(self.database, ZONE, lambda _who, number: dialable(number, ("86",))),
            line=self.line,
            events=self.feed,
            floor=lambda _queue, at: Staffing(at=at, ready=self.ready),
            promise=self.promise,
            caps=caps,
            pulse=self.pulse,
            clock=clock,
        )

    async def promise(self, queue: str, number: int) -> None:
        assert queue == "care"
        self.promised.append(number)

    @asynccontextmanager
    async def dialling(self, caps: SiteCaps | None = None) -> AsyncIterator[Dialer]:
        dialer = self.dialer(caps)
        task = asyncio.create_task(dialer.run(lambda: self.writer.written(self.feed.number)))
        try:
            yield dialer
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def until(self, **states: int) -> None:
        """Return when the list's entries are in these states."""
        await comes(self.states, lambda now: now == states)

    async def states(self) -> dict[str, int]:
        async with self.database.begin() as session:
            counted = select(CampaignEntry.state, func.count()).group_by(CampaignEntry.state)
            return {state: count for state, count in await session.execute(counted)}  # noqa: C416

    async def attempts(self, result: str) -> int:
        async with self.database.begin() as session:
            mine = select(func.count()).where(CampaignAttempt.result == result)
            return await session.scalar(mine) or 0

    async def put(self, customers: int, **more: Any) -> int:
        async with self.database.begin() as session:
            return (await a_running_campaign(session, customers, **more)).id


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    database = sqlite_database(tmp_path / "hotline.db")
    journal = Journal(tmp_path / "journal")
    feed = Feed(journal)
    writer = HistoryWriter(database, journal, pace_seconds=0.01)
    writing = asyncio.create_task(writer.run())
    yield Site(database, feed, ScriptedLine(feed), writer)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    feed.close()
    await database.close()


async def test_everybody_on_the_list_is_dialled_once_and_answers_end_it(site: Site):
    await site.put(12)
    site.line.result = "answered"
    async with site.dialling():
        await site.until(done=12)
    assert len({order.digits for order in site.line.dialled}) == len(site.line.dialled) == 12


async def test_as_many_phones_ring_as_agents_are_free_and_no_more(site: Site):
    await site.put(12)
    site.line.result = ""
    async with site.dialling():
        await site.until(waiting=9, dialling=3)
        site.ready = 5
        await site.until(waiting=7, dialling=5)


async def test_a_pause_stops_dialling_at_once_and_lets_calls_go_on(site: Site):
    campaign = await site.put(12)
    site.line.result = ""
    async with site.dialling():
        await site.until(waiting=9, dialling=3)
        async with site.database.begin() as session:
            await pause(session, campaign, actor=BOSS, at=NOON)
        site.ready = 12
        await asyncio.sleep(0.3)
    assert await site.states() == {"waiting": 9, "dialling": 3}


async def test_a_campaign_paused_with_calls_in_flight_keeps_agents_for_them_and_their_results_count(site: Site):
    campaign = await site.put(12)
    site.line.result = ""
    async with site.dialling():
        await site.until(waiting=9, dialling=3)
        async with site.database.begin() as session:
            await pause(session, campaign, actor=BOSS, at=NOON)
        answered, nobody, ringing = (order.call for order in site.line.dialled)
        site.line.end(answered, AttemptAnswered, AttemptConnected, result="answered")
        site.line.end(nobody, result="no_answer")
        await site.until(waiting=10, dialling=1, done=1)
        await until_true(lambda: site.promised[-1] == 1)
        site.line.end(ringing, AttemptAnswered, AttemptConnected, result="answered")
        await site.until(waiting=10, done=2)
        await until_true(lambda: site.promised[-1] == 0)
        told = len(site.promised)
    assert len(site.line.dialled) == 3
    assert site.promised.index(3) == 0, "agents stay before the first line is dialled"
    assert told == len(site.promised)


async def test_the_caps_of_the_site_hold_over_all_campaigns(site: Site):
    await site.put(12)
    site.line.result, site.ready = "", 12
    async with site.dialling(SiteCaps(lines=4)):
        await site.until(waiting=8, dialling=4)
        await asyncio.sleep(0.2)
    assert len(site.line.dialled) == 4
    site.line.result = "answered"
    async with site.dialling(SiteCaps(lines=60, in_a_minute=2)):
        await site.until(waiting=6, dialling=4, done=2)
        await asyncio.sleep(0.2)
    assert len(site.line.dialled) == 6


async def test_after_a_crash_what_rings_goes_on_what_ended_is_known_and_the_rest_is_for_a_person(site: Site):
    await site.put(3)
    site.line.result = ""
    async with site.dialling():
        await site.until(dialling=3)
    live, ended, unknown = [order.call for order in site.line.dialled]
    site.line.ringing = {live}
    site.line.told = {ended: AttemptEnded(at=clock(), call=ended, campaign=1, result="answered")}
    async with site.dialling():
        await site.until(dialling=1, done=1, unsettled=1)
    async with site.database.begin() as session:
        rows = {row.call: row for row in await session.scalars(select(CampaignAttempt))}
    assert [rows[call].result for call in (live, ended, unknown)] == ["", "answered", "unsettled"]
    assert rows[ended].settled_by == "cel"
    assert len(site.line.dialled) == 3


async def test_nobody_is_dialled_before_the_past_is_settled(site: Site):
    await site.put(3)
    site.line.away = True
    async with site.dialling() as dialer:
        await asyncio.sleep(0.3)
        assert not dialer.settled.is_set()
        assert await site.states() == {"waiting": 3}
        site.line.away, site.line.result = False, "answered"
        await site.until(done=3)


async def test_a_line_that_does_not_answer_costs_nobody_an_attempt(site: Site):
    await site.put(2)
    async with site.dialling() as dialer:
        await dialer.settled.wait()
        site.line.away = True
        await comes(lambda: site.attempts("not_placed"), lambda count: count == 2)
    assert site.line.dialled == []
    async with site.database.begin() as session:
        due = list(await session.scalars(select(CampaignEntry.due_at)))
    assert min(due) > from_instant(clock()) + timedelta(seconds=30)


async def test_what_was_allowed_too_long_ago_is_not_dialled_and_costs_nobody_an_attempt(site: Site):
    await site.put(2)
    site.pulse = replace(PULSE, stale=-1.0)
    async with site.dialling():
        await comes(lambda: site.attempts("withdrawn"), lambda count: count == 2)
        await site.until(waiting=2)
    assert site.line.dialled == []


async def test_a_call_whose_end_was_never_told_is_settled_without_a_restart(site: Site):
    await site.put(1)
    site.line.result = ""
    async with site.dialling():
        await site.until(dialling=1)
        site.line.ringing.clear()
        await site.until(unsettled=1)


async def test_in_a_preview_the_agent_says_when(site: Site):
    campaign = await site.put(2, mode="preview")
    async with site.database.begin() as session:
        first = (await session.scalars(select(CampaignEntry.id).order_by(CampaignEntry.id))).first()
    assert first is not None
    async with site.dialling() as dialer:
        await asyncio.sleep(0.2)
        assert site.line.dialled == []
        site.line.result = "answered"
        assert await dialer.preview(campaign, first, "1018")
        await site.until(waiting=1, done=1)
        assert not await dialer.preview(campaign, first, "1018")
    assert [order.agent for order in site.line.dialled] == ["1018"]


async def test_a_preview_waits_when_all_lines_are_in_use(site: Site):
    await site.put(1, mode="preview")
    async with site.dialling(SiteCaps(lines=0)) as dialer:
        with pytest.raises(Refused, match="All lines"):
            await dialer.preview(1, 1, "1018")
