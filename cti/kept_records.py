"""The records of kept places bring the memory up to date after a restart. No I/O, no clock."""

from __future__ import annotations

from crm_core.history import events as feed
from cti.kept_places import KeptPlace


def replay(places: dict[str, KeptPlace], event: feed.HistoryEvent) -> None:
    """Bring the places up to a record that came after they were saved."""
    match event:
        case feed.CallbackBooked():
            place = places.setdefault(
                event.callback, KeptPlace(event.callback, event.callback, event.number, event.queue, event.since)
            )
            place.number, place.priority, place.held_by = event.number, event.priority, event.call
            place.language, place.matches = event.language, event.matches
        case feed.CallbackAttempted() if event.callback in places:
            place = places[event.callback]
            place.attempt, place.attempts, place.agent, place.held_by = event.call, event.attempt, event.agent, ""
        case feed.CallbackPostponed() if event.callback in places:
            place = places[event.callback]
            place.attempt, place.agent, place.due, place.tried = "", "", event.due, event.tried
        case feed.CallbackEnded():
            places.pop(event.callback, None)
