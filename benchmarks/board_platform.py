"""The platform of the wallboard's measurement: telephone side, journal, history and the pages in one process.

`python -m benchmarks.board_platform FOLDER`; FOLDER/board.pickle: the config, the agents, the port of the pages.
Prints "ready" when in step with Asterisk and everybody is ready.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn

from acd.model import AgentId, Queue, QueueId
from agent_desktop.app import create_app
from agent_desktop.config import WebConfig
from agent_desktop.site import Site
from benchmarks.bare_site import SERVICE
from crm_core.db import Database, make_engine
from crm_core.history.journal import Journal
from crm_core.history.writer import HistoryWriter
from cti.bridge import Bridge
from cti.bridge_config import BridgeConfig
from cti.directory import NobodyKnown
from cti.workforce import AgentProfile, Workforce
from hotline.fast_loop import run_fast
from hotline.log_lines import log_plainly
from hotline.pages_told import pages_told
from hotline.quiet_memory import quiet_memory
from ivr.line import Caller, Enqueue, Line

QUEUES = ("service", "complaint", "rescue")
WRAP_UP_SECONDS = 1


class Floor:
    """A WorkforceSource: all agents serve all queues, with a moment of after-call work."""

    def __init__(self, agents: tuple[str, ...]) -> None:
        self._agents = agents

    async def current(self) -> Workforce:
        queues = tuple(
            Queue(
                id=QueueId(queue),
                skill=SERVICE,
                ring_seconds=20,
                wrap_up_seconds=WRAP_UP_SECONDS,
                announce_every_seconds=0,
                first_announcement_seconds=0,
            )
            for queue in QUEUES
        )
        return Workforce(
            queues, {AgentId(agent): AgentProfile(skills={SERVICE: 5}, missed_limit=0) for agent in self._agents}
        )

    async def changed(self) -> Workforce:
        return await self.current()


async def _to_a_queue(line: Line, caller: Caller, report: Callable[[str, str], None]) -> Enqueue:
    """A menu without prompts; the caller's last digit chooses."""
    queue = QUEUES[int(caller.number[-1]) % len(QUEUES)] if caller.number[-1:].isdigit() else QUEUES[0]
    return Enqueue(queue=queue, topic="", path=(queue,), language="zh-CN")


async def serve(folder: Path, config: BridgeConfig, agents: tuple[str, ...], port: int, redis_url: str) -> None:
    """Until killed. With a `redis_url` the pages are other processes."""
    database = Database(make_engine(f"sqlite+aiosqlite:///{folder / 'hotline.db'}"))
    journal = Journal(folder / "journal")
    bridge = Bridge(config, journal=journal, workforce=Floor(agents), directory=NobodyKnown(), menu=_to_a_queue)
    await bridge.start()
    await bridge.ready.wait()
    for agent in agents:
        await bridge.desk.sign_in(agent, ready=True)
    history = HistoryWriter(database, journal)
    if redis_url:
        async with pages_told(redis_url, bridge, epoch=1):
            quiet_memory()
            print("ready", flush=True)
            await history.run()
    site = Site(name="Measurement", zone=ZoneInfo("Asia/Shanghai"))
    web = WebConfig(site=site, recordings=folder, files=folder, imports=folder, prompts=folder, own_prompts=folder)
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(database, bridge.desk, web), host="127.0.0.1", port=port, log_level="warning", access_log=False
        )
    )
    quiet_memory()
    await asyncio.gather(history.run(), server.serve(), _tell(server))


async def _tell(server: uvicorn.Server) -> None:
    while not server.started:  # noqa: ASYNC110  uvicorn offers no event
        await asyncio.sleep(0.05)
    print("ready", flush=True)


if __name__ == "__main__":
    log_plainly()
    written = Path(sys.argv[1])
    run_fast(serve(written, *pickle.loads((written / "board.pickle").read_bytes())))  # noqa: S301  # by the bench
