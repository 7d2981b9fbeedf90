"""The telephony process as a web worker has it: `agent_desktop.ports.Telephony` over the bus."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import structlog

from acd.dialer import PacingFigures
from crm_core.errors import PlatformError
from crm_core.history.events import FeedRecord
from cti.feed import FeedReader
from cti.views import DeskView, FloorView, PhoneAccount
from cti.wire.answerer import MOST_RECORDS, NEVER_HEARD, PICTURE, RECORDS
from cti.wire.asker import Asker
from cti.wire.bus import TOLD, Bus
from cti.wire.messages import Told, Unreadable, as_record, read
from cti.wire.mirror import Mirror
from cti.wire.remote_acts import (
    RemoteCallbacks,
    RemoteCalls,
    RemoteFloor,
    RemoteLines,
    RemotePreviews,
    RemoteRecordings,
    RemoteTrials,
)
from ivr.recogniser import RecogniserLost

log = structlog.get_logger(__name__)

AWAY_SECONDS = 2.5  # without a beat; one comes each second
PICTURE_AGAIN_SECONDS = 0.5


class RemoteDesk:
    """Works within `running`; until the first picture it says that telephony is away."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.mirror = Mirror(time.time())
        self.asker = Asker(bus, self.mirror)
        self.texts = self.mirror
        self.calls = RemoteCalls(self.asker)
        self.floor_control = RemoteFloor(self.asker)
        self.recordings = RemoteRecordings(self.asker)
        self.callbacks = RemoteCallbacks(self.asker)
        self.menu_trials = RemoteTrials(self.asker)
        self.lines = RemoteLines(self.asker, self.mirror)
        self.previews = RemotePreviews(self.asker)
        self._lost = asyncio.Event()
        self._alarm: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """In step with telephony until the block ends; telephony may come later than we do."""
        self._lost.set()
        works = {"told": self._listen(), "answers": self.asker.run(), "in-step": self._stay_in_step()}
        tasks = [asyncio.create_task(work, name=f"wire-{name}") for name, work in works.items()]
        for task in tasks:
            task.add_done_callback(_tell_of_failure)
        try:
            yield
        finally:
            if self._alarm is not None:
                self._alarm.cancel()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # ---- in step

    async def _listen(self) -> None:
        async with self._bus.follow(TOLD) as messages:
            async for message in messages:
                try:
                    told = read(Told, message)
                    records = [as_record(values) for values in told.records]
                except Unreadable as wrong:
                    log.error("telephony_not_understood", reason=str(wrong)[:300])
                    continue  # the next one does not follow what was taken: a whole picture is asked for
                await self._hear(told, records)

    async def _hear(self, told: Told, records: list[FeedRecord]) -> None:
        if self.mirror.is_old(told):
            return
        if not self.mirror.fits(told):
            self._lose("missed")
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_later(AWAY_SECONDS, self._lose, "silent")
        records, complete = await self._completed(told, records)
        if not self.mirror.in_step:
            log.info("telephony_in_step", epoch=told.epoch, number=told.number, complete=complete)
        self.mirror.take(told, records, complete=complete)

    def _lose(self, reason: str) -> None:
        if self.mirror.in_step:
            log.warning("telephony_out_of_step", reason=reason)
        self.mirror.lose()
        self._lost.set()

    async def _completed(self, told: Told, records: list[FeedRecord]) -> tuple[list[FeedRecord], bool]:
        """With those from the journal that we lack, and whether all are there now."""
        known = self.mirror.number
        fresh = [record for record in records if record.number > known]
        lacking = told.number - known - len(fresh)
        if not known or not lacking:
            return fresh, True
        if not 0 < lacking <= MOST_RECORDS:
            return [], False
        try:
            found = await self.asker.question(RECORDS, after=known, most=lacking)
            fresh = [*(as_record(values) for values in found), *fresh]
        except (PlatformError, Unreadable, TypeError) as refused:
            log.warning("records_not_filled", after=known, lacking=lacking, reason=str(refused))
            return [], False
        return fresh, [record.number for record in fresh] == list(range(known + 1, told.number + 1))

    async def _stay_in_step(self) -> None:
        """Who was lost asks for a whole picture until it has one."""
        await self.asker.listening.wait()
        while True:
            await self._lost.wait()
            try:
                await self.asker.question(PICTURE)
            except PlatformError:
                log.info("no_picture_of_telephony_yet")
            await asyncio.sleep(PICTURE_AGAIN_SECONDS)
            if self.mirror.in_step:
                self._lost.clear()

    # ---- what pages ask

    async def sign_in(self, agent: str, *, ready: bool) -> None:
        await self.asker.order("sign_in", agent=agent, ready=ready)

    async def sign_out(self, agent: str) -> None:
        await self.asker.order("sign_out", agent=agent)

    async def go_ready(self, agent: str) -> None:
        await self.asker.order("go_ready", agent=agent)

    async def take_break(self, agent: str, reason: str) -> None:
        await self.asker.order("take_break", agent=agent, reason=reason)

    async def plan_next(self, agent: str, state: str, reason: str = "") -> None:
        await self.asker.order("plan_next", agent=agent, state=state, reason=reason)

    async def extend_wrap_up(self, agent: str) -> None:
        await self.asker.order("extend_wrap_up", agent=agent)

    async def dial(self, agent: str, number: str, customer_id: int | None = None) -> str:
        return str(await self.asker.order("dial", agent=agent, number=number, customer_id=customer_id))

    async def hang_up(self, agent: str) -> None:
        await self.asker.order("hang_up", agent=agent)

    async def phone_account(self, agent: str, session: str) -> PhoneAccount:
        account: PhoneAccount = await self.asker.order("phone_account", agent=agent, session=session)
        return account

    async def revoke_phone(self, agent: str) -> None:
        await self.asker.order("revoke_phone", agent=agent)

    async def visitor_account(self) -> PhoneAccount:
        account: PhoneAccount = await self.asker.order("visitor_account")
        return account

    async def workforce_changed(self) -> None:
        await self.asker.order("workforce_changed")

    async def lines_changed(self) -> None:
        await self.asker.order("lines_changed")

    async def never_heard(self, language: str, phrases: tuple[str, ...]) -> tuple[str, ...]:
        """As cti.bridge.Bridge.never_heard. Raises RecogniserLost."""
        try:
            found = await self.asker.question(NEVER_HEARD, language=language, phrases=list(phrases))
        except PlatformError as away:
            raise RecogniserLost(str(away)) from away
        if found is None:
            raise RecogniserLost(f"there is no recogniser of {language}")
        return tuple(str(phrase) for phrase in found)

    def desk(self, agent: str) -> DeskView:
        return self.mirror.desk(agent)

    def floor(self) -> FloorView:
        return self.mirror.floor()

    def pacing(self, campaign: int) -> PacingFigures | None:
        return self.mirror.pacing(campaign)

    def follow(self) -> AbstractAsyncContextManager[FeedReader]:
        return self.mirror.follow()


def _tell_of_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("wire_ended", work=task.get_name(), exc_info=task.exception())
