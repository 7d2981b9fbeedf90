"""Who gets whom."""

from acd import commands, events
from acd.events import OfferResult
from acd.floor import Rules
from acd.model import AgentId, AgentState, CallId, Queue, QueueId, Skill
from acd.selection import Why
from tests.unit.acd.builders import CallCentre


def test_a_caller_is_offered_at_once_to_the_only_free_agent():
    centre = CallCentre()
    centre.ready("ana")
    centre.queued("c1")
    assert centre.offers == [("c1", "ana", Why.ONLY_FREE)]
    (offer,) = centre.wished(commands.OfferCall)
    assert isinstance(offer, commands.OfferCall)
    assert offer.ring_seconds == 20
    assert [(v.word, v.value) for v in offer.verdicts] == [("level", 5), ("idle", 0)]
    assert centre.state("ana") is AgentState.RINGING


def test_a_returning_caller_gets_the_previous_agent_even_if_another_is_better():
    centre = CallCentre()
    centre.ready("ana", repair=1)
    centre.ready("bo", repair=9)
    centre.queued("c1", last="ana")
    assert centre.offers == [("c1", "ana", Why.LAST_AGENT)]


def test_a_previous_agent_without_the_skill_is_passed_over():
    centre = CallCentre()
    centre.ready("ana", english=9)
    centre.ready("bo", repair=1)
    centre.queued("c1", last="ana")
    assert centre.offers == [("c1", "bo", Why.ONLY_FREE)]


def test_the_best_skill_goes_before_the_longest_idle():
    centre = CallCentre()
    centre.ready("ana", repair=3)
    centre.later(100).ready("bo", repair=8)
    centre.queued("c1")
    assert centre.offers == [("c1", "bo", Why.BEST_SKILL)]


def test_among_equals_the_longest_idle_is_chosen():
    centre = CallCentre()
    centre.ready("bo")
    centre.later(1).ready("ana")
    centre.queued("c1")
    assert centre.offers == [("c1", "bo", Why.LONGEST_IDLE)]


def test_nobody_is_offered_a_call_without_the_skill():
    centre = CallCentre()
    centre.ready("ana", english=5)
    centre.queued("c1")
    assert centre.offers == []


def test_a_freed_agent_takes_who_has_waited_longest_over_all_skills():
    centre = CallCentre()
    centre.queued("c1", queue="english")
    centre.later(5).queued("c2")
    centre.later(5).ready("ana", repair=9, english=1)
    assert centre.offers == [("c1", "ana", Why.NEXT_IN_LINE)]


def test_a_higher_priority_is_served_before_a_longer_wait():
    centre = CallCentre()
    centre.queued("c1")
    centre.later(60).queued("rescue", priority=5)
    centre.later(1).ready("ana")
    assert centre.offers == [("rescue", "ana", Why.PRIORITY)]


def test_a_caller_whose_place_was_kept_is_served_by_the_earlier_time():
    centre = CallCentre()
    centre.queued("c1")
    centre.later(30).queued("c2", since=centre.now - 60)
    centre.ready("ana")
    assert centre.offers == [("c2", "ana", Why.NEXT_IN_LINE)]


def test_a_caller_for_an_unknown_queue_is_reported_and_not_lost():
    centre = CallCentre()
    centre.queued("c1", queue="typo")
    assert centre.wished(commands.ReportStrange)
    assert [caller.call for caller in centre.engine.snapshot().callers] == ["c1"]
    repair = Queue(id=QueueId("typo"), skill=Skill("repair"))
    centre.ready("ana")
    centre.say(events.QueuesChanged(at=centre.now, queues=(repair,)))
    assert centre.offers == [("c1", "ana", Why.ONLY_FREE)]


def test_after_no_answer_the_next_agent_rings_at_once():
    centre = CallCentre()
    centre.ready("ana", repair=9)
    centre.ready("bo", repair=1)
    centre.queued("c1")
    centre.later(20).missed("c1", "ana")
    assert centre.offers == [("c1", "bo", Why.ONLY_FREE)]
    assert centre.state("ana") is AgentState.READY


def test_who_missed_a_call_goes_to_the_end_of_the_idle():
    centre = CallCentre()
    for agent in ("ana", "bo", "cy"):
        centre.later(1).ready(agent)
    centre.queued("c1")
    centre.later(20).missed("c1", "ana")
    centre.queued("c2")
    assert centre.offers == [("c2", "cy", Why.LONGEST_IDLE)]


