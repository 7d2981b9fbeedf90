"""A site goes into a folder while it is at work, and comes back whole where there is none."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from crm_core.access.chain import verify
from crm_core.access.model import AuditEntry
from crm_core.db import Database, make_engine
from crm_core.history.journal import Journal
from crm_core.history.model import Contact, Recording
from crm_core.history.writer import apply_all
from crm_core.migrate import upgrade
from hotline.backup.database_copy import copy_out
from hotline.backup.manifest import NAME
from hotline.backup.taking import backups
from recording.data_keys import DataKeys
from recording.shelving import Shelving
from recording.site_keys import SiteKeys
from recording.vault import Vault
from tests.command import app
from tests.unit.crm_core.builders import an_answered_call, numbered
from tests.unit.recording.calls import BEGAN
from tests.unit.recording.stored_talks import DAY, a_kept_talk, heard

PASSPHRASE = "two horses cross the river"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "empty.db"
    upgrade(f"sqlite+aiosqlite:///{path}")
    return path


class Site:
    """A run folder of a site, and commands that are given in it."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.run_dir = folder / "run"
        self.run_dir.mkdir(parents=True)
        self.environment = {"HOTLINE_RUN_DIR": str(self.run_dir), "HOTLINE_BACKUP_PASSPHRASE": PASSPHRASE} | more
        self.url = f"sqlite+aiosqlite:///{self.run_dir / 'hotline.db'}"

    def says(self, *words: str, **more: str):
        return CliRunner().invoke(app, words, env=self.environment | more)

    def database(self) -> Database:
        return Database(make_engine(self.url))


@pytest.fixture
def site(tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Two kept talks, one of them encrypted, a file of somebody's, secrets, and a journal that is ahead."""
    monkeypatch.chdir(tmp_path)
    site = Site(tmp_path / "old")
    shutil.copy(migrated, site.run_dir / "hotline.db")
    asyncio.run(_fill(site))
    (site.run_dir / "files").mkdir()
    (site.run_dir / "files" / "offer.pdf").write_bytes(b"%PDF-1.7")
    (site.run_dir / "ami.secret").write_text("quiet")
    return site


async def _fill(site: Site) -> None:
    database, keys = site.database(), SiteKeys(site.run_dir / "recording-keys")
    folder = site.run_dir / "recordings"
    await a_kept_talk(database, folder, "c1", 0.5)
    keys.add(BEGAN)
    vault = Vault(folder, keys=DataKeys(database, keys), copies=site.run_dir / "copies")
    while await Shelving(database, vault, now=lambda: BEGAN + DAY).sweep():
        pass
    journal = Journal(site.run_dir / "journal")
    for record in numbered(*an_answered_call()):
        journal.append(record)
    async with database.begin() as session:
        await apply_all(session, list(journal.read(0, 5)))
    journal.close()
    await database.close()


def elsewhere(tmp_path: Path, **more: str) -> Site:
    return Site(tmp_path / "new", **more)


def test_a_site_comes_back_on_an_empty_machine_with_calls_recordings_keys_and_audit_log(site: Site, tmp_path: Path):
    taken = site.says("backup", str(tmp_path / "kept"))
    assert taken.exit_code == 0, taken.output
    new = elsewhere(tmp_path)
    done = new.says("restore", str(tmp_path / "kept"))
    assert done.exit_code == 0, done.output
    assert (new.run_dir / "files" / "offer.pdf").read_bytes() == b"%PDF-1.7"
    assert (new.run_dir / "ami.secret").read_text() == "quiet"
    assert (new.run_dir / "ami.secret").stat().st_mode & 0o777 == 0o600

    async def look() -> None:
        database = new.database()
        async with database.begin() as session:
            assert (await verify(session)).whole
            assert list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))) == [
                "backup_taken",
                "backup_restored",
            ]
            [row] = await session.scalars(select(Recording).where(Recording.contact_id == "c1"))
        vault = Vault(
            new.run_dir / "recordings",
            keys=DataKeys(database, SiteKeys(new.run_dir / "recording-keys")),
            copies=new.run_dir / "copies",
        )
        assert row.file.endswith(".enc")
        assert (await heard(vault, row.file))[:4] == b"fLaC"
        await database.close()

    asyncio.run(look())


