"""The revisions of the schema stand in one row, each named by its number."""

from __future__ import annotations

import re
from pathlib import Path

VERSIONS = Path(__file__).resolve().parents[2] / "crm_core/migrations/versions"


def test_the_revisions_stand_in_one_row():
    files = sorted(VERSIONS.glob("*.py"))
    told = [dict(re.findall(r"^(revision|down_revision) = '(\d+)'", file.read_text(), re.M)) for file in files]
    assert [one["revision"] for one in told] == [file.name[:4] for file in files]
    assert sorted(one["revision"] for one in told) == [f"{number:04d}" for number in range(1, len(files) + 1)]
    before = [one["down_revision"] for one in told if "down_revision" in one]
    assert len(set(before)) == len(before) == len(files) - 1
