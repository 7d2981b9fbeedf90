"""The first person of a site without the demo."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.command import app


@pytest.fixture
def site(tmp_path: Path) -> dict[str, str]:
    return {"HOTLINE_RUN_DIR": str(tmp_path / "run"), "HOTLINE_DEMO": "0", "HOTLINE_NEW_PASSWORD": "correct horse"}


def test_an_operator_makes_a_supervisor_and_an_agent(site: dict[str, str]):
    made = CliRunner().invoke(app, ["user", "2001", "王海燕", "--role", "supervisor"], env=site)
    assert made.exit_code == 0, made.output
    made = CliRunner().invoke(app, ["user", "1018", "林晓梅", "--role", "agent", "--skill", "repair=5"], env=site)
    assert made.exit_code == 0, made.output
    again = CliRunner().invoke(app, ["user", "1018", "林晓梅", "--role", "agent"], env=site)
    assert str(again.exception) == "There is a user 1018 already."


def test_a_skill_that_cannot_be_read_is_said(site: dict[str, str]):
    refused = CliRunner().invoke(app, ["user", "1018", "林", "--role", "agent", "--skill", "repair"], env=site)
    assert str(refused.exception) == "A skill is written repair=5."
