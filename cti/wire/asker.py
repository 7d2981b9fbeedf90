"""A web worker asks the telephony process: the same wish again until it is answered, so none is lost or done twice."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Any

import structlog

from crm_core.errors import Unreachable
from cti.wire.answerer import AnotherLife
from cti.wire.bus import ASKED, Bus, BusAway, answered
from cti.wire.messages import Answered, Asked, Unreadable, read, to_bytes
from cti.wire.mirror import Mirror
from cti.wire.orders import ORDERS, as_error

log = structlog.get_logger(__name__)

DEADLINE_SECONDS = 10.0
AGAIN_SECONDS = 1.0
SHOWN_SECONDS = 1.0  # an answer waits so long for the pages to see what was done
SLOW = {
    "workforce_changed": 40.0,
    "lines_changed": 40.0,
    "phone_account": 20.0,
    "revoke_phone": 20.0,
    "visitor_account": 20.0,
}


class TelephonyAway(Unreachable):
    def __init__(self) -> None:
        super().__init__("Telephony is being started anew. Calls go on. Try again in a few seconds.")


class NoAnswer(Unreachable):
    def __init__(self) -> None:
        super().__init__("Telephony did not answer. Look whether it was done before you ask again.")


class Asker:
    """One per web worker. Hears answers until cancelled, see `run`."""

    def __init__(self, bus: Bus, mirror: Mirror, *, clock: Callable[[], float] = time.time) -> None:
        self._bus, self._mirror, self._clock = bus, mirror, clock
        self.worker = secrets.token_hex(8)
        self._waiting: dict[str, asyncio.Future[Answered]] = {}
        self.listening = asyncio.Event()

    async def run(self) -> None:
        async with self._bus.follow(answered(self.worker)) as messages:
            self.listening.set()
            async for message in messages:
                try:
                    answer = read(Answered, message)
                except Unreadable as wrong:
                    log.error("answer_not_understood", reason=str(wrong)[:300])
                    continue
                waiting = self._waiting.get(answer.id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer)

    async def order(self, name: str, **given: Any) -> Any:
        """Have it done; returns when the pages show it. A refusal is raised with its words; see orders.ORDERS."""
        order = ORDERS[name]
        packed = order.pack(**given)
        if not self._mirror.in_step:
            raise TelephonyAway
        answer = await self._ask(name, packed, SLOW.get(name, DEADLINE_SECONDS), self._mirror.epoch)
        if answer.told:
            try:
                async with asyncio.timeout(SHOWN_SECONDS):
                    await self._mirror.shows(answer.epoch, answer.told)
            except TimeoutError:
                log.warning("done_and_not_shown", name=name)
        if answer.refusal is not None:
            raise as_error(answer.refusal)
        return order.result.validate_python(answer.result)

    async def question(self, name: str, *, seconds: float = 3.0, **given: Any) -> Any:
        """What changes nothing, from whoever leads; not checked. Raises NoAnswer."""
        answer = await self._ask(name, given, seconds, 0)
        if answer.refusal is not None:
            raise as_error(answer.refusal)
        return answer.result

    async def _ask(self, name: str, given: dict[str, Any], seconds: float, epoch: int) -> Answered:
        """Raises AnotherLife when another process leads before the answer has come; `epoch` 0 = it is all the same."""
        wish = Asked(
            epoch=epoch,
            id=secrets.token_hex(12),
            worker=self.worker,
            name=name,
            deadline=self._clock() + seconds,
            given=given,
        )
        waiting: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._waiting[wish.id] = waiting
        try:
            while self._clock() < wish.deadline:
                await self._send(wish)
                rest = min(AGAIN_SECONDS, wish.deadline - self._clock())
                done, _ = await asyncio.wait({waiting}, timeout=max(0.0, rest))
                if done:
                    return waiting.result()
                if epoch and self._mirror.epoch != epoch:
                    raise AnotherLife
            raise NoAnswer
        finally:
            del self._waiting[wish.id]

    async def _send(self, wish: Asked) -> None:
        try:
            await self._bus.append(ASKED, to_bytes(wish))
        except BusAway:
            log.warning("wish_not_sent", name=wish.name)
