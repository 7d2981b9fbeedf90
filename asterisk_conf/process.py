"""Start the rendered Asterisk or adopt a running one, ask it by its control socket, reload, stop."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from asterisk_conf.install import AsteriskBuild, AsteriskUnavailable
from asterisk_conf.render import render, render_lines, render_workforce
from asterisk_conf.site import AsteriskSite

READY_SECONDS = 30.0
STOP_SECONDS = 5.0
LINE_MODULES = ("res_pjsip_endpoint_identifier_ip.so", "res_pjsip_outbound_registration.so")
LONGEST_SOCKET_PATH = 107  # bytes in sockaddr_un


class AsteriskProcess:
    """One site's Asterisk. It lives in a session of its own, so that our end is not its end."""

    def __init__(self, site: AsteriskSite, build: AsteriskBuild) -> None:
        self.site, self.build = site, build
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The running process, ours or adopted; None when there is none."""
        try:
            pid = int((self.site.folder / "run" / "asterisk.pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if str(self._config).encode() in command else None

    @property
    def _config(self) -> Path:
        return self.site.folder / "etc" / "asterisk.conf"

    def start(self) -> bool:
        """Render, then start; or adopt the one that runs in this folder. True = it was started now.

        Returns when it is fully booted. Raises AsteriskUnavailable with one sentence.
        """
        if len(os.fsencode(self.site.control_socket)) > LONGEST_SOCKET_PATH:
            raise AsteriskUnavailable(
                "The run folder's path is too long for a control socket: {folder}. "
                "Set HOTLINE_RUN_DIR to a shorter one.",
                folder=self.site.folder,
            )
        try:
            render(self.site, self.build)
        except OSError as refused:
            raise AsteriskUnavailable(
                "Cannot write {file} ({reason}). Make the run folder writable, "
                "or set HOTLINE_RUN_DIR to a folder you own.",
                file=refused.filename,
                reason=refused.strerror,
            ) from refused
        if self.pid is not None and self._booted():
            self._reload_all()
            return False
        with (self.site.folder / "log" / "console").open("ab") as console:
            self._child = subprocess.Popen(  # noqa: S603 - the Asterisk we chose, with our file
                [*self.build.command, "-f", "-C", str(self._config)],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        self._wait_ready()
        return True

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self._child is not None and self._child.poll() is not None:
                raise AsteriskUnavailable("Asterisk ended at once: {words}", words=self._last_words())
            if self.site.control_socket.exists() and self._booted():
                self._refuse_taken_ports()
                return
            time.sleep(0.05)
        self.stop()
        raise AsteriskUnavailable(
            "Asterisk was not ready within {seconds} s: {words}",
            seconds=f"{READY_SECONDS:.0f}",
            words=self._last_words(),
        )

    def _booted(self) -> bool:
        try:
            return "has fully booted" in self.rx("core waitfullybooted", seconds=READY_SECONDS).lower()
        except AsteriskUnavailable:
            return False

    def _refuse_taken_ports(self) -> None:
        """Asterisk starts without a port that somebody else holds; callers would then reach that one."""
        if "udp" not in self.rx("pjsip show transports"):
            self.stop()
            raise AsteriskUnavailable(
                "SIP port {port} on {host} is taken. End the other program, or set HOTLINE_SIP_PORT.",
                port=self.site.sip_port,
                host=self.site.sip_host,
            )

    def _last_words(self) -> str:
        for name in ("console", "messages"):
            path = self.site.folder / "log" / name
            lines = path.read_text(errors="replace").split("\n") if path.is_file() else []
            if said := [line for line in lines if line.strip()]:
                return said[-1].strip()
        return "it left no message"

    def rx(self, command: str, *, seconds: float = 10.0) -> str:
        """Run one command of Asterisk's own CLI on the local socket; gives what it prints."""
        try:
            done = subprocess.run(  # noqa: S603 - the Asterisk we chose
                [*self.build.command, "-C", str(self._config), "-rx", command],
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired as late:
            raise AsteriskUnavailable(
                "Asterisk did not answer {command} within {seconds} s.", command=repr(command), seconds=f"{seconds:.0f}"
            ) from late
        if done.returncode != 0:
            said = done.stdout.strip() or done.stderr.strip()
            raise AsteriskUnavailable("Asterisk refused {command}: {words}", command=repr(command), words=said)
        return done.stdout

    def at_rest(self) -> bool:
        """Whether there is no channel at all: not 10, nor 660."""
        return re.search(r"^0 active channels", self.rx("core show channels count"), re.MULTILINE) is not None

    def _reload_all(self) -> None:
        for command in ("module reload res_pjsip.so", "dialplan reload", "queue reload all", "manager reload"):
            self.rx(command)
        for module in LINE_MODULES:
            self.rx(f"module reload {module}")

    def reload_workforce(self, site: AsteriskSite) -> None:
        """Agents or queues were edited: write their files and make Asterisk read them. No call is touched.

        A reload that failed says nothing, so the newest endpoint and queue are looked up afterwards.
        Raises AsteriskUnavailable when one is missing.
        """
        render_workforce(site, self.build)
        self.site = site
        self.rx("module reload res_pjsip.so")
        self.rx("queue reload all")
        for agent in site.agents[-1:]:
            if "Unable to find" in self.rx(f"pjsip show endpoint {agent.number}"):
                raise AsteriskUnavailable(
                    "Asterisk did not take agent {agent}: see {log}.", agent=agent.number, log=site.message_log
                )
        for queue in site.queues[-1:]:
            if "No such queue" in self.rx(f"queue show fallback-{queue.id}"):
                raise AsteriskUnavailable(
                    "Asterisk did not take queue {queue}: see {log}.", queue=queue.id, log=site.message_log
                )

    def reload_lines(self, site: AsteriskSite) -> None:
        """Trunks or numbers were edited: write their files and make Asterisk read them. No call is touched.

        A trunk that is new or changed logs in at once. Raises AsteriskUnavailable when one is missing afterwards.
        """
        before = {trunk.endpoint: trunk for trunk in self.site.trunks}
        render_lines(site, self.build)
        self.site = site
        for module in ("res_pjsip.so", *LINE_MODULES):
            self.rx(f"module reload {module}")
        self.rx("dialplan reload")
        for trunk in site.trunks:
            if "Unable to find" in self.rx(f"pjsip show endpoint {trunk.endpoint}"):
                raise AsteriskUnavailable(
                    "Asterisk did not take trunk {trunk}: see {log}.", trunk=trunk.endpoint, log=site.message_log
                )
            if trunk.registers and before.get(trunk.endpoint) != trunk:
                self.rx(f"pjsip send register {trunk.endpoint}")

    def stop(self) -> None:
        """End it and every call in it; nothing happens when it does not run."""
        pid = self.pid
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        if not self._gone(pid, STOP_SECONDS):
            os.kill(pid, signal.SIGKILL)
            self._gone(pid, STOP_SECONDS)
        self._child = None

    def _gone(self, pid: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._child is not None:
                self._child.poll()  # a child that ended stays in the process table until it is asked
            if self.pid != pid:
                return True
            time.sleep(0.05)
        return False

    def remove(self) -> None:
        """Delete everything it wrote except the recordings; only after stop()."""
        shutil.rmtree(self.site.folder, ignore_errors=True)
