"""Each decision has a number of its own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

DECISIONS = Path(__file__).resolve().parents[2] / "docs/decisions"


def test_no_two_decisions_have_one_number():
    numbers = Counter(file.name[:4] for file in DECISIONS.glob("*.md"))
    assert [number for number, count in numbers.items() if count > 1] == []
