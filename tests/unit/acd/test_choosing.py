"""Which of several agents, and which of several callers: strategies, levels, tags, the previous agent, ageing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd import commands, events
from acd.model import AgentId, AgentState, CallId, LevelStep, Queue, QueueId, Skill, Strategy
from acd.selection import Why
from tests.unit.acd.builders import CallCentre

REPAIR = Queue(id=QueueId("repair"), skill=Skill("repair"), first_announcement_seconds=0, wrap_up_seconds=0)
STEPS = tuple(LevelStep(after_seconds=after, level=level) for after, level in ((0, 7), (30, 4), (60, 1)))
RELAXING = replace(REPAIR, levels=STEPS)


def centre_of(queue: Queue, *more: Queue) -> CallCentre:
    return CallCentre(queue, *more)


# Strategies


def test_with_longest_idle_the_level_does_not_count():
    centre = centre_of(replace(REPAIR, strategy=Strategy.LONGEST_IDLE))
    centre.ready("ana", repair=1)
    centre.later(10).ready("bo", repair=9)
    centre.queued("c1")
    assert centre.offers == [("c1", "ana", Why.LONGEST_IDLE)]


def test_with_least_occupied_the_one_who_worked_least_gets_the_call():
    centre = centre_of(replace(REPAIR, strategy=Strategy.LEAST_OCCUPIED))
    centre.ready("ana")
    centre.queued("c1")
    centre.serve("c1", "ana", 300)
    centre.ready("bo")
    centre.break_("ana")
    centre.queued("c2")
    centre.serve("c2", "bo", 10)
    centre.later(100).back("ana")  # idle for less long, and worked 300 of 410 s; bo 10 of 110
    centre.queued("c3")
    assert centre.offers == [("c3", "bo", Why.LEAST_OCCUPIED)]


def test_round_robin_goes_by_number_whoever_worked_how_long():
    centre = centre_of(replace(REPAIR, strategy=Strategy.ROUND_ROBIN))
    for agent in ("1003", "1001", "1002"):
        centre.later(1).ready(agent)
    got = []
    for number in range(7):
        centre.queued(f"c{number}")
        ((call, agent),) = centre.offered
        got.append(agent)
        centre.serve(call, agent)
    assert got == ["1001", "1002", "1003", "1001", "1002", "1003", "1001"]


def test_round_robin_passes_over_who_is_busy():
    centre = centre_of(replace(REPAIR, strategy=Strategy.ROUND_ROBIN))
    for agent in ("1001", "1002", "1003"):
        centre.ready(agent)
    centre.queued("c1")
    centre.answered("c1", "1001")
    centre.break_("1002")
    centre.queued("c2")
    assert centre.offered == [("c2", "1003")]


# Levels, further skills


def test_a_level_that_is_too_low_suffices_after_the_step():
    centre = centre_of(RELAXING)
    centre.ready("ana", repair=5)
    centre.queued("c1")
    assert centre.offers == []
    centre.passes(29)
    assert centre.offers == []
    centre.passes(1)
    assert centre.offered == [("c1", "ana")]


def test_the_wait_before_a_kept_place_counts_for_the_level():
    centre = centre_of(RELAXING)
    centre.ready("ana", repair=1)
    centre.queued("c1", since=centre.now - 60)
    assert centre.offered == [("c1", "ana")]


def test_the_offer_tells_which_level_sufficed():
    centre = centre_of(RELAXING)
    centre.ready("ana", repair=8)
    centre.queued("c1")
    (offer,) = centre.wished(commands.OfferCall)
    assert isinstance(offer, commands.OfferCall)
    assert offer.needed_level == 7


def test_a_freed_agent_takes_the_first_caller_whose_level_suffices_not_the_first_of_all():
    centre = centre_of(RELAXING)
    centre.queued("c1")
    centre.later(5).queued("c2", since=centre.now - 40)
    centre.later(5).queued("c3", since=centre.now - 20)
    centre.ready("ana", repair=5)
    assert centre.offered == [("c2", "ana")]


def test_a_caller_who_needs_two_skills_gets_an_agent_who_has_both():
    centre = CallCentre()
    centre.ready("ana", repair=9)
    centre.ready("bo", repair=2, english=1)
    centre.queued("c1", also=("english",))
    assert centre.offered == [("c1", "bo")]
    centre.queued("c2", also=("english",))
    assert centre.offers == []
    centre.ready("cy", english=9)
    assert centre.offers == []
    centre.ready("di", repair=1, english=1)
    assert centre.offered == [("c2", "di")]


# The dealer's or region's agents


NEAR = replace(REPAIR, affinity_seconds=20)


def test_an_agent_for_the_callers_dealer_goes_before_a_better_one():
    centre = centre_of(NEAR)
    centre.ready("ana", repair=9)
    centre.ready("bo", repair=2, tags=("dealer:17",))
    centre.queued("c1", near=("dealer:17", "region:east"))
    assert centre.offers == [("c1", "bo", Why.AFFINITY)]


def test_a_caller_waits_for_a_busy_agent_of_the_dealer_as_long_as_the_queue_says():
    centre = centre_of(NEAR)
    centre.ready("bo", tags=("dealer:17",))
    centre.queued("busy")
    centre.answered("busy", "bo")
    centre.ready("ana")
    centre.queued("c1", near=("dealer:17",))
    assert centre.offers == []
    assert centre.engine.snapshot().callers[0].waits_for == "affinity"
    centre.passes(20)
    assert centre.offered == [("c1", "ana")]


def test_nobody_waits_for_an_agent_of_the_dealer_who_is_not_there():
    centre = centre_of(NEAR)
    centre.ready("ana")
    centre.queued("c1", near=("dealer:17",))
    assert centre.offered == [("c1", "ana")]


def test_when_the_last_agent_of_the_dealer_goes_on_a_break_the_caller_is_everybodys():
    centre = centre_of(NEAR)
    centre.ready("bo", tags=("dealer:17",))
    centre.queued("busy")
    centre.answered("busy", "bo")
    centre.ready("ana")
    centre.queued("c1", near=("dealer:17",))
    centre.planned("bo", AgentState.BREAK, "lunch")
    centre.finished("busy", "bo")
    assert centre.offered == [("c1", "ana")]


# The previous agent


STICKY = replace(REPAIR, sticky_seconds=15)


def previous_agent_is_busy() -> CallCentre:
    centre = centre_of(STICKY)
    centre.ready("ana", repair=1)
    centre.queued("busy")
    centre.answered("busy", "ana")
    centre.ready("bo", repair=9)
    return centre


def test_a_returning_caller_waits_for_the_busy_previous_agent():
    centre = previous_agent_is_busy()
    centre.queued("c1", last="ana")
    assert centre.offers == []
    centre.later(10).finished("busy", "ana")
    assert centre.offers == [("c1", "ana", Why.LAST_AGENT)]


def test_the_patience_for_the_previous_agent_ends():
    centre = previous_agent_is_busy()
    centre.queued("c1", last="ana")
    centre.passes(15)
    assert centre.offered == [("c1", "bo")]


@pytest.mark.parametrize("how", ["break", "planned", "signed out", "unreachable", "never there"])
def test_nobody_waits_for_a_previous_agent_who_will_not_take_calls(how):
    centre = previous_agent_is_busy()
    if how in ("break", "signed out"):
        centre.finished("busy", "ana")
        (centre.break_ if how == "break" else centre.signed_out)("ana")
    elif how == "planned":
        centre.planned("ana", AgentState.BREAK, "lunch")
    elif how == "unreachable":
        centre.phone("ana", reachable=False)
    centre.queued("c1", last="cy" if how == "never there" else "ana")
    assert centre.offered == [("c1", "bo")]


def test_a_previous_agent_whose_phone_is_lost_meanwhile_is_waited_for_no_longer():
    centre = previous_agent_is_busy()
    centre.queued("c1", last="ana")
    centre.phone("ana", reachable=False)
    assert centre.offered == [("c1", "bo")]


# Priority and ageing


def test_a_queue_with_priority_goes_before_another():
    english = Queue(id=QueueId("english"), skill=Skill("english"), first_announcement_seconds=0, priority=3)
    centre = centre_of(REPAIR, english)
    centre.queued("c1")
    centre.later(60).queued("c2", queue="english")
    centre.ready("ana", repair=5, english=5)
    assert centre.offers == [("c2", "ana", Why.PRIORITY)]


def test_who_waits_long_enough_is_served_before_a_newer_important_caller():
    centre = centre_of(replace(REPAIR, ageing_seconds=30))
    centre.queued("old")
    centre.later(61).queued("vip", priority=2)
    centre.ready("ana")
    assert centre.offered == [("old", "ana")]
    centre.queued("old2")
    centre.later(59).queued("vip2", priority=2)
    assert [caller.call for caller in centre.engine.snapshot().callers][-3:] == ["vip", "vip2", "old2"]


def test_priorities_that_grow_in_one_queue_only_are_compared_as_they_are_now():
    english = Queue(id=QueueId("english"), skill=Skill("english"), first_announcement_seconds=0, ageing_seconds=10)
    for waited, first in ((40, "c1"), (60, "c2")):
        centre = centre_of(REPAIR, english)
        centre.queued("c1", priority=5)
        centre.queued("c2", queue="english")
        centre.later(waited).ready("ana", repair=5, english=5)
        assert centre.offered == [(first, "ana")]


def test_positions_count_callers_of_other_queues_for_the_same_skill_by_their_priority_now():
    other = replace(REPAIR, id=QueueId("other"), ageing_seconds=10)
    centre = centre_of(REPAIR, other)
    centre.queued("c1", priority=2)
    centre.queued("c2", queue="other")
    centre.say(events.CallLeft(at=centre.now + 10, call=CallId("none")))
    assert {c.call: c.position for c in centre.engine.snapshot().callers} == {"c1": 1, "c2": 2}
    centre.say(events.CallLeft(at=centre.now + 30, call=CallId("none")))
    assert {c.call: c.position for c in centre.engine.snapshot().callers} == {"c1": 2, "c2": 1}


def test_a_promoted_caller_stays_first_while_the_others_age():
    centre = centre_of(replace(REPAIR, ageing_seconds=10))
    centre.queued("c1", priority=3)
    centre.later(100).queued("c2")
    centre.say(events.CallPromoted(at=centre.now, call=CallId("c2")))
    centre.later(5000).ready("ana")
    assert centre.offered == [("c2", "ana")]


# Breaks after missed calls


def test_so_many_missed_calls_as_the_team_allows_make_a_break():
    centre = CallCentre()
    centre.ready("ana", missed_limit=1)
    centre.ready("bo", missed_limit=0)
    centre.queued("c1", only="ana")
    centre.missed("c1", "ana")
    assert (centre.state("ana"), centre.reason("ana")) == (AgentState.BREAK, "missed")
    for _ in range(10):
        centre.missed("c1", "bo")
    assert centre.state("bo") is AgentState.RINGING


def test_a_reserved_caller_whom_the_agent_did_not_take_is_everybodys():
    centre = CallCentre()
    centre.ready("ana")
    centre.ready("bo")
    centre.queued("c1", only="ana")
    assert centre.offers == [("c1", "ana", Why.RESERVED)]
    centre.missed("c1", "ana")
    assert centre.offered == [("c1", "bo")]


def test_a_caller_kept_for_an_agent_whose_phone_is_lost_is_kept_until_the_time_is_over():
    centre = CallCentre()
    centre.ready("ana")
    centre.ready("bo")
    centre.queued("c1", only="ana", only_seconds=60)
    centre.missed("c1", "ana", events.OfferResult.UNREACHABLE)
    assert centre.offers == []
    centre.passes(20)
    centre.phone("ana", reachable=True)
    assert centre.offered == [("c1", "ana")]
    centre.missed("c1", "ana", events.OfferResult.UNREACHABLE)
    centre.passes(40)
    assert centre.offered == [("c1", "bo")]


def test_who_is_kept_for_an_agent_goes_before_all_who_wait_for_everybody():
    centre = CallCentre()
    centre.ready("ana")
    centre.break_("ana")
    centre.queued("c1", priority=50)
    centre.later(60).queued("c2", only="ana", only_seconds=90)
    centre.back("ana")
    assert centre.offered == [("c2", "ana")]


# Why


def verdicts(centre: CallCentre) -> list[tuple[str, str, int]]:
    (offer,) = centre.wished(commands.OfferCall)
    assert isinstance(offer, commands.OfferCall)
    return [(v.agent, v.word, v.value) for v in offer.verdicts]


def test_an_offer_tells_why_this_agent_and_why_not_those_who_were_better_or_knew_the_caller():
    centre = centre_of(replace(REPAIR, levels=(LevelStep(after_seconds=0, level=3),)))
    centre.ready("guo", repair=8)
    centre.queued("busy")
    centre.answered("busy", "guo")
    centre.ready("liu", repair=4)
    centre.later(135).ready("wu", repair=4)
    centre.ready("xu", repair=1)
    centre.queued("c1", last="xu")
    assert centre.offered == [("c1", "xu")]
    centre.missed("c1", "xu")
    assert verdicts(centre) == [
        ("liu", "level", 4),
        ("liu", "idle", 135),
        ("xu", "missed_before", 0),
        ("guo", "talking", 135),
        ("wu", "idle_shorter", 0),
    ]


def test_verdicts_stay_few_whoever_is_there_and_count_the_others():
    centre = CallCentre()
    for number in range(500):
        centre.ready(f"{number:04}")
    centre.queued("c1")
    (offer,) = centre.wished(commands.OfferCall)
    assert isinstance(offer, commands.OfferCall)
    named = {verdict.agent for verdict in offer.verdicts}
    assert len(named) <= 5
    assert len(named) + offer.others == 500


@pytest.mark.parametrize(
    ("level", "tags", "prepare", "word"),
    [
        (2, (), None, "level_too_low"),
        (9, ("dealer:1",), "break", "on_break"),
        (9, ("dealer:1",), "lost", "unreachable"),
        (9, (), None, "no_affinity"),
        (9, ("dealer:1",), "wrap_up", "wrap_up"),
    ],
)
def test_each_reason_against_an_agent_has_its_word(level, tags, prepare, word):
    queue = replace(REPAIR, levels=(LevelStep(after_seconds=0, level=3),), affinity_seconds=60, wrap_up_seconds=30)
    centre = centre_of(queue)
    centre.ready("bad", repair=level, tags=tags)
    if prepare == "wrap_up":
        centre.queued("busy")
        centre.answered("busy", "bad")
        centre.finished("busy", "bad")
    elif prepare == "break":
        centre.break_("bad")
    elif prepare == "lost":
        centre.phone("bad", reachable=False)
    centre.ready("good", repair=5, tags=("dealer:1",))
    centre.queued("c1", near=("dealer:1",))
    assert [v[1] for v in verdicts(centre) if v[0] == "bad"] == [word]


def test_a_supervisor_sees_what_each_caller_waits_for():
    centre = centre_of(RELAXING)
    centre.queued("c1")
    assert [c.waits_for for c in centre.engine.snapshot().callers] == ["skill"]
    centre.ready("ana", repair=5)
    assert [c.waits_for for c in centre.engine.snapshot().callers] == ["level"]
    centre.break_("ana")
    centre.ready("bo", repair=9)
    centre.queued("c2")
    assert [c.waits_for for c in centre.engine.snapshot().callers] == ["", "agent"]


def test_an_agent_who_learns_the_callers_dealer_is_found():
    centre = centre_of(NEAR)
    centre.ready("bo", tags=("dealer:17",))
    centre.break_("bo")
    centre.ready("ana")
    centre.say(
        events.AgentSkillsChanged(
            at=centre.now, agent=AgentId("ana"), skills={Skill("repair"): 5}, tags=frozenset({"dealer:17"})
        )
    )
    centre.queued("c1", near=("dealer:17",))
    assert centre.offers == [("c1", "ana", Why.AFFINITY)]
