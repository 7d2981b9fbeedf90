"""What the front door refuses: one sentence that says what to do, never a traceback."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from hotline import cli, run_folder
from hotline.packages import SetupRefused
from hotline.ports import require_free
from hotline.set_up import require_writable
from hotline.settings import Settings
from hotline.web_workers import require_redis
from tests.ports import free_port
from tests.redis_servers import a_redis_of


def test_a_taken_port_names_the_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SetupRefused, match=rf"Port {port} on 127\.0\.0\.1 is taken .* set HOTLINE_WEB_PORT"):
            require_free("127.0.0.1", port, "HOTLINE_WEB_PORT")


def test_a_free_port_is_free_again_afterwards() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    require_free("127.0.0.1", port, "HOTLINE_WEB_PORT")
    require_free("127.0.0.1", port, "HOTLINE_WEB_PORT")


def test_a_folder_that_cannot_be_made_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupRefused, match=r"Cannot write to .*Set HOTLINE_RUN_DIR to a folder you own"):
        require_writable(tmp_path / "file" / "run", "HOTLINE_RUN_DIR")


def test_a_folder_in_use_names_the_process(tmp_path: Path) -> None:
    refused = pytest.raises(SetupRefused, match=r"already runs .* kill \d+")
    with run_folder.locked(tmp_path), refused, run_folder.locked(tmp_path):
        pass


def test_the_run_folder_is_private_and_its_secret_stays(tmp_path: Path) -> None:
    with run_folder.locked(tmp_path / "run"):
        secret = run_folder.ami_secret(tmp_path / "run")
        assert run_folder.ami_secret(tmp_path / "run") == secret
        assert len(secret) >= 32
    assert (tmp_path / "run").stat().st_mode & 0o077 == 0
    assert (tmp_path / "run" / "ami.secret").stat().st_mode & 0o077 == 0


def test_a_process_that_took_over_a_number_is_not_ended(tmp_path: Path) -> None:
    run_folder.note_platform(tmp_path, 1)
    run_folder.end_left_over_platform(tmp_path)
    assert Path("/proc/1").exists()


def test_a_setting_of_a_wrong_kind_is_told_by_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOTLINE_WEB_PORT", "many")
    monkeypatch.setattr("sys.argv", ["hotline", "status"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert told.startswith("HOTLINE_WEB_PORT cannot be used: ")
    assert told.count("\n") == 1


def refused_with(environment: dict[str, str], command: tuple[str, ...] = ("run", "--quick")) -> str:
    """What `hotline run`, or another command, says on standard error when it refuses."""
    done = subprocess.run(
        [sys.executable, "-m", "hotline", *command],
        env={"HOTLINE_DEMO": "0", **environment}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    return done.stderr


def test_a_start_that_is_refused_makes_no_password_that_nobody_reads(tmp_path: Path) -> None:
    serve = ("serve", "--quick", "--bind", "127.0.0.1")
    site = {"HOTLINE_RUN_DIR": str(tmp_path), "HOTLINE_CACHE_DIR": str(Settings().cache_dir)}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = refused_with({**site, "HOTLINE_WEB_PORT": str(taken.getsockname()[1])}, serve)
    assert "is taken" in said
    with closing(sqlite3.connect(tmp_path / "hotline.db")) as database:
        assert database.execute("SELECT count(*) FROM user_account").fetchone() == (0,)


@pytest.mark.parametrize("filled", [True, False], ids=["full at the start", "full at the first tables"])
def test_a_full_disk_is_one_sentence_with_the_remedy(tmp_path: Path, filled: bool) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "none", small], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    try:
        if filled:
            subprocess.run(["dd", "if=/dev/zero", f"of={small}/filled"], check=False, capture_output=True)
        said = refused_with({"HOTLINE_RUN_DIR": str(small / "run")})
    finally:
        subprocess.run(["umount", small], check=True)
    assert said.count("\n") == 1, said
    assert "is full. Make room there" in said


@pytest.mark.parametrize("command", [("run", "--quick"), ("telephony", "--quick"), ("web", "--workers", "2")])
def test_without_redis_several_processes_are_refused_with_the_remedy(tmp_path: Path, command: tuple[str, ...]) -> None:
    site = {"HOTLINE_RUN_DIR": str(tmp_path / "run"), "HOTLINE_WEB_WORKERS": "2"}
    said = refused_with(site, command)
    assert said.count("\n") == 1, said
    assert "set HOTLINE_REDIS_URL, e.g. redis://127.0.0.1:6379/0" in said


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("redis://127.0.0.1:{closed}/0", "Redis cannot be used: "),
        ("redis://127.0.0.1:{old}/0", "Redis 5.0.14 is too old: 6.2 or newer is needed."),
        ("redis://127.0.0.1:{silent}/0", "Redis cannot be used: "),
        ("mysql://127.0.0.1/0", "HOTLINE_REDIS_URL cannot be used: "),
    ],
)
async def test_a_redis_that_cannot_be_used_is_one_sentence_with_the_remedy(url: str, told: str) -> None:
    with a_redis_of("5.0.14") as old, socket.create_server(("127.0.0.1", 0)) as silent:
        ports = {"old": old, "silent": silent.getsockname()[1], "closed": free_port()}
        with pytest.raises(SetupRefused) as refused:
            await require_redis(Settings(redis_url=url.format(**ports)))
    assert str(refused.value).startswith(told)
    assert str(refused.value).endswith(".")
