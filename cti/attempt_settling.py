"""What became of attempts of which no end was told: asked of the live list, then of the event log, else left unsettled.

An attempt is judged when it is so old that the order to place it has reached Asterisk or never will.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace

import structlog

from crm_core.clock import from_instant, instant
from crm_core.history.events import HistoryEvent
from cti.campaign_ports import AttemptBook, CampaignLine, OpenAttempt
from cti.errors import AsteriskUnreachable

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """How often the dialer looks by itself, in seconds.

    `nothing_due`: a list that had nobody is asked again after so long. An attempt may be judged when `old_enough`;
    so long `silent`, it is looked at though nobody restarted. What was allowed so long ago is `stale`: not dialled.
    How many calls are `wanted` is asked anew after so long.
    """

    tick: float = 1.0
    nothing_due: float = 5.0
    old_enough: float = 8.0
    look_every: float = 30.0
    silent: float = 120.0
    stale: float = 10.0
    wanted: float = 2.0


class Settling:
    """`publish` puts an end into the feed, from which it comes into the attempt's row."""

    def __init__(
        self,
        book: AttemptBook,
        line: CampaignLine,
        publish: Callable[[HistoryEvent], object],
        clock: Callable[[], float],
        pulse: Pulse,
    ) -> None:
        self._book, self._line, self._publish, self._clock = book, line, publish, clock
        self._pulse, self._looked = pulse, clock()
        self._missing: set[str] = set()

    async def at_start(self, rest: Callable[[float], Awaitable[None]]) -> dict[str, int]:
        """Settle all that the process before left open; gives the calls that are still on the line."""
        while True:
            try:
                attempts = await self._book.open_attempts()
                young = [instant(one.placed_at) + self._pulse.old_enough - self._clock() for one in attempts]
                if young and max(young) > 0:
                    await rest(self._pulse.tick)
                    continue
                live = await self._line.live()
                await self._settle([one for one in attempts if one.call not in live])
                return {one.call: one.campaign for one in attempts if one.call in live}
            except AsteriskUnreachable:
                await rest(self._pulse.tick)
            except Exception:  # the database may be away
                log.exception("attempts_not_settled")
                await rest(self._pulse.tick)

    async def now_and_then(self) -> list[str]:
        """Attempts whose end was never told, though they are long gone from the line; gives those settled now."""
        at = self._clock()
        if at - self._looked < self._pulse.look_every:
            return []
        self._looked = at
        old = [one for one in await self._book.open_attempts() if instant(one.placed_at) < at - self._pulse.silent]
        live = await self._line.live() if old else frozenset()
        missing = [one for one in old if one.call not in live]
        # Twice in a row: an end that was just told is on its way into the row.
        lost = [one for one in missing if one.call in self._missing]
        self._missing = {one.call for one in missing} - {one.call for one in lost}
        await self._settle(lost)
        return [one.call for one in lost]

    async def _settle(self, attempts: Iterable[OpenAttempt]) -> None:
        lost = list(attempts)
        if not lost:
            return
        past = await self._line.past(lost)
        for ended in past.values():
            self._publish(replace(ended, settled_by="cel"))
        unknown = [one.call for one in lost if one.call not in past]
        if unknown:
            await self._book.unsettled(unknown, at=from_instant(self._clock()))
        log.info("attempts_settled", told=len(past), unsettled=len(unknown))
