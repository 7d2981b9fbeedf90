"""From events to the rows of callbacks and voice messages, without I/O. Events may come twice or after a gap."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from crm_core.callbacks.model import Callback, VoiceMessage
from crm_core.clock import from_instant
from crm_core.db import Base, storable
from crm_core.history import events
from crm_core.history.model import Recording
from crm_core.phone import to_e164

CallbackEvent = events.CallbackBooked | events.CallbackAttempted | events.CallbackPostponed | events.CallbackEnded
LEFT_BEHIND = CallbackEvent | events.VoiceMessageLeft


class LeftBehind(Protocol):
    """Of history.projection.Rows."""

    callbacks: dict[str, Callback]
    messages: dict[str, VoiceMessage]
    recordings: dict[str, Recording]

    def store(self, row: Base) -> None: ...


def project_left_behind(rows: LeftBehind, event: CallbackEvent | events.VoiceMessageLeft) -> None:
    """The contact's row is there already."""
    if isinstance(event, events.VoiceMessageLeft):
        _message(rows, event)
    else:
        _callback(rows, event)


def _callback(rows: LeftBehind, event: CallbackEvent) -> None:
    at = from_instant(event.at)
    if isinstance(event, events.CallbackBooked):
        _book(rows, event, at)
        return
    callback = rows.callbacks.get(event.callback)
    if callback is None or callback.result:
        return
    match event:
        case events.CallbackAttempted(attempt=attempt):
            callback.attempts, callback.due_at = max(callback.attempts, attempt), None
        case events.CallbackPostponed(due=due, tried=tried):
            callback.due_at, callback.tried = from_instant(due), max(callback.tried, tried)
        case events.CallbackEnded(result=result):
            callback.result, callback.ended_at, callback.due_at = storable(result, 16), at, None


def _book(rows: LeftBehind, event: events.CallbackBooked, at: datetime) -> None:
    callback = rows.callbacks.get(event.callback)
    if callback is None:
        callback = Callback(
            id=storable(event.callback, 64),
            contact_id=event.call,
            number="",
            queue=storable(event.queue, 40),
            since=from_instant(event.since),
            booked_at=at,
            attempts=0,
            tried=0,
            result="",
        )
        rows.callbacks[event.callback] = callback
        rows.store(callback)
    callback.number, callback.priority = storable(event.number, 20), event.priority


def _message(rows: LeftBehind, event: events.VoiceMessageLeft) -> None:
    """The message is work, and its sound a recording that nobody of ours speaks in."""
    at = from_instant(event.at)
    if event.call in rows.messages:
        return
    message = VoiceMessage(
        contact_id=event.call,
        queue=storable(event.queue, 40),
        caller=to_e164(event.caller) or storable(event.caller, 20),
        urgent=event.urgent,
        left_at=at,
        done_by="",
    )
    rows.messages[event.call] = message
    rows.store(message)
    leg = f"{event.call}-m"
    if leg not in rows.recordings:
        sound = Recording(
            contact_id=event.call,
            leg_id=storable(leg, 64),
            agent="",
            file=storable(event.file, 200),
            started_at=at - timedelta(seconds=event.seconds),
            queue=storable(event.queue, 40),
            direction="inbound",
        )
        rows.recordings[leg] = sound
        rows.store(sound)
