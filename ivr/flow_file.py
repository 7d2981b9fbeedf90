"""Reads a flow from YAML and refuses one that a caller could get stuck in."""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated, Any

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from crm_core.errors import Invalid
from ivr.flow import Flow, Node

_NODES: TypeAdapter[dict[str, Node]] = TypeAdapter(dict[str, Annotated[Node, Field(discriminator="kind")]])
_FLOW: TypeAdapter[Flow] = TypeAdapter(Flow)


class FlowUnreadable(Invalid):
    """The file is not a flow; the message names the place."""


def read_flow(text: str) -> Flow:
    """A flow from YAML text. FlowUnreadable when a field is missing, unknown or of the wrong kind."""
    try:
        fields: Any = yaml.safe_load(text)
        if not isinstance(fields, dict):
            raise FlowUnreadable("The menu file holds no fields.")
        nodes = _NODES.validate_python(fields.pop("nodes", {}))
        return _FLOW.validate_python({**fields, "nodes": nodes})
    except yaml.YAMLError as wrong:
        raise FlowUnreadable("The menu file is not YAML: {reason}", reason=wrong) from wrong
    except ValidationError as wrong:
        first = wrong.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise FlowUnreadable("The menu file is wrong at {place}: {reason}", place=place, reason=first["msg"]) from wrong


def shipped_flow() -> Flow:
    """The menu that comes with the product: flows/main.yaml."""
    return read_flow(files("ivr").joinpath("flows", "main.yaml").read_text(encoding="utf-8"))
