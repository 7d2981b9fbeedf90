"""First step on a fresh machine: the virtual environment with the locked packages. Standard library only.

Called by the Makefile with the system's Python; does nothing when the lock has not changed.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from pathlib import Path

from hotline.first_words import first_told

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
OLDEST = (3, 11)


def main() -> int:
    if sys.version_info < OLDEST:
        needs = "Hotline needs Python 3.11 or newer; {program} is {version}. "
        needs += "Name a newer one: make PYTHON=/usr/bin/python3.11"
        print(first_told(needs, program=sys.executable, version=sys.version.split()[0]), file=sys.stderr)
        return 1
    from hotline.packages import VENV as VENV_PACKAGE  # noqa: PLC0415 - its syntax needs the version checked above
    from hotline.packages import SetupRefused, ensure  # noqa: PLC0415

    if VENV.is_symlink():  # a developer's own environment: not ours to change
        return 0
    try:
        ensure([VENV_PACKAGE], print)
        _environment()
    except SetupRefused as refused:
        print(first_told(refused.message_id, **refused.values), file=sys.stderr)
        return 1
    except OSError as refused:
        cannot = "Cannot write {file} ({reason}). Clone to a folder you own."
        print(first_told(cannot, file=refused.filename or VENV, reason=refused.strerror), file=sys.stderr)
        return 1
    return 0


def _environment() -> None:
    wanted, stamp = _fingerprint(), VENV / "hotline-lock"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    if not (VENV / "bin" / "python").exists():
        print(first_told("Making the virtual environment"), flush=True)
        _run([sys.executable, "-m", "venv", str(VENV)])
    _install_lock()
    _run([*_pip(), "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    stamp.write_text(wanted)


def _fingerprint() -> str:
    digest = hashlib.sha256(sys.version.encode())
    for name in ("requirements.lock", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _pip() -> list[str]:
    return [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install"]


def _install_lock() -> None:
    """--no-deps: the lock is complete, and leaves out what a package names without needing it."""
    lock = ROOT / "requirements.lock"
    total = sum("==" in line for line in lock.read_text().splitlines())
    command = [*_pip(), "--no-deps", "--require-hashes", "--no-compile", "--progress-bar", "off", "-r", str(lock)]
    began, count, said = time.monotonic(), 0, ""
    far, done = (
        "Installing packages: {count} of about {total}, {seconds} s",
        "{count} packages installed in {seconds} s",
    )
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:  # noqa: S603 - our own venv
        assert pip.stdout is not None  # noqa: S101 - PIPE was asked for
        for line in pip.stdout:
            said = line.strip() or said
            if line.startswith("Collecting "):
                count += 1
                seconds = f"{time.monotonic() - began:.0f}"
                _progress(first_told(far, count=count, total=total, seconds=seconds), count)
    if pip.returncode != 0:
        print(flush=True)
        _refuse("The packages could not be installed: {reason}. Check the network, then run make again.", reason=said)
    end = first_told(done, count=count, seconds=f"{time.monotonic() - began:.0f}")
    print(f"\r{end}\033[K" if sys.stdout.isatty() else end, flush=True)


def _progress(text: str, count: int) -> None:
    if sys.stdout.isatty():
        print(f"\r{text}", end="", flush=True)
    elif count % 25 == 1:
        print(text, flush=True)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own Python
    if done.returncode != 0:
        words = (done.stderr.strip() or done.stdout.strip()).splitlines() or ["no message"]
        _refuse("{command} failed: {reason}", command=" ".join(command[:4]), reason=words[-1])


def _refuse(message_id: str, **values: object) -> None:
    from hotline.packages import SetupRefused  # noqa: PLC0415

    raise SetupRefused(message_id, **values)


if __name__ == "__main__":
    sys.exit(main())