def test_records_that_only_the_journal_had_are_written_after_a_restore_and_none_twice(site: Site, tmp_path: Path):
    site.says("backup", str(tmp_path / "kept"))
    new = elsewhere(tmp_path)
    new.says("restore", str(tmp_path / "kept"))

    async def go_on() -> tuple[int, int, int]:
        database = new.database()
        journal = Journal(new.run_dir / "journal")
        async with database.begin() as session:
            fresh = await apply_all(session, list(journal.read(0)))
        async with database.begin() as session:
            again = await apply_all(session, list(journal.read(0)))
            ended = await session.scalar(select(func.count(Contact.id)).where(Contact.outcome == "answered"))
        await database.close()
        return fresh, again, ended or 0

    assert asyncio.run(go_on()) == (len(an_answered_call()) - 5, 0, 1)


def test_what_has_not_changed_takes_no_room_in_the_next_backup_and_is_whole_in_both(site: Site, tmp_path: Path):
    kept = tmp_path / "kept"
    site.says("backup", str(kept))
    _another_second()
    (site.run_dir / "files" / "offer.pdf").write_bytes(b"%PDF-2.0")
    site.says("backup", str(kept))
    first, second = backups(kept)
    [sound] = [path.relative_to(first) for path in first.rglob("*.enc")]
    assert (first / sound).stat().st_ino == (second / sound).stat().st_ino
    assert (first / "files/offer.pdf").read_bytes() == b"%PDF-1.7"
    assert (second / "files/offer.pdf").read_bytes() == b"%PDF-2.0"
    for one in (first, second):
        assert site.says("backup", str(one), "--verify").exit_code == 0
    _another_second()
    assert site.says("backup", str(kept), "--keep", "1").exit_code == 0
    assert len(backups(kept)) == 1
    assert site.says("backup", str(kept), "--verify").exit_code == 0


def _another_second() -> None:
    """Backups are named by the second."""
    time.sleep(1.01 - time.time() % 1)


@pytest.mark.parametrize("harm", ["changed", "missing", "unknown", "manifest"])
def test_a_damaged_backup_is_told_by_name_and_is_not_restored(site: Site, tmp_path: Path, harm: str):
    kept = tmp_path / "kept"
    site.says("backup", str(kept))
    [one] = backups(kept)
    file = one / "files/offer.pdf"
    match harm:
        case "changed":
            file.write_bytes(b"%PDF-1.8")
        case "missing":
            file.unlink()
        case "unknown":
            file.with_name("more.pdf").write_bytes(b"")
        case _:
            told = json.loads((one / NAME).read_text())
            (one / NAME).write_text(json.dumps(told | {"schema": "0001"}))
    checked = site.says("backup", str(kept), "--verify")
    assert checked.exit_code == 1
    assert "more.pdf" in checked.output or "offer.pdf" in checked.output or "was changed" in str(checked.exception)
    new = elsewhere(tmp_path)
    assert new.says("restore", str(kept)).exit_code == 1
    assert not (new.run_dir / "hotline.db").exists()
    assert not list((new.run_dir).rglob("*.pdf"))


def test_where_there_is_no_site_none_is_made_and_none_is_backed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    site = Site(tmp_path / "empty")
    assert "There is no site to back up" in str(site.says("backup", str(tmp_path / "kept")).exception)
    assert list(site.run_dir.iterdir()) == []
    assert "Name a folder for backups" in str(site.says("backup").exception)
    assert "There is no backup in" in str(site.says("restore", str(tmp_path)).exception)


def test_a_restore_overwrites_nothing(site: Site, tmp_path: Path):
    site.says("backup", str(tmp_path / "kept"))
    refused = site.says("restore", str(tmp_path / "kept"))
    assert "There is a site already" in str(refused.exception)
    new = elsewhere(tmp_path)
    (new.run_dir / "recording-keys").write_text("another site's")
    refused = new.says("restore", str(tmp_path / "kept"))
    assert "is there already" in str(refused.exception)
    assert (new.run_dir / "recording-keys").read_text() == "another site's"


