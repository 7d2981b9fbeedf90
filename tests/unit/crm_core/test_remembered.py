"""Of a day's many calls the latest are known, and no more."""

from __future__ import annotations

from crm_core.remembered import Remembered


def test_after_many_calls_the_latest_are_known_in_order_and_the_others_forgotten():
    known = Remembered(["of this morning"], most=3)
    known.update(str(number) for number in range(1_000))
    known.add("999")
    assert list(known) == ["997", "998", "999"]
    assert "of this morning" not in known
    assert "998" in known
