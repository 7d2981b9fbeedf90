"""The loop: one inbox, in order, one thing at a time. What fails is logged with its cause, and the loop goes on."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import structlog

from crm_core.history import events as feed
from cti import facts as f
from cti.ami import AsteriskLink, LinkDown, LinkUp
from cti.calls import tell
from cti.campaign_calls import attempt_failed
from cti.comparison import Comparison
from cti.frames import Frame
from cti.inbox import Compare, Item, NodeDue, OfferFailed, Order
from cti.kept_memory import KeptMemory
from cti.lost_phones import LostPhones
from cti.menu import MenuReport
from cti.menu_story import MenuStory
from cti.node_state import GIVE_UP_SECONDS, SETTLE_SECONDS, Nodes, NodeState
from cti.node_watch import NodeWatch
from cti.outgoing import dial_failed
from cti.resync import UNAVAILABLE
from cti.sign_of_life import show_life_once
from cti.supervision import Supervisions
from cti.switchboard import Switchboard
from cti.translate import translate

log = structlog.get_logger(__name__)

STRANGE_PAUSE = 2.0  # at most one comparison in this time, however much is strange
AT_ONCE = 200  # items before others may run


class Runtime:
    """`link` is set before `run`."""

    def __init__(
        self,
        make: Callable[[Runtime], Switchboard],
        *,
        nodes: Sequence[NodeState],
        memory_file: Path,
        in_step_until: float = 0.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._inbox: deque[Item] = deque()
        self._news = asyncio.Event()
        self._clock = clock
        self.nodes = Nodes(nodes)
        self._compared, self._compares_later = 0.0, False
        self.switchboard = make(self)
        self.memory = KeptMemory(self.switchboard, self.nodes, memory_file, in_step_until)
        self.story = MenuStory(self.switchboard.book)
        self.lost_phones = LostPhones(self.switchboard.book, self.switchboard.carry_out, clock)
        self.watch = NodeWatch(self.nodes, self.switchboard, self.lost_phones, clock)
        self.supervisions = Supervisions(self.switchboard.book)
        self.supervised: Callable[[], None] = lambda: None  # does what the supervisors' legs need: cti/floor_control.py
        self._comparison = Comparison(
            nodes=self.nodes,
            board=self.switchboard,
            watch=self.watch,
            supervisions=self.supervisions,
            story=self.story,
            clock=clock,
        )
        self.heard: Callable[[Frame], None] = lambda _: None  # what concerns no call: cti/lines.py
        self.linked: Callable[[], None] = lambda: None
        self.link: AsteriskLink
        self.connected = False  # to one node at least
        self.link_ups = 0  # what is told to an Asterisk must be told again after each
        self.ready = asyncio.Event()

    def put(self, item: Item) -> None:
        """From anywhere in this thread; taken in order."""
        self._inbox.append(item)
        self._news.set()

    def backlog(self) -> int:
        return len(self._inbox)

    def strange(self) -> None:
        self.put(Compare())

    async def order(self, work: Callable[[], None]) -> None:
        """Do `work` in the loop's turn; its refusal is raised here."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.put(Order(work, done))
        await done

    async def run(self) -> None:
        """Until cancelled."""
        if len(self.nodes) > 1:
            self._wait_for_the_others()
        while True:
            for _ in range(AT_ONCE):
                if not self._inbox:
                    break
                item = self._inbox.popleft()
                try:
                    await self._take(item)
                except Exception:
                    log.exception("item_failed", call=getattr(item, "call", ""), item=repr(item)[:2_000])
            with self.switchboard.feed.together():
                self.switchboard.fire_due(self._clock())
            await self._wait()

    async def _wait(self) -> None:
        if self._inbox:
            await asyncio.sleep(0)
            return
        self._news.clear()
        due = self.switchboard.timers.next_due()
        try:
            async with asyncio.timeout(None if due is None else max(0.0, due - self._clock())):
                await self._news.wait()
        except TimeoutError:
            return

    async def _take(self, item: Item) -> None:
        match item:
            case LinkUp() | Compare() | LinkDown() | NodeDue():
                await self._link_item(item)
            case _:
                with self.switchboard.feed.together():
                    self._step(item)

    def _step(self, item: Frame | MenuReport | OfferFailed | Order) -> None:
        """Written whole or not at all, so it waits for nothing."""
        match item:
            case Frame():
                self.heard(item)
                if (fact := translate(item)) is not None:
                    self._fact(fact if fact.at else replace(fact, at=self._clock()), self.nodes[item.node])
            case MenuReport():
                self.switchboard.carry_out(self.story.note(item))
            case OfferFailed(call=call, leg=leg):
                self.switchboard.offer_failed(call, leg, self._clock())
            case Order():
                item.carry_out()

    async def _link_item(self, item: LinkUp | Compare | LinkDown | NodeDue) -> None:
        match item:
            case LinkUp(node=name):
                await self._compare(self.nodes[name], force=True)
                self.linked()
            case Compare():
                if self._may_compare(self._clock()):
                    for node in self.nodes.linked:
                        await self._compare(node, force=False)
            case LinkDown(reason=reason, node=name):
                log.error("asterisk_lost", reason=reason, node=name)
                self._node_lost(self.nodes[name])
            case NodeDue(node=name, since=since):
                await self._node_due(self.nodes[name], since)

    def _fact(self, fact: f.Fact, node: NodeState) -> None:
        board = self.switchboard
        self.supervisions.tell(fact)
        self.supervised()
        match fact:
            case f.DeviceChanged(at=at, device=device, state=state):
                self.watch.reachable(node, device, at, state not in UNAVAILABLE)
            case f.ContactChanged():
                self.watch.registration(node, fact)
            case f.OriginateEnded(at=at, call=call, success=False):
                dial_failed(board.book, call, at)
                attempt_failed(board.book, call, at)
                board.carry_out(board.book.take())
            case _:
                board.carry_out(tell(board.book, fact))
                if isinstance(fact, f.ChannelAppeared):
                    board.carry_out(self.story.catch_up(fact.call))

    def _may_compare(self, now: float) -> bool:
        """False when it is too soon after the last one: then it is done later, once."""
        pause = self._compared + STRANGE_PAUSE - now
        if self.connected and pause > 0 and not self._compares_later:
            self._compares_later = True
            asyncio.get_running_loop().call_later(pause, self.strange)
        return self.connected and pause <= 0

    async def _compare(self, node: NodeState, *, force: bool) -> None:
        """The inbox waits meanwhile."""
        self._compares_later = False
        interrupted = await self._comparison.run(node, fresh_link=force)
        if interrupted is None:
            return
        self.supervised()
        self._compared = self._clock()
        if not node.connected:
            await self._node_up(node, interrupted=interrupted)
        if not self.ready.is_set():
            self.memory.save()
            self.ready.set()

    async def _node_up(self, node: NodeState, *, interrupted: bool) -> None:
        await show_life_once(node.link)
        if not self.connected:
            self._link_changed(connected=True, reason="asterisk_restarted" if interrupted else "platform_down")
        self.link_ups += 1
        node.connected, node.up_since, node.given_up = True, self._clock(), False
        if len(self.nodes) > 1:
            self.watch.told_again()
            self._later(SETTLE_SECONDS, NodeDue(node.name, node.up_since))
            self._wait_for_the_others()

    def _node_lost(self, node: NodeState) -> None:
        if len(self.nodes) > 1:
            if not node.connected:
                return  # told already, and not compared with since
            node.lost_at = self._clock()
            self._later(GIVE_UP_SECONDS, NodeDue(node.name, node.lost_at))
        in_step = self.memory.in_step()  # asked while the link still counts
        node.connected = False
        if self.nodes.linked:
            self.watch.lost(node)
        else:
            self.memory.known_until = in_step
            self._link_changed(connected=False, reason="link_lost")

    def _wait_for_the_others(self) -> None:
        for node in self.nodes.all:
            if not node.connected and not node.given_up:
                self._later(GIVE_UP_SECONDS, NodeDue(node.name, node.lost_at))

    def _later(self, seconds: float, item: NodeDue) -> None:
        asyncio.get_running_loop().call_later(seconds, self.put, item)

    async def _node_due(self, node: NodeState, since: float) -> None:
        if node.connected and node.up_since == since:
            self.watch.told_again()
        elif not node.connected and node.lost_at == since and self.nodes.linked:
            await self._comparison.give_up(node)
            self.supervised()

    def _link_changed(self, *, connected: bool, reason: str) -> None:
        """Told with the last moment of which we know all: a link may have been silent for a while before."""
        at = self._clock()
        told = feed.TelephonyLinkChanged(at=at, connected=connected, since=self.memory.in_step(), reason=reason)
        self.connected = connected
        if connected:
            self.memory.known_until = at
        self.switchboard.feed.publish(told)
