"""The platform beside whose calls reports are counted: telephone side, journal, history and pages in one process.

`python -m benchmarks.beside_platform FOLDER`; FOLDER/beside.pickle: the config, the agents, the port of the pages,
whether reports are counted apart. The database is HOTLINE_DATABASE_URL. Prints "ready" when everybody is ready.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from pathlib import Path

import uvicorn

from agent_desktop.app import create_app
from agent_desktop.reports.apart import Question
from benchmarks.bare_site import Team, straight_to_service
from crm_core.db import Database, make_engine
from crm_core.history.journal import Journal
from crm_core.history.writer import HistoryWriter
from cti.bridge import Bridge
from cti.bridge_config import BridgeConfig
from cti.directory import NobodyKnown
from hotline.fast_loop import run_fast
from hotline.log_lines import log_plainly
from hotline.quiet_memory import quiet_memory
from hotline.report_room import ReportProcess
from hotline.settings import Settings
from hotline.web_config import web_config

RING_SECONDS = 20


async def serve(folder: Path, config: BridgeConfig, agents: tuple[str, ...], port: int, apart: bool) -> None:
    """Until killed."""
    settings = Settings()
    database, journal = Database(make_engine(settings.database)), Journal(folder / "journal")
    bridge = Bridge(
        config,
        journal=journal,
        workforce=Team(agents, RING_SECONDS),
        directory=NobodyKnown(),
        menu=straight_to_service,
    )
    await bridge.start()
    await bridge.ready.wait()
    for agent in agents:
        await bridge.desk.sign_in(agent, ready=True)
    room = ReportProcess(folder / "reports") if apart else None
    app = create_app(database, bridge.desk, web_config(settings, report_room=room))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", access_log=False))
    work = [HistoryWriter(database, journal).run(), server.serve(), _tell(server, room)]
    if room is not None:
        work.append(room.run())
    quiet_memory()
    await asyncio.gather(*work)


async def _tell(server: uvicorn.Server, room: ReportProcess | None) -> None:
    while not server.started:  # noqa: ASYNC110  uvicorn offers no event
        await asyncio.sleep(0.05)
    if room is not None:
        await room.answer(Question(address="/login", headers=()))  # its start is no part of the measurement
    print("ready", flush=True)


if __name__ == "__main__":
    log_plainly()
    written = Path(sys.argv[1])
    run_fast(serve(written, *pickle.loads((written / "beside.pickle").read_bytes())))  # noqa: S301  # by the bench
