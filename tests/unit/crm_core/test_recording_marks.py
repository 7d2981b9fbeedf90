"""What of a talk is not in its recording, and what of it was hold: placed on the recording's own time."""

from __future__ import annotations

from crm_core.db import Database
from crm_core.history import events
from crm_core.history.events import EndedBy, HistoryEvent
from crm_core.history.marks import Mark, marks_of
from crm_core.history.model import Recording
from crm_core.history.queries import contact
from crm_core.history.writer import apply_all
from tests.unit.crm_core.builders import START, an_answered_call, numbered

TALK = START + 30  # the recording begins with it


async def _told(db: Database, *happened: HistoryEvent) -> tuple[Recording, list[Mark]]:
    async with db.begin() as session:
        await apply_all(session, numbered(*happened))
    async with db.begin() as session:
        found = await contact(session, "c1")
        assert found is not None
        (recording,) = found.recordings
        return recording, (await marks_of(session, [recording.id]))[recording.id]


def _talk() -> list[HistoryEvent]:
    """A talk of 100 s that is held from 30 to 45, without its end."""
    return an_answered_call()[:-2]


def _paused(at: float, **more: object) -> HistoryEvent:
    return events.RecordingPaused(**{"at": at, "call": "c1", "leg": "c1-1", "by": "1018", "why": "button"} | more)  # type: ignore[arg-type]


def _resumed(at: float) -> HistoryEvent:
    return events.RecordingResumed(at=at, call="c1", leg="c1-1", by="1018", why="button")


def _ended(at: float) -> HistoryEvent:
    return events.TalkEnded(at=at, call="c1", leg="c1-1", agent="1018", by=EndedBy.AGENT)


async def test_a_pause_and_a_hold_are_marks_on_the_recordings_own_time(db: Database):
    _, marks = await _told(db, *_talk(), _paused(TALK + 50.5), _resumed(TALK + 60), _ended(TALK + 100))
    assert marks == [
        Mark(kind="hold", began=30.0, ended=45.0, by="1018", why=""),
        Mark(kind="pause", began=50.5, ended=60.0, by="1018", why="button"),
    ]


async def test_a_pause_that_lasts_to_the_end_of_the_talk_ends_with_it(db: Database):
    _, marks = await _told(db, *_talk(), _paused(TALK + 80), _ended(TALK + 100))
    assert (marks[-1].began, marks[-1].ended) == (80.0, 100.0)


async def test_a_pause_is_open_while_it_lasts(db: Database):
    _, marks = await _told(db, *_talk(), _paused(TALK + 80))
    assert (marks[-1].kind, marks[-1].ended) == ("pause", None)


async def test_a_pause_that_is_told_again_after_a_crash_is_one_mark(db: Database):
    again = (_paused(TALK + 50), _paused(TALK + 50), _resumed(TALK + 60), _paused(TALK + 50))
    _, marks = await _told(db, *_talk(), *again, _ended(TALK + 100))
    assert [(mark.kind, mark.began, mark.ended) for mark in marks[1:]] == [("pause", 50.0, 60.0)]


async def test_a_hold_in_which_a_colleague_was_asked_says_so(db: Database):
    asked = (
        events.HoldBegan(at=TALK + 50, call="c1", leg="c1-1", agent="1018"),
        events.ConsultBegan(at=TALK + 50, call="c1", leg="c1-2", by="1018", kind="agent", party="1002"),
        events.HoldEnded(at=TALK + 70, call="c1", leg="c1-1", agent="1018"),
    )
    _, marks = await _told(db, *_talk(), *asked, _ended(TALK + 100))
    assert [(mark.why, mark.began, mark.ended) for mark in marks] == [("", 30.0, 45.0), ("consult", 50.0, 70.0)]


async def test_a_talk_whose_recording_did_not_begin_says_why(db: Database):
    talk = [event for event in _talk() if not isinstance(event, events.RecordingStarted)]
    missed = events.RecordingMissed(at=TALK + 1, call="c1", leg="c1-1", agent="1018", why="disk")
    recording, _ = await _told(db, *talk, missed, _ended(TALK + 100))
    assert (recording.status, recording.why, recording.file, recording.agent) == ("missing", "disk", "", "1018")


async def test_a_recording_that_begins_late_is_not_missing_any_more(db: Database):
    talk = [event for event in _talk() if not isinstance(event, events.RecordingStarted)]
    missed = events.RecordingMissed(at=TALK + 5, call="c1", leg="c1-1", agent="1018", why="not_started")
    late = events.RecordingStarted(at=TALK + 7, call="c1", leg="c1-1", agent="1018", file="20260716/c1-1.raw")
    recording, _ = await _told(db, *talk, missed, late)
    assert (recording.status, recording.why, recording.file) == ("recording", "", "20260716/c1-1.raw")


async def test_a_recording_that_runs_is_never_told_as_missing(db: Database):
    missed = events.RecordingMissed(at=TALK + 5, call="c1", leg="c1-1", agent="1018", why="not_started")
    recording, _ = await _told(db, *_talk(), missed)
    assert (recording.status, recording.file) == ("recording", "20260716/c1-1.raw")
