"""`hotline run`: starts Asterisk and the platform in one private folder, keeps them up, ends both and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError

from agent_desktop.words import N_
from asterisk_conf.install import find_asterisk
from asterisk_conf.site import AsteriskSite
from crm_core.database_checks import examine, parsed, refusal
from crm_core.db import Database, make_engine
from crm_core.migrate import upgrade
from hotline import replacing, run_folder, service_state, start_note
from hotline.asterisks import Exchange
from hotline.demo.loading import load_demo_site
from hotline.door.keeper import MODULE as DOOR
from hotline.door.keeper import DoorKeeper
from hotline.orphans import adopt_orphans, end_orphans
from hotline.packages import SetupRefused
from hotline.platform_process import PlatformProcess, keep
from hotline.ports import require_free
from hotline.restart_pause import restart_pause
from hotline.set_up import set_up
from hotline.settings import Settings
from hotline.shape import Shape, pages_answer, shape_of
from hotline.telephone_site import telephone_sites
from hotline.terminal import say
from hotline.web_workers import WebWorkers, require_redis

READY_SECONDS = 180  # a machine that is busy with calls takes longer than a quiet one


def run(
    quick: Annotated[bool, typer.Option("--quick", help="Skip the set-up; it was done before.")] = False,
) -> None:
    """Bring up Asterisk and the platform for this machine; Ctrl-C ends both."""
    bring_up(Settings().model_copy(update={"bind": ""}), quick=quick)


def telephony(
    quick: Annotated[bool, typer.Option("--quick", help="Skip the set-up; it was done before.")] = False,
) -> None:
    """Bring up Asterisk and the telephony process, without pages: see hotline web. Ctrl-C ends both."""
    bring_up(Settings().model_copy(update={"bind": ""}), quick=quick, shape=Shape.TELEPHONY)


def bring_up(settings: Settings, *, quick: bool, greet: Callable[[], str] = str, shape: Shape | None = None) -> None:
    """Until a signal; `greet` gives what to tell once the pages answer. Raises SetupRefused."""
    shape = shape or shape_of(settings)
    if shape is not Shape.ONE:
        asyncio.run(require_redis(settings))
    if not quick:
        set_up(settings)
    with run_folder.locked(settings.run_dir), start_note.told(settings.run_dir):
        start_note.note(settings.run_dir, "database")
        run_folder.end_left_over_platform(settings.run_dir)
        run_folder.end_left_over(settings.run_dir / "door.pid", DOOR)
        run_folder.note_bound(settings.run_dir, settings.bind)
        settings = settings.model_copy(
            update={"ami_secret": settings.ami_secret or run_folder.ami_secret(settings.run_dir)}
        )
        examine(settings.database)
        try:
            upgrade(settings.database)
            # The demo goes into its own database only, never into one that the operator brought.
            if settings.demo and not settings.database_url:
                greet = partial(str, load_demo_site(settings))  # who works there must be there before Asterisk's files
        except DBAPIError as refused:
            raise refusal(refused, parsed(settings.database)) from refused
        successor = asyncio.run(Supervisor(settings, greet, shape).run())
    if successor is not None:
        replacing.become(successor, sys.argv[1:])


class Supervisor:
    """One site at work, until a signal says stop."""

    def __init__(self, settings: Settings, greet: Callable[[], str], shape: Shape = Shape.ONE) -> None:
        self._settings, self._greet, self._shape = settings, greet, shape
        self._greeting = ""
        self._stop = asyncio.Event()
        self._announced = asyncio.Event()
        self._door = DoorKeeper(settings, self._stop) if settings.is_open else None
        self._platform = PlatformProcess(settings, shape=shape)
        self._successor: replacing.Version | None = None
        self._spare_asterisk = False

    async def run(self) -> replacing.Version | None:
        """Gives the version that is to go on in our place, with Asterisk left as it is; None = all has ended."""
        adopt_orphans()
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(sign, self._stop.set)
        loop.add_signal_handler(signal.SIGUSR2, self._give_way)
        if self._door is not None:
            loop.add_signal_handler(signal.SIGHUP, self._door.renew)
        replacing.note_replaceable(self._settings.run_dir, os.getpid())
        watchdog = asyncio.create_task(service_state.keep_watchdog_quiet())
        exchange = await self._prepare()
        self._greeting = await asyncio.to_thread(self._greet)  # a password is made when every port is ours
        keeping: list[asyncio.Task[None]] = []
        adopted = False
        try:
            start_note.note(self._settings.run_dir, "asterisk")
            adopted = not await asyncio.to_thread(exchange.start)
            start_note.note(self._settings.run_dir, "platform")
            keeping.append(asyncio.create_task(exchange.keep(self._sites, self._stop)))
            if self._shape is Shape.SPLIT:
                pages = WebWorkers(self._settings, self._settings.web_workers, self._stop)
                keeping.append(asyncio.create_task(pages.run()))
            if self._settings.standby:
                keeping.append(asyncio.create_task(self._keep_standby()))
            if self._door is not None:
                keeping.append(asyncio.create_task(self._door.run()))
            await self._keep_platform()
        except SetupRefused:
            self._spare_asterisk = adopted  # its calls are those of the version before, which may be started again
            raise
        finally:
            self._stop.set()
            self._announced.set()
            watchdog.cancel()
            service_state.stopping() if self._successor is None else service_state.reloading()
            await asyncio.gather(self._platform.end(), *keeping, return_exceptions=True)
            if self._successor is None and not self._spare_asterisk:
                await asyncio.to_thread(exchange.stop)
            end_orphans(spared=exchange.pids)
        return self._successor

    def _give_way(self) -> None:
        """A version that cannot be found changes nothing: this one goes on."""
        self._successor = replacing.take_word(self._settings.run_dir)
        if self._successor is not None:
            say(N_("Another version takes over: {folder}"), folder=self._successor.root)
            self._stop.set()

    async def _prepare(self) -> Exchange:
        """Read who works here, and see that every port is ours."""
        settings = self._settings
        exchange = Exchange(settings, await self._sites(), find_asterisk(settings.cache_dir))
        if self._door is not None:
            self._door.prepare()
        if self._shape is not Shape.TELEPHONY:
            require_free(settings.host, settings.web_port, "HOTLINE_WEB_PORT")
        require_free(settings.host, settings.agi_port, "HOTLINE_AGI_PORT")
        exchange.require_free_ports()
        return exchange

    async def _sites(self) -> tuple[AsteriskSite, ...]:
        """What each Asterisk is rendered from now."""
        engine = make_engine(self._settings.database)
        try:
            async with Database(engine).begin() as session:
                return await telephone_sites(self._settings, session)
        finally:
            await engine.dispose()

    async def _keep_standby(self) -> None:
        """The second one: its start must not make the first one's slower."""
        await self._announced.wait()
        await keep(PlatformProcess(self._settings, "standby", self._shape), self._stop)

    async def _keep_platform(self) -> None:
        """Start the platform process, and again whenever it dies; calls go on in Asterisk meanwhile."""
        early_deaths, log = 0, self._platform.log
        while not self._stop.is_set():
            await self._platform.start()
            died = asyncio.create_task(self._platform.died())
            if not self._announced.is_set():
                await self._announce(died)
            await self._first_of(died)
            if self._stop.is_set():
                return
            if not self._announced.is_set():
                raise SetupRefused("The platform did not start: {reason} (see {log}).", reason=last_line(log), log=log)
            early_deaths = 0 if self._platform.was_steady() else early_deaths + 1
            say(
                N_("The platform ended with status {status}; starting it again (see {log})."),
                status=died.result(),
                log=log,
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), restart_pause(early_deaths))

    async def _announce(self, died: asyncio.Task[int]) -> None:
        """Wait until it is at work, then tell where; nothing is told when the platform died before."""
        deadline, log = time.monotonic() + READY_SECONDS, self._platform.log
        pages = self._shape is not Shape.TELEPHONY
        while not (died.done() or self._stop.is_set()):
            if time.monotonic() > deadline:
                raise SetupRefused(
                    "The platform was not ready within {seconds} s (see {log}).", seconds=READY_SECONDS, log=log
                )
            if await self._at_work():
                if self._door is not None:
                    await self._door.opened()
                print(f"ready: {self._settings.peoples_address if pages else 'telephony'}", flush=True)
                if self._greeting:
                    print(self._greeting, flush=True)
                service_state.ready(f"Pages at {self._settings.peoples_address}" if pages else "Telephony")
                start_note.done(self._settings.run_dir)
                self._announced.set()
                return
            await asyncio.wait({died}, timeout=0.1)

    async def _at_work(self) -> bool:
        """The pages answer; where there are none, calls are routed."""
        if self._shape is Shape.TELEPHONY:
            return self._platform.was_in_step()
        return await pages_answer(self._settings)

    async def _first_of(self, died: asyncio.Task[int]) -> None:
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait({died, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()


def last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").splitlines() if path.is_file() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "no message")
