"""The platform of the soak: telephone side, journal, history, recordings, figures, pages and the process of reports.

`python -m benchmarks.soak_platform FOLDER`; FOLDER/soak.pickle: the config, the recordings' folder, the agents, the
port of the pages. The database is HOTLINE_DATABASE_URL. Prints "ready" when everybody is ready.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn

from agent_desktop.app import create_app
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
from recording.storage import RecordingKeeper
from reports.rollups import build, keep_figures

RING_SECONDS = 20


async def serve(folder: Path, config: BridgeConfig, recordings: Path, agents: tuple[str, ...], port: int) -> None:
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
    writer, zone = HistoryWriter(database, journal), ZoneInfo(settings.site_zone)
    room = ReportProcess(folder / "reports", warm_up=0.0)
    app = create_app(database, bridge.desk, web_config(settings, report_room=room))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", access_log=False))
    quiet_memory()
    await asyncio.gather(
        writer.run(),
        RecordingKeeper(database, recordings).run(bridge.feed.follow),
        keep_figures(
            database,
            zone,
            build_missing=lambda: build(database, zone),
            wake=lambda: writer.written(writer.position + 1),
        ),
        room.run(),
        server.serve(),
        _tell(server),
    )


async def _tell(server: uvicorn.Server) -> None:
    while not server.started:  # noqa: ASYNC110  uvicorn offers no event
        await asyncio.sleep(0.05)
    print("ready", flush=True)


if __name__ == "__main__":
    log_plainly()
    written = Path(sys.argv[1])
    run_fast(serve(written, *pickle.loads((written / "soak.pickle").read_bytes())))  # noqa: S301  # by the bench
