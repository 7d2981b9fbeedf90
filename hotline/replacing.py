"""One running `hotline run` becomes another version of itself, in the same process: Asterisk and its calls go on.

The new version leaves word where it lies and sends SIGUSR2; the old one ends its platform in order and executes the new
one in its own place, so that systemd sees one service that never stopped.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

WORD, READY = "next-version.json", "replaceable"


@dataclass(frozen=True, slots=True)
class Version:
    """`root` is the folder with the code, `python` what runs it."""

    root: Path
    python: Path


def this_version() -> Version:
    return Version(Path(__file__).resolve().parents[1], Path(sys.executable))


def note_replaceable(run_dir: Path, pid: int) -> None:
    """This process understands SIGUSR2; one of an older version would end by it."""
    fresh = run_dir / f"{READY}.new"
    fresh.write_text(str(pid))
    fresh.replace(run_dir / READY)


def is_replaceable(run_dir: Path, pid: int) -> bool:
    try:
        return int((run_dir / READY).read_text()) == pid
    except (OSError, ValueError):
        return False


def leave_word(run_dir: Path, version: Version) -> None:
    fresh = run_dir / f"{WORD}.new"
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps({"root": str(version.root), "python": str(version.python)}))
    fresh.replace(run_dir / WORD)


def take_word(run_dir: Path) -> Version | None:
    """Whom to become; None when nobody left word, or what lies there is no version."""
    path = run_dir / WORD
    try:
        told = json.loads(path.read_text())
        path.unlink()
        version = Version(Path(told["root"]), Path(told["python"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    code = [version.root / "hotline" / name for name in ("__init__.py", "__main__.py")]
    there = all(path.is_file() for path in code) and os.access(version.python, os.X_OK)
    return version if there else None


def become(version: Version, arguments: list[str]) -> NoReturn:
    """Never returns. Open files of ours close by themselves: Python marks them so."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.chdir(version.root)
    quick = arguments if "--quick" in arguments else [*arguments, "--quick"]
    os.execv(version.python, [str(version.python), "-m", "hotline", *quick])  # noqa: S606 - the operator's own version
