"""The FastAGI server: bounded in connections, time and memory, whoever connects."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from cti.agi_session import LINE_LIMIT, AgiFault, AgiSession
from cti.frames import HostileValue
from ivr.line import CallerGone

log = structlog.get_logger(__name__)

CONNECTIONS = 500
SESSION_LIMIT = 900.0


class AgiServer:
    """`scripts` maps the path of agi://host:port/<path> to what serves it; `require_lead` as in cti.ami.AmiAccount."""

    def __init__(
        self,
        scripts: dict[str, Callable[[AgiSession], Awaitable[None]]],
        require_lead: Callable[[], None] = lambda: None,
    ) -> None:
        self._scripts, self._require_lead = scripts, require_lead
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen; gives the port, which is free to choose with 0. OSError when it is taken."""
        self._server = await asyncio.start_server(self._connected, host, port, limit=LINE_LIMIT)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """End every session; their callers go on in the dialplan."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._tasks) >= CONNECTIONS:
            log.error("agi_connections_full", limit=CONNECTIONS)
            writer.close()
            return
        self._tasks.add(task)
        try:
            async with asyncio.timeout(SESSION_LIMIT):
                await self._serve(AgiSession(reader, writer, self._require_lead))
        except (CallerGone, TimeoutError, ConnectionError):
            pass  # hung up, or a port scan: nothing is left to do
        except asyncio.CancelledError:
            pass  # by `stop`: this task is asyncio's own, which complains of a cancelled one
        except (AgiFault, HostileValue) as fault:
            log.error("agi_session_ended", reason=str(fault))
        except Exception:
            log.exception("agi_session_failed")
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, session: AgiSession) -> None:
        await session.read_greeting()
        # Of this task alone, so of this call alone: whatever is logged while it is served names it.
        structlog.contextvars.bind_contextvars(call=session.variables.get("agi_uniqueid", ""))
        script = session.variables.get("agi_network_script", "").partition("?")[0].strip("/")
        serve = self._scripts.get(script)
        if serve is None:
            raise AgiFault(f"unknown script {script[:40]!r}")
        await serve(session)
