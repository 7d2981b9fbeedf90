"""What systemd hears of the service, by a socket like its own."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from hotline import service_state


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> socket.socket:
    link = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    link.bind(str(tmp_path / "notify"))
    link.settimeout(2)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "1000000")
    yield link
    link.close()


def heard(link: socket.socket) -> list[str]:
    return link.recv(4096).decode().splitlines()


def test_it_is_told_ready_taken_over_and_stopping(systemd: socket.socket):
    service_state.ready("Pages at http://127.0.0.1:8000")
    assert heard(systemd) == ["READY=1", "STATUS=Pages at http://127.0.0.1:8000", "WATCHDOG_USEC=1000000"]
    service_state.reloading()
    told = heard(systemd)
    assert told[0] == "RELOADING=1"
    assert told[1].startswith("MONOTONIC_USEC=")
    assert "WATCHDOG_USEC=3600000000" in told  # changing tables may take longer than a sign of life
    service_state.stopping()
    assert heard(systemd) == ["STOPPING=1"]


async def test_signs_of_life_come_twice_in_the_time_that_is_allowed(systemd: socket.socket):
    quiet = asyncio.create_task(service_state.keep_watchdog_quiet())
    loop = asyncio.get_running_loop()
    systemd.setblocking(False)
    began = loop.time()
    for _ in range(3):
        assert await asyncio.wait_for(loop.sock_recv(systemd, 100), 2) == b"WATCHDOG=1"
    assert 0.9 <= loop.time() - began < 1.9
    quiet.cancel()


@pytest.mark.parametrize("address", ["", "relative", "/nowhere/at/all"])
def test_without_systemd_nothing_happens(monkeypatch: pytest.MonkeyPatch, address: str):
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    service_state.ready("")
    service_state.stopping()
