"""What a leg's recording holds: decided from facts and wishes, and found again after a restart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm_core.capture.rules import Capture
from crm_core.history import events as feed
from crm_core.history.events import Direction
from cti import facts as f
from cti import sound
from cti.book import ContactBook
from cti.contacts import Contact, Leg, Pause, Phase
from cti.deeds import Silence, Step
from cti.memory import Memory
from cti.transfers import to_queue

AT = 1_785_000_000.0


def talking(book: ContactBook, *, file: str = "20260716/c1-1.raw") -> Contact:
    contact = Contact(
        call="c1",
        direction=Direction.INBOUND,
        channel="PJSIP/trunk-1",
        caller="13900000007",
        entry="400",
        phase=Phase.OFFERING,
        customer_uniqueid="c1",
        customer_channel="PJSIP/trunk-1",
        queue="repair",
    )
    leg = Leg("c1-1", "1001", "repair", "only_free", AT, "PJSIP/1001-2", "u2")
    leg.file, leg.recorded_at = file, AT
    book.contacts["c1"] = contact
    book.take_over_leg(contact, leg)
    book.begin_talk(contact, leg, AT)
    book.take()
    return contact


def muted(at: float, *, on: bool = True, uniqueid: str = "u2") -> f.RecordingMuted:
    return f.RecordingMuted(at=at, channel="PJSIP/1001-2", uniqueid=uniqueid, call="c1", on=on)


def orders(steps: list[Step]) -> list[bool]:
    return [step.on for step in steps if isinstance(step, Silence)]


def told(steps: list[Step]) -> list[str]:
    return [type(step).__name__ for step in steps if isinstance(step, feed.HistoryEvent)]


def paused(book: ContactBook, contact: Contact, *, why: str = "button", at: float = AT + 10) -> None:
    sound.pause(book, contact, at, by="1001", why=why)
    sound.muted(book, muted(at + 0.01))


def test_a_pause_is_told_when_asterisk_has_confirmed_it_and_not_before():
    book = ContactBook()
    contact = talking(book)
    sound.pause(book, contact, AT + 10, by="1001", why="button")
    steps = book.take()
    assert (orders(steps), told(steps)) == ([True], [])
    sound.muted(book, muted(AT + 10.02))
    (event,) = book.take()
    assert isinstance(event, feed.RecordingPaused)
    assert (event.at, event.leg, event.by, event.until) == (AT + 10.02, "c1-1", "1001", AT + 130)


def test_a_talk_that_is_not_recorded_is_paused_at_once():
    book = ContactBook()
    paused(book, talking(book, file=""))
    assert told(book.take()) == ["RecordingPaused"]


def test_a_private_field_ends_only_the_pause_that_it_began():
    book = ContactBook()
    contact = talking(book)
    paused(book, contact, why="button")
    sound.resume(book, contact, AT + 20, by="1001", why="field")
    assert contact.pause is not None
    sound.resume(book, contact, AT + 20, by="1001", why="button")
    paused(book, contact, why="field", at=AT + 30)
    sound.resume(book, contact, AT + 40, by="1001", why="field")
    assert contact.pause is None


def test_who_presses_the_button_in_a_fields_pause_keeps_it_when_the_field_is_left():
    book = ContactBook()
    contact = talking(book)
    paused(book, contact, why="field")
    sound.pause(book, contact, AT + 12, by="1001", why="button")
    sound.resume(book, contact, AT + 13, by="1001", why="field")
    assert contact.pause is not None


def test_a_pause_ends_by_itself_when_its_limit_has_passed():
    book = ContactBook()
    book.capture = Capture(pause_seconds=30)
    contact = talking(book)
    paused(book, contact)
    book.take()
    sound.limit_passed(book, "c1", AT + 40)
    steps = book.take()
    (event,) = [step for step in steps if isinstance(step, feed.RecordingResumed)]
    assert (event.by, event.why, orders(steps)) == ("", "limit", [False])


def test_the_next_leg_of_a_paused_talk_begins_in_silence():
    book = ContactBook()
    contact = talking(book)
    paused(book, contact)
    book.close_talk(contact, contact.leg or Leg("", "", "", "", 0), AT + 20, feed.EndedBy.AGENT)
    given_leg = Leg("c1-2", "1002", "repair", "consult", AT + 20, "PJSIP/1002-3", "u3")
    book.take_over_leg(contact, given_leg)
    book.begin_talk(contact, given_leg, AT + 20)
    book.take()
    given_leg.file = "20260716/c1-2.raw"
    sound.begins(book, contact)
    assert orders(book.take()) == [True]
    sound.muted(book, muted(AT + 20.03, uniqueid="u3"))
    (event,) = book.take()
    assert isinstance(event, feed.RecordingPaused)
    assert (event.leg, event.by, event.until) == ("c1-2", "1001", AT + 130)


def test_a_caller_who_goes_back_to_a_queue_is_recorded_again_by_the_next_agent():
    book = ContactBook()
    contact = talking(book)
    paused(book, contact)
    assert contact.leg is not None
    to_queue(book, contact, contact.leg, "repair", AT + 20)
    assert contact.pause is None
    assert "RecordingResumed" in told(book.take())


def test_holds_and_consults_are_silent_unless_the_site_records_them():
    for rules, silent in ((Capture(), True), (Capture(holds=True, consults=True), False)):
        book = ContactBook()
        book.capture = rules
        contact = talking(book)
        assert contact.leg is not None
        contact.leg.hold_since = AT + 5
        assert sound.is_silent(book, contact, contact.leg) is silent
        contact.phase = Phase.CONSULTING
        assert sound.is_silent(book, contact, contact.leg) is silent


def test_the_end_of_a_pause_does_not_make_a_held_call_heard():
    book = ContactBook()
    contact = talking(book)
    assert contact.leg is not None
    contact.leg.hold_since = AT + 5
    paused(book, contact)
    book.take()
    sound.resume(book, contact, AT + 20, by="1001", why="button")
    assert orders(book.take()) == [True]


def restarted(*happened: feed.HistoryEvent) -> tuple[ContactBook, Contact]:
    """A book rebuilt from the journal, with the leg as Asterisk shows it."""
    memory, book = Memory(), ContactBook()
    began = feed.ContactStarted(at=AT, call="c1", direction=Direction.INBOUND, caller="139", entry="400")
    talk = feed.TalkBegan(at=AT, call="c1", leg="c1-1", agent="1001")
    for event in (began, talk, *happened):
        memory.replay(event)
    book.contacts.update(memory.contacts)
    contact = book.contacts["c1"]
    assert contact.leg is not None
    contact.leg.channel, contact.leg.uniqueid = "PJSIP/1001-2", "u2"
    return book, contact


PAUSED = feed.RecordingPaused(at=AT + 10, call="c1", leg="c1-1", by="1001", why="button", until=AT + 130)
ON_CHANNEL = f"{AT + 10:.3f}/{AT + 130:.3f}/button/1001"


def test_a_restarted_platform_keeps_a_pause_that_the_journal_and_the_channel_tell():
    book, contact = restarted(PAUSED)
    sound.correct(book, contact, ON_CHANNEL, AT + 20)
    steps = book.take()
    assert contact.pause is not None
    assert (orders(steps), told(steps)) == ([True], [])


def test_a_restarted_platform_believes_the_channel_when_the_journal_lacks_the_pause():
    book, contact = restarted()
    sound.correct(book, contact, ON_CHANNEL, AT + 20)
    steps = book.take()
    assert (orders(steps), told(steps)) == ([True], ["RecordingPaused"])


def test_a_pause_whose_limit_passed_while_nobody_was_there_ends_at_the_restart():
    book, contact = restarted(PAUSED)
    sound.correct(book, contact, ON_CHANNEL, AT + 200)
    steps = book.take()
    assert contact.pause is None
    assert (orders(steps)[-1], told(steps)) == (False, ["RecordingResumed"])


def test_a_pause_that_had_ended_in_asterisk_before_the_kill_is_over():
    book, contact = restarted(PAUSED)
    sound.correct(book, contact, "", AT + 20)
    assert (contact.pause, told(book.take())) == (None, ["RecordingResumed"])


@given(st.text(max_size=60))
def test_whatever_stands_on_a_channel_is_a_pause_or_nothing(text: str):
    found = sound.read(text)
    assert found is None or found.until > found.since


@given(st.integers(1, 10**9), st.integers(1, 600), st.sampled_from(["button", "field", "api"]))
def test_what_is_written_on_a_channel_is_read_again(since: int, seconds: int, why: str):
    one = Pause(since=float(since), until=float(since + seconds), by="key:dms/1", why=why)
    assert sound.read(sound.written(one)) == one


def test_a_recording_that_goes_on_in_the_middle_of_a_consult_stays_silent():
    """An outgoing call's: the new one begins unmuted."""
    book = ContactBook()
    contact = talking(book)
    contact.phase = Phase.CONSULTING
    assert contact.leg is not None
    sound.settle(book, contact)
    book.take()
    sound.begins(book, contact)
    assert orders(book.take()) == [True]
