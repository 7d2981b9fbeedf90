"""The platform of the load: telephone side, journal, history and recordings in one process, as `hotline run` has them.

`python -m benchmarks.load_platform FOLDER`; FOLDER/load.pickle holds the config, the recordings' folder, the agents and
the menu.
Prints "ready" when in step with Asterisk and everybody is ready.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from functools import partial
from pathlib import Path

from benchmarks.bare_site import Team, straight_to_service
from crm_core.db import Database, make_engine
from crm_core.history.journal import Journal
from crm_core.history.writer import HistoryWriter
from crm_core.tables import METADATA
from cti.bridge import Bridge
from cti.bridge_config import BridgeConfig
from cti.directory import NobodyKnown
from hotline.fast_loop import run_fast
from hotline.log_lines import log_plainly
from hotline.quiet_memory import quiet_memory
from ivr.flow_file import read_flow
from ivr.runner import run_menu
from recording.storage import RecordingKeeper

RING_SECONDS = 20


async def serve(folder: Path, config: BridgeConfig, recordings: Path, agents: tuple[str, ...], flow: str) -> None:
    """Until killed. `flow` is the menu as YAML, "" = none: straight to the queue."""
    assert METADATA.tables  # noqa: S101 - the tables of all rooms are known: history's point to some of them
    database = Database(make_engine(f"sqlite+aiosqlite:///{folder / 'hotline.db'}"))
    journal = Journal(folder / "journal")
    bridge = Bridge(
        config,
        journal=journal,
        workforce=Team(agents, RING_SECONDS),
        directory=NobodyKnown(),
        menu=partial(run_menu, read_flow(flow)) if flow else straight_to_service,
    )
    await bridge.start()
    await bridge.ready.wait()
    for agent in agents:
        await bridge.desk.sign_in(agent, ready=True)
    quiet_memory()
    print("ready", flush=True)
    keeper = RecordingKeeper(database, recordings)
    await asyncio.gather(HistoryWriter(database, journal).run(), keeper.run(bridge.feed.follow))


if __name__ == "__main__":
    log_plainly()
    written = Path(sys.argv[1])
    run_fast(serve(written, *pickle.loads((written / "load.pickle").read_bytes())))  # noqa: S301  # by the bench
