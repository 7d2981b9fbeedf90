"""Names of channels over several Asterisks. Each numbers its channels from 0, so what comes from a node is marked.

`PJSIP/1018-00000003@b` is a channel of node "b". The first node has no name and its channels no mark.
"""

from __future__ import annotations

import re

from cti.ami_protocol import Headers
from cti.frames import Frame

NAME = re.compile(r"[a-z][a-z0-9]{0,7}")
_ID = r"(?:PJSIP|Local|AudioSocket)/[^\s\"|&,]*?-[0-9a-f]{8}(?:;[12])?"
_IN_MESSAGE = re.compile(rf"((?:: |=){_ID})(?=\r|\Z)".encode())
_IN_LOG = re.compile(rf'(?<=[="])({_ID})(?=["|\\])')
_MARKED = re.compile(rf"({_ID})@([a-z][a-z0-9]{{0,7}})\b")
_CHANNEL = re.compile(_ID)


def mark(frame: Frame, node: str) -> Frame:
    """The message with every name of a channel marked as this node's."""
    return frame.with_replaced(_IN_MESSAGE, rb"\1@" + node.encode(), node)


def mark_log(text: str, node: str) -> str:
    """Lines of the event log, as `mark`."""
    return _IN_LOG.sub(rf"\1@{node}", text) if node else text


def node_of(channel: str) -> str:
    """The node that a channel's name is marked with, "" for the first."""
    return found[2] if (found := _MARKED.fullmatch(channel)) else ""


def bare(action: Headers) -> dict[str, str | list[str]]:
    """The action as the node itself must read it."""
    return {
        key: _bare(value) if isinstance(value, str) else [_bare(one) for one in value] for key, value in action.items()
    }


def _bare(value: str) -> str:
    return _MARKED.sub(r"\1", value)


def named_in(action: Headers) -> str | None:
    """The node of the channels that this action names; None when it names no channel.

    What an Originate dials is no channel yet, though `AudioSocket/<place>/<uuid>` looks like the name of one.
    """
    for key, value in action.items():
        if key == "Channel" and action["Action"] == "Originate":
            continue
        for text in (value,) if isinstance(value, str) else value:
            if found := _MARKED.search(text):
                return found[2]
            if _CHANNEL.search(text):
                return ""
    return None
