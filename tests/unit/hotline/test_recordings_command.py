"""`hotline recordings` tells by words and exit status what was done to recordings, and keeps their keys."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

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
    return lambda *words: CliRunner().invoke(recordings, words)


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
    from crm_core.db import Database, make_engine

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
