"""Telephony as a test directs it: the port of `agent_desktop.ports` in memory, every change told once in the feed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from agent_desktop.ports import CallbackView, CallView, DeskView, FloorView, PacingFigures, PhoneAccount, WaitingView
from crm_core.errors import Refused
from crm_core.history.events import (
    AgentStateChanged,
    CallOffered,
    EndedBy,
    FeedRecord,
    HistoryEvent,
    HoldBegan,
    HoldEnded,
    OfferEnded,
    TalkBegan,
    TalkEnded,
)
from ivr.heard_trial import HeardTrial
from tests.scripted_calls import ScriptedCalls, ScriptedRecordings
from tests.scripted_floor import ScriptedFloor
from tests.scripted_lines import ScriptedLines
from tests.scripted_texts import ScriptedTexts


class ScriptedFeed:
    """One reader's place in the feed."""

    def __init__(self) -> None:
        self.records: asyncio.Queue[FeedRecord | None] = asyncio.Queue()

    async def __aiter__(self) -> AsyncIterator[FeedRecord]:
        while (record := await self.records.get()) is not None:
            yield record


class ScriptedTrials:
    """Menus that people tried, in order; `refusal` is what the next one meets."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, HeardTrial]] = []
        self.ended: list[str] = []
        self.refusal: Exception | None = None

    async def call(self, by: str, heard: HeardTrial) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.heard.append((by, heard))

    async def hang_up(self, by: str) -> None:
        self.ended.append(by)


class ScriptedPlaces:
    """Kept places, of which the pages ask nothing but their number so far."""

    def __init__(self, wishes: list[tuple[str, ...]]) -> None:
        self._wishes = wishes

    async def cancel(self, by: str, callback: str) -> None:
        self._wishes.append(("cancel", by, callback))

    async def call_now(self, by: str, callback: str) -> None:
        self._wishes.append(("call_now", by, callback))


class ScriptedTelephony:
    """A floor of agents whose telephones the test moves; pages' wishes are carried out at once."""

    def __init__(self, *agents: str, websocket_url: str = "ws://127.0.0.1:9/ws", wrap_up_seconds: float = 30.0) -> None:
        self.number, self.connected = 0, True
        self.websocket_url, self.wrap_up_seconds = websocket_url, wrap_up_seconds
        self.asterisks, self.proxy_away = 1, False
        self.asterisks_away: tuple[int, ...] = ()
        self.waiting: list[WaitingView] = []
        self.paces: dict[int, PacingFigures] = {}
        self.places: list[CallbackView] = []
        self.wishes: list[tuple[str, ...]] = []
        self.previewed = True
        self._feeds: set[ScriptedFeed] = set()
        self._extended: set[str] = set()
        self._desks = {agent: self._fresh(agent) for agent in agents}
        self.calls = ScriptedCalls(self)
        self.floor_control = ScriptedFloor(self.wishes, self.tell)
        self.menu_trials = ScriptedTrials()
        self.callbacks = ScriptedPlaces(self.wishes)
        self.texts = ScriptedTexts()
        self.lines = ScriptedLines()
        self.recordings = ScriptedRecordings(self)

    def _fresh(self, agent: str, state: str = "offline") -> DeskView:
        return DeskView(
            number=self.number,
            agent=agent,
            state=state,
            since=time.time(),
            reason="",
            wrap_up_until=0.0,
            next_state="ready",
            next_reason="",
            missed=0,
            reachable=True,
            call=None,
            last_call="",
        )

    # what the test directs

    def tell(self, event: HistoryEvent) -> FeedRecord:
        self.number += 1
        record = FeedRecord(self.number, event)
        for feed in self._feeds:
            feed.records.put_nowait(record)
        return record

    def go_away(self) -> None:
        """As a web worker sees a telephony process that is gone: no record tells of it, the feed ends."""
        self.connected = False
        self._end_feeds()

    def come_back(self) -> None:
        self.connected = True
        self._end_feeds()

    def _end_feeds(self) -> None:
        for feed in self._feeds:
            feed.records.put_nowait(None)

    def set_desk(self, agent: str, **changes: object) -> None:
        self._desks[agent] = replace(self._desks[agent], **changes)  # type: ignore[arg-type]

    def ring(self, agent: str, call: CallView) -> None:
        """The caller is offered to this agent; the page hears of it as it will from the real feed."""
        now = time.time()
        call = replace(call, phase="ringing", offered_at=call.offered_at or now)
        self.set_desk(agent, state="ringing", since=now, call=call)
        offered = CallOffered(at=now, call=call.call, leg=call.leg, agent=agent, queue=call.queue, why=call.why)
        self.tell(offered)

    def answer(self, agent: str) -> None:
        now, call = time.time(), self._call(agent)
        self.set_desk(agent, state="talking", since=now, call=replace(call, phase="talking", answered_at=now), missed=0)
        self.tell(TalkBegan(at=now, call=call.call, leg=call.leg, agent=agent))

    def hold(self, agent: str) -> None:
        now, call = time.time(), self._call(agent)
        self.set_desk(agent, state="hold", since=now, call=replace(call, phase="hold", hold_since=now))
        self.tell(HoldBegan(at=now, call=call.call, leg=call.leg, agent=agent))

    def resume(self, agent: str) -> None:
        now, call = time.time(), self._call(agent)
        self.set_desk(agent, state="talking", since=now, call=replace(call, phase="talking", hold_since=0.0))
        self.tell(HoldEnded(at=now, call=call.call, leg=call.leg, agent=agent))

    def end(self, agent: str, by: EndedBy = EndedBy.CUSTOMER) -> None:
        """The talk is over; after-call work begins."""
        now, call = time.time(), self._call(agent)
        until = now + self.wrap_up_seconds
        self.set_desk(agent, state="wrap_up", since=now, call=None, last_call=call.call, wrap_up_until=until)
        self.tell(TalkEnded(at=now, call=call.call, leg=call.leg, agent=agent, by=by))

    def miss(self, agent: str) -> None:
        now, call, missed = time.time(), self._call(agent), self._desks[agent].missed + 1
        self.set_desk(agent, state="ready", since=now, call=None, missed=missed)
        self.tell(OfferEnded(at=now, call=call.call, leg=call.leg, agent=agent, result="no_answer"))

    def wrap_up_over(self, agent: str) -> None:
        self._become(agent, self._desks[agent].next_state, self._desks[agent].next_reason)

    def _call(self, agent: str) -> CallView:
        call = self._desks[agent].call
        if call is None:
            raise LookupError(f"{agent} has no call")
        return call

    def _become(self, agent: str, state: str, reason: str = "") -> None:
        now = time.time()
        self.set_desk(
            agent, state=state, since=now, reason=reason, wrap_up_until=0.0, next_state="ready", next_reason=""
        )
        self.tell(AgentStateChanged(at=now, agent=agent, state=state, reason=reason))

    # what the pages ask

    async def sign_in(self, agent: str, *, ready: bool) -> None:
        self.wishes.append(("sign_in", agent, str(ready)))
        self._become(agent, "ready" if ready else "break", "" if ready else "signed_in")

    async def sign_out(self, agent: str) -> None:
        self.wishes.append(("sign_out", agent))
        self._become(agent, "offline")

    async def go_ready(self, agent: str) -> None:
        if self._desks[agent].call:
            raise Refused("Agent {agent} is on a call.", agent=agent)
        self.wishes.append(("go_ready", agent))
        self._become(agent, "ready")

    async def take_break(self, agent: str, reason: str) -> None:
        self.wishes.append(("take_break", agent, reason))
        self._become(agent, "break", reason)

    async def plan_next(self, agent: str, state: str, reason: str = "") -> None:
        self.wishes.append(("plan_next", agent, state, reason))
        self.set_desk(agent, next_state=state, next_reason=reason)
        desk = self._desks[agent]
        self.tell(AgentStateChanged(at=time.time(), agent=agent, state=desk.state, reason=desk.reason))

    async def extend_wrap_up(self, agent: str) -> None:
        desk = self._desks[agent]
        if desk.last_call in self._extended:
            raise Refused("After-call work was already extended.")
        self._extended.add(desk.last_call)
        self.wishes.append(("extend_wrap_up", agent))
        self.set_desk(agent, wrap_up_until=desk.wrap_up_until + 30)
        self.tell(AgentStateChanged(at=time.time(), agent=agent, state="wrap_up", until=desk.wrap_up_until + 30))

    @property
    def previews(self) -> ScriptedTelephony:
        return self

    async def preview(self, campaign: int, entry: int, agent: str) -> bool:
        self.wishes.append(("preview", agent, str(campaign), str(entry)))
        return self.previewed

    async def dial(self, agent: str, number: str, customer_id: int | None = None) -> str:
        self.wishes.append(("dial", agent, number))
        now, call = time.time(), f"out-{self.number}"
        view = CallView(
            call=call,
            leg=f"{call}-1",
            direction="outbound",
            phase="dialling",
            caller=number,
            entry="",
            queue="",
            topic="",
            menu_path=(),
            matches=(customer_id,) if customer_id else (),
            why="",
            started_at=now,
            queued_at=0.0,
            offered_at=now,
            answered_at=0.0,
            hold_since=0.0,
        )
        self.set_desk(agent, state="talking", since=now, call=view)
        self.tell(AgentStateChanged(at=now, agent=agent, state="talking", call=call))
        return call

    async def hang_up(self, agent: str) -> None:
        self.wishes.append(("hang_up", agent))
        self.end(agent, EndedBy.AGENT)

    async def phone_account(self, agent: str, session: str) -> PhoneAccount:
        self.wishes.append(("phone_account", agent))
        return PhoneAccount(
            user=agent,
            secret=f"secret-of-{agent}-{len(self.wishes)}",
            domain="127.0.0.1",
            websocket_urls=(self.websocket_url,),
            expires_at=time.time() + 3600,
        )

    async def revoke_phone(self, agent: str) -> None:
        self.wishes.append(("revoke_phone", agent))

    async def visitor_account(self) -> PhoneAccount:
        return await self.phone_account("visitor-1", "")

    async def workforce_changed(self) -> None:
        self.wishes.append(("workforce_changed",))

    async def lines_changed(self) -> None:
        self.wishes.append(("lines_changed",))

    def desk(self, agent: str) -> DeskView:
        return replace(self._desks.get(agent) or self._fresh(agent), number=self.number)

    def floor(self) -> FloorView:
        desks = tuple(self.desk(agent) for agent in self._desks)
        waiting = tuple(self.waiting)
        return FloorView(
            number=self.number,
            at=time.time(),
            connected=self.connected,
            agents=desks,
            waiting=waiting,
            parked=tuple(self.calls.parked),
            callbacks=tuple(self.places),
            supervised=tuple(self.floor_control.supervised.values()),
            asterisks=self.asterisks,
            asterisks_away=self.asterisks_away,
            proxy_away=self.proxy_away,
        )

    def pacing(self, campaign: int) -> PacingFigures | None:
        return self.paces.get(campaign)

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[ScriptedFeed]:
        feed = ScriptedFeed()
        self._feeds.add(feed)
        try:
            yield feed
        finally:
            self._feeds.discard(feed)
