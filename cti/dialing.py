"""The dialer's loop: so many calls as pacing allows, each attempt in the database before it is placed.

Pushed by what agents and attempts do, and by a tick. After a start nothing is dialled before every open attempt is
settled. What an attempt becomes is read off the feed; this loop keeps no truth of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from acd.dialer import Pacer, PacingFigures, Staffing
from acd.dialer_sharing import Claim, share
from crm_core.clock import from_instant
from crm_core.errors import PlatformError, Refused
from crm_core.history import campaign_events as told
from crm_core.history import events as feed
from crm_core.history.events import HistoryEvent
from cti.attempt_settling import Pulse, Settling
from cti.campaign_ports import AttemptBook, CampaignLine, CampaignPlan, DialOrder
from cti.dialing_pace import Paces, spare_agents
from cti.errors import AsteriskUnreachable
from cti.feed import Feed

log = structlog.get_logger(__name__)

TICK = 1.0  # seconds
NOTHING_DUE = 5.0  # a list that had nobody is asked again after so long
AT_ONCE = 8  # attempts of one transaction: on a crowded machine it must end before its calls are stale
BAD_NUMBER = 28  # Q.850: the number's form is not usable


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCaps:
    """Of all campaigns together: lines in use at once, and calls placed in a minute. What a stolen login can cost."""

    lines: int = 60
    in_a_minute: int = 120


@dataclass(slots=True)
class _Spent:
    """What counts against the caps of the site."""

    caps: SiteCaps
    live: dict[str, int] = field(default_factory=dict)  # call -> campaign
    placed: deque[float] = field(default_factory=deque)
    told_at: float = 0.0

    def left(self, at: float) -> int:
        while self.placed and self.placed[0] <= at - 60:
            self.placed.popleft()
        return min(self.caps.lines - len(self.live), self.caps.in_a_minute - len(self.placed))


async def _to_nobody(_queue: str, _number: int) -> None:
    return None


class Dialer:
    """`floor` tells of the agents of a queue at a time; "" = nobody is needed.

    `promise` has so many free agents of a queue stay for the lines that ring; told each round, and before more are
    dialled.
    """

    def __init__(
        self,
        *,
        book: AttemptBook,
        line: CampaignLine,
        events: Feed,
        floor: Callable[[str, float], Staffing],
        promise: Callable[[str, int], Awaitable[None]] = _to_nobody,
        caps: SiteCaps | None = None,
        pulse: Pulse | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._book, self._line, self._events, self._clock = book, line, events, clock
        self._floor, self._promise = floor, promise
        self._promised: dict[str, int] = {}
        self._spent = _Spent(caps or SiteCaps())
        self._paces = Paces()
        self._wake, self._planned = asyncio.Event(), True  # planned: some campaign dials now
        self._quiet_until: dict[int, float] = {}
        self._pulse = pulse or Pulse()
        self._settling = Settling(book, line, events.publish, clock, self._pulse)
        self.settled = asyncio.Event()

    async def run(self, caught_up: Callable[[], Awaitable[None]]) -> None:
        """Until cancelled. `caught_up` returns when the database has what the feed told before this process."""
        async with asyncio.TaskGroup() as together:
            listening = asyncio.Event()
            together.create_task(self._listen(listening))
            await listening.wait()
            await caught_up()
            for call, campaign in (await self._settling.at_start(self._rest)).items():
                self._spent.live[call] = campaign
            self.settled.set()
            await self._keep_dialling()

    async def _keep_dialling(self) -> None:
        while True:
            try:
                await self._round()
                for call in await self._settling.now_and_then():
                    self._spent.live.pop(call, None)
            except AsteriskUnreachable:
                pass  # nobody is dialled until it answers
            except Exception:  # the database may be away; calls go on without the dialer
                log.exception("dialer_round_failed")
                await self._rest(self._pulse.nothing_due)
            await self._rest(self._pulse.tick)

    async def _rest(self, seconds: float) -> None:
        """Until something happens, `seconds` at most."""
        self._wake.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    async def _listen(self, listening: asyncio.Event) -> None:
        async with self._events.follow() as reader:
            listening.set()
            async for record in reader:
                self._heard(record.event)
        raise RuntimeError("the dialer lost the feed")

    def _heard(self, event: HistoryEvent) -> None:
        if isinstance(event, told.CAMPAIGN_EVENTS):
            self._paces.heard(event)
            if isinstance(event, told.AttemptEnded):
                self._spent.live.pop(event.call, None)
                self._wake.set()
        elif isinstance(event, feed.AgentStateChanged):
            self._paces.agent(event)
            if self._planned or self._promised:  # a paused campaign's lines still ring for agents
                self._wake.set()

    # ---- dialling

    async def _round(self) -> None:
        at = self._clock()
        self._planned = bool(plans := await self._book.plans(at=from_instant(at)))
        for campaign in self._paces.gone({plan.campaign for plan in plans}):
            self._quiet_until.pop(campaign, None)
        queues: dict[str, list[CampaignPlan]] = {queue: [] for queue in self._promised}
        for plan in plans:
            queues.setdefault(plan.queue, []).append(plan)
        for queue, together in queues.items():
            await self._dial_queue(queue, together)

    async def _dial_queue(self, queue: str, plans: list[CampaignPlan]) -> None:
        """Campaigns of one queue: no two of them count on the same agent."""
        pacers = [await self._pacer(plan) for plan in plans]
        at = self._clock()
        due = [self._quiet_until.get(plan.campaign, 0) <= at for plan in plans]
        claims = [
            Claim(
                weight=float(is_due),
                reserved=pacer.reserved(at),
                waiting=self._paces.waiting(plan.campaign),
            )
            for plan, pacer, is_due in zip(plans, pacers, due, strict=True)
        ]
        staffing = share(self._floor(queue, at), claims)
        wanted = [
            max(pacer.wanted(mine) - spare_agents(pacer, at), 0) if is_due else 0
            for pacer, is_due, mine in zip(pacers, due, staffing, strict=True)
        ]
        await self._keep_agents(queue, dict(zip(pacers, wanted, strict=True)))
        for plan, pacer, number in zip(plans, pacers, wanted, strict=True):
            await self._dial(plan, pacer, number)
        if any(wanted):
            await self._keep_agents(queue, {})

    async def _keep_agents(self, queue: str, more: dict[Pacer, int]) -> None:
        """Agents stay for the lines that ring, those of a paused campaign too, and for `more`, which are about to."""
        at = self._clock()
        needed = sum(pacer.reserved(at, more.get(pacer, 0)) for pacer in self._paces.of_queue(queue))
        if needed or self._promised.pop(queue, 0):
            await self._promise(queue, needed)
        if needed:
            self._promised[queue] = needed

    async def _dial(self, plan: CampaignPlan, pacer: Pacer, wanted: int) -> None:
        """A few at a time, so that the first phones ring while the next are asked for; and no longer than it holds."""
        at = began = self._clock()
        most = min(wanted, self._left(at, wanted))
        while most > 0 and at - began < self._pulse.wanted:
            orders = await self._book.claim(plan.campaign, min(most, AT_ONCE), at=from_instant(at))
            if not orders:
                self._quiet_until[plan.campaign] = at + self._pulse.nothing_due
                return
            for order in orders:
                if self._clock() - at > self._pulse.stale:  # the database was slow: what was allowed then may be over
                    self._not_placed(order, "withdrawn")
                else:
                    await self._place(order, pacer)
            most, at = most - len(orders), self._clock()

    async def _pacer(self, plan: CampaignPlan) -> Pacer:
        known = self._paces.of(plan)
        if known is not None:
            return known
        past = await self._book.past_answers(plan.campaign, at=from_instant(self._clock()))
        ringing = [call for call, campaign in self._spent.live.items() if campaign == plan.campaign]
        return self._paces.begin(plan, past, ringing, self._clock())

    def _left(self, at: float, wanted: int) -> int:
        left = self._spent.left(at)
        if wanted > 0 and left < wanted and at - self._spent.told_at >= 60:
            self._spent.told_at = at
            log.error("campaign_cap_reached", lines=len(self._spent.live), in_a_minute=len(self._spent.placed))
        return left

    async def _place(self, order: DialOrder, pacer: Pacer | None) -> None:
        at = self._clock()
        self._spent.live[order.call] = order.campaign
        self._spent.placed.append(at)
        if pacer is not None:
            pacer.placed(order.call, at)
        try:
            await self._line.place(order)
        except AsteriskUnreachable:
            self._not_placed(order, "not_placed")
        except Refused:  # the agent's phone is on another call
            self._not_placed(order, "not_placed")
        except PlatformError as wrong:
            log.error("attempt_refused_by_us", call=order.call, reason=str(wrong))
            self._not_placed(order, "failed", cause=BAD_NUMBER)

    def _not_placed(self, order: DialOrder, result: str, *, cause: int = 0) -> None:
        at = self._clock()
        ended = told.AttemptEnded(at=at, call=order.call, campaign=order.campaign, result=result, cause=cause)
        self._events.publish(ended)

    @property
    def calling(self) -> tuple[int, ...]:
        return self._paces.campaigns

    def pacing(self, campaign: int) -> PacingFigures | None:
        return self._paces.figures(campaign, self._clock())

    async def preview(self, campaign: int, entry: int, agent: str) -> bool:
        """Call the customer whose record this agent looked at; False = not now, the entry tells why.

        Refused while the site's lines are all in use.
        """
        await self.settled.wait()
        at = self._clock()
        if self._left(at, 1) < 1:
            raise Refused("All lines for campaigns are in use. Try again in a minute.")
        order = await self._book.claim_entry(campaign, entry, agent, at=from_instant(at))
        if order is None:
            return False
        await self._place(order, None)
        return True
