"""An answered call without a recording is told once, with its reason; a volume that fills up stops new recordings."""

from __future__ import annotations

from pathlib import Path

from crm_core.history import events as feed
from cti import facts as f
from cti import missed
from cti.book import ContactBook
from cti.calls import tell
from cti.recording_guard import GONE, look_at, must_stop
from tests.unit.cti.test_sound import AT, talking


def missing(steps: list[object]) -> list[str]:
    return [step.why for step in steps if isinstance(step, feed.RecordingMissed)]


def test_a_talk_of_which_asterisk_tells_no_recording_is_told_once():
    book = ContactBook()
    talking(book, file="")
    missed.look(book, AT + 2)
    assert missing([*book.take()]) == []
    missed.look(book, AT + 3.5)
    missed.look(book, AT + 4.5)
    assert missing([*book.take()]) == ["not_started"]


def test_a_recording_without_a_file_is_told_once_and_one_with_a_file_is_not_looked_at_again():
    book = ContactBook()
    contact = talking(book)
    assert missed.look(book, AT + 4) == ["20260716/c1-1.raw"]
    missed.found(book, {"20260716/c1-1.raw": False}, AT + 4)
    assert missing([*book.take()]) == ["not_written"]
    assert contact.leg is not None
    contact.leg.missed = ""
    missed.found(book, {"20260716/c1-1.raw": True}, AT + 5)
    assert missed.look(book, AT + 6) == []


def test_a_full_volume_is_the_reason_that_the_dialplan_tells():
    book = ContactBook()
    contact = talking(book, file="")
    told = f.Told(at=AT + 0.1, channel="PJSIP/1001-2", uniqueid="u2", call="c1", name="HLUnrecorded",
                  headers={"Leg": "c1-1", "Why": "disk"})  # fmt: skip
    assert missing([*tell(book, told)]) == ["disk"]
    assert contact.leg is not None
    assert contact.leg.missed == "disk"


def test_an_outgoing_call_that_nobody_answers_misses_no_recording():
    book = ContactBook()
    contact = talking(book, file="")
    assert contact.leg is not None
    contact.leg.answered_at = 0.0
    missed.told(book, f.Told(at=AT, channel="", uniqueid="u2", call="c1", name="HLUnrecorded", headers={"Leg": "c1-1"}))
    assert missing([*book.take()]) == []
    book.begin_talk(contact, contact.leg, AT + 9)
    assert missing([*book.take()]) == ["disk"]


def test_recordings_stop_at_95_per_cent_and_begin_again_below_94():
    assert not must_stop(94.9, stopped=False)
    assert must_stop(95.0, stopped=False)
    assert must_stop(94.0, stopped=True)
    assert not must_stop(93.9, stopped=True)


def test_a_folder_that_is_not_there_is_a_volume_that_is_gone(tmp_path: Path):
    assert look_at(tmp_path / "away").used == GONE
    assert 0.0 < look_at(tmp_path).used <= 100.0
