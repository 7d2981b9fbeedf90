"""systemd takes the units as they are, and they let the service do little."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotline.settings import Settings
from hotline.units.rendering import Account, rendered
from tests.command import app

ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not here")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    folder = tmp_path / "units"
    folder.mkdir()
    environment = {
        "HOTLINE_RUN_DIR": "/var/lib/hotline/run",
        "HOTLINE_CACHE_DIR": "/var/cache/hotline",
        "HOTLINE_BACKUP_DIR": "/var/backups/hotline",
        "HOTLINE_FILES_DIR": "/var/lib/hotline/run/files",
    }
    done = CliRunner().invoke(app, ["units", "--to", str(folder), "--user", "daemon"], env=environment)
    assert done.exit_code == 0, (done.output, done.exception)
    assert "systemctl enable --now hotline hotline-backup.timer" in done.output
    return folder


@needs_systemd
def test_systemd_finds_nothing_wrong_with_them(written: Path):
    names = ("hotline.service", "hotline-backup.service", "hotline-backup.timer")
    done = subprocess.run(
        [str(ANALYZE), "verify", "--man=no", *(str(written / name) for name in names)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert [line for line in done.stderr.splitlines() if "hotline" in line] == []


@needs_systemd
@pytest.mark.parametrize("name", ["hotline.service", "hotline-backup.service"])
def test_systemd_finds_the_services_well_closed(written: Path, name: str):
    done = subprocess.run(
        [str(ANALYZE), "security", "--offline=true", "--no-pager", str(written / name)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(rf"Overall exposure level for {name}: ([\d.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) < 3.0  # 10 = open; below 3 systemd says OK


def test_the_service_writes_where_the_site_writes_and_nowhere_else(written: Path):
    unit = (written / "hotline.service").read_text()
    assert "ReadWritePaths=-/var/lib/hotline/run -/var/cache/hotline -/var/backups/hotline\n" in unit
    for line in ("Type=notify", "ProtectSystem=strict", "NoNewPrivileges=yes", "PrivateTmp=yes", "KillMode=process"):
        assert line in unit.splitlines()


def test_root_and_strangers_and_paths_that_systemd_reads_otherwise_are_refused(tmp_path: Path):
    run = CliRunner()
    assert "needs no root" in str(run.invoke(app, ["units", "--user", "root"]).exception)
    assert "useradd" in str(run.invoke(app, ["units", "--user", "nobody-at-all"]).exception)
    odd = {"HOTLINE_RUN_DIR": str(tmp_path / "run\nExecStartPre=/bin/sh")}
    assert "cannot be given the path" in str(run.invoke(app, ["units", "--user", "daemon"], env=odd).exception)
    percent = {"HOTLINE_BACKUP_DIR": "/var/%h"}
    assert "cannot be given the path" in str(run.invoke(app, ["units", "--user", "daemon"], env=percent).exception)


def test_a_sites_name_adds_no_line_to_a_unit():
    settings = Settings(site_name="a\nExecStartPre=/bin/evil %h")
    unit = rendered(settings, Account("nobody", "nogroup"), command="run", environment_file=Path("/etc/x"))
    assert not [line for line in unit["hotline.service"].splitlines() if line.startswith("ExecStartPre")]
    assert "%" not in unit["hotline.service"].partition("[Service]")[0]
