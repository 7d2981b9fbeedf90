"""A platform leaves word that it got as far as routing calls. Light: its own start must not wait for imports."""

from __future__ import annotations

import os
from pathlib import Path


def note_in_step(run_dir: Path) -> None:
    """This platform process has compared itself with Asterisk: calls are routed."""
    fresh = run_dir / "in-step.new"
    fresh.write_text(str(os.getpid()))
    fresh.replace(run_dir / "in-step")


def was_in_step(run_dir: Path, pid: int) -> bool:
    """Whether the platform process `pid` got as far as routing calls."""
    try:
        return int((run_dir / "in-step").read_text()) == pid
    except (OSError, ValueError):
        return False
