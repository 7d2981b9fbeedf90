"""The loop: one inbox, in order, one thing at a time. What fails is logged with its cause, and the loop goes on."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from acd import events as acd
from acd.model import AgentId
from crm_core.history import events as feed
from cti import facts as f
from cti.ami import AmiLink, LinkDown, LinkUp
from cti.calls import tell
from cti.campaign_calls import attempt_failed
from cti.cel import CelPosition, end_of
from cti.errors import AsteriskRefused, AsteriskUnreachable
from cti.frames import Frame
from cti.ghosts import lay
from cti.lost_phones import LostPhones
from cti.memory import Memory, as_bytes, put, save
from cti.menu import MenuReport
from cti.menu_story import MenuStory
from cti.outgoing import dial_failed
from cti.resync import UNAVAILABLE, catch_up, look
from cti.sign_of_life import show_life_once
from cti.supervision import SUPERVISING, Supervisions
from cti.switchboard import Switchboard
from cti.translate import translate

log = structlog.get_logger(__name__)

SAVE_SECONDS = 1.0
READ_AGAIN_SECONDS = 6  # longer than a silent link goes unnoticed
STRANGE_PAUSE = 2.0  # at most one comparison in this time, however much is strange
AT_ONCE = 200  # items before others may run


@dataclass(frozen=True, slots=True)
class OfferFailed:
    call: str
    leg: str


@dataclass(frozen=True, slots=True)
class Compare:
    """Something did not fit: ask Asterisk."""


@dataclass(frozen=True, slots=True)
class Order:
    """A person's wish: `work` is done in turn, its result or refusal is the future's."""

    work: Callable[[], None]
    done: asyncio.Future[None]


Item = Frame | LinkUp | LinkDown | MenuReport | OfferFailed | Compare | Order


class Runtime:
    """`link` is set before `run`."""

    def __init__(
        self,
        make: Callable[[Runtime], Switchboard],
        *,
        cel_file: Path,
        memory_file: Path,
        cel: CelPosition,
        asterisk_started: str = "",
        in_step_until: float = 0.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._inbox: deque[Item] = deque()
        self._news = asyncio.Event()
        self._clock = clock
        self._cel_file, self._memory_file = cel_file, memory_file
        # The oldest counts: a link may have been silent for seconds before that is noticed, and what was logged
        # meanwhile is read again. What was seen live changes nothing then.
        self._cel_marks: deque[CelPosition] = deque([cel], maxlen=READ_AGAIN_SECONDS)
        self._compared, self._compares_later = 0.0, False
        self._asterisk_started = asterisk_started
        self._in_step_until = in_step_until  # up to when we know all that happened; 0 = we never did
        self._contact_uris: dict[str, set[str]] = {}
        self.switchboard = make(self)
        self.story = MenuStory(self.switchboard.book)
        self.lost_phones = LostPhones(self.switchboard.book, self.switchboard.carry_out, clock)
        self.supervisions = Supervisions(self.switchboard.book)
        self.supervised: Callable[[], None] = lambda: None  # does what the supervisors' legs need: cti/floor_control.py
        self.link: AmiLink
        self.connected = False
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
        while True:
            for _ in range(AT_ONCE):
                if not self._inbox:
                    break
                item = self._inbox.popleft()
                try:
                    await self._take(item)
                except Exception:
                    log.exception("item_failed", call=getattr(item, "call", ""), item=repr(item)[:2_000])
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
            case Frame():
                if (fact := translate(item)) is not None:
                    self._fact(fact if fact.at else replace(fact, at=self._clock()))
            case MenuReport():
                self.switchboard.carry_out(self.story.note(item))
            case OfferFailed(call=call, leg=leg):
                self.switchboard.offer_failed(call, leg, self._clock())
            case Order(work=work, done=done):
                self._do(work, done)
            case LinkUp() | Compare():
                await self._compare(force=isinstance(item, LinkUp))
            case LinkDown(reason=reason):
                log.error("asterisk_lost", reason=reason)
                self._link_changed(connected=False, reason="link_lost")

    @staticmethod
    def _do(work: Callable[[], None], done: asyncio.Future[None]) -> None:
        if done.cancelled():
            return
        try:
            work()
        except Exception as refusal:
            done.set_exception(refusal)
        else:
            done.set_result(None)

    def _fact(self, fact: f.Fact) -> None:
        board = self.switchboard
        self.supervisions.tell(fact)
        self.supervised()
        match fact:
            case f.DeviceChanged(at=at, device=device, state=state):
                self._reachable(device, at, state not in UNAVAILABLE)
            case f.ContactChanged():
                self._registration(fact)
            case f.OriginateEnded(at=at, call=call, success=False):
                dial_failed(board.book, call, at)
                attempt_failed(board.book, call, at)
                board.carry_out(board.book.take())
            case _:
                board.carry_out(tell(board.book, fact))
                if isinstance(fact, f.ChannelAppeared):
                    board.carry_out(self.story.catch_up(fact.call))

    def _reachable(self, device: str, at: float, reachable: bool) -> None:
        agent = device.removeprefix("PJSIP/")
        if device.startswith("PJSIP/") and agent.isdigit():
            self.switchboard.carry_out([acd.AgentReachabilityChanged(at=at, agent=AgentId(agent), reachable=reachable)])

    def _registration(self, fact: f.ContactChanged) -> None:
        """A page that is loaded again registers before its old registration is removed."""
        uris = self._contact_uris.setdefault(fact.aor, set())
        if fact.status in ("Removed", "Unreachable"):
            uris.discard(fact.uri)
        else:
            uris.add(fact.uri)
        self._reachable(f"PJSIP/{fact.aor}", fact.at, bool(uris))
        if not uris:
            self.lost_phones.unregistered(fact.aor)

    def _may_compare(self, now: float) -> bool:
        """False when it is too soon after the last one: then it is done later, once."""
        pause = self._compared + STRANGE_PAUSE - now
        if self.connected and pause > 0 and not self._compares_later:
            self._compares_later = True
            asyncio.get_running_loop().call_later(pause, self.strange)
        return self.connected and pause <= 0

    async def _compare(self, *, force: bool) -> None:
        """Ask Asterisk for everything and correct the book. The inbox waits meanwhile."""
        now = self._clock()
        if not force and not self._may_compare(now):
            return
        self._compares_later = False
        try:
            picture = await look(self.link, now)
        except (AsteriskUnreachable, AsteriskRefused) as failed:
            log.error("resync_failed", reason=str(failed))
            self.link.reconnect()
            return
        board = self.switchboard
        interrupted = self._asterisk_started not in ("", picture.started)
        if interrupted:
            log.error("asterisk_was_restarted", contacts=len(board.book.contacts))
        self._asterisk_started = picture.started
        if force:
            self._contact_uris.clear()  # what ended while nobody listened is not told; who is there is told again
        steps, position = await catch_up(
            board.book,
            picture,
            self._cel_file,
            self._cel_marks[0],
            now,
            fresh_link=force,
            interrupted=interrupted,
        )
        self._cel_marks.clear()
        self._cel_marks.append(position)
        for device, state in picture.devices.items():
            self._reachable(device, now, state not in UNAVAILABLE)
        board.carry_out(steps)
        board.carry_out(lay(board.engine.snapshot().agents, board.book.contacts, now))
        resting = [agent for agent, then in board.agents.items() if (then.state, then.reason) == ("break", SUPERVISING)]
        self.supervisions.compare(picture.supervisions, now, resting)
        self.supervised()
        for call in list(board.book.contacts):
            board.carry_out(self.story.catch_up(call))
        board.waiting.settle(self._clock())
        self._compared = self._clock()
        if not self.connected:
            await show_life_once(self.link)
            self._link_changed(connected=True, reason="asterisk_restarted" if interrupted else "platform_down")
        if not self.ready.is_set():
            self.save()
            self.ready.set()
        log.info("resynced", calls=len(picture.calls), seconds=round(self._clock() - now, 3))

    def _link_changed(self, *, connected: bool, reason: str) -> None:
        """Told with the last moment of which we know all: a link may have been silent for a while before."""
        at = self._clock()
        told = feed.TelephonyLinkChanged(at=at, connected=connected, since=self._in_step(), reason=reason)
        self.connected, self._in_step_until = connected, at if connected else self._in_step_until
        self.switchboard.feed.publish(told)

    async def keep_saved(self) -> None:
        """Write the memory about once a second, beside the loop: no call waits for a disk. Runs until cancelled."""
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            try:
                if self.connected:
                    self._cel_marks.append(end_of(self._cel_file))
                await asyncio.to_thread(put, as_bytes(self._memory()), self._memory_file, by="kept")
            except OSError:
                log.exception("memory_not_saved")

    def _in_step(self) -> float:
        """Every answer to a ping shows that nothing was lost before it was asked."""
        if self.connected:
            self._in_step_until = max(self._in_step_until, self.link.answered_at)
        return self._in_step_until

    def save(self) -> None:
        save(self._memory(), self._memory_file)

    def _memory(self) -> Memory:
        board = self.switchboard
        for agent, then in board.agents.items():
            if (view := board.engine.agent(AgentId(agent))) is not None:
                then.next_state, then.next_reason = str(view.next_state), view.next_reason
        return Memory(
            number=board.feed.number,
            contacts=board.book.contacts,
            agents=board.agents,
            ended=dict(board.book.ended),
            cel=self._cel_marks[0],
            asterisk_started=self._asterisk_started,
            in_step_until=self._in_step(),
            places=board.waiting.places.places,
        )
