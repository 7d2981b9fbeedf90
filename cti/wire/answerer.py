"""The telephony process does what the pages ask: each wish once, however often it is repeated, or not at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from crm_core.errors import Invalid, PlatformError, Refused
from cti.feed import Feed
from cti.wire.bus import ASKED, Bus, BusAway, answered
from cti.wire.messages import Answered, Asked, Unreadable, as_told, read, to_bytes
from cti.wire.orders import ORDERS, as_refusal
from cti.wire.teller import Teller
from ivr.recogniser import RecogniserLost

log = structlog.get_logger(__name__)

KEPT_SECONDS = 120.0  # answers are repeated for so long after the deadline
MOST_AT_ONCE = 1_000
MOST_RECORDS = 5_000
PICTURE, RECORDS, NEVER_HEARD = "picture", "records", "never_heard"

NeverHeard = Callable[[str, tuple[str, ...]], Awaitable[tuple[str, ...]]]


class AnotherLife(Refused):
    """Nobody knows whether the process before has done it."""

    def __init__(self) -> None:
        super().__init__("Telephony was started anew meanwhile. Look whether it was done before you ask again.")


class TooManyWishes(Refused):
    def __init__(self) -> None:
        super().__init__("Telephony has more to do than it can at the moment. Try again in a few seconds.")


class Answerer:
    """`desk` is a cti.desk.Desk. Answers until cancelled, see `run`."""

    def __init__(
        self,
        bus: Bus,
        desk: object,
        feed: Feed,
        teller: Teller,
        *,
        epoch: int,
        never_heard: NeverHeard,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._bus, self._desk, self._feed, self._teller = bus, desk, feed, teller
        self._epoch, self._never_heard, self._clock = epoch, never_heard, clock
        self._answers: dict[str, tuple[float, asyncio.Task[Answered]]] = {}  # by the wish's id, the oldest first
        self._sending: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        try:
            async with self._bus.follow(ASKED) as messages:
                async for message in messages:
                    self._hear(message)
        finally:
            for task in self._sending:
                task.cancel()
            for _, work in self._answers.values():
                work.cancel()

    def _hear(self, message: bytes) -> None:
        try:
            asked = read(Asked, message)
        except Unreadable as wrong:
            log.error("wish_not_understood", reason=str(wrong)[:300])
            return
        self._forget_old()
        known = self._answers.get(asked.id)
        if known is None and self._clock() > asked.deadline:
            log.warning("wish_too_late", name=asked.name)
            return
        if known is not None and not known[1].done():
            return  # it is being done, and will be answered
        work = known[1] if known else asyncio.create_task(self._answer(asked), name=f"wish-{asked.name}")
        self._answers[asked.id] = (asked.deadline, work)
        sending = asyncio.create_task(self._send(asked.worker, work))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)

    def _forget_old(self) -> None:
        now = self._clock()
        old = [one for one, (deadline, work) in self._answers.items() if now > deadline + KEPT_SECONDS and work.done()]
        for one in old:
            del self._answers[one]

    async def _answer(self, asked: Asked) -> Answered:
        try:
            result = await self._do(asked)
        except PlatformError as refused:
            return Answered(epoch=self._epoch, id=asked.id, told=await self._seen(), refusal=as_refusal(refused))
        except Exception:
            log.exception("wish_failed", name=asked.name)
            broken = PlatformError("Something went wrong on our side. It has been logged.")
            return Answered(epoch=self._epoch, id=asked.id, told=await self._seen(), refusal=as_refusal(broken))
        told = 0 if asked.name in (PICTURE, RECORDS, NEVER_HEARD) else await self._seen()
        return Answered(epoch=self._epoch, id=asked.id, told=told, result=result)

    async def _seen(self) -> int:
        return await self._teller.show()

    async def _do(self, asked: Asked) -> Any:
        match asked.name:
            case "picture":
                return await self._teller.show_all()
            case "records":
                return self._records(asked.given)
            case "never_heard":
                return await self._unheard(asked.given)
        order = ORDERS.get(asked.name)
        if order is None:
            raise Invalid("This request cannot be used. The fields say why.")
        if asked.epoch != self._epoch:
            raise AnotherLife
        if len(self._sending) > MOST_AT_ONCE:
            raise TooManyWishes
        result = await order.of(self._desk)(**order.unpack(asked.given))
        return order.result.dump_python(result, mode="json")

    def _records(self, given: dict[str, Any]) -> list[Any]:
        """Those after a number, oldest first; fewer than asked for when the journal has no more."""
        after, most = int(given["after"]), min(int(given["most"]), MOST_RECORDS)
        found: list[Any] = []
        for record in self._feed.since(after):
            found.append(as_told(record))
            if len(found) >= most:
                break
        return found

    async def _unheard(self, given: dict[str, Any]) -> list[str] | None:
        """None = nothing listens in this language."""
        phrases = tuple(str(phrase) for phrase in given["phrases"])
        try:
            return list(await self._never_heard(str(given["language"]), phrases))
        except RecogniserLost:
            return None

    async def _send(self, worker: str, work: asyncio.Task[Answered]) -> None:
        """An answer that gets lost is asked for again."""
        answer = await asyncio.shield(work)
        try:
            await self._bus.append(answered(worker), to_bytes(answer))
        except BusAway:
            log.warning("answer_not_sent", worker=worker)
