"""The dialer is killed with SIGKILL at random moments: nobody is dialled twice or against the rules, nobody is lost."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.own_postgres import own_postgres, server_programs
from crm_core.db import Database, make_engine
from tests.dialer_kills.judging import Judgement, judge


def killed(folder: Path, numbers: int, kills: int, seed: int, url: str = "") -> Judgement:
    """What holds after so many kills of the dialer of a list of so many numbers, dialled to its end."""
    url = url or f"sqlite+aiosqlite:///{folder}/hotline.db"
    command = [
        sys.executable,
        "-m",
        "tests.dialer_kills.killing",
        str(folder),
        str(numbers),
        str(kills),
        str(seed),
        url,
    ]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
    return asyncio.run(_judged(folder, url))


async def _judged(folder: Path, url: str) -> Judgement:
    database = Database(make_engine(url))
    try:
        return await judge(database, folder)
    finally:
        await database.close()


def test_a_killed_dialer_dials_nobody_twice_and_forgets_nobody(tmp_path: Path):
    found = killed(tmp_path, 100, 10, 6)
    assert found.wrong == []
    assert found.dialled >= 100 - found.refused
    assert found.unsettled <= found.lost_logs <= 10


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.skipif(server_programs() is None, reason="no PostgreSQL server is installed")
def test_on_postgresql_a_killed_dialer_dials_nobody_twice_and_forgets_nobody(tmp_path: Path):
    programs = server_programs()
    assert programs is not None
    with own_postgres(programs) as url:
        found = killed(tmp_path, 200, 20, 6, url)
    assert found.wrong == []
    assert found.dialled >= 200 - found.refused
    assert found.unsettled <= found.lost_logs <= 20


@pytest.mark.full
@pytest.mark.timeout(10_800)
def test_a_thousand_kills_in_a_campaign_of_ten_thousand_numbers(tmp_path: Path):
    found = killed(tmp_path, 10_000, 1_000, 6)
    assert found.wrong == []
    assert found.dialled >= 10_000 - found.refused
    assert found.unsettled <= found.lost_logs <= 1_000
