"""One customer on the telephone: a real SIP call by sipp from the trunk's address, with keys and speech."""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from crm_core.errors import Invalid
from hotline.demo.sipp import start_sipp

KEYS = re.compile(r"[0-9*#]{0,20}\Z")
NUMBER = re.compile(r"\+?[0-9]{3,15}\Z")
FIRST_KEY_MS = 1500  # a person listens to the beginning of the greeting
NEXT_KEY_MS = 1800
LONGEST_CALL_MS = 600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkSide:
    """Where calls come from and go to; `speech` is raw mu-law at 8,000 Hz, repeated without end."""

    local_host: str
    asterisk_host: str
    asterisk_port: int
    speech: Path


class CustomerCall:
    """A call in progress. `hang_up()` makes the customer send BYE; `ended()` waits for the end of the call."""

    def __init__(self, trunk: TrunkSide, number: str, entry: str, keys: str = "") -> None:
        if not KEYS.match(keys):
            raise Invalid("Keys are digits, * and #, at most 20.")
        if not NUMBER.match(number) or not NUMBER.match(entry):
            raise Invalid("A telephone number has 3 to 15 digits.")
        self._trunk, self._number, self._entry, self._keys = trunk, number, entry, keys
        self._token = secrets.token_hex(8)
        self._process: asyncio.subprocess.Process | None = None
        self._folder: TemporaryDirectory[str] | None = None
        self._port = 0

    async def dial(self) -> None:
        """Start the call; returns as soon as sipp runs."""
        self._folder = TemporaryDirectory(prefix="hotline-call-")
        self._port = free_udp_port(self._trunk.local_host)
        waits = [FIRST_KEY_MS] + [NEXT_KEY_MS] * len(self._keys)
        keys = [{"digit": digit, "after_ms": wait} for digit, wait in zip(self._keys, waits, strict=False)]
        self._process = await start_sipp(
            *("caller", Path(self._folder.name), self._trunk.local_host, self._port),
            *("-m", "1", "-cid_str", f"{self._token}-%u"),
            f"{self._trunk.asterisk_host}:{self._trunk.asterisk_port}",
            number=self._number,
            entry=self._entry,
            speech=self._trunk.speech,
            keys=keys,
            longest_ms=LONGEST_CALL_MS,
        )

    def hang_up(self) -> None:
        """The scenario waits for a MESSAGE on its Call-ID: sipp knows no other way to be told to end a call."""
        if self._process is None or self._process.returncode is not None:
            return
        here, call_id = self._trunk.local_host, f"{self._token}-1"
        lines = (
            f"MESSAGE sip:customer@{here}:{self._port} SIP/2.0",
            f"Via: SIP/2.0/UDP {here}:9;branch=z9hG4bK{secrets.token_hex(6)}",
            f"From: <sip:hang-up@{here}>;tag={secrets.token_hex(4)}",
            f"To: <sip:customer@{here}>",
            f"Call-ID: {call_id}",
            "CSeq: 1 MESSAGE",
            "Content-Length: 0",
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), (here, self._port))

    async def ended(self) -> bool:
        """Wait for the end; True when the call went as a call goes (answered or properly refused)."""
        if self._process is None:
            return False
        try:
            return await self._process.wait() == 0
        finally:
            self._forget()

    async def stop(self) -> None:
        """End the call at once, for shutting down: hang up, then make sure that sipp is gone."""
        if self._process is None:
            return
        self.hang_up()
        try:
            async with asyncio.timeout(2):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._forget()

    def _forget(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def free_udp_port(host: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
