"""`hotline recordings` tells by words and exit status what was done to recordings, and keeps their keys."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
import structlog
from sqlalchemy import update
from typer.testing import CliRunner

from crm_core.customers.model import Customer
from crm_core.db import Database, make_engine
from crm_core.erasure import actions
from crm_core.history.model import Contact
from hotline.recordings_command import recordings
from recording.data_keys import DataKeys
from recording.shelving import Shelving
from recording.site_keys import SiteKeys
from recording.vault import Vault
from tests.empty_databases import sqlite_database
from tests.unit.recording.calls import BEGAN
from tests.unit.recording.stored_talks import DAY, a_kept_talk

FLAC = "20261122/c1-1.flac"


@pytest.fixture
def run(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("HOTLINE_RUN_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    asyncio.run(a_site(tmp_path))
    logging = structlog.get_config()
    yield lambda *words: CliRunner().invoke(recordings, words)
    structlog.configure(**logging)  # the command writes to the runner's own standard error


async def a_site(folder: Path) -> None:
    database = sqlite_database(folder / "hotline.db")
    for number in (1, 2):
        await a_kept_talk(database, folder / "recordings", f"c{number}", 0.5, customer=700 + 100 * number)
    await database.close()


async def shelve(folder: Path) -> None:
    database, keys = sqlite_file(folder), SiteKeys(folder / "recording-keys")
    vault = Vault(folder / "recordings", keys=DataKeys(database, keys), copies=folder / "copies")
    while await Shelving(database, vault, now=lambda: BEGAN + DAY).sweep():
        pass
    await database.close()


def sqlite_file(folder: Path):
    return Database(make_engine(f"sqlite+aiosqlite:///{folder / 'hotline.db'}"))


def test_untouched_recordings_end_with_nought_and_a_changed_one_with_one(run, tmp_path):
    done = run("verify")
    assert (done.exit_code, "Every recording is as it was sealed." in done.stdout) == (0, True)
    path = tmp_path / "recordings" / FLAC
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-5])
    done = run("verify", "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["whole"], told["files"]) == (1, False, 2)
    assert [(one["kind"], one["name"]) for one in told["findings"]] == [("cut", FLAC)]
    assert f"cut              {FLAC}" in run("verify").stdout
    assert run("verify", "--from", "2026-11-23").exit_code == 0
    assert run("verify", "--from", "2026-11-22", "--to", "2026-11-22").exit_code == 1


def test_a_volume_that_is_not_there_ends_with_two(run, tmp_path):
    (tmp_path / "recordings").rename(tmp_path / "gone")
    done = run("verify")
    assert (done.exit_code, "Not all could be checked" in done.stdout) == (2, True)


def test_keys_are_made_rotated_listed_and_dropped_and_recordings_stay_readable(run, tmp_path):
    assert "No key" in run("keys", "list").stdout
    assert run("keys", "rotate").exit_code == 2
    assert run("keys", "new").exit_code == 0
    assert run("keys", "new").exit_code == 2
    file = tmp_path / "recording-keys"
    assert file.stat().st_mode & 0o777 == 0o600
    asyncio.run(shelve(tmp_path))
    first = SiteKeys(file).current().id
    assert f"{first}  " in run("keys", "list").stdout
    assert run("keys", "drop", first).exit_code == 2
    stored = (tmp_path / "recordings" / f"{FLAC}.enc").read_bytes()
    assert run("keys", "rotate").exit_code == 0
    assert (tmp_path / "recordings" / f"{FLAC}.enc").read_bytes() == stored
    assert run("keys", "drop", first).exit_code == 0
    told = json.loads(run("verify", "--json").stdout)
    assert (told["whole"], told["opened"]) == (True, 2)
    file.chmod(0o644)
    assert run("keys", "list").exit_code == 2


def test_a_confirmed_request_for_erasure_is_carried_out_from_the_terminal_and_one_that_is_not_is_refused(run, tmp_path):
    number = asyncio.run(a_request(tmp_path))
    assert run("erase", str(number)).exit_code == 2
    asyncio.run(confirmed(tmp_path, number))
    assert f"{number}  customer 1" in run("erasures").stdout
    done = run("erase", str(number))
    assert (done.exit_code, done.stdout.startswith("2 erased, 1 stayed. Proof: ")) == (0, True)
    assert not list((tmp_path / "recordings").glob("*/*.flac"))
    assert json.loads(run("verify", "--json").stdout)["whole"]


async def a_request(folder: Path) -> int:
    database = sqlite_file(folder)
    async with database.begin() as session:
        session.add(Customer(id=1, name="陈建国", created_at=BEGAN))
        await session.flush()
        await session.execute(update(Contact).values(customer_id=1))
        number = (await actions.ask(session, 1, "letter", actor="2001", at=BEGAN)).id
    await database.close()
    return number


async def confirmed(folder: Path, number: int) -> None:
    database = sqlite_file(folder)
    async with database.begin() as session:
        await actions.confirm(session, number, typed="", roles=(), actor="2002", at=BEGAN)
    await database.close()
