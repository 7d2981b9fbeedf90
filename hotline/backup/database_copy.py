"""A copy of the database as it was at one moment, while calls go on: SQLite's own backup, PostgreSQL's pg_dump."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, inspect, make_url

from crm_core.schema import plain_engine
from hotline.backup.manifest import BackupRefused

PAGES = 4_000  # 16 MB at a time, so that the bar moves
Tell = Callable[[int, int], None]
"""Done and all, in units of the database's own."""


def kind_of(url: str) -> str:
    """sqlite or postgresql."""
    return make_url(url).get_backend_name()


def copy_out(url: str, target: Path, tell: Tell = lambda *_: None) -> None:
    """Writes `target`. Raises BackupRefused with the database's own words."""
    parsed = make_url(url)
    if kind_of(url) == "sqlite":
        _copy_sqlite(Path(parsed.database or ""), target, tell)
        return
    _run_postgres("pg_dump", parsed, ["--format=custom", "--no-owner", "--no-privileges", f"--file={target}"])
    target.chmod(0o600)


def copy_in(source: Path, url: str, tell: Tell = lambda *_: None) -> None:
    """Fills an empty database; all of it or nothing."""
    parsed = make_url(url)
    if kind_of(url) == "sqlite":
        database = Path(parsed.database or "")
        database.parent.mkdir(parents=True, exist_ok=True)
        part = database.with_name(f"{database.name}.part")
        part.unlink(missing_ok=True)
        _copy_sqlite(source, part, tell)
        part.replace(database)
        return
    options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(source)]
    _run_postgres("pg_restore", parsed, options)


def is_empty(url: str) -> bool:
    """Whether nothing of anybody would be overwritten."""
    parsed = make_url(url)
    if kind_of(url) == "sqlite":
        return not Path(parsed.database or "").exists()
    engine = plain_engine(url)
    try:
        with engine.connect() as connection:
            return not inspect(connection).get_table_names()
    finally:
        engine.dispose()


def fault_in(database: Path) -> str:
    """What is wrong with a copy, "" = nothing. A dump is read to its end; a SQLite file's pages are looked at."""
    if database.suffix == ".pgdump":
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own program
            [_program("pg_restore"), "--file=/dev/null", str(database)], capture_output=True, text=True, check=False
        )
        return _last_words(done.stderr) if done.returncode else ""
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as damage:
        return str(damage)
    return "" if found == "ok" else found


def _copy_sqlite(source: Path, target: Path, tell: Tell) -> None:
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as reading,
            closing(sqlite3.connect(target)) as writing,
        ):
            target.chmod(0o600)
            # A transaction of our own keeps the moment: without it a copy begins anew at each write of the platform.
            reading.isolation_level = None
            reading.execute("BEGIN")
            reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
            reading.backup(writing, pages=PAGES, progress=lambda _, left, of: tell(of - left, of))
            writing.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as refused:
        if "full" in str(refused):
            raise BackupRefused("The disk with {folder} is full. Make room there.", folder=target.parent) from refused
        raise BackupRefused(
            "The database {source} cannot be copied: {reason}. Check HOTLINE_DATABASE_URL.",
            source=source,
            reason=refused,
        ) from None


def _run_postgres(program: str, url: URL, options: list[str]) -> None:
    """The password goes by the environment: a command line can be read by everybody on the machine."""
    environment = os.environ | {"PGPASSWORD": url.password or "", "PGCONNECT_TIMEOUT": "10"}
    place = ["--dbname", _address(url)]
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program
        [_program(program), *place, *options], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        words = _last_words(done.stderr)
        if "server version" in done.stderr:
            words += "; install the postgresql-client of the server's version"
        raise BackupRefused(
            "{program} failed: {reason}. Check HOTLINE_DATABASE_URL and the server's log.",
            program=program,
            reason=words,
        )


def _address(url: URL) -> str:
    parts = url.set(drivername="postgresql", password=None)
    return parts.render_as_string(hide_password=False)


def _program(name: str) -> str:
    """The newest of Debian's packages: an older pg_dump refuses a newer server."""
    found = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3].split(".")[0])
    )
    program = str(found[-1]) if found else shutil.which(name)
    if program is None:
        raise BackupRefused("{name} is not there. Run: apt-get install postgresql-client", name=name)
    return program


def _last_words(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (lines[-1] if lines else "no message").rstrip(".")
