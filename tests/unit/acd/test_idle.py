"""P3: nobody is free while a caller waits whom they could serve; told by a reader of the feed, not by the engine."""

from __future__ import annotations

import pytest

from acd.model import LevelStep, Queue, QueueId, Skill
from benchmarks.day import QUEUES, Day
from benchmarks.idle import a_day
from benchmarks.idle_replay import Replay
from crm_core.history import events as feed

REPAIR = Queue(
    id=QueueId("repair"),
    skill=Skill("repair"),
    levels=(LevelStep(after_seconds=0, level=5), LevelStep(after_seconds=20, level=2)),
)
SKILLS = {"ana": {Skill("repair"): 7}, "bo": {Skill("repair"): 3}, "cai": {Skill("english"): 9}}


def state(at: float, agent: str, state: str) -> feed.AgentStateChanged:
    return feed.AgentStateChanged(at=at, agent=agent, state=state)


def in_vain(*events: feed.HistoryEvent) -> float:
    return Replay({"repair": REPAIR}, SKILLS).read(events).in_vain


QUEUED = feed.CallQueued(at=10, call="c", queue="repair")
OFFERED = feed.CallOffered(at=13, call="c", leg="c-1", agent="ana", queue="repair", why="")
THE_END = feed.TelephonyLinkChanged(at=100, connected=True)


@pytest.mark.parametrize(
    ("events", "seconds"),
    [
        ([state(0, "ana", "ready"), QUEUED, OFFERED, state(13, "ana", "ringing"), THE_END], 3),
        (
            [state(0, "ana", "ready"), QUEUED, feed.CallLeftQueue(at=15, call="c", queue="repair", result=""), THE_END],
            5,
        ),
        ([state(0, "ana", "break"), QUEUED, THE_END], 0),
        ([state(0, "bo", "ready"), QUEUED, THE_END], 70),  # good enough from the 30th second on
        ([state(0, "cai", "ready"), QUEUED, THE_END], 0),
        (
            [
                state(0, "ana", "ready"),
                feed.AgentReachabilityChanged(at=1, agent="ana", reachable=False),
                QUEUED,
                THE_END,
            ],
            0,
        ),
    ],
    ids=[
        "an offer that comes late",
        "a caller who gives up",
        "a break",
        "a level that relaxes",
        "no skill",
        "no phone",
    ],
)
def test_the_reader_counts_the_seconds_in_vain(events, seconds):
    assert in_vain(*events) == seconds


def test_an_offer_that_nobody_answers_makes_the_caller_wait_again():
    missed = feed.OfferEnded(at=20, call="c", leg="c-1", agent="ana", result="no_answer")
    assert in_vain(state(0, "ana", "ready"), QUEUED, OFFERED, state(13, "ana", "ringing"), missed, THE_END) == 3
    again = state(25, "ana", "ready")
    assert in_vain(state(0, "ana", "break"), QUEUED, OFFERED, missed, again, THE_END) == 75


def test_on_a_day_of_nine_thousand_calls_nobody_is_free_in_vain():
    calls, idle = a_day(60, seed=1)
    assert calls > 5_000
    assert idle.percent <= 0.1


def test_the_reader_would_notice_an_offer_that_comes_a_second_late():
    """Each offer of the day a second later, as a poll would have it."""
    day = Day(20, seed=2)
    late = [
        event
        if not isinstance(event, feed.AgentStateChanged) or event.state != "ready"
        else feed.AgentStateChanged(at=event.at - 1, agent=event.agent, state="ready")
        for event in day.run()
    ]
    late.sort(key=lambda event: event.at)
    assert Replay({queue.id: queue for queue in QUEUES}, day.skills).read(late).percent > 0.1
