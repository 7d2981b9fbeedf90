"""One version: what the package says, what is installed, and what the operators read."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from hotline import __version__

ROOT = Path(__file__).parents[3]
VERSION = re.compile(r"\d+\.\d+\.\d+")


def test_package_code_and_changelog_tell_the_same_version_and_the_one_before() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert project["version"] == __version__ == headings[0]
    assert all(VERSION.fullmatch(one) for one in headings)
    assert headings == sorted(headings, key=lambda one: [int(part) for part in one.split(".")], reverse=True)


def test_the_guides_install_this_version() -> None:
    for language in ("zh", "en"):
        told = (ROOT / f"docs/{language}/install.md").read_text()
        assert f"--branch v{__version__} " in told
        assert f"/opt/hotline-{__version__}/.venv/bin" in told
