"""A plain AMI connection for tests: hears everything, sends single actions."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.integration.site import SiteUnderTest, wait_until


class AmiSession:
    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._heard = bytearray()
        link.setblocking(False)

    def heard(self) -> str:
        """Everything so far."""
        try:
            while block := self._link.recv(65536):
                self._heard.extend(block)
        except BlockingIOError:
            pass
        return self._heard.decode(errors="replace")

    def send(self, action: str, **headers: str) -> None:
        lines = [f"Action: {action}", *(f"{name}: {value}" for name, value in headers.items())]
        self._link.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())

    def event(self, *parts: str, seconds: float = 10.0) -> dict[str, str]:
        """Wait for the first message that has all these lines; gives its headers (the last of repeated ones)."""
        found: list[str] = []

        def arrived() -> bool:
            whole = self.heard().split("\r\n\r\n")[:-1]
            found[:] = [text for text in whole if set(parts) <= set(text.split("\r\n"))]
            return bool(found)

        wait_until(arrived, seconds, what=f"AMI {parts}")
        return dict(line.split(": ", 1) for line in found[0].split("\r\n") if ": " in line)


@contextmanager
def ami_session(site: SiteUnderTest) -> Iterator[AmiSession]:
    """Logged in with the platform's own rights."""
    with socket.create_connection((site.site.host, site.site.ami_port), timeout=5) as link:
        session = AmiSession(link)
        session.send("Login", Username=site.ami_user, Secret=site.ami_secret)
        wait_until(lambda: "FullyBooted" in session.heard(), what="AMI login")
        yield session
