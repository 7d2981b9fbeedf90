"""A real relay takes the passwords that browser phones are given, until their account ends, and no others."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from asterisk_conf.render import look_at_machine
from cti.ice import IceServers
from hotline.settings import Settings
from tests.own_turn import SECRET, coturn, own_relay
from tests.ports import free_port

ADDRESS = next(iter(look_at_machine().own_addresses), "127.0.0.1")


async def talk(cache: Path, port: int, peer_port: int, *, secret: str, until: float) -> tuple[int | None, str]:
    """20 packets to a peer through the relay, with the password of agent 1018; the exit status and what was said."""
    [server] = IceServers(turn=(f"{ADDRESS}:{port}",), secret=secret).offered("1018", until)
    words = ("-u", str(server["username"]), "-w", str(server["credential"]), "-p", str(port), "-c")
    peer = ("-e", ADDRESS, "-r", str(peer_port), "-n", "20", "-m", "1", ADDRESS)
    pipe = asyncio.subprocess.PIPE
    client = await asyncio.create_subprocess_exec(*coturn(cache, "turnutils_uclient"), *words, *peer, stdout=pipe)
    said, _ = await client.communicate()
    return client.returncode, said.decode(errors="replace")


async def test_the_relay_takes_our_password_and_no_guessed_or_outdated_one(tmp_path: Path) -> None:
    cache = Settings().cache_dir
    with own_relay(cache, tmp_path, ADDRESS) as port:
        peer_port = free_port()
        command = (*coturn(cache, "turnutils_peer"), "-p", str(peer_port), "-L", ADDRESS)
        peer = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
        try:
            soon, before = time.time() + 600, time.time() - 600
            right, guessed, outdated = await asyncio.gather(
                talk(cache, port, peer_port, secret=SECRET, until=soon),
                talk(cache, port, peer_port, secret="guess", until=soon),
                talk(cache, port, peer_port, secret=SECRET, until=before),
            )
        finally:
            peer.terminate()
            await peer.wait()
    assert right[0] == 0, right[1]
    assert "Total lost packets 0 " in right[1]
    for status, said in (guessed, outdated):
        assert status != 0
        assert "Cannot complete Allocation" in said
