"""A real Asterisk for tests on free loopback ports, with sipp customers and desk phones."""

from __future__ import annotations

import itertools
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from asterisk_conf.process import AsteriskProcess
from asterisk_conf.site import AsteriskSite
from tests.ports import free_media_port, free_port

CUSTOMERS = "127.0.0.2"
DESK_PHONES = "127.0.0.3"
_names = itertools.count()


def wait_until(condition: Callable[[], bool], seconds: float = 10.0, what: str = "") -> None:
    """Return as soon as `condition` holds; fail with `what` when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or condition}")
        time.sleep(0.02)


@dataclass(slots=True)
class Sipp:
    """One sipp at work; `wait()` gives its result."""

    process: subprocess.Popen[bytes]
    folder: Path
    name: str

    def wait(self, seconds: float = 30.0) -> int:
        """sipp's exit status: 0 = every call went as the scenario says."""
        return self.process.wait(seconds)

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def complaints(self) -> str:
        path = self.folder / f"{self.name}.err"
        return path.read_text(errors="replace") if path.exists() else ""

    def stop(self) -> None:
        if self.running:
            self.process.kill()
            self.process.wait()


@dataclass(slots=True)
class SiteUnderTest:
    """A running Asterisk and the telephones around it.

    `asterisk.site` has all ports; `ami_user`/`ami_secret` log in; a FastAGI server of the test listens on
    `asterisk.site.agi_port`. `phones` maps the agents with a desk phone to their SIP ports on 127.0.0.3.
    """

    asterisk: AsteriskProcess
    folder: Path
    phones: dict[str, int]
    ami_user: str = "hotline"
    ami_secret: str = "test"
    door: str = ""  # where customers' calls go to, "" = Asterisk itself
    _started: list[Sipp] = field(default_factory=list)
    _log_read: int = 0

    @property
    def site(self) -> AsteriskSite:
        return self.asterisk.site

    def call(self, number: str, scenario: str, *, calls: int = 1, rate: int = 10, from_: str = CUSTOMERS) -> Sipp:
        """Customers dial `number`; see `scenarios.caller`."""
        port = free_port(socket.SOCK_DGRAM, from_)
        counts = ["-m", str(calls), "-r", str(rate), "-l", str(calls)]
        return self._sipp(scenario, from_, port, ["-s", number, *counts])

    def phone(self, agent: str, scenario: str, *, calls: int = 1) -> Sipp:
        """The agent's desk phone is plugged in and does as `scenarios.phone_…` says, `calls` times."""
        sipp = self._sipp(scenario, DESK_PHONES, self.phones[agent], ["-m", str(calls)])
        self._await_bound(sipp, DESK_PHONES, self.phones[agent])
        return sipp

    def outside_phone(self, scenario: str, *, calls: int = 1) -> Sipp:
        """A customer who can be called: listens where the trunk sends outgoing calls."""
        port = int(self.site.trunk_contact.rsplit(":", 1)[1])
        sipp = self._sipp(scenario, CUSTOMERS, port, ["-m", str(calls)])
        self._await_bound(sipp, CUSTOMERS, port)
        return sipp

    def _sipp(self, scenario: str, host: str, port: int, options: list[str]) -> Sipp:
        name = f"sipp-{next(_names)}"
        path = self.folder / f"{name}.xml"
        path.write_text(scenario)
        media = free_media_port(host)
        # fmt: off
        command = [
            "sipp", "-sf", str(path), "-i", host, "-p", str(port), "-mi", host, "-mp", str(media), *options,
            "-nostdin", "-trace_err", "-error_file", str(self.folder / f"{name}.err"),
            self.door or f"{self.site.sip_host}:{self.site.sip_port}",
        ]
        # fmt: on
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, cwd=self.folder)
        sipp = Sipp(process, self.folder, name)
        self._started.append(sipp)
        return sipp

    def _await_bound(self, sipp: Sipp, host: str, port: int) -> None:
        local = f"{int.from_bytes(socket.inet_aton(host), 'little'):08X}:{port:04X}"

        def bound() -> bool:
            assert sipp.running, f"sipp ended: {sipp.complaints()}"
            return local in Path("/proc/net/udp").read_text()

        wait_until(bound, what=f"phone on {host}:{port}")

    def hang_up_everything(self) -> None:
        """End all phones and calls of a test, so that the next one finds silence."""
        self.asterisk.rx("channel request hangup all")
        wait_until(self.asterisk.at_rest, what="silence")
        for sipp in self._started:  # killed at once, it would leave a BYE that strays into the next test's phone
            with suppress(subprocess.TimeoutExpired):
                sipp.process.wait(0.5)
        self.unplug_everything()

    def unplug_everything(self) -> None:
        """No telephone of ours is left; what they were talking about is Asterisk's."""
        for sipp in self._started:
            sipp.stop()
        self._started.clear()

    def channel_in(self, context: str) -> str:
        """The name of a channel in this dialplan context, "" when there is none."""
        rows = (row.split("!") for row in self.asterisk.rx("core show channels concise").splitlines() if "!" in row)
        return next((row[0] for row in rows if row[1] == context), "")

    def log_trouble(self) -> list[str]:
        """The ERROR and WARNING lines of Asterisk's log since the test began, or since its own Asterisk did."""
        lines = self.site.message_log.read_text(errors="replace")[self._log_read :].splitlines()
        return [line for line in lines if " ERROR[" in line or " WARNING[" in line]

    def begin_test(self) -> None:
        """What earlier tests left in the log is theirs."""
        self._log_read = len(self.site.message_log.read_text(errors="replace"))

    def cel(self) -> list[list[str]]:
        """The rows of the CEL file: type, time, uniqueid, linkedid, channel, number, exten, …, name, extra."""
        import csv

        if not self.site.cel_file.exists():
            return []
        with self.site.cel_file.open(newline="") as rows:
            return list(csv.reader(rows))
