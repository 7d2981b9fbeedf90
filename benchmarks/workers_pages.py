"""One web worker of the measurement: `python -m benchmarks.workers_pages FOLDER PORT REDIS`, until it is killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn

from agent_desktop.app import create_app
from agent_desktop.config import WebConfig
from agent_desktop.site import Site
from crm_core.db import Database, make_engine
from cti.wire.redis_bus import RedisBus
from cti.wire.remote_desk import RemoteDesk
from hotline.log_lines import log_plainly
from hotline.quiet_memory import quiet_memory
from hotline.web_worker import listening


async def serve(folder: Path, port: int, redis_url: str) -> None:
    bus = RedisBus(redis_url)
    desk = RemoteDesk(bus)
    site = Site(name="Measurement", zone=ZoneInfo("Asia/Shanghai"))
    config = WebConfig(
        site=site, recordings=folder, files=folder, imports=folder, prompts=folder, own_prompts=folder, bus=bus
    )
    database = Database(make_engine(f"sqlite+aiosqlite:///{folder / 'hotline.db'}"))
    async with desk.running():
        server = uvicorn.Server(uvicorn.Config(create_app(database, desk, config), log_level="warning"))
        quiet_memory()
        with listening("127.0.0.1", port) as socket:
            await server.serve(sockets=[socket])


if __name__ == "__main__":
    log_plainly()
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
