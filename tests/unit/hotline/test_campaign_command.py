"""Campaigns on the terminal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crm_core.errors import Refused
from tests.command import app
from tests.empty_databases import sqlite_database
from tests.unit.crm_core.campaign_site import a_running_campaign

RUN = CliRunner()


async def _site(path: Path) -> None:
    database = sqlite_database(path)
    async with database.begin() as session:
        await a_running_campaign(session, 2)
    await database.close()


def test_a_campaign_is_seen_and_paused_from_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asyncio.run(_site(tmp_path / "hotline.db"))
    monkeypatch.setenv("HOTLINE_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'hotline.db'}")
    shown = RUN.invoke(app, ["campaign", "list"]).stdout.split()
    assert shown[:5] == ["1", "running", "progressive", "2", "0"]
    assert "paused" in RUN.invoke(app, ["campaign", "pause", "1"]).stdout
    again = RUN.invoke(app, ["campaign", "pause", "1"])
    assert isinstance(again.exception, Refused)
    assert "running" in RUN.invoke(app, ["campaign", "start", "1"]).stdout
