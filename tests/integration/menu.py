"""A FastAGI server in the platform's place, for tests of the dialplan alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from asterisk_conf.site import AsteriskSite


@contextmanager
def menu_that_enqueues(site: AsteriskSite, queue: str) -> Iterator[None]:
    """Answers every caller and sends them into one queue."""
    commands = ("ANSWER", f"SET VARIABLE HL_QUEUE {queue}", "SET VARIABLE HL_DONE 1")

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (await reader.readline()).strip():
            pass
        for command in commands:
            writer.write(f"{command}\n".encode())
            await reader.readline()
        writer.close()

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(session, site.host, site.agi_port))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
