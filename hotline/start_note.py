"""What a site that starts is doing, kept in the run folder for whoever looks from another terminal."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from agent_desktop.words import N_

STEPS = {
    "set-up": N_("it fetches and builds what it needs"),
    "database": N_("it brings the tables up to date"),
    "asterisk": N_("it starts Asterisk"),
    "platform": N_("it waits for the pages and the routing"),
}


@dataclass(frozen=True, slots=True)
class Start:
    """`since` is the start's beginning, in seconds since 1970; `step` is a key of STEPS."""

    pid: int
    since: float
    step: str


def note(run_dir: Path, step: str) -> None:
    """This process starts the site and is at this step now."""
    before = starting(run_dir)
    since = before.since if before is not None and before.pid == os.getpid() else time.time()
    fresh = run_dir / "starting.new"
    told = {"pid": os.getpid(), "life": _life(os.getpid()), "since": since, "step": step}
    fresh.write_text(json.dumps(told))
    fresh.replace(run_dir / "starting")


@contextmanager
def told(run_dir: Path) -> Iterator[None]:
    """A start that fails leaves no word of itself."""
    try:
        yield
    finally:
        done(run_dir)


def done(run_dir: Path) -> None:
    """People can come."""
    (run_dir / "starting").unlink(missing_ok=True)


def starting(run_dir: Path) -> Start | None:
    """The start that is under way; None = there is none, or the one that was has died."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        told = json.loads((run_dir / "starting").read_text())
        start = Start(int(told["pid"]), float(told["since"]), str(told["step"]))
        if start.step in STEPS and told["life"] == _life(start.pid):
            return start
    return None


def _life(pid: int) -> str:
    """When the kernel began this process: its number may be another's by now."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
