"""A floor of inbound callers and a campaign, one busy hour of it."""

import pytest

from benchmarks import blending
from benchmarks.blending import Blend, Floor


@pytest.fixture(autouse=True)
def one_busy_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blending, "HOURS", (0.6,))


def test_callers_are_served_better_than_when_an_agent_takes_whoever_comes_first():
    ours, first_come = Floor(Blend(agents=10)).run(), Floor(Blend(agents=10, keeps=False, promises=False)).run()
    assert ours.in_time > first_come.in_time
    assert len(ours.drops) <= max(1, 0.03 * len(ours.answers))
    assert len(ours.answers) > 20
