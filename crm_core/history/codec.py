"""Feed records as one line of JSON and back. Every event type is known by its class name."""

from __future__ import annotations

from dataclasses import fields
from enum import Enum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import orjson

from crm_core.history import campaign_events, events
from crm_core.history.events import FeedRecord, HistoryEvent


class UnreadableRecord(ValueError):
    """The line is no record: torn, damaged, or of an event type this version does not know."""


TYPES: dict[str, type[HistoryEvent]] = {
    name: kind
    for name, kind in (*vars(events).items(), *vars(campaign_events).items())
    if isinstance(kind, type) and issubclass(kind, HistoryEvent) and kind is not HistoryEvent
}
GOES_ON = "+"  # no field of an event can be called so
_HINTS = {name: get_type_hints(kind) for name, kind in TYPES.items()}


def encode(record: FeedRecord, *, goes_on: bool = False) -> bytes:
    """One line, with its line feed; text that has no UTF-8 form is replaced, never refused.

    `goes_on` marks a record that is not the last of its step (`unfinished`).
    """
    event = record.event
    values: dict[str, Any] = {"n": record.number, "e": type(event).__name__}
    if goes_on:
        values[GOES_ON] = 1
    for field in fields(event):
        values[field.name] = getattr(event, field.name)
    try:
        return orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        clean = {key: _storable(value) for key, value in values.items()}
        return orjson.dumps(clean, option=orjson.OPT_APPEND_NEWLINE)


def unfinished(line: bytes) -> bool:
    """Whether the step that this line belongs to has more records. False of a line that cannot be read."""
    try:
        return GOES_ON in orjson.loads(line)
    except (ValueError, TypeError):
        return False


def decode(line: bytes) -> FeedRecord:
    """The record of a line. Raises UnreadableRecord; a field of an older version takes its default."""
    try:
        values = orjson.loads(line)
        number, name = values.pop("n"), values.pop("e")
        hints = _HINTS[name]
        known = {key: _typed(value, hints[key]) for key, value in values.items() if key in hints}
        return FeedRecord(int(number), TYPES[name](**known))
    except (ValueError, TypeError, KeyError, AttributeError) as damage:
        raise UnreadableRecord(f"{damage!r} in {line[:120]!r}") from damage


def _typed(value: Any, hint: Any) -> Any:
    if get_origin(hint) is tuple:
        member = get_args(hint)[0]
        return tuple(_typed(item, member) for item in value)
    if get_origin(hint) is UnionType:
        return None if value is None else _typed(value, get_args(hint)[0])
    if isinstance(hint, type) and (issubclass(hint, Enum) or hint is float):
        return hint(value)
    return value


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, tuple):
        return tuple(_storable(item) for item in value)
    return value
