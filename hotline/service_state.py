"""Tells systemd how the service is (sd_notify): a datagram to the socket that it named. Elsewhere nothing happens."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time

LEAST_PAUSE = 0.5  # seconds
LONGEST_UPGRADE = 3600  # seconds in which tables may be changed: nobody gives a sign of life then


def ready(status: str) -> None:
    _tell(f"READY=1\nSTATUS={status}\n{_watchdog(_allowed())}")


def reloading() -> None:
    """Another version is about to take this process's place."""
    watchdog = _watchdog(LONGEST_UPGRADE if _allowed() else 0)
    now = time.monotonic_ns() // 1000
    _tell(f"RELOADING=1\nMONOTONIC_USEC={now}\nSTATUS=Another version takes over\n{watchdog}")


def stopping() -> None:
    _tell("STOPPING=1")


async def keep_watchdog_quiet() -> None:
    """Until cancelled: a sign of life twice in the time that systemd allows. It ends what gives none."""
    if not (allowed := _allowed()):
        return
    while True:
        _tell("WATCHDOG=1")
        await asyncio.sleep(max(LEAST_PAUSE, allowed / 2))


def _allowed() -> float:
    """Seconds between two signs of life; 0 = nobody asks for any."""
    try:
        return int(os.environ["WATCHDOG_USEC"]) / 1e6
    except (KeyError, ValueError):
        return 0.0


def _watchdog(seconds: float) -> str:
    return f"WATCHDOG_USEC={round(seconds * 1e6)}" if seconds else ""


def _tell(state: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as link:
        link.connect("\0" + address[1:] if address.startswith("@") else address)
        link.sendall(state.encode())
