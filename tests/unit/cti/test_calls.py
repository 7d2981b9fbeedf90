"""Every call on the trunk is one contact: one beginning, its legs, one end and one outcome."""

from __future__ import annotations

import random

import pytest

from acd import events as acd
from acd.commands import OfferCall
from acd.model import AgentId
from crm_core.history import events as feed
from crm_core.history.events import EndedBy, Outcome
from cti import facts as f
from cti.book import ContactBook
from cti.calls import tell
from cti.deeds import Step
from cti.frames import FrameReader
from cti.translate import translate
from tests.unit.cti import streams


def product_facts(name: str) -> list[f.Fact]:
    """The captured stream, with the names that contexts have in the product."""
    raw = streams.stream(name)
    for old, new in ((b"from-trunk", b"hl-in"), (b"hl-connect", b"hl-offer")):
        raw = raw.replace(b"Context: " + old, b"Context: " + new)
    return [fact for frame in FrameReader().feed(raw) if (fact := translate(frame))]


def play(facts: list[f.Fact], offers: tuple[str, ...] = ("1001",)) -> tuple[list[Step], ContactBook]:
    """Tell the facts; whoever waits is offered to the next of `offers`, as the engine would."""
    book, agents = ContactBook(), iter(offers)
    steps: list[Step] = []
    for fact in facts:
        new = tell(book, fact)
        steps += new
        for step in new:
            if isinstance(step, acd.CallQueued | acd.OfferEnded) and (agent := next(agents, None)):
                book.offer(
                    OfferCall(call=step.call, agent=AgentId(agent), ring_seconds=15, why="longest_idle"), step.at
                )
                steps += book.take()
    return steps, book


def story(steps: list[Step]) -> list[str]:
    return [type(step).__name__ for step in steps if isinstance(step, feed.HistoryEvent)]


def ends(steps: list[Step]) -> list[feed.ContactEnded]:
    return [step for step in steps if isinstance(step, feed.ContactEnded)]


def test_an_answered_call_that_the_caller_ends() -> None:
    steps, book = play(product_facts("answered-caller-hangs-up"))
    assert story(steps) == [
        "ContactStarted", "ContactAnswered", "CallQueued", "CallOffered", "CallLeftQueue", "TalkBegan", "TalkEnded",
        "ContactEnded",
    ]  # fmt: skip
    (end,) = ends(steps)
    assert (end.outcome, end.by, end.estimated) == (Outcome.ANSWERED, EndedBy.CUSTOMER, False)
    assert not book.contacts
    assert not book.by_leg
    started = steps[0]
    assert isinstance(started, feed.ContactStarted)
    assert (started.call, started.caller, started.entry) == ("1795310805.2", "13800138000", "400")


def test_an_answered_call_that_the_agent_ends() -> None:
    steps, _ = play(product_facts("answered-agent-hangs-up"))
    talk = next(step for step in steps if isinstance(step, feed.TalkEnded))
    (end,) = ends(steps)
    assert (talk.by, end.by, end.outcome) == (EndedBy.AGENT, EndedBy.AGENT, Outcome.ANSWERED)


@pytest.mark.parametrize("name", ["abandon-waiting", "abandon-while-agent-rings"])
def test_a_caller_who_gives_up_in_the_queue_is_abandoned_once(name: str) -> None:
    steps, _ = play(product_facts(name))
    (end,) = ends(steps)
    assert (end.outcome, end.by) == (Outcome.ABANDONED, EndedBy.CUSTOMER)
    assert [step.result for step in steps if isinstance(step, feed.CallLeftQueue)] == ["abandoned"]
    assert any(isinstance(step, acd.CallLeft) for step in steps)


@pytest.mark.parametrize(
    ("name", "result"),
    [("agent-busy", "busy"), ("agent-declines", "declined"), ("agent-503", "unreachable")],
)
def test_the_phones_own_word_tells_why_an_offer_ended(name: str, result: str) -> None:
    """These captures are older than HLOfferEnd: the line after Dial is added where the music begins again."""
    facts = product_facts(name)
    music = [i for i, fact in enumerate(facts) if isinstance(fact, f.MusicBegan) and fact.context == "hl-wait"]
    back = facts[music[1]]
    assert isinstance(back, f.MusicBegan)
    facts.insert(music[1], offer_end(back, "1001", "NOANSWER"))
    steps, _ = play(facts)
    assert [step.result for step in steps if isinstance(step, feed.OfferEnded)] == [result]
    assert [str(step.result) for step in steps if isinstance(step, acd.OfferEnded)] == [result]


def offer_end(like: f.ChannelFact, agent: str, status: str, source: str = "") -> f.Told:
    headers = {"Call": like.call, "Agent": agent, "DialStatus": status, "Cause": "21", "Source": source}
    return f.Told(
        at=like.at, channel=like.channel, uniqueid=like.uniqueid, call=like.call, name="HLOfferEnd", headers=headers
    )


