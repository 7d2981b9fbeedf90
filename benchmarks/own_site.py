"""A platform of its own for a measurement: `hotline run` on free ports, in its own folder, without simulated calls."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.bare_site import free_port
from hotline.settings import Settings


def settings_in(folder: Path, database_url: str = "", cache: Path | None = None) -> Settings:
    """Own ports, own folder, no simulated calls."""
    tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
    return Settings(
        run_dir=folder / "run",
        database_url=database_url,
        web_port=free_port(tcp),
        asterisk_http_port=free_port(tcp),
        ami_port=free_port(tcp),
        agi_port=free_port(tcp),
        sip_port=free_port(udp),
        demo_calls=False,
        cache_dir=cache or Settings().cache_dir,
    )


@asynccontextmanager
async def platform(settings: Settings, more: Mapping[str, str] | None = None) -> AsyncIterator[None]:
    """`hotline run`, ready; `more` is what the environment says besides."""
    names = ("web_port", "asterisk_http_port", "ami_port", "agi_port", "sip_port", "run_dir", "cache_dir")
    own = {f"HOTLINE_{name.upper()}": str(getattr(settings, name)) for name in (*names, "database_url")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hotline", "run", "--quick"),
        env=os.environ | own | {"HOTLINE_DEMO_CALLS": "0"} | dict(more or {}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        async with asyncio.timeout(120):
            async for line in process.stdout:
                if line.startswith(b"ready:"):
                    break
        yield
    finally:
        process.send_signal(signal.SIGINT)
        await process.communicate()
