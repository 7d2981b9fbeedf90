"""A relay (coturn) of a test's own: the machine's, else a private copy of Debian's package."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from asterisk_conf.debian_packages import private_program
from tests.integration.site import wait_until
from tests.ports import free_port

SECRET = "shared-with-the-relay"


def coturn(cache_dir: Path, program: str) -> tuple[str, ...]:
    """The command that runs one of coturn's programs; fetches it (64 MB, once). Raises PackagesUnavailable."""
    if installed := shutil.which(program):
        return (installed,)
    return private_program(cache_dir, "coturn", f"usr/bin/{program}")


@contextmanager
def own_relay(
    cache_dir: Path, folder: Path, address: str, *, also: Sequence[str] = (), only_to: str = ""
) -> Iterator[int]:
    """The port of a relay that takes passwords made with SECRET.

    It relays from `address` and listens there and on `also`; with `only_to` it passes on to this peer alone.
    """
    port, said = free_port(), folder / "turn.out"
    command = [
        *coturn(cache_dir, "turnserver"),
        *(f"--listening-port={port}", f"--relay-ip={address}", "--no-tls"),
        *(f"--listening-ip={one}" for one in (address, *also)),
        *(("--denied-peer-ip=0.0.0.0-255.255.255.255", f"--allowed-peer-ip={only_to}") if only_to else ()),
        *("--use-auth-secret", f"--static-auth-secret={SECRET}", "--realm=hotline.test"),
        *("--min-port=45000", "--max-port=45200", "--log-file=stdout", "-c", "/dev/null"),
        *(f"--pidfile={folder / 'turn.pid'}", f"--userdb={folder / 'turn.db'}"),
    ]
    with said.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)
    try:
        wait_until(lambda: f":{port:04X}" in Path("/proc/net/udp").read_text(), 30, said.read_text(errors="replace"))
        yield port
    finally:
        server.terminate()
        server.wait()
