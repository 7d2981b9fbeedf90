"""Reads a flow from YAML and refuses what is no flow. Whether it is a good one says `ivr.checker`."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from ivr.flow import Flow, Node
from ivr.flow_text import FlowUnreadable, read_text

__all__ = ["FlowUnreadable", "read_flow", "shipped_flow", "shipped_text"]

_NODES: TypeAdapter[dict[str, Node]] = TypeAdapter(dict[str, Annotated[Node, Field(discriminator="kind")]])
_FLOW: TypeAdapter[Flow] = TypeAdapter(Flow)


def read_flow(text: str, version: int = 0) -> Flow:
    """A flow from YAML text. FlowUnreadable when a field is missing, unknown or of the wrong kind."""
    fields = read_text(text)
    fields.pop("version", None)  # it is given by publishing, never by the text
    try:
        nodes = _NODES.validate_python(fields.pop("nodes", {}))
        # The nodes are checked already, and each against its own kind: a whole union would be told as one riddle.
        flow = _FLOW.validate_python({**fields, "nodes": {}})
    except ValidationError as wrong:
        raise _unreadable(wrong.errors()[0]) from wrong
    if not flow.languages:
        raise FlowUnreadable("The menu file is wrong at {place}: {reason}", place="languages", reason="[]")
    return replace(flow, nodes=nodes, version=version)


def shipped_text() -> str:
    """The menu that comes with the product: flows/main.yaml."""
    return files("ivr").joinpath("flows", "main.yaml").read_text(encoding="utf-8")


def shipped_flow() -> Flow:
    return read_flow(shipped_text())


def _unreadable(error: Any) -> FlowUnreadable:
    place = ".".join(str(part) for part in error["loc"])[:120]
    match error["type"]:
        case "missing" | "missing_keyword_only_argument":
            return FlowUnreadable("The menu file lacks {place}: write it there.", place=place)
        case "unexpected_keyword_argument" | "extra_forbidden":
            return FlowUnreadable("The menu file has {place}, which is not known: look for a slip.", place=place)
        case "union_tag_invalid" | "union_tag_not_found":
            known = ", ".join(sorted(str(error["ctx"].get("expected_tags", "")).replace("'", "").split(", ")))
            return FlowUnreadable(
                "In the menu file, {place} needs one of these kinds: {kinds}.", place=place, kinds=known
            )
        case _:
            return FlowUnreadable(
                "The menu file is wrong at {place}: {reason}", place=place, reason=str(error["msg"])[:200]
            )