def test_after_no_answer_the_next_agent_gets_a_leg_of_their_own() -> None:
    facts = product_facts("ring-no-answer-next-agent")
    end = next(i for i, fact in enumerate(facts) if isinstance(fact, f.DialEnded))
    caller = facts[0]
    assert isinstance(caller, f.ChannelFact)
    facts.insert(end + 1, offer_end(caller, "1001", "NOANSWER"))
    steps, _ = play(facts, ("1001", "1002"))
    assert [(s.leg[-2:], s.agent) for s in steps if isinstance(s, feed.CallOffered)] == [("-1", "1001"), ("-2", "1002")]
    assert [s.result for s in steps if isinstance(s, feed.OfferEnded)] == ["no_answer"]
    assert [s.leg[-2:] for s in steps if isinstance(s, feed.TalkBegan)] == ["-2"]
    assert [s.outcome for s in ends(steps)] == [Outcome.ANSWERED]


def test_hold_is_told_to_feed_and_engine_and_written_on_the_channel() -> None:
    raw = product_facts("answered-caller-hangs-up")
    joined = next(i for i, fact in enumerate(raw) if isinstance(fact, f.BridgeEntered))
    agent = raw[joined]
    assert isinstance(agent, f.BridgeEntered)
    where = {"channel": agent.channel, "uniqueid": agent.uniqueid, "call": agent.call}
    raw[joined + 2 : joined + 2] = [
        f.ChannelHeld(at=agent.at + 0.1, **where),
        f.ChannelHeld(at=agent.at + 0.2, **where),
        f.ChannelResumed(at=agent.at + 0.3, **where),
    ]
    steps, _ = play(raw)
    assert [step for step in story(steps) if "Hold" in step] == ["HoldBegan", "HoldEnded"]


def inbound(call: str = "1.1", exten: str = "4001718888") -> f.ChannelAppeared:
    return f.ChannelAppeared(
        at=10.0, channel=f"PJSIP/trunk-{call}", uniqueid=call, call=call, context="hl-in", exten=exten, caller="138"
    )


def gone(call: str = "1.1", at: float = 11.0) -> f.ChannelHungUp:
    return f.ChannelHungUp(at=at, channel=f"PJSIP/trunk-{call}", uniqueid=call, call=call, cause=16, sip_code=0)


def told(name: str, call: str = "1.1", at: float = 10.5, queue: str = "", **headers: str) -> f.Told:
    return f.Told(
        at=at, channel=f"PJSIP/trunk-{call}", uniqueid=call, call=call, name=name, headers=headers, queue=queue
    )


def up(call: str = "1.1") -> f.ChannelAnswered:
    return f.ChannelAnswered(at=10.2, channel=f"PJSIP/trunk-{call}", uniqueid=call, call=call)


@pytest.mark.parametrize(
    ("facts", "outcome", "by"),
    [
        ([inbound(), gone()], Outcome.SHORT_RING, EndedBy.CUSTOMER),
        ([inbound(), told("HLStart", Served="0"), gone()], Outcome.WRONG_NUMBER, EndedBy.SYSTEM),
        ([inbound(), up(), told("HLEnd", Source="PJSIP/trunk-1.1"), gone()], Outcome.MENU_ONLY, EndedBy.CUSTOMER),
        ([inbound(), up(), told("HLEnd", Voicemail="1"), gone()], Outcome.VOICEMAIL, EndedBy.SYSTEM),
    ],
)
def test_every_short_way_out_has_its_outcome(facts: list[f.Fact], outcome: Outcome, by: EndedBy) -> None:
    steps, _ = play(facts)
    (end,) = ends(steps)
    assert (end.outcome, end.by) == (outcome, by)


def test_a_call_is_queued_as_soon_as_the_menu_is_done_and_only_once() -> None:
    music = f.MusicBegan(
        at=10.6, channel="PJSIP/trunk-1.1", uniqueid="1.1", call="1.1", context="hl-wait", state="waiting",
        queue="repair", since=10.4, priority=0,
    )  # fmt: skip
    steps, _ = play([inbound(), up(), told("HLAgi", Done="1", queue="repair"), music, music], offers=())
    assert story(steps).count("CallQueued") == 1


def test_random_orders_and_losses_still_end_every_contact_once() -> None:
    """Events that are lost, doubled or reordered may cost detail, never a contact or a second end."""
    names = [name for name in streams.all_names() if name.startswith(("answered", "abandon", "ring-no", "agent-"))]
    for seed in range(300):
        chance = random.Random(seed)
        facts = product_facts(chance.choice(names))
        first, last = facts[0], [fact for fact in facts if isinstance(fact, f.ChannelHungUp)][-1]
        assert isinstance(first, f.ChannelAppeared)
        middle = [fact for fact in facts[1:] if chance.random() > 0.2 for _ in range(chance.choice([1, 1, 1, 2]))]
        for _ in range(chance.randint(0, 6)):
            i, j = chance.randrange(len(middle)), chance.randrange(len(middle))
            middle[i], middle[j] = middle[j], middle[i]
        whole: list[f.Fact] = [first, *middle, gone(first.call, last.at)]
        steps, book = play(whole, ("1001", "1002", "1003"))
        assert story(steps).count("ContactStarted") == 1, seed
        assert len(ends(steps)) == 1, seed
        assert not book.contacts
        assert not book.by_leg