def test_the_same_agent_is_offered_again_only_when_no_other_fits():
    centre = CallCentre()
    centre.ready("ana")
    centre.queued("c1")
    centre.later(20).missed("c1", "ana")
    assert centre.offers == [("c1", "ana", Why.OFFERED_AGAIN)]


def test_three_missed_offers_in_a_row_make_a_break():
    centre = CallCentre()
    centre.ready("ana")
    centre.queued("c1")
    for result in (OfferResult.NO_ANSWER, OfferResult.DECLINED, OfferResult.BUSY):
        centre.later(20).missed("c1", "ana", result)
    assert centre.offers == []
    assert (centre.state("ana"), centre.reason("ana")) == (AgentState.BREAK, "missed")
    centre.back("ana")
    assert centre.offers == [("c1", "ana", Why.OFFERED_AGAIN)]


def test_an_answer_forgives_the_missed_offers_before():
    centre = CallCentre(rules=Rules(missed_limit=2))
    centre.ready("ana")
    centre.queued("c1")
    centre.missed("c1", "ana")
    centre.answered("c1", "ana")
    centre.finished("c1", "ana")
    centre.back("ana")
    centre.queued("c2")
    centre.missed("c2", "ana")
    assert centre.state("ana") is AgentState.RINGING


def test_a_caller_who_hangs_up_while_the_phone_rings_leaves_the_agent_first_in_line():
    centre = CallCentre()
    centre.ready("ana")
    centre.later(1).ready("bo")
    centre.queued("c1")
    centre.later(5).hung_up("c1")
    assert centre.state("ana") is AgentState.READY
    centre.queued("c2")
    assert centre.offers == [("c2", "ana", Why.LONGEST_IDLE)]


def test_an_unreachable_phone_is_offered_nothing_until_it_is_back():
    centre = CallCentre()
    centre.ready("ana")
    centre.queued("c1")
    centre.missed("c1", "ana", OfferResult.UNREACHABLE)
    assert centre.offers == []
    assert commands.ReportAgentReachability(agent=AgentId("ana"), at=centre.now, reachable=False) in centre.wishes
    centre.later(4).phone("ana", reachable=True)
    assert centre.offers == [("c1", "ana", Why.OFFERED_AGAIN)]


def test_a_phone_lost_while_it_rings_loses_the_caller_to_the_next_agent():
    centre = CallCentre()
    centre.ready("ana", repair=9)
    centre.ready("bo", repair=1)
    centre.queued("c1")
    centre.phone("ana", reachable=False)
    assert commands.WithdrawOffer(call=CallId("c1"), agent=AgentId("ana")) in centre.wishes
    assert centre.offers == [("c1", "bo", Why.ONLY_FREE)]


def test_a_phone_known_lost_before_sign_in_is_offered_nothing():
    centre = CallCentre()
    centre.phone("ana", reachable=False)
    centre.ready("ana")
    centre.queued("c1")
    assert centre.offers == []


def test_skills_changed_live_bring_the_waiting_caller():
    centre = CallCentre()
    centre.ready("ana", english=5)
    centre.queued("c1")
    centre.say(events.AgentSkillsChanged(at=centre.now, agent=AgentId("ana"), skills={Skill("repair"): 1}))
    assert centre.offers == [("c1", "ana", Why.NEXT_IN_LINE)]


def test_queues_changed_live_keep_the_places_of_the_callers():
    centre = CallCentre()
    centre.queued("c1")
    centre.later(1).queued("c2")
    centre.ready("ana", gearbox=5)
    gearbox = Queue(id=QueueId("repair"), skill=Skill("gearbox"))
    centre.later(1).say(events.QueuesChanged(at=centre.now, queues=(gearbox,)))
    assert centre.offers == [("c1", "ana", Why.ONLY_FREE)]
    assert [(c.call, c.position) for c in centre.engine.snapshot().callers] == [("c1", 0), ("c2", 1)]


def test_a_queue_that_was_removed_serves_those_who_wait_in_it():
    centre = CallCentre()
    centre.queued("c1")
    centre.say(events.QueuesChanged(at=centre.now, queues=()))
    centre.ready("ana")
    assert centre.offers == [("c1", "ana", Why.NEXT_IN_LINE)]
