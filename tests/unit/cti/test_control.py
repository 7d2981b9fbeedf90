"""Consults, conferences, transfers and parking, replayed from streams of a real Asterisk with our dialplan."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from acd import events as acd
from acd.commands import OfferCall
from acd.model import AgentId
from crm_core.errors import PlatformError
from crm_core.history import events as feed
from crm_core.history.events import HistoryEvent, Outcome
from cti import facts as f
from cti import parties, transfers
from cti.book import ContactBook
from cti.calls import tell
from cti.contacts import Contact, Leg, Party, Phase
from cti.deeds import Deed, HangUp, Move, Step
from cti.desk_views import call_view
from cti.dial_caps import DestinationTooOften, DialCaps, DialledTooOften, Limits, TooManyOutsideLegs
from cti.memory import Memory
from cti.outgoing import begin_dialling
from tests.unit.cti import streams

Act = Callable[[ContactBook, Contact, float], None]
Acts = dict[type[HistoryEvent], Act]


def play(name: str, acts: Acts, facts: list[f.Fact] | None = None) -> tuple[list[Step], ContactBook]:
    """Tell the facts of a stream; after the first record of a kind its act is done, as the agent did it then."""
    book, steps, todo = ContactBook(), list[Step](), dict(acts)
    facts = facts if facts is not None else streams.facts(f"control-{name}")
    if name.startswith("outgoing"):
        call = next(fact.call for fact in facts if isinstance(fact, f.ChannelAppeared))
        begin_dialling(book, call, "1001", "+8613812345678", customer_id=None, at=facts[0].at)
    for fact in facts:
        new = tell(book, fact)
        while new:
            steps += new
            for step in new:
                _as_the_platform(book, step, todo)
            new = book.take()
    return steps, book


def _as_the_platform(book: ContactBook, step: Step, todo: Acts) -> None:
    if isinstance(step, acd.CallQueued):
        book.offer(OfferCall(call=step.call, agent=AgentId("1001"), ring_seconds=20, why="only_free"), step.at)
    act = todo.pop(type(step), None) if isinstance(step, HistoryEvent) else None
    if act is not None:
        call = getattr(step, "call", "")
        if (contact := book.contacts.get(call)) is not None:
            act(book, contact, getattr(step, "at", 0.0))


def asks(book: ContactBook, contact: Contact, at: float) -> None:
    assert contact.leg is not None
    parties.begin_consult(
        book, contact, contact.leg, Party(contact.next_leg(), "agent", "1002", "1002", "1001", at), at
    )


def hands_over(book: ContactBook, contact: Contact, at: float) -> None:
    assert contact.leg is not None
    assert contact.consult is not None
    parties.hand_over(book, contact, contact.leg, contact.consult, at)


def goes_back(book: ContactBook, contact: Contact, at: float) -> None:
    assert contact.leg is not None
    parties.back(book, contact, contact.leg, at)


def confers(book: ContactBook, contact: Contact, at: float) -> None:
    assert contact.leg is not None
    parties.conference(book, contact, contact.leg, at)


def parks(book: ContactBook, contact: Contact, at: float) -> None:
    assert contact.leg is not None
    transfers.park(book, contact, contact.leg, at)


def picks_up(book: ContactBook, contact: Contact, at: float) -> None:
    transfers.pick_up(book, contact, "1002", at, 20)


HANDED_OVER: Acts = {feed.RecordingStarted: asks, feed.ConsultAnswered: hands_over}
STREAMS: dict[str, Acts] = {
    "handed-over": HANDED_OVER,
    "back-to-customer": {feed.RecordingStarted: asks, feed.ConsultAnswered: goes_back},
    "conference-agent-leaves": {
        feed.RecordingStarted: asks, feed.ConsultAnswered: confers, feed.PartyJoined: hands_over,
    },
    "colleague-busy": {feed.RecordingStarted: asks, feed.ConsultEnded: goes_back},
    "customer-gone-in-consult": {feed.RecordingStarted: asks},
    "parked-and-picked-up": {feed.RecordingStarted: parks, feed.CallParked: picks_up},
    "outgoing-handed-over": HANDED_OVER,
}  # fmt: skip


def of(steps: list[Step], *kinds: type[HistoryEvent]) -> list[HistoryEvent]:
    return [step for step in steps if isinstance(step, kinds)]


@pytest.mark.parametrize("name", STREAMS)
def test_whatever_was_done_with_a_call_it_is_one_contact_with_one_end(name: str) -> None:
    steps, book = play(name, STREAMS[name])
    assert len(of(steps, feed.ContactStarted)) == len(of(steps, feed.ContactEnded)) == 1
    assert len(of(steps, feed.TalkBegan)) == len(of(steps, feed.TalkEnded))
    assert not book.contacts
    assert not book.by_leg


@pytest.mark.parametrize("name", STREAMS)
def test_the_records_alone_tell_a_restarted_platform_where_the_call_is(name: str) -> None:
    """At every moment the memory that is rebuilt from the journal says the same as the book that saw it live."""
    facts = streams.facts(f"control-{name}")
    for cut in range(1, len(facts)):
        steps, book = play(name, STREAMS[name], facts[:cut])
        memory = Memory()
        for step in steps:
            if isinstance(step, HistoryEvent):
                memory.replay(step)
        for call, contact in book.contacts.items():
            if not contact.told:
                continue
            again = memory.contacts[call]
            assert (again.slot, again.talked) == (contact.slot, contact.talked)
            assert (again.consult is None) == (contact.consult is None), (name, cut)
            if contact.phase in (Phase.CONSULTING, Phase.PARKED, Phase.EXTERNAL, Phase.TALKING):
                assert again.phase == contact.phase, (name, cut)
            if contact.talked:
                assert (again.leg and again.leg.agent) == (contact.leg and contact.leg.agent)


def test_each_agent_has_only_their_own_talk() -> None:
    steps, _ = play("handed-over", HANDED_OVER)
    talks = [
        (type(event).__name__, event.agent) for event in steps if isinstance(event, feed.TalkBegan | feed.TalkEnded)
    ]
    assert talks == [("TalkBegan", "1001"), ("TalkEnded", "1001"), ("TalkBegan", "1002"), ("TalkEnded", "1002")]
    (first, second) = [event.at for event in steps if isinstance(event, feed.TalkEnded)]
    (_, began) = [event.at for event in steps if isinstance(event, feed.TalkBegan)]
    assert first == began < second
    (end,) = [event for event in steps if isinstance(event, feed.ContactEnded)]
    assert end.outcome == Outcome.ANSWERED


def test_the_customer_is_led_together_with_the_leg_and_never_the_agents_leg_alone() -> None:
    for name, acts in STREAMS.items():
        steps, _ = play(name, acts)
        for move in (step for step in steps if isinstance(step, Move)):
            customers = {"PJSIP/trunk"}
            assert any(channel.rpartition("-")[0] in customers for channel in (move.channel, move.also)), (name, move)


def test_the_engine_hears_of_a_hand_over_once_and_not_of_a_second_end_of_the_talk() -> None:
    steps, _ = play("handed-over", HANDED_OVER)
    told = [type(step).__name__ for step in steps if isinstance(step, acd.Event)]
    assert told == ["CallQueued", "CallAnswered", "ConsultAnswered", "CallHandedOver", "TalkEnded", "CallLeft"]


def test_nobody_stays_on_the_line_when_the_customer_has_gone() -> None:
    steps, _ = play("customer-gone-in-consult", STREAMS["customer-gone-in-consult"])
    ended = {step.channel.rpartition("-")[0] for step in steps if isinstance(step, HangUp)}
    assert ended == {"PJSIP/1001", "PJSIP/1002"}
    (consult,) = [step for step in steps if isinstance(step, feed.ConsultEnded)]
    assert consult.result == "customer_gone"


def test_a_call_we_made_belongs_to_the_customers_channel_once_it_is_given_on() -> None:
    steps, _ = play("outgoing-handed-over", HANDED_OVER)
    (end,) = [step for step in steps if isinstance(step, feed.ContactEnded)]
    assert end.outcome == Outcome.REACHED
    (last,) = [step for step in steps if isinstance(step, feed.TalkEnded) and step.agent == "1002"]
    assert last.at <= end.at


def test_both_desks_show_the_consult_from_their_side() -> None:
    facts = streams.facts("control-handed-over")
    cut = next(i for i, fact in enumerate(facts) if isinstance(fact, f.BridgeEntered) and fact.leg.endswith("-2"))
    _, book = play("handed-over", {feed.RecordingStarted: asks}, facts[: cut + 1])
    (contact,) = book.contacts.values()
    mine, theirs, others = (call_view(contact, agent) for agent in ("1001", "1002", "1003"))
    assert others is None
    assert mine is not None
    assert theirs is not None
    assert mine.party is not None
    assert theirs.party is not None
    assert (mine.phase, mine.part, mine.party.name, mine.party.phase) == ("consulting", "owner", "1002", "talking")
    assert (theirs.phase, theirs.part, theirs.party.name) == ("talking", "consulted", "1001")


def test_lost_doubled_and_late_facts_cost_detail_but_never_a_contact() -> None:
    for seed in range(300):
        chance = random.Random(seed)
        name = chance.choice(list(STREAMS))
        facts = streams.facts(f"control-{name}")
        own = next(fact.call for fact in facts if isinstance(fact, f.ChannelAppeared))
        last = next(fact for fact in facts if isinstance(fact, f.ChannelHungUp) and "trunk" in fact.channel)
        middle = [fact for fact in facts[1:] if chance.random() > 0.2 for _ in range(chance.choice([1, 1, 1, 2]))]
        for _ in range(chance.randint(0, 6)):
            i, j = chance.randrange(len(middle)), chance.randrange(len(middle))
            middle[i], middle[j] = middle[j], middle[i]
        ends: list[f.Fact] = [last]
        if name.startswith("outgoing"):
            ends.append(f.ChannelHungUp(at=last.at, channel="PJSIP/1001", uniqueid=own, call=own, cause=16, sip_code=0))
        todo = {kind: _if_possible(act) for kind, act in STREAMS[name].items()}
        steps, book = play(name, todo, [facts[0], *middle, *ends])
        assert len(of(steps, feed.ContactEnded)) == len(of(steps, feed.ContactStarted)) <= 1, (seed, name)
        assert not book.contacts, (seed, name)
        deeds = [step for step in steps if isinstance(step, Deed)]
        assert len(deeds) < 40, (seed, name)


def _if_possible(act: Act) -> Act:
    """A person can only do it while it is offered on the screen."""

    def attempt(book: ContactBook, contact: Contact, at: float) -> None:
        consult = act in (hands_over, confers)
        if (contact.leg is None) is (act is picks_up) and (not consult or contact.consult is not None):
            act(book, contact, at)

    return attempt


def test_an_agent_who_dials_like_a_machine_is_stopped() -> None:
    caps = DialCaps(Limits(in_a_minute=3, in_an_hour=5, at_once=2, same_number_in_an_hour=4))
    for second in range(3):
        caps.allow("1001", f"861381234567{second}", 100.0 + second, live=0)
    with pytest.raises(DialledTooOften) as stopped:
        caps.allow("1001", "8613812345678", 103.0, live=0)
    assert "58" in str(stopped.value)
    caps.allow("1002", "8613812345678", 103.0, live=0)
    caps.allow("1001", "8613812345678", 170.0, live=0)
    caps.allow("1001", "8613812345678", 171.0, live=1)
    with pytest.raises(TooManyOutsideLegs):
        caps.allow("1003", "8613812345678", 172.0, live=2)
    with pytest.raises(DialledTooOften):
        caps.allow("1001", "8613812345679", 300.0, live=0)
    caps.allow("1004", "8613812345678", 301.0, live=0)
    with pytest.raises(DestinationTooOften):
        caps.allow("1005", "8613812345678", 302.0, live=0)
    caps.allow("1001", "8613812345678", 4_000.0, live=0)


def test_nine_slots_are_nine_calls() -> None:
    book = ContactBook()
    for n in range(10):
        call = f"{n}.1"
        contact = Contact(call, feed.Direction.INBOUND, f"PJSIP/trunk-{n}", "138", "400", Phase.TALKING)
        contact.leg = Leg(f"{call}-1", "1001", "repair", "", 1.0, answered_at=1.0)
        book.contacts[call] = contact
        if n == 9:
            with pytest.raises(PlatformError):
                transfers.park(book, contact, contact.leg, 5.0)
            assert contact.phase is Phase.TALKING
        else:
            assert transfers.park(book, contact, contact.leg, 5.0) == f"P{n + 1}"
