"""YAML from people we do not know: small, shallow, without aliases, each key once; every value stays text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from crm_core.errors import Invalid

LARGEST = 256 * 1024  # characters
DEEPEST = 12
MOST_EVENTS = 40_000
WIDTH = 110


class FlowUnreadable(Invalid):
    """The file is not a flow; the message names the place."""


_Base: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # a menu of a hundred nodes is read at every look at it
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Loader(_Base):  # type: ignore[misc]
    """Text as it is written: no "no" that becomes false, no key 0 that becomes a number."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise FlowUnreadable("The menu file is wrong at line {line}: a name must be text.", line=_line(key))
            if key.value in seen:
                raise FlowUnreadable("The menu file has {name} twice, at line {line}.", name=key.value, line=_line(key))
            seen.add(key.value)
        found: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return found


def read_text(text: str) -> dict[str, Any]:
    """The fields of a YAML text, or FlowUnreadable with a sentence; bounded in time and memory."""
    if len(text) > LARGEST:
        raise FlowUnreadable("The menu file is larger than {limit} KB.", limit=LARGEST // 1024)
    try:
        _look_over(text)
        fields = yaml.load(text, Loader=_Loader)  # noqa: S506 - BaseLoader makes text, lists and dictionaries only
    except (yaml.YAMLError, RecursionError, ValueError) as wrong:
        raise FlowUnreadable("The menu file is not YAML: {reason}", reason=_reason(wrong)) from wrong
    if not isinstance(fields, dict):
        raise FlowUnreadable("The menu file holds no fields.")
    return fields


def write_text(fields: Mapping[str, Any]) -> str:
    """The YAML of fields that `read_text` gave, in their order. Comments are not kept: a title says what a node is."""
    text: str = yaml.dump(
        dict(fields), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH, default_flow_style=None
    )
    return text


def _look_over(text: str) -> None:
    """Before anything is built of it: aliases can make gigabytes of a few lines, depth can end the process."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_Base), start=1):
        if isinstance(event, yaml.AliasEvent):
            raise FlowUnreadable("The menu file may not use anchors and aliases (line {line}).", line=_line(event))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST or number > MOST_EVENTS:
            raise FlowUnreadable("The menu file is nested too deeply or too long (line {line}).", line=_line(event))


def _line(place: yaml.Node | yaml.Event) -> int:
    return place.start_mark.line + 1 if place.start_mark else 0


def _reason(wrong: Exception) -> str:
    mark = getattr(wrong, "problem_mark", None)
    problem = getattr(wrong, "problem", None) or str(wrong).split("\n", 1)[0][:200]
    return f"{problem} ({mark.line + 1}:{mark.column + 1})" if mark else problem