def test_secrets_are_read_with_the_passphrase_alone_and_without_one_the_operator_is_warned(site: Site, tmp_path: Path):
    site.says("backup", str(tmp_path / "kept"))
    [one] = backups(tmp_path / "kept")
    keys = (site.run_dir / "recording-keys").read_bytes()
    assert not [path for path in one.rglob("*") if path.is_file() and keys[:40] in path.read_bytes()]
    refused = elsewhere(tmp_path).says("restore", str(one), HOTLINE_BACKUP_PASSPHRASE="two horses")
    assert "The passphrase does not open" in str(refused.exception)
    assert not (tmp_path / "new/run/recordings").exists()
    taken = site.says("backup", str(tmp_path / "open"), HOTLINE_BACKUP_PASSPHRASE="")
    assert "can hear every recording" in taken.output
    [bare] = backups(tmp_path / "open")
    assert (bare / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_backup_of_a_newer_version_is_refused_with_what_to_do(site: Site, tmp_path: Path):
    with closing(sqlite3.connect(site.run_dir / "hotline.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    site.says("backup", str(tmp_path / "kept"))
    refused = elsewhere(tmp_path).says("restore", str(tmp_path / "kept"))
    assert "Restore it with the version that took it, or a later one." in str(refused.exception)


def test_settings_of_the_old_machine_are_told_and_not_taken_over(site: Site, tmp_path: Path):
    site.environment |= {"HOTLINE_SITE_NAME": "远辰 'A' $1", "HOTLINE_WEB_PORT": "8443"}
    site.says("backup", str(tmp_path / "kept"))
    done = elsewhere(tmp_path).says("restore", str(tmp_path / "kept"))
    assert "HOTLINE_SITE_NAME" in done.output
    file = tmp_path / "new/run/settings-of-backup.env"
    assert file.stat().st_mode & 0o777 == 0o600
    assert "HOTLINE_WEB_PORT='8443'" in file.read_text()
    assert PASSPHRASE not in file.read_text()


def test_a_copy_of_a_database_that_is_written_all_the_time_ends_and_is_of_one_moment(tmp_path: Path):
    """Two counters move together in each transaction: a copy in which they differ is of no moment."""
    source, enough, began = tmp_path / "busy.db", threading.Event(), threading.Event()
    with closing(sqlite3.connect(source)) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE padding (text)")
        connection.execute("CREATE TABLE counter (n)")
        connection.execute("INSERT INTO counter VALUES (0)")
        connection.executemany("INSERT INTO padding VALUES (?)", [("x" * 4000,)] * 20_000)

    def write() -> None:
        with closing(sqlite3.connect(source, timeout=10)) as connection:
            while not enough.is_set():
                with connection:
                    connection.execute("UPDATE counter SET n = n + 1")
                    connection.execute("INSERT INTO padding VALUES ('y')")
                began.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert began.wait(10)
    try:
        for place in ("one", "two"):
            copy_out(f"sqlite+aiosqlite:///{source}", tmp_path / place)
    finally:
        enough.set()
        writer.join()
    counts = []
    for place in ("one", "two"):
        with closing(sqlite3.connect(tmp_path / place)) as connection:
            [n] = connection.execute("SELECT n FROM counter").fetchone()
            [written] = connection.execute("SELECT count(*) FROM padding WHERE text = 'y'").fetchone()
            assert n == written
            counts.append(n)
    assert 0 < counts[0] < counts[1]


@pytest.mark.skipif(os.geteuid() != 0 or not Path("/usr/bin/mount").exists(), reason="only root can mount a small disk")
def test_a_full_disk_is_told_with_the_remedy_and_leaves_nothing_half(site: Site, tmp_path: Path):
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "none", small], check=False)
    if mounted.returncode:
        pytest.skip("this machine allows no mount")
    try:
        refused = site.says("backup", str(small))
        assert refused.exit_code == 1
        assert "Make room there" in str(refused.exception)
        assert [path.name for path in small.iterdir()] == [".hotline-backup.lock"]
    finally:
        subprocess.run(["umount", small], check=True)
