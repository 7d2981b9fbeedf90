"""Kamailio before two Asterisks: its files from a template, and its process."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf.kamailio import KamailioBuild, KamailioUnavailable
from asterisk_conf.proxy_control import CONTROL, ProxyControl, address_of
from asterisk_conf.render import TEMPLATES
from asterisk_conf.site import AsteriskSite, UnusableForAsterisk

CARRIER = re.compile(r"sip:([A-Za-z0-9.-]+)(?::([0-9]{1,5}))?")
READY_SECONDS, STOP_SECONDS = 10.0, 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySite:
    """Where Kamailio listens, whom it believes, and between whom it deals calls. Times in seconds.

    `carriers` are the addresses of the telephone company, `carrier` is where calls out go. A node is asked every
    `ask_seconds`, and gets calls again after `good_answers`; one that is silent for `silent_seconds` is passed over.
    """

    folder: Path
    host: str
    port: int
    carriers: tuple[str, ...]
    carrier: str
    nodes: tuple[AsteriskSite, ...]
    ask_seconds: int = 2
    good_answers: int = 5
    silent_seconds: int = 2

    def __post_init__(self) -> None:
        ipaddress.IPv4Address(self.host)
        for address in self.carriers:
            ipaddress.IPv4Network(address, strict=False)
        if not CARRIER.fullmatch(self.carrier):
            raise UnusableForAsterisk(
                "{what} {value!r} cannot be used in Asterisk's files.", what="The trunk", value=self.carrier
            )

    @property
    def carrier_host(self) -> str:
        found = CARRIER.fullmatch(self.carrier)
        return found[1] if found else ""

    @property
    def carrier_port(self) -> int:
        found = CARRIER.fullmatch(self.carrier)
        return int(found[2] or 5060) if found else 5060

    @property
    def config(self) -> Path:
        return self.folder / "kamailio.cfg"

    @property
    def list_file(self) -> Path:
        return self.folder / "nodes.list"

    @property
    def control_socket(self) -> Path:
        return self.folder / CONTROL

    @property
    def pid_file(self) -> Path:
        return self.folder / "kamailio.pid"


def render_text(proxy: ProxySite, modules: Path) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - as asterisk_conf.render

    environment = Environment(  # noqa: S701 - no HTML; every value is checked
        loader=FileSystemLoader(TEMPLATES / "kamailio"), undefined=StrictUndefined, keep_trailing_newline=True
    )
    return environment.get_template("kamailio.cfg.j2").render(proxy=proxy, modules=modules)


def render(proxy: ProxySite, build: KamailioBuild) -> None:
    proxy.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    proxy.config.write_text(render_text(proxy, build.modules))
    proxy.list_file.write_text("".join(f"1 {address_of(node)}\n" for node in proxy.nodes))


class KamailioProcess:
    """One site's Kamailio, in a session of its own as Asterisk is: calls that are up outlive the platform."""

    def __init__(self, site: ProxySite, build: KamailioBuild) -> None:
        self.site, self.build = site, build
        self.control = ProxyControl(site.folder)
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The running process, ours or adopted; None when there is none."""
        if self._child is not None:
            self._child.poll()
        try:
            pid = int(self.site.pid_file.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if str(self.site.config).encode() in command else None

    def start(self) -> bool:
        """Render, then start; or leave the one that runs. True = it was started now. Raises KamailioUnavailable."""
        if self.pid is not None:
            return False
        self.end_left_over()
        render(self.site, self.build)
        self.check()
        self.site.control_socket.unlink(missing_ok=True)
        with (self.site.folder / "log").open("ab") as log:
            self._child = subprocess.Popen(  # noqa: S603 - the Kamailio we chose, with our file
                [*self._command, "-DD", "-E", "-P", str(self.site.pid_file), "-m", "64", "-M", "8"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_ready()
        return True

    @property
    def _command(self) -> list[str]:
        return [*self.build.command, "-f", str(self.site.config), "-Y", str(self.site.folder)]

    def check(self) -> None:
        """Kamailio reads its file without starting. Raises KamailioUnavailable with what it says."""
        done = subprocess.run([*self._command, "-c"], capture_output=True, text=True, check=False, timeout=30)  # noqa: S603 - as above
        if done.returncode != 0:
            words = [line for line in done.stderr.splitlines() if "CRITICAL" in line or "ERROR" in line]
            raise KamailioUnavailable("Kamailio refuses its configuration: {words}", words=(words or ["?"])[0].strip())

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self._child is not None and self._child.poll() is not None:
                raise KamailioUnavailable("Kamailio ended at once (see {log}).", log=self.site.folder / "log")
            try:
                self.control.ask("core.uptime")
            except OSError:
                time.sleep(0.05)
            else:
                return
        self.stop()
        raise KamailioUnavailable(
            "Kamailio was not ready within {seconds} s (see {log}).",
            seconds=f"{READY_SECONDS:.0f}",
            log=self.site.folder / "log",
        )

    def end_left_over(self) -> None:
        """A Kamailio whose first process was killed leaves the others behind, and they hold the port."""
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                words = path.read_bytes().split(b"\0")
                if {str(self.site.config).encode(), self.build.command[-1].encode()} <= set(words):
                    os.kill(int(path.parent.name), signal.SIGKILL)

    def stop(self) -> None:
        """End it; nothing happens when it does not run."""
        pid = self.pid
        if pid is None:
            return
        for sign in (signal.SIGTERM, signal.SIGKILL):
            os.kill(pid, sign)
            deadline = time.monotonic() + STOP_SECONDS
            while time.monotonic() < deadline:
                if self.pid != pid:
                    self._child = None
                    return
                time.sleep(0.05)
