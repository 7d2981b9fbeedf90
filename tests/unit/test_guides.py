"""The documentation: the same pages in both languages, with pictures that a script can take again."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

DOCS = Path(__file__).resolve().parents[2] / "docs"
PICTURES = {shot["name"] for shot in yaml.safe_load((DOCS / "screens.yaml").read_text())}
LANGUAGES = ("zh", "en")


def shown(language: str) -> set[str]:
    pages = (DOCS / language).glob("*.md")
    return {name for page in pages for name in re.findall(rf"images/{language}/([\w-]+)\.webp", page.read_text())}


def test_each_page_is_there_in_both_languages() -> None:
    chinese, english = ({page.name for page in (DOCS / language).glob("*.md")} for language in LANGUAGES)
    assert chinese == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_picture_of_a_page_is_taken_by_the_script_and_there(language: str) -> None:
    assert shown(language) <= PICTURES
    assert [name for name in shown(language) if not (DOCS / "images" / language / f"{name}.webp").exists()] == []


def test_no_picture_is_taken_that_no_page_shows() -> None:
    for language in LANGUAGES:
        kept = {path.stem for path in (DOCS / "images" / language).glob("*.webp")}
        assert kept == shown(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_documentation_builds_without_a_warning(language: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "-d", str(tmp_path / "trees")]
    done = subprocess.run(
        [*command, "-t", language, str(DOCS), str(tmp_path / "pages")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "pages" / language / "index.html").exists()
