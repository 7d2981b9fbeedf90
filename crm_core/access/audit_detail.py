"""What an audit entry says of a change, kept so that a page can say it in words: fields before and after, and facts.

A detail is JSON `{"changed": {field: [before, after]}, ...facts}` or a plain text. It is covered by the chain. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LONGEST = 4000  # signs of an entry
_LONG_VALUE = 400  # signs; in an entry that is too long such a value is left out
LEFT_OUT = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """`changed` maps a field to its value before and after (None = it was not there). `text` is a plain detail."""

    changed: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""


def changed(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, **facts: object) -> str:
    """A detail of the fields that differ, in the order of `after`; of lists of entries only those that differ."""
    then, now = before or {}, after or {}
    names = [*now, *(name for name in then if name not in now)]
    differing = {name: _differing(then.get(name), now.get(name)) for name in names if then.get(name) != now.get(name)}
    return _written({"changed": differing, **facts})


def noting(**values: object) -> str:
    """A detail without a change; empty values are left out."""
    return _written({name: value for name, value in values.items() if value not in (None, "", [], {})})


def read(detail: str) -> Detail:
    """Whatever stands in the log; what is no JSON of ours is its text."""
    if not detail.startswith("{"):
        return Detail(text=detail)
    try:
        told = json.loads(detail)
        pairs = told.pop("changed", {})
        return Detail(changed={name: (before, after) for name, (before, after) in pairs.items()}, facts=told)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return Detail(text=detail)


def _differing(before: Any, after: Any) -> tuple[Any, Any]:
    """Of two lists of entries (e.g. the days of a calendar) what only one of them has; else both as they are."""
    then, now = before or [], after or []
    if not (isinstance(then, list) and isinstance(now, list) and all(isinstance(one, Mapping) for one in then + now)):
        return before, after
    gone, new = [one for one in then if one not in now], [one for one in now if one not in then]
    return (gone, new) if gone or new else (before, after)  # else only the order differs


def _written(told: dict[str, Any]) -> str:
    whole = _json(told)
    if len(whole) <= LONGEST:
        return whole
    pairs = {name: [_shortened(one) for one in pair] for name, pair in told.pop("changed", {}).items()}
    shorter = _json({"changed": pairs, **{name: _shortened(value) for name, value in told.items()}})
    return shorter if len(shorter) <= LONGEST else _json({"changed": {name: [LEFT_OUT, LEFT_OUT] for name in pairs}})


def _shortened(value: Any) -> Any:
    return LEFT_OUT if len(_json(value)) > _LONG_VALUE else value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
