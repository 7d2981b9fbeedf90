"""What-ifs under way: one process each, watched line by line, stopped on request; kept at `app.state.plays`."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from crm_core.errors import NotFound, Refused

MOST_AT_ONCE = 2
KEPT = timedelta(hours=2)
LINE = 4_000_000  # bytes of a plan as one line


@dataclass(slots=True)
class Play:
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
    process: Process | None = None
    task: asyncio.Task[None] | None = None


class TooManyPlays(Refused):
    def __init__(self) -> None:
        super().__init__("{most} what-ifs are running. Wait for one to end, or stop yours.", most=MOST_AT_ONCE)


class NoSuchPlay(NotFound):
    def __init__(self) -> None:
        super().__init__("This what-if is no longer known. Play it again.")


class Plays:
    def __init__(self) -> None:
        self._plays: dict[str, Play] = {}

    def start(self, play_of: dict[str, Any], *, owner: str, day: date, changes: dict[str, Any], now: datetime) -> Play:
        """Begin to play; who plays already stops that one first. Raises TooManyPlays."""
        self._forget(now)
        for mine in [one for one in self._plays.values() if one.owner == owner and one.state == "running"]:
            self.stop(mine.id, owner)
        if sum(one.state == "running" for one in self._plays.values()) >= MOST_AT_ONCE:
            raise TooManyPlays
        play = Play(token_urlsafe(9), owner, day, changes, int(play_of["days"]), now)
        self._plays[play.id] = play
        play.task = asyncio.create_task(_run(play, json.dumps(play_of)))
        return play

    def of(self, play_id: str, owner: str) -> Play:
        """Raises NoSuchPlay also for that of somebody else."""
        play = self._plays.get(play_id)
        if play is None or play.owner != owner:
            raise NoSuchPlay
        return play

    def stop(self, play_id: str, owner: str) -> None:
        play = self.of(play_id, owner)
        if play.state == "running":
            play.state = "stopped"
            if play.process is not None and play.process.returncode is None:
                play.process.kill()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """No process outlives the application."""
        try:
            yield
        finally:
            await self._close()

    async def _close(self) -> None:
        for play in self._plays.values():
            if play.state == "running":
                self.stop(play.id, play.owner)
        await asyncio.gather(*(one.task for one in self._plays.values() if one.task), return_exceptions=True)

    def _forget(self, now: datetime) -> None:
        for old in [one.id for one in self._plays.values() if one.state != "running" and now - one.began > KEPT]:
            del self._plays[old]


async def _run(play: Play, line: str) -> None:
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
            _take(play, json.loads(told))
        await process.wait()
    except (OSError, ValueError, ConnectionError):
        play.state = "failed" if play.state == "running" else play.state
    if play.state == "running":
        play.state = "done" if play.result else "failed"


def _take(play: Play, told: dict[str, Any]) -> None:
    play.done = told.get("done", play.done)
    play.result = told.get("result", play.result)
