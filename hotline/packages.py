"""System packages that Hotline needs and the machine lacks. Standard library only: it runs before the set-up."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from hotline.first_words import first_told


class SetupRefused(Exception):
    """A command cannot go on: one sentence with the remedy, a key of the catalogue with its gaps, or text as it is."""

    def __init__(self, message_id: str, **values: object) -> None:
        super().__init__(message_id.format(**values) if values else message_id)
        self.message_id, self.values = message_id, values


@dataclass(frozen=True)
class SystemPackage:
    """A Debian package and how to see that what it brings is there."""

    name: str
    purpose: str
    present: Callable[[], bool]


def program(name: str, package: str, purpose: str) -> SystemPackage:
    return SystemPackage(package, purpose, lambda: shutil.which(name) is not None)


VENV = SystemPackage("python3-venv", "the virtual environment", lambda: find_spec("ensurepip") is not None)
SIPP = program("sipp", "sip-tester", "simulated customers")
CHROMIUM = program("chromium", "chromium", "browser tests")
CHINESE_FONT = SystemPackage(
    "fonts-noto-cjk", "Chinese in browser tests", lambda: any(Path("/usr/share/fonts").rglob("*CJK*"))
)
POSTGRESQL = SystemPackage(
    "postgresql", "database tests", lambda: any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
)
ESPEAK = program("espeak-ng", "espeak-ng", "prompt tests")
FOR_RUN = (SIPP,)
FOR_TESTS = (SIPP, CHROMIUM, CHINESE_FONT, POSTGRESQL, ESPEAK)


def ensure(packages: Sequence[SystemPackage], report: Callable[[str], None]) -> None:
    """Install what is missing: as root at once, else through sudo, else ask for it and go on when it is there.

    Raises SetupRefused where nobody can be asked.
    """
    missing = [package for package in packages if not package.present()]
    if not missing:
        return
    names = " ".join(package.name for package in missing)
    purposes = ", ".join(first_told(package.purpose) for package in missing)
    if shutil.which("apt-get") is None:
        raise SetupRefused(
            "Missing for {purposes}: {names} (Debian names). Install them; see docs/other-systems.md.",
            purposes=purposes,
            names=names,
        )
    command = install_command([package.name for package in missing])
    report(first_told("Installing {names} ({purposes})", names=names, purposes=purposes))
    if command and _install(command, update=command[: command.index("apt-get") + 1]) and _all_present(missing):
        return
    _ask_for(f"sudo apt-get install {names}", missing)


def install_command(names: Sequence[str]) -> list[str]:
    """The command that installs without a question, [] when this user has no right to."""
    apt = ["apt-get", "install", "-y", "--no-install-recommends", *names]
    if os.geteuid() == 0:
        return apt
    if shutil.which("sudo") is None:
        return []
    quiet = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)  # noqa: S607 - the system's sudo
    if quiet.returncode == 0:
        return ["sudo", "-n", *apt]
    return ["sudo", *apt] if sys.stdin.isatty() else []


def _install(command: list[str], update: list[str]) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    output = None if command[:2] == ["sudo", "apt-get"] else subprocess.DEVNULL
    if not any(Path("/var/lib/apt/lists").glob("*_Packages*")):
        subprocess.run([*update, "update"], env=environment, stdout=output, stderr=output, check=False)  # noqa: S603 - fixed words
    for attempt in (0, 1):
        done = subprocess.run(command, env=environment, stdout=output, stderr=output, check=False)  # noqa: S603 - fixed words
        if done.returncode == 0:
            return True
        if attempt == 0:  # lists of weeks ago name files that the mirror no longer has
            subprocess.run([*update, "update"], env=environment, stdout=output, stderr=output, check=False)  # noqa: S603 - fixed words
    return False


def _all_present(packages: Sequence[SystemPackage]) -> bool:
    return all(package.present() for package in packages)


def _ask_for(command: str, missing: Sequence[SystemPackage]) -> None:
    if not sys.stdin.isatty():
        raise SetupRefused("Missing system packages. Run: {command}", command=command)
    wish = "Please run in another terminal:\n\n    {command}\n\nThe set-up goes on by itself."
    print(first_told(wish, command=command), flush=True)
    while not _all_present(missing):
        time.sleep(1)
