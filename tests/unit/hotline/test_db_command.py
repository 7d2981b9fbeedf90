"""`hotline db move` from the terminal: a table and the next step, or one sentence that says why not."""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from hotline import cli, run_folder
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
