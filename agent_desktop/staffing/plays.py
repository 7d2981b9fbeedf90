"""What-ifs under way: one process each, watched line by line, stopped on request; kept at `app.state.plays`.

Where there are several web workers each knows those of the others: the next click may come to any of them.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime, timedelta
from secrets import token_urlsafe
from time import monotonic
from typing import Any

import orjson
from pydantic import TypeAdapter

from agent_desktop.other_workers import OtherWorkers
from crm_core.errors import NotFound, Refused

MOST_AT_ONCE = 2
KEPT = timedelta(hours=2)
LINE = 4_000_000  # bytes of a plan as one line
BEAT_SECONDS = 5.0  # a worker tells the others of what it plays at least so often
SILENT_SECONDS = 20.0  # of whom nothing was heard for so long is gone, and its process with it
HEARD_SECONDS = 1.0  # what another worker has begun is heard of


@dataclass(slots=True, kw_only=True)
class Told:
    """`state`: running, done, stopped, failed. `result` as reports.what_if_result.as_json gives it."""

    id: str
    owner: str
    day: date
    changes: dict[str, Any]
    days: int
    began: datetime
    done: int = 0
    state: str = "running"
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Play(Told):
    """`heard`: monotonic seconds when another worker last told of it; 0 = it is played here."""

    heard: float = 0.0
    process: Process | None = None
    task: asyncio.Task[None] | None = None


_TOLD = TypeAdapter(Told)


class TooManyPlays(Refused):
    def __init__(self) -> None:
        super().__init__("{most} what-ifs are running. Wait for one to end, or stop yours.", most=MOST_AT_ONCE)


class NoSuchPlay(NotFound):
    def __init__(self) -> None:
        super().__init__("This what-if is no longer known. Play it again.")


class Plays:
    def __init__(self, others: OtherWorkers | None = None) -> None:
        self._plays: dict[str, Play] = {}
        self._others = others or OtherWorkers()
        self._news = asyncio.Event()
        self._others.hear("play", self._take)
        self._others.hear("plays", lambda *_: self._tell_all())
        self._others.hear("stop play", self.stop_here)

    def start(self, play_of: dict[str, Any], *, owner: str, day: date, changes: dict[str, Any], now: datetime) -> Play:
        """Begin to play; who plays already stops that one first. Raises TooManyPlays."""
        self._forget(now)
        for mine in [one for one in self._plays.values() if one.owner == owner and one.state == "running"]:
            self.stop(mine.id, owner)
        if sum(one.state == "running" for one in self._plays.values()) >= MOST_AT_ONCE:
            raise TooManyPlays
        days = int(play_of["days"])
        play = Play(id=token_urlsafe(9), owner=owner, day=day, changes=changes, days=days, began=now)
        self._plays[play.id] = play
        self._tell(play)
        play.task = asyncio.create_task(self._play(play, json.dumps(play_of)))
        return play

    async def found(self, play_id: str, owner: str) -> Play:
        """As `of`; one that another worker has just begun is waited for."""
        if not self._others.alone:
            with suppress(TimeoutError):
                async with asyncio.timeout(HEARD_SECONDS):
                    while play_id not in self._plays:
                        self._news.clear()
                        await self._news.wait()
        return self.of(play_id, owner)

    def of(self, play_id: str, owner: str) -> Play:
        """Raises NoSuchPlay also for that of somebody else."""
        self._give_up_silent()
        play = self._plays.get(play_id)
        if play is None or play.owner != owner:
            raise NoSuchPlay
        return play

    def stop(self, play_id: str, owner: str) -> None:
        self.of(play_id, owner)
        self.stop_here(play_id, owner)
        self._others.tell("stop play", play_id, owner)

    def stop_here(self, play_id: str, owner: str) -> None:
        play = self._plays.get(play_id)
        if play is not None and play.owner == owner and play.state == "running":
            play.state = "stopped"
            if play.process is not None and play.process.returncode is None:
                play.process.kill()

    # ---- told between workers

    def _tell(self, play: Play) -> None:
        if not self._others.alone:
            told = {one.name: getattr(play, one.name) for one in fields(Told)}
            self._others.tell("play", play.id, orjson.dumps(told).decode())

    def _tell_all(self) -> None:
        for play in self._plays.values():
            if not play.heard:
                self._tell(play)

    def _take(self, play_id: str, told: str) -> None:
        found = asdict(_TOLD.validate_json(told))
        known = self._plays.get(play_id)
        if known is None or known.heard:
            self._plays[play_id] = Play(**found, heard=monotonic())
            self._news.set()

    def _give_up_silent(self) -> None:
        for play in self._plays.values():
            if play.heard and play.state == "running" and monotonic() > play.heard + SILENT_SECONDS:
                play.state = "failed"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """No process outlives the application."""
        beat = asyncio.create_task(self._beat(), name="plays-beat")
        try:
            yield
        finally:
            beat.cancel()
            await self._close()

    async def _beat(self) -> None:
        self._others.tell("plays")
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            for play in self._plays.values():
                if play.state == "running" and not play.heard:
                    self._tell(play)

    async def _close(self) -> None:
        for play in self._plays.values():
            if play.state == "running" and not play.heard:
                self.stop_here(play.id, play.owner)
        await asyncio.gather(*(one.task for one in self._plays.values() if one.task), return_exceptions=True)

    def _forget(self, now: datetime) -> None:
        self._give_up_silent()
        for old in [one.id for one in self._plays.values() if one.state != "running" and now - one.began > KEPT]:
            del self._plays[old]

    async def _play(self, play: Play, line: str) -> None:
        async for _ in _run(play, line):
            self._tell(play)
        self._tell(play)


async def _run(play: Play, line: str) -> AsyncIterator[None]:
    """Play it; yields at each step."""
    try:
        play.process = process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "reports.what_if_run", stdin=PIPE, stdout=PIPE, limit=LINE
        )
        if play.state != "running":  # stopped while it was being started
            process.kill()
        assert process.stdin is not None  # noqa: S101 - for the type checker: we asked for pipes
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(line.encode() + b"\n")
        process.stdin.close()
        async for told in process.stdout:
            _read(play, json.loads(told))
            yield
        await process.wait()
    except (OSError, ValueError, ConnectionError):
        play.state = "failed" if play.state == "running" else play.state
    if play.state == "running":
        play.state = "done" if play.result else "failed"


def _read(play: Play, told: dict[str, Any]) -> None:
    play.done = told.get("done", play.done)
    play.result = told.get("result", play.result)
