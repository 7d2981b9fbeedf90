"""A PostgreSQL server of one's own for a test run or a measurement: a new cluster in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def server_programs() -> Path | None:
    """Where initdb lies (Debian's packages); None = there is no server on this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def own_postgres(programs: Path, *settings: str) -> Iterator[str]:
    """The URL of the running server's database `postgres`. `settings` e.g. "shared_buffers=256MB"."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-pg-"))
    as_user = _as_user(folder)
    cluster = folder / "cluster"
    initdb = [
        str(programs / "initdb"),
        "-D",
        str(cluster),
        "-U",
        "hotline",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "-N",
    ]
    subprocess.run([*as_user, *initdb], check=True, capture_output=True)
    wanted = ("listen_addresses=''", "fsync=off", "max_connections=40", *settings)
    options = f"-k {folder} " + " ".join(f"-c {one}" for one in wanted)
    control = [*as_user, str(programs / "pg_ctl"), "-D", str(cluster), "-w"]
    subprocess.run([*control, "-o", options, "-l", str(folder / "log"), "start"], check=True, capture_output=True)
    try:
        yield f"postgresql+psycopg://hotline@/postgres?host={folder}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True)
        shutil.rmtree(folder)


def _as_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as nobody, in a folder of nobody's."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "nobody")
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
