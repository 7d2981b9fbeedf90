"""The private run folder: one supervisor at a time, the secrets made for this site, the platform's process id."""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hotline.packages import SetupRefused
from hotline.set_up import require_writable

PLATFORM = "hotline.compose"
PLACES = ("platform", "standby")


@contextmanager
def locked(run_dir: Path) -> Iterator[None]:
    """Hold the folder; refuse with the other's process id when a `hotline run` is at work in it."""
    require_writable(run_dir, "HOTLINE_RUN_DIR")
    run_dir.chmod(0o700)
    with (run_dir / "hotline.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            other = lock.read().strip() or "another process"
            raise SetupRefused(
                "Hotline already runs in {folder} (process {pid}). Stop it with: kill {pid}", folder=run_dir, pid=other
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def ami_secret(run_dir: Path) -> str:
    """The site's AMI secret; the first call makes it."""
    path = run_dir / "ami.secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text().strip()


def pages_secret(run_dir: Path) -> str:
    """Signs the links of the pages, in every web worker the same; the first call makes it."""
    path = run_dir / "pages.secret"
    if not path.exists():
        fresh = run_dir / f"pages.secret.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(32))
        with suppress(FileExistsError):
            os.link(fresh, path)  # whole, and only one of those who begin at the same time
        fresh.unlink()
    return path.read_text().strip()


def note_platform(run_dir: Path, pid: int, place: str = PLACES[0]) -> None:
    """Keep the process id of a part: of a platform, or of the door."""
    fresh = run_dir / f"{place}.pid.new"
    fresh.write_text(str(pid))
    fresh.replace(run_dir / f"{place}.pid")  # whole at any moment: we may be killed in this one


def platforms(run_dir: Path) -> set[int]:
    """The platform processes that live."""
    return {pid for place in PLACES if (pid := _pid_in(run_dir / f"{place}.pid")) is not None}


def note_bound(run_dir: Path, address: str) -> None:
    """Keep at which address this site is open to others, "" = at none, for who looks at it from another terminal."""
    (run_dir / "bound").write_text(address)


def bound(run_dir: Path) -> str:
    path = run_dir / "bound"
    return path.read_text().strip() if path.is_file() else ""


def holder(run_dir: Path) -> int | None:
    """The `hotline run` that is at work in the folder; None = nobody is, whatever the file says.

    The kernel's list is read: to try the lock would refuse whoever starts in this moment.
    """
    path = run_dir / "hotline.lock"
    try:
        pid, inode = int(path.read_text().strip() or 0), path.stat().st_ino
        held = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    except (OSError, ValueError):
        return None
    # Not the device: what the kernel writes of it differs from stat's on some file systems.
    return pid if any(one[1] == "FLOCK" and one[4:] and _names(one, pid, inode) for one in held) else None


def _names(line: list[str], pid: int, inode: int) -> bool:
    return line[4] == str(pid) and line[5].endswith(f":{inode}")


def end_left_over_platform(run_dir: Path) -> None:
    """A supervisor that was killed leaves its platform processes behind, and their ports are taken."""
    for place in reversed(PLACES):  # the standby first: it would only take over
        end_left_over(run_dir / f"{place}.pid")


def _pid_in(path: Path, module: str = "") -> int | None:
    """Of the process that the file names, if it lives and runs this module."""
    try:
        pid = int(path.read_text())
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return pid if (module or PLATFORM).encode() in words else None


def end_left_over(path: Path, module: str = "") -> None:
    """End the process that the file names, a platform if no module is said; not one that took over its number."""
    pid = _pid_in(path, module)
    if pid is None or Path(f"/proc/{pid}/cwd").resolve() != Path.cwd():
        return
    for sign in (signal.SIGTERM, signal.SIGKILL):
        os.kill(pid, sign)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if not Path(f"/proc/{pid}").exists():
                return
            time.sleep(0.05)
