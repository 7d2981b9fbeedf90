"""What stands in a new node before anybody has filled it in. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent_desktop.flows.forms import FORMS, Input


def fresh(kind: str, give_up: str) -> dict[str, Any]:
    """A new node leads where callers in trouble come to, until somebody says where."""
    node: dict[str, Any] = {"kind": kind}
    for shown, name in FORMS[kind]:
        match shown:
            case Input.WAY:
                node[name] = give_up
            case Input.PROMPTS if name == "prompts" and kind not in _MAY_BE_SILENT:
                node[name] = ["hold-on"]
            case Input.TEXT if name in {"fact", "purpose"}:
                node[name] = {"fact": "answer", "purpose": "survey"}[name]
            case Input.KEYS:
                node[name] = {"0": give_up}
    return {**node, **_NEEDED.get(kind, {})}


_MAY_BE_SILENT = frozenset({"do", "queue", "message", "callback", "end"})
_NEEDED: Mapping[str, Mapping[str, Any]] = {
    "queue": {"queue": "enquiry", "topic": ""},
    "callback": {"queue": "enquiry"},
    "transfer": {"fact": "station_id"},
    "end": {"outcome": "menu_only"},
    "do": {"operation": "case_state", "ways": {}},
    "decide": {"cases": []},
    "language": {"keys": {"1": "zh-CN", "2": "en"}},
    "survey": {"questions": [{"id": "service", "prompts": ["hold-on"]}]},
}
