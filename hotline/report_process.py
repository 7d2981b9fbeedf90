"""The process that counts reports: `python -m hotline.report_process SOCKET` serves the pages' own application there.

It has no telephone and follows no feed; it reads the database, looks at every right again, and ends with its parent.
Reports that are made by themselves (mail, weekly drafts, news flashes) are made here, too, one after the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import uvicorn

from agent_desktop.app import create_app
from agent_desktop.ports import FloorView, Telephony
from crm_core.db import Database, make_engine
from crm_core.imports.apart import end_with_parent
from crm_core.jobs.runner import JobRunner
from hotline.log_lines import log_plainly
from hotline.quiet_memory import quiet_memory
from hotline.report_jobs import report_jobs
from hotline.settings import Settings
from hotline.web_config import web_config

GENTLE = 10  # calls go before figures about calls
MOST_MEMORY = 2 * 1024**3
READY = b"ready\n"


class NoTelephone:
    """No report asks the telephone anything; one that does finds out in its first test.

    The frame around it asks whether an Asterisk is away, and hears of none: the next page tells it.
    """

    def floor(self) -> FloorView:
        return FloorView(number=0, at=0.0, connected=True, agents=(), waiting=())

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"a report may not ask the telephone ({name})")


async def serve(settings: Settings, socket: str) -> None:
    """Until killed."""
    database = Database(make_engine(settings.database))
    # Rates are counted by the platform: here every question would be counted once more in Redis.
    config = replace(web_config(settings), redis_url="")
    app = create_app(database, cast(Telephony, NoTelephone()), config)
    quiet_memory()
    how = {"lifespan": "off", "forwarded_allow_ips": "*", "log_level": "warning", "access_log": False}
    server = uvicorn.Server(uvicorn.Config(app, uds=socket, **how))  # type: ignore[arg-type]
    await asyncio.gather(
        server.serve(), _make_by_themselves(server, JobRunner(database, report_jobs(settings, database)))
    )


async def _make_by_themselves(server: uvicorn.Server, jobs: JobRunner) -> None:
    """What was begun when this process was ended is free again after a while: nobody here knows that it is not sent."""
    await _tell(server)
    await jobs.run()


async def _tell(server: uvicorn.Server) -> None:
    while not server.started:  # noqa: ASYNC110  uvicorn offers no event
        await asyncio.sleep(0.02)
    give_way()  # not before: a busy machine would never let it begin
    os.write(sys.stdout.fileno(), READY)


def give_way() -> None:
    """To everything else on this machine. Where Linux shares the processor by sessions ("autogroup"), being nice counts
    among the processes of one session only: so this one has a session of its own, and that one is nice."""
    os.nice(GENTLE)
    with contextlib.suppress(OSError):
        os.setsid()
        Path("/proc/self/autogroup").write_text(f"{GENTLE}\n")


def main(socket: str) -> None:
    end_with_parent()
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    settings = Settings()
    log_plainly(settings.log_format)
    asyncio.run(serve(settings, socket))


if __name__ == "__main__":
    main(sys.argv[1])
