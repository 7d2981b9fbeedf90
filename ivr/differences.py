"""What differs between two versions of a flow, in words. Pure; the sentences are keys of the catalogues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from ivr.nodes import Node
from ivr.position import Flow
from ivr.questions import SpokenFact

LONGEST = 200  # characters of a value that are shown


class What(StrEnum):
    NODE_ADDED = "node_added"
    NODE_REMOVED = "node_removed"
    NODE_KIND = "node_kind"
    NODE_FIELD = "node_field"
    TEXT = "text"
    FLOW_FIELD = "flow_field"


SENTENCES: Mapping[What, str] = {
    What.NODE_ADDED: "Node {node} is new: {after}.",
    What.NODE_REMOVED: "Node {node} is gone; it was {before}.",
    What.NODE_KIND: "Node {node} was {before} and is {after}.",
    What.NODE_FIELD: "Node {node}, {field}: was {before}, is {after}.",
    What.TEXT: "Text {node} ({field}): was {before}, is {after}.",
    What.FLOW_FIELD: "The flow's {field}: was {before}, is {after}.",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """`node` is the node's or the text's name; `before` and `after` are values as a file writes them, "-" = none."""

    what: What
    node: str = ""
    field: str = ""
    before: str = ""
    after: str = ""

    def values(self) -> dict[str, str]:
        """For the gaps of the sentence."""
        return {"node": self.node, "field": self.field, "before": self.before, "after": self.after}

    def __str__(self) -> str:
        return SENTENCES[self.what].format(**self.values())


def differences(before: Flow, after: Flow) -> list[Difference]:
    """[] when callers meet the same. Order: the flow itself, nodes in the order of the newer one, texts."""
    return [*_of_flow(before, after), *_of_nodes(before, after), *_of_texts(before, after)]


def _of_flow(before: Flow, after: Flow) -> Iterator[Difference]:
    for name in ("languages", "start", "give_up", "entries", "limit"):
        then, now = getattr(before, name), getattr(after, name)
        if then != now:
            yield Difference(What.FLOW_FIELD, "", name, _written(then), _written(now))


def _of_nodes(before: Flow, after: Flow) -> Iterator[Difference]:
    for name, node in after.nodes.items():
        then = before.nodes.get(name)
        if then is None:
            yield Difference(What.NODE_ADDED, name, after=node.kind)
        elif then.kind != node.kind:
            yield Difference(What.NODE_KIND, name, before=then.kind, after=node.kind)
        else:
            yield from _of_node(name, then, node)
    for name, node in before.nodes.items():
        if name not in after.nodes:
            yield Difference(What.NODE_REMOVED, name, before=node.kind)


def _of_node(name: str, before: Node, after: Node) -> Iterator[Difference]:
    for field in fields(after):
        then, now = getattr(before, field.name), getattr(after, field.name)
        if then == now:
            continue
        if isinstance(then, Mapping) and isinstance(now, Mapping):
            yield from _of_mapping(name, field.name, then, now)
        else:
            yield Difference(What.NODE_FIELD, name, field.name, _written(then), _written(now))


def _of_mapping(name: str, field: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for key in dict.fromkeys((*after, *before)):
        if before.get(key) != after.get(key):
            told = f"{field} {key}"
            yield Difference(What.NODE_FIELD, name, told, _written(before.get(key)), _written(after.get(key)))


def _of_texts(before: Flow, after: Flow) -> Iterator[Difference]:
    for language in dict.fromkeys((*after.texts, *before.texts)):
        then, now = before.texts.get(language, {}), after.texts.get(language, {})
        for name in dict.fromkeys((*now, *then)):
            if then.get(name) != now.get(name):
                yield Difference(What.TEXT, name, language, _written(then.get(name)), _written(now.get(name)))


def _written(value: Any) -> str:
    match value:
        case None | "" | () | {}:
            return "-"
        case SpokenFact(fact=fact):
            return f"{{{fact}}}"
        case tuple() | list():
            return ", ".join(_written(one) for one in value)[:LONGEST]
        case Mapping():
            return ", ".join(f"{key}: {_written(one)}" for key, one in value.items())[:LONGEST]
        case _ if hasattr(value, "__dataclass_fields__"):
            told = ((field.name, getattr(value, field.name)) for field in fields(value))
            return " ".join(f"{name} {_written(one)}" for name, one in told)[:LONGEST]
        case _:
            return str(value)[:LONGEST]
