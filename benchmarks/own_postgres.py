"""A PostgreSQL server of one's own for a test run or a measurement: a new cluster in a temporary folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path


def server_programs() -> Path | None:
    """Where initdb lies (Debian's packages); None = there is no server on this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


class OwnPostgres:
    """A cluster in a folder of its own. `stop` and `start` as an operator would; `freeze` = it hangs."""

    def __init__(self, programs: Path, *settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hotline-pg-"))
        as_user, cluster = _as_user(self.folder), self.folder / "cluster"
        words = ("-U", "hotline", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        _run([*as_user, str(programs / "initdb"), "-D", str(cluster), *words])
        wanted = ("listen_addresses=''", "fsync=off", "max_connections=40", *settings)
        self._options = f"-k {self.folder} " + " ".join(f"-c {one}" for one in wanted)
        self._control = [*as_user, str(programs / "pg_ctl"), "-D", str(cluster), "-w"]
        self._postmaster = cluster / "postmaster.pid"

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://hotline@/postgres?host={self.folder}"

    def start(self) -> None:
        _run([*self._control, "-o", self._options, "-l", str(self.folder / "log"), "start"])

    def stop(self) -> None:
        _run([*self._control, "-m", "immediate", "stop"])

    def freeze(self, *, on: bool = True) -> None:
        """Every process of it stands still: who asks gets no answer and no error."""
        leader = self._postmaster.read_text().split()[0]
        children = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
        for pid in (leader, *children):
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGSTOP if on else signal.SIGCONT)

    def remove(self) -> None:
        shutil.rmtree(self.folder)


@contextmanager
def own_postgres(programs: Path, *settings: str) -> Iterator[str]:
    """The URL of the running server's database `postgres`. `settings` e.g. "shared_buffers=256MB"."""
    server = OwnPostgres(programs, *settings)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()
        server.remove()


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _as_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as nobody, in a folder of nobody's."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "nobody")
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
