"""Each fault that the doctor tells of is made here; what it says is a sentence with what to do, in both languages."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import text
from typer.testing import CliRunner

from agent_desktop import catalogues
from benchmarks.own_postgres import own_postgres, server_programs
from crm_core import clock
from crm_core.access.audit import audit
from crm_core.db import Database, make_engine
from crm_core.history.model import Contact
from crm_core.migrate import upgrade
from crm_core.schema import plain_engine
from hotline import run_folder
from hotline.doctor import door, machine, stores, telephony
from hotline.doctor.findings import Finding, State
from hotline.settings import Settings
from hotline.terminal import language_of
from tests import redis_servers
from tests.certificates import Authority
from tests.command import app
from tests.ports import free_port
from tests.redis_servers import a_redis_of

redis_command, redis_url = redis_servers.redis_command, redis_servers.redis_url
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "empty.db"
    upgrade(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def settings(tmp_path: Path, migrated: Path) -> Settings:
    run_dir = tmp_path / "run"
    run_dir.mkdir(mode=0o700)
    shutil.copy(migrated, run_dir / "hotline.db")
    tcp: dict[str, Any] = {name: free_port() for name in ("web_port", "agi_port", "ami_port", "asterisk_http_port")}
    return Settings(run_dir=run_dir, cache_dir=tmp_path / "cache", sip_port=free_port(socket.SOCK_DGRAM), **tcp)


def faults(found: Finding | list[Finding]) -> list[str]:
    some = [found] if isinstance(found, Finding) else found
    wrong = [one for one in some if one.state in (State.FAULT, State.WARNING)]
    assert all(one.advice("en") and one.advice("zh-CN") for one in wrong), "no remedy"
    return [f"{one.state}: {one.sentence('en')}" for one in wrong]


def test_an_old_python_is_told():
    assert faults(machine.python((3, 9, 2))) == ["fault: Python 3.9.2 is too old."]
    assert faults(machine.python()) == []


@contextmanager
def a_small_disk(folder: Path, options: str) -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder], check=False, capture_output=True)
    if done.returncode:
        pytest.skip("only root can mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_told_and_one_that_takes_nothing(settings: Settings, tmp_path: Path):
    small = tmp_path / "small"
    with a_small_disk(small, "size=1m"):
        site = settings.model_copy(update={"run_dir": small / "run"})
        subprocess.run(["dd", "if=/dev/zero", f"of={small}/filled"], check=False, capture_output=True)  # to its end
        assert any("is full: 0.0 GB free" in one for one in faults(machine.disk(site)))
        assert faults(machine.room_to_write(site)) == [
            f"fault: Nothing can be written in {small}: No space left on device."
        ]
    with a_small_disk(small, "size=1m,ro"):
        site = settings.model_copy(update={"run_dir": small / "run"})
        assert faults(machine.room_to_write(site)) == [
            f"fault: Nothing can be written in {small}: Read-only file system."
        ]
    assert faults(machine.room_to_write(settings)) == []


def test_a_port_of_somebody_else_is_told_and_a_running_site_that_gives_no_answer(settings: Settings):
    assert faults(machine.ports(settings)) == []
    with socket.socket() as taken:
        taken.bind((settings.host, settings.agi_port))
        taken.listen()
        assert faults(machine.ports(settings)) == [f"fault: Port {settings.agi_port} on 127.0.0.1 cannot be had."]
    with run_folder.locked(settings.run_dir):
        told = faults(machine.ports(settings))
    assert len(told) == 4
    assert f"Nobody answers at port {settings.web_port} on 127.0.0.1 (HOTLINE_WEB_PORT), and the site runs." in told[0]


def test_a_stale_lock_is_no_running_site(settings: Settings):
    (settings.run_dir / "hotline.lock").write_text(str(os.getpid()))
    assert not machine.is_running(settings.run_dir)
    with run_folder.locked(settings.run_dir):
        assert machine.is_running(settings.run_dir)
    assert not machine.is_running(settings.run_dir)


def test_a_platform_whose_supervisor_was_killed_is_told(settings: Settings):
    words = ["sleep", "60"]
    with subprocess.Popen(words) as stranger:
        run_folder.note_platform(settings.run_dir, stranger.pid)
        assert faults(machine.left_over(settings)) == []  # the number went to another program
        stranger.kill()
    words = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()", run_folder.PLATFORM]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as platform:
        assert platform.stdout is not None
        platform.stdout.readline()
        run_folder.note_platform(settings.run_dir, platform.pid)
        assert "nobody looks after it" in faults(machine.left_over(settings))[0]
        platform.communicate()


def test_secrets_that_others_may_read_are_told(settings: Settings):
    (settings.run_dir / "ami.secret").write_text("quiet")
    (settings.run_dir / "ami.secret").chmod(0o644)
    assert faults(machine.rights(settings)) == [
        f"fault: Others on this machine may read {settings.run_dir / 'ami.secret'}."
    ]
    (settings.run_dir / "ami.secret").chmod(0o600)
    assert faults(machine.rights(settings)) == []
    settings.run_dir.chmod(0o755)
    assert faults(machine.rights(settings)) == [f"fault: Others on this machine may read {settings.run_dir}."]


def test_a_setting_with_a_slip_in_its_name_is_told():
    environment = {"HOTLINE_DATABSE_URL": "x", "HOTLINE_WEB_PORT": "8000", "PATH": "/bin"}
    told = faults(machine.settings_that_nobody_reads(environment))
    assert told == ["warning: HOTLINE_DATABSE_URL is no setting: nobody reads it."]


def test_a_zone_that_there_is_not_is_told(settings: Settings):
    wrong = settings.model_copy(update={"site_zone": "Asia/Pekin"})
    assert faults(machine.zone(wrong)) == ["fault: There is no time zone Asia/Pekin."]


def test_no_asterisk_no_prompts_and_a_folder_that_is_no_model_are_told(settings: Settings, monkeypatch):
    monkeypatch.setattr(telephony, "on_path", lambda: None)
    assert faults(telephony.asterisk(settings)) == ["fault: There is no Asterisk 22.10.1 or newer."]
    assert "prompts are missing" in faults(telephony.prompts(settings))[0]
    model = settings.run_dir / "model"
    model.mkdir()
    wrong = settings.model_copy(update={"speech_models": {"zh-CN": model}})
    assert faults(telephony.models(wrong)) == [f"fault: {model} is no Vosk model."]


def test_a_carrier_that_is_silent_unknown_or_no_address_is_told(settings: Settings, monkeypatch):
    def with_trunk(contact: str) -> list[str]:
        return faults(telephony.trunk(settings.model_copy(update={"trunk_contact": contact})))

    monkeypatch.setattr(telephony, "TRUNK_SECONDS", 0.3)
    assert with_trunk("sip:127.0.0.2:5380") == []
    assert with_trunk("192.0.2.9") == ["fault: 192.0.2.9 is no SIP address."]
    assert with_trunk("sip:carrier.invalid") == ["fault: The name carrier.invalid is not known."]
    assert with_trunk("sip:192.0.2.9:5060") == ["fault: The carrier at 192.0.2.9:5060 gives no answer to OPTIONS."]


def test_a_certificate_that_ends_soon_or_is_of_another_key_is_told(settings: Settings, tmp_path: Path):
    assert faults(door.certificate(settings)) == []
    authority = Authority(tmp_path)
    file, key = authority.sign(["hotline.example.com"])
    site = settings.model_copy(update={"tls_certificate": file, "tls_key": key})
    assert faults(door.certificate(site)) == []
    assert faults(door.certificate(site.model_copy(update={"public_url": "https://other.example.com"})))
    with time_machine.travel(clock.now() + timedelta(days=80), tick=False):
        assert "ends on" in faults(door.certificate(site))[0]
    with time_machine.travel(clock.now() + timedelta(days=100), tick=False):
        assert "expired on" in faults(door.certificate(site))[0]


def changed(settings: Settings, statement: str) -> None:
    with closing(sqlite3.connect(settings.run_dir / "hotline.db")) as connection, connection:
        connection.execute(statement)


def test_a_database_of_a_newer_or_older_version_is_told(settings: Settings):
    assert faults(stores.database(settings)) == []
    changed(settings, "UPDATE alembic_version SET version_num = '9999'")
    assert "It has schema 9999, and this version knows schemas up to" in faults(stores.database(settings))[0]
    changed(settings, "UPDATE alembic_version SET version_num = '0040'")
    assert faults(stores.database(settings))[0].startswith("warning: It has schema 0040")


def test_a_damaged_database_is_told(settings: Settings):
    file = settings.run_dir / "hotline.db"
    content = bytearray(file.read_bytes())
    content[4096 * 5 : 4096 * 9] = b"\xff" * 4096 * 4
    file.write_bytes(content)
    told = faults(stores.database(settings))
    assert told
    assert "damaged" in told[0] or "cannot be used" in told[0]


def test_a_clock_that_went_back_is_told(settings: Settings):
    async def a_call_of_tomorrow() -> None:
        database = Database(make_engine(settings.database))
        async with database.begin() as session:
            session.add(Contact(id="1", direction="inbound", started_at=clock.now() + timedelta(days=1)))
        await database.close()

    asyncio.run(a_call_of_tomorrow())
    assert "this clock went back" in faults(stores.database(settings))[0]


def test_a_database_server_that_is_away_or_keeps_other_signs_is_told(settings: Settings):
    away = settings.model_copy(update={"database_url": "postgresql+psycopg://hotline@127.0.0.1:1/none"})
    assert "It cannot be used" in faults(stores.database(away))[0]
    programs = server_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server here")
    with own_postgres(programs) as url:
        engine = plain_engine(url).execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(
                text("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
            )
        engine.dispose()
        latin = settings.model_copy(update={"database_url": url.replace("/postgres?", "/latin?")})
        told = faults(stores.database(latin))
    assert told == ["warning: It is empty.", "fault: Its signs are LATIN1, not UTF8."]


@pytest.mark.parametrize(
    ("version", "password", "told"),
    [
        ("5.0.14", "", ["fault: Redis 5.0.14 is too old."]),
        ("7.0.15", ":quiet@", []),
        ("7.0.15", "", ["warning: Redis 7.0.15 has no password: whoever reaches its port reads callers' numbers."]),
    ],
)
def test_an_old_redis_is_told_and_one_that_anybody_may_read(
    settings: Settings, version: str, password: str, told: list[str]
):
    with a_redis_of(version) as port:
        site = settings.model_copy(update={"redis_url": f"redis://{password}127.0.0.1:{port}/0"})
        assert faults(stores.redis_server(site)) == told


def test_a_redis_behind_a_unix_socket_needs_no_password(settings: Settings, redis_url: str):
    assert faults(stores.redis_server(settings.model_copy(update={"redis_url": redis_url}))) == []


def test_a_redis_that_is_away_is_told_and_none_is_no_fault(settings: Settings):
    site = settings.model_copy(update={"redis_url": f"redis://127.0.0.1:{free_port()}/0"})
    assert "It cannot be used" in faults(stores.redis_server(site))[0]
    assert faults(stores.redis_server(settings)) == []


def test_a_volume_of_recordings_that_is_not_mounted_is_told(settings: Settings):
    assert faults(stores.recordings(settings)) == []
    settings.recordings_dir.mkdir()
    settings.recordings_dir.with_name("recordings.volume").write_text("0123\n")
    assert "is not there" in faults(stores.recordings(settings))[0]


def test_an_audit_entry_that_somebody_rewrote_is_told(settings: Settings):
    async def two_entries() -> None:
        database = Database(make_engine(settings.database))
        async with database.begin() as session:
            for action in ("sign_in", "sign_out"):
                await audit(session, at=clock.now(), actor="1018", action=action)
        await database.close()

    asyncio.run(two_entries())
    assert faults(stores.audit_log(settings)) == []
    changed(settings, "UPDATE audit_entry SET actor = '9001' WHERE action = 'sign_in'")
    assert "The chain does not hold at entry" in faults(stores.audit_log(settings))[0]


def test_no_backup_an_old_one_and_a_damaged_one_are_told(settings: Settings, tmp_path: Path):
    real = settings.model_copy(update={"demo": False})
    assert faults(stores.backup(real)) == ["warning: No backups are taken: HOTLINE_BACKUP_DIR is not set."]
    kept = tmp_path / "kept"
    site = settings.model_copy(update={"backup_dir": kept})
    assert "There is none in" in faults(stores.backup(site))[0]
    environment = {"HOTLINE_RUN_DIR": str(settings.run_dir), "HOTLINE_BACKUP_PASSPHRASE": "x"}
    assert CliRunner().invoke(app, ["backup", str(kept)], env=environment).exit_code == 0
    assert faults(stores.backup(site)) == []
    [one] = kept.glob("*Z")
    (one / "manifest.json").write_text("{}")
    assert "cannot be read" in faults(stores.backup(site))[0]


def test_the_command_tells_all_parts_ends_with_one_for_a_fault_and_changes_nothing(settings: Settings):
    before = sorted(path.name for path in settings.run_dir.iterdir())
    environment = {f"HOTLINE_{name.upper()}": str(getattr(settings, name)) for name in settings.model_fields_set}
    (settings.run_dir / "hotline.db").chmod(0o600)
    done = CliRunner().invoke(app, ["doctor", "--json", "--language", "zh-CN"], env=environment)
    told = json.loads(done.stdout)
    assert (done.exit_code, told["ok"]) == (1, False)  # this machine's cache folder here holds no prompts
    wrong = {one["part"]: one for one in told["findings"] if one["state"] == "fault"}
    assert wrong["prompts"]["remedy"] == "请执行：hotline setup"
    assert {one["part"] for one in told["findings"]} >= {"python", "disk", "database", "trunk", "audit log", "backup"}
    assert sorted(path.name for path in settings.run_dir.iterdir()) == before


def test_the_doctor_speaks_the_terminals_language():
    assert language_of({"LANG": "zh_CN.UTF-8"}) == "zh-CN"
    assert language_of({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}) == "en"
    assert language_of({}) == "en"


def test_everything_that_the_doctor_says_is_translated_with_the_same_gaps():
    chinese = catalogues.merged("zh-CN")
    files = [*(ROOT / "hotline/doctor").glob("*.py"), ROOT / "hotline/doctor_command.py"]
    calls = [node for file in files for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    said = {ast.literal_eval(call.args[0]) for call in calls if ast.unparse(call.func) == "N_"}
    assert len(said) > 100
    gaps: Callable[[str], set[str]] = lambda sentence: set(sentence.replace("}", "{").split("{")[1::2])  # noqa: E731
    assert not [one for one in said if chinese.get(one) is None or gaps(one) != gaps(str(chinese.get(one).string))]
