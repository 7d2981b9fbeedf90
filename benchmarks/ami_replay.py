"""A peer that logs anybody in and then sends recorded events as fast as they are read.

`python -m benchmarks.ami_replay EVENTS` prints its port, then how many events each connection gets.
"""

from __future__ import annotations

import re
import socket
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

RECORDED = Path(__file__).parents[1] / "tests" / "fixtures" / "ami"
_STAMP = b"9999999999.999999"
_BLOCK = 65_536


def recorded_events() -> list[bytes]:
    """Every event of the captured calls; hostile ones left out, because the peer cannot read them."""
    events = []
    for path in sorted(RECORDED.glob("*.txt")):
        if not path.stem.startswith(("hostile", "forged")):
            frames = path.read_bytes().split(b"\r\n\r\n")
            events += [
                frame.strip() for frame in frames if frame.strip().startswith(b"Event: ") and b"\nPrivilege: " in frame
            ]
    return [re.sub(rb"Timestamp: [\d.]+", b"Timestamp: " + _STAMP, event) for event in events]


def sent(count: int) -> Iterator[bytes]:
    """The recorded events over and over, `count` of them."""
    return islice(cycle(recorded_events()), count)


def blocks(count: int) -> list[bytes]:
    """`count` events in pieces of about 64 kB that do not respect the ends of events."""
    whole = b"".join(event + b"\r\n\r\n" for event in sent(count))
    return [whole[at : at + _BLOCK] for at in range(0, len(whole), _BLOCK)]


def serve(count: int) -> None:
    pieces = blocks(count)
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            connection, _ = server.accept()
            with connection:
                _replay(connection, pieces)


def _replay(connection: socket.socket, pieces: list[bytes]) -> None:
    connection.sendall(b"Asterisk Call Manager/9.0.0\r\n")
    login = b""
    while b"\r\n\r\n" not in login:
        login += connection.recv(4_096)
    found = re.search(rb"ActionID: ([^\r]+)", login)
    action = found[1] if found else b""
    connection.sendall(
        b"Response: Success\r\nActionID: %b\r\nMessage: Authentication accepted\r\n\r\n"
        b"Event: FullyBooted\r\nPrivilege: system,all\r\nStatus: Fully Booted\r\n\r\n" % action
    )
    try:
        for piece in pieces:
            connection.sendall(piece.replace(_STAMP, b"%.6f" % time.time()))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4_096):
            continue
    except OSError:
        return


if __name__ == "__main__":
    serve(int(sys.argv[1]))
