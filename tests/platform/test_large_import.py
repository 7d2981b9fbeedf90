"""A large list goes its way through the running platform, which is killed in the middle, and comes out whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import imports
from benchmarks.imports import MB


@pytest.mark.timeout(400)
async def test_a_large_list_is_taken_over_once_though_the_platform_is_killed_in_the_middle(cache: Path, tmp_path: Path):
    figures = await imports.measure(tmp_path, 7 * MB, "utf-8", cache=cache)  # 5 MB of it are one cell
    print({name: round(value, 1) for name, value in figures.items()})
    assert figures["rows"] > 5_000
    assert figures["again_changed"] == 0, "the same list a second time changes nothing"
    assert figures["work_peak_mb"] < 400
    assert figures["resumed_after_s"] < 60
