"""Reports asked at once while calls run, as `hotline bench beside` does it, with few agents and few who ask."""

from __future__ import annotations

import asyncio
import statistics

import pytest

from benchmarks.beside import Size, measure

FEW = Size(
    agents=6, waiting=6, talk_ms=800, phase_seconds=6.0, order="AB", contacts=400, days=4, askers=10
)  # A nobody asks, B reports are counted by the process of their own


@pytest.mark.timeout(400)
def test_calls_go_on_as_fast_while_reports_are_asked_at_once_and_each_is_answered_or_told_to_wait() -> None:
    measured = asyncio.run(measure(FEW))
    alone, beside = measured.freed["A"], measured.freed["B"]
    assert len(alone) >= FEW.agents
    assert len(beside) >= 0.5 * len(alone)  # nobody waited for a report
    # The middle one: the slowest of some twenty tells of the machine, not of us; p99 is the full measurement's.
    assert statistics.median(beside) <= 2 * statistics.median(alone) + 25
    answers = measured.answers["B"]
    assert answers[200] >= 5
    assert set(answers) <= {200, 503}
