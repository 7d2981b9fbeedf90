"""`hotline web`: the pages as processes of their own, kept up; one that dies is started anew at once."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from pathlib import Path
from typing import Annotated

import typer

from agent_desktop.words import N_
from cti.wire.redis_bus import RedisBus, RedisUnusable
from hotline import own_process, service_state
from hotline.packages import SetupRefused
from hotline.platform_process import environment_of
from hotline.ports import require_free
from hotline.restart_pause import STEADY_SECONDS, restart_pause
from hotline.settings import Settings
from hotline.shape import pages_answer
from hotline.terminal import say

STOP_SECONDS = 10


def web(
    workers: Annotated[int, typer.Option("--workers", min=0, max=64, help="0 = HOTLINE_WEB_WORKERS, else 1.")] = 0,
) -> None:
    """Serve the pages beside a telephony process; Ctrl-C ends them."""
    settings = Settings()
    asyncio.run(_serve(settings, workers or settings.web_workers or 1))


async def _serve(settings: Settings, count: int) -> None:
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    await require_redis(settings)
    require_free(settings.host, settings.web_port, "HOTLINE_WEB_PORT")
    beside = [asyncio.create_task(work) for work in (service_state.keep_watchdog_quiet(), _announce(settings))]
    try:
        await WebWorkers(settings, count, stop).run()
    finally:
        for task in beside:
            task.cancel()
        service_state.stopping()


async def _announce(settings: Settings) -> None:
    """Tell where the pages are, as soon as one worker answers."""
    while not await pages_answer(settings):  # noqa: ASYNC110 - a worker tells nobody that it listens
        await asyncio.sleep(0.2)
    print(f"ready: {settings.peoples_address}", flush=True)
    service_state.ready(f"Pages at {settings.peoples_address}")


async def require_redis(settings: Settings) -> None:
    """Raise SetupRefused, with the remedy, when the processes could not meet."""
    if not settings.redis_url:
        raise SetupRefused(
            "Pages in processes of their own need Redis: set HOTLINE_REDIS_URL, e.g. redis://127.0.0.1:6379/0. "
            "Or leave HOTLINE_WEB_WORKERS at 0 and use hotline run."
        )
    try:
        bus = RedisBus(settings.redis_url)
    except ValueError as wrong:
        raise SetupRefused(
            "HOTLINE_REDIS_URL cannot be used: {reason}. Write redis://host:port/number.", reason=wrong
        ) from wrong
    try:
        await bus.require()
    except RedisUnusable as refused:
        raise SetupRefused(refused.message_id, **refused.values) from refused
    finally:
        await bus.close()


class WebWorkers:
    """So many, until `stop` is set."""

    def __init__(self, settings: Settings, count: int, stop: asyncio.Event) -> None:
        self._settings, self._count, self._stop = settings, count, stop

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(self._count):
                group.create_task(self._keep(number), name=f"web-{number}")

    async def _keep(self, number: int) -> None:
        early_deaths = 0
        while not self._stop.is_set():
            began = time.monotonic()
            worker = await self._start()
            try:
                await own_process.died_or(self._stop, worker)
            finally:
                await own_process.end(worker, STOP_SECONDS)
            if self._stop.is_set():
                return
            early_deaths = 0 if time.monotonic() - began > STEADY_SECONDS else early_deaths + 1
            again = N_("Web worker {number} ended with status {status}; starting it again.")
            say(again, number=number, status=worker.returncode)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), restart_pause(early_deaths))

    async def _start(self) -> asyncio.subprocess.Process:
        environment = environment_of(self._settings)
        return await own_process.start("hotline.web_worker", log=self.log, environment=environment)

    @property
    def log(self) -> Path:
        return self._settings.run_dir.resolve() / "web.log"
