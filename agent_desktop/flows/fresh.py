"""What stands in a new node before anybody has filled it in. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from agent_desktop.flows.forms import FORMS, Input
from crm_core.errors import Invalid


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


def add_node(fields: dict[str, Any], kind: str, name: str = "", after: str = "") -> str:
    """Put a fresh node into the fields of a flow and give its name: `name`, or the kind with the first free number.

    Where the node `after` goes on (its `then`), the new one is put in between; a node that ends the call, or one
    behind a node with several ways, stands alone until a way leads to it. Raises Invalid for a name that is taken
    and a kind that is none.
    """
    nodes = fields.setdefault("nodes", {})
    if kind not in FORMS or name in nodes:
        raise Invalid("A new node needs a kind, and a name that no other node has.", field="name")
    stem = kind.replace("_", "-")
    name = name or next(free for number in itertools.count(1) if (free := f"{stem}-{number}") not in nodes)
    nodes[name] = fresh(kind, str(fields.get("give_up", "")))
    before, ways = nodes.get(after, {}), _ways_on(kind)
    if ways and before.get("then"):
        nodes[name] |= dict.fromkeys(ways, before["then"])
        before["then"] = name
    return name


def _ways_on(kind: str) -> tuple[str, ...]:
    """The fields through which callers who are in no trouble leave a node of this kind; none where they end."""
    if kind == "consent":
        return ("yes", "no", "unavailable")
    ways = {name for shown, name in FORMS[kind] if shown is Input.WAY}
    return tuple(name for name in ("then", "otherwise", "open") if name in ways)


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
