"""R9: whole days in virtual time with lost, late, doubled and reordered news, cut links and restarts."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.unit.acd.fault_world import FaultWorld

REDUCED, STATED = 500, 10_000
BATCH = 25


def play(seeds: Iterable[int]) -> None:
    for seed in seeds:
        try:
            FaultWorld(seed).run()
        except Exception as broken:
            raise AssertionError(f"FaultWorld({seed}).run() breaks a rule of the call centre") from broken


@pytest.mark.parametrize("first", range(0, REDUCED, BATCH))
def test_false_news_breaks_no_rule_and_after_a_look_at_asterisk_everybody_is_served_once(first):
    play(range(first, first + BATCH))


@pytest.mark.full
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("first", range(0, STATED, 1000))
def test_ten_thousand_days_of_false_news_break_no_rule(first):
    play(range(first, first + 1000))


def test_a_seed_is_the_same_day_each_time():
    for seed in range(8):
        assert FaultWorld(seed).run() == FaultWorld(seed).run()


def test_the_faults_do_happen():
    """Or the days above would prove nothing: refused offers, looks at Asterisk, callbacks, every kind of end."""
    worlds = [FaultWorld(seed) for seed in range(60)]
    for world in worlds:
        world.run()
    ways = {call.way for world in worlds for call in world.calls.values()}
    assert {"served", "abandoned", "voicemail", "goodbye", "not_reached"} <= ways
    assert sum(world.refused for world in worlds) > 0
    assert sum(world.looks for world in worlds) > 100


def test_who_signs_out_in_a_talk_leaves_no_chat_behind():
    """Found by seed 9169: the offered chat went away with the agent."""
    FaultWorld(9169).run()
