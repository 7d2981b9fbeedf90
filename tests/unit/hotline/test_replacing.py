"""Whom a running version gives way to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotline import replacing
from tests.command import app


def test_the_word_that_a_new_version_leaves_is_taken_once(tmp_path: Path):
    version = replacing.this_version()
    replacing.leave_word(tmp_path, version)
    assert (tmp_path / replacing.WORD).stat().st_mode & 0o777 == 0o600
    assert replacing.take_word(tmp_path) == version
    assert replacing.take_word(tmp_path) is None


@pytest.mark.parametrize("told", ["", "{}", "[]", '{"root": "/nowhere", "python": "/bin/sh"}', "\0"])
def test_a_word_that_names_no_version_changes_nothing(tmp_path: Path, told: str):
    (tmp_path / replacing.WORD).write_text(told)
    assert replacing.take_word(tmp_path) is None


def test_what_comes_after_is_the_same_process_with_the_same_command(tmp_path: Path):
    other = tmp_path / "other"
    (other / "hotline").mkdir(parents=True)
    (other / "hotline" / "__init__.py").touch()  # else the installed package is found, and it would really run
    (other / "hotline" / "__main__.py").write_text("import os, sys; print(os.getpid(), os.getcwd(), sys.argv[1:])")
    code = (
        "import os, sys; from pathlib import Path; from hotline import replacing; print(os.getpid());"
        f"replacing.become(replacing.Version(Path({str(other)!r}), Path(sys.executable)), ['run'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=20)
    pid, after = done.stdout.splitlines()
    assert after == f"{pid} {other} ['run', '--quick']"


def test_a_version_that_cannot_give_way_is_not_sent_a_signal_that_would_end_it(tmp_path: Path):
    """The lock is held by a process that never said it understands the signal."""
    (tmp_path / "hotline.lock").write_text("")
    code = (
        f"import fcntl, os, sys, time; lock = open({str(tmp_path / 'hotline.lock')!r}, 'r+'); fcntl.flock(lock, 2);"
        "lock.write(str(os.getpid())); lock.flush(); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        refused = CliRunner().invoke(app, ["upgrade"], env={"HOTLINE_RUN_DIR": str(tmp_path)})
        assert "cannot be replaced under calls" in str(refused.exception)
        assert holder.poll() is None
        holder.communicate()
    refused = CliRunner().invoke(app, ["upgrade"], env={"HOTLINE_RUN_DIR": str(tmp_path)})
    assert "No Hotline runs in" in str(refused.exception)
    assert replacing.is_replaceable(tmp_path, os.getpid()) is False
