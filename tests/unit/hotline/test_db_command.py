"""`hotline db move` from the terminal: a table and the next step, or one sentence that says why not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert, make_url
from sqlalchemy.orm import Session

from crm_core.customers.model import Customer
from crm_core.database_checks import parsed, sync_engine
from hotline import cli, run_folder
from tests.integration.site import wait_until
from tests.unit.crm_core.conftest import postgres_url, sqlite_template

__all__ = ["postgres_url", "sqlite_template"]


@pytest.fixture
def site(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(sqlite_template, tmp_path / "hotline.db")
    monkeypatch.setenv("HOTLINE_RUN_DIR", str(tmp_path))
    return tmp_path


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], to: str) -> str:
    """The sentence on standard error; `hotline` has ended with status 1."""
    monkeypatch.setattr("sys.argv", ["hotline", "db", "move", "--to", to])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    return told


def test_a_site_that_runs_is_not_moved(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with run_folder.locked(site):
        assert "Hotline already runs in" in refused(monkeypatch, capsys, "postgresql://hotline@127.0.0.1:1/x")


def test_a_server_that_is_not_there_is_named(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(monkeypatch, capsys, "postgresql://hotline:secret@127.0.0.1:1/x")
    assert "No database server answers at 127.0.0.1:1; start it, or correct the address in --to." in told
    assert "secret" not in told


def test_where_no_site_is_and_where_it_cannot_go(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--to must name a PostgreSQL database" in refused(monkeypatch, capsys, "sqlite:////tmp/other.db")
    monkeypatch.setenv("HOTLINE_DATABASE_URL", "postgresql://hotline@127.0.0.1/x")
    assert "is on PostgreSQL already" in refused(monkeypatch, capsys, "postgresql://hotline@127.0.0.1/y")
    monkeypatch.delenv("HOTLINE_DATABASE_URL")
    (site / "hotline.db").unlink()
    assert "set HOTLINE_RUN_DIR" in refused(monkeypatch, capsys, "postgresql://hotline@127.0.0.1/y")


def test_a_stopped_site_goes_and_the_terminal_tells_what_comes_next(
    site: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = make_url(postgres_url).set(drivername="postgresql")
    with psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS commanded WITH (FORCE)")
        server.execute("CREATE DATABASE commanded")
    to = plain.set(database="commanded").render_as_string(hide_password=False)
    monkeypatch.setattr("sys.argv", ["hotline", "db", "move", "--to", to])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    told = capsys.readouterr().out
    assert not ended.value.code, told
    assert "the same in both" in told
    assert f"HOTLINE_DATABASE_URL={to}" in told
    assert "already (the table" in refused(monkeypatch, capsys, to)


@pytest.mark.timeout(400)
def test_a_move_that_is_killed_leaves_the_new_database_empty_and_is_simply_done_again(
    site: Path, postgres_url: str
) -> None:
    with Session(sync_engine(parsed(f"sqlite:///{site / 'hotline.db'}"))) as session, session.begin():
        at = datetime(2026, 7, 16, 2, 30, tzinfo=UTC)
        session.execute(insert(Customer), [{"name": f"客户{n}", "created_at": at} for n in range(20_000)])
    plain = make_url(postgres_url).set(drivername="postgresql")
    to = plain.set(database="killed").render_as_string(hide_password=False)
    with psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS killed WITH (FORCE)")
        server.execute("CREATE DATABASE killed")
        command = [sys.executable, "-m", "hotline", "db", "move", "--to", to]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as moving:
            asked = "SELECT query FROM pg_stat_activity WHERE datname = 'killed' AND query LIKE 'COPY \"customer\" %'"
            wait_until(lambda: server.execute(asked).fetchone() is not None, 150, "the customers are on their way")
            moving.kill()
        of_it = "SELECT 1 FROM pg_stat_activity WHERE datname = 'killed'"
        wait_until(lambda: server.execute(of_it).fetchone() is None, 30, "the server has noticed")
    with psycopg.connect(to) as there:
        tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        assert there.execute(tables).fetchone() == (0,)
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    with psycopg.connect(to) as there:
        assert there.execute("SELECT count(*) FROM customer").fetchone() == (20_000,)
