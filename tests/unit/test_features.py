"""docs/features.md points at things that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
POINTERS = sorted(
    set(
        re.findall(
            r"`([\w./]+\.(?:py|yaml|j2|html|md)|[a-z_]+/[\w/]*)(?:::(\w+))?`", (ROOT / "docs/features.md").read_text()
        )
    )
)


@pytest.mark.parametrize(("path", "name"), POINTERS, ids=lambda value: value or "file")
def test_what_the_table_points_at_is_there(path: str, name: str):
    found = [ROOT / path] if "/" in path else list((ROOT / "tests").rglob(path))
    assert found
    assert all(file.exists() for file in found)
    assert not name or any(f"def {name}" in file.read_text() for file in found)
