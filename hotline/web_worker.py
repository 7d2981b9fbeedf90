"""One web worker: the pages in a process of their own, `python -m hotline.web_worker`. It ends with its parent."""

from __future__ import annotations

import asyncio
import socket

import uvicorn

from agent_desktop.app import create_app
from crm_core.imports.apart import end_with_parent
from crm_core.knowledge.spelling import learn_spelling
from crm_core.server_watch import database_of_pages
from cti.wire.redis_bus import RedisBus
from cti.wire.remote_desk import RemoteDesk
from cti.wire.roll import answer_rolls
from hotline.background import tell_of_failure
from hotline.fast_loop import run_fast
from hotline.log_lines import log_plainly
from hotline.quiet_memory import quiet_memory
from hotline.recordings_vault import site_vault
from hotline.report_line import ReportLine
from hotline.run_folder import pages_secret
from hotline.settings import Settings
from hotline.web_config import server_config, web_config


async def serve(settings: Settings) -> None:
    """Until SIGTERM or SIGINT."""
    database = database_of_pages(settings.database)
    bus = RedisBus(settings.redis_url)
    desk = RemoteDesk(bus)
    spelling = asyncio.create_task(asyncio.to_thread(learn_spelling), name="spelling")
    spelling.add_done_callback(tell_of_failure)
    rolls = asyncio.create_task(answer_rolls(bus, desk.floor), name="rolls")
    rolls.add_done_callback(tell_of_failure)
    try:
        async with desk.running():
            vault = site_vault(settings, database)
            secret = await asyncio.to_thread(pages_secret, settings.run_dir.resolve())
            reports = ReportLine(settings.run_dir.resolve() / "reports")
            config = web_config(
                settings,
                vault=vault,
                never_heard=desk.never_heard,
                report_room=reports,
                link_secret=secret,
                bus=bus,
            )
            app = create_app(database, desk, config)
            quiet_memory()
            server = uvicorn.Server(server_config(settings, app))
            with listening(settings.host, settings.web_port) as own:
                await server.serve(sockets=[own])
    finally:
        rolls.cancel()
        await asyncio.gather(rolls, return_exceptions=True)
        await bus.close()
        await database.close()


def listening(host: str, port: int) -> socket.socket:
    """Each worker listens by itself at the same port: the kernel shares browsers out, and none to one that is gone."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.bind((host, port))
    listening.set_inheritable(False)
    return listening


if __name__ == "__main__":
    end_with_parent()
    site = Settings()
    log_plainly(site.log_format)
    run_fast(serve(site))
