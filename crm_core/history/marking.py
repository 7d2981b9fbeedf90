"""From events to recordings and the marks on them, without I/O. Events may come twice or after a gap."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from crm_core.clock import from_instant
from crm_core.db import Base, storable
from crm_core.history import events
from crm_core.history.model import Contact, Leg, Recording, RecordingMark

PAUSE, HOLD = "pause", "hold"
CONSULT = "consult"


class Recorded(Protocol):
    """Of history.projection.Rows: recordings and marks by leg."""

    contacts: dict[str, Contact]
    legs: dict[str, Leg]
    recordings: dict[str, Recording]
    marks: dict[str, list[RecordingMark]]

    def store(self, row: Base) -> None: ...


def project_recording(rows: Recorded, event: events.RecordingStarted | events.RecordingMissed) -> None:
    """The contact's row is there already. A recording that begins late takes back that it is missing."""
    at, file = from_instant(event.at), ""
    status, why = "missing", ""
    if isinstance(event, events.RecordingStarted):
        status, file = "recording", event.file
    else:
        why = event.why
    found = rows.recordings.get(event.leg)
    if found is None:
        found = Recording(contact_id=event.call, leg_id=event.leg, agent=storable(event.agent, 16), started_at=at)
        contact, leg = rows.contacts[event.call], rows.legs.get(event.leg)
        found.queue, found.direction = (leg.queue if leg else "") or contact.queue or "", contact.direction
        rows.recordings[event.leg] = found
        rows.store(found)
    elif found.file or not file:
        return
    found.file, found.started_at = storable(file, 200), at
    found.status, found.why = status, storable(why, 12)


def project_mark(rows: Recorded, event: events.HistoryEvent) -> None:
    """Pauses and holds become marks of the leg's recording; the end of its talk closes them."""
    match event:
        case events.RecordingPaused():
            _open(rows, event.leg, PAUSE, event.at, by=event.by, why=event.why)
        case events.HoldBegan():
            _open(rows, event.leg, HOLD, event.at, by=event.agent, why="")
        case events.RecordingResumed():
            _close(rows, event.leg, from_instant(event.at), PAUSE)
        case events.HoldEnded():
            _close(rows, event.leg, from_instant(event.at), HOLD)
        case events.TalkEnded():
            _close(rows, event.leg, from_instant(event.at))
        case events.ConsultBegan():
            _name_consult(rows, event)


def close_marks(rows: Recorded, call: str, at: datetime) -> None:
    """The contact is over."""
    for leg, recording in rows.recordings.items():
        if recording.contact_id == call:
            _close(rows, leg, at)


def _open(rows: Recorded, leg: str, kind: str, at: float, *, by: str, why: str) -> None:
    recording, marks = rows.recordings.get(leg), rows.marks.setdefault(leg, [])
    began = from_instant(at)
    if recording is None or rows.contacts[recording.contact_id].ended_at is not None:
        return
    if any(mark.kind == kind and (mark.ended_at is None or mark.began_at == began) for mark in marks):
        return
    mark = RecordingMark(recording=recording, kind=kind, began_at=began, ended_at=None)
    mark.by, mark.why = storable(by, 40), storable(why, 16)
    marks.append(mark)
    rows.store(mark)


def _close(rows: Recorded, leg: str, at: datetime, kind: str = "") -> None:
    for mark in rows.marks.get(leg, ()):
        if mark.ended_at is None and kind in ("", mark.kind):
            mark.ended_at = max(at, mark.began_at)


def _name_consult(rows: Recorded, event: events.ConsultBegan) -> None:
    for leg, recording in rows.recordings.items():
        if (recording.contact_id, recording.agent) == (event.call, event.by):
            for mark in rows.marks.get(leg, ()):
                if mark.kind == HOLD and mark.ended_at is None:
                    mark.why = CONSULT
