"""Where a flow has given a caller what was wanted, and where it gives the caller to people. Pure."""

from __future__ import annotations

from ivr.fact_paths import NOTHING_FOUND
from ivr.nodes import CallBack, Do, Message, Queue, Transfer
from ivr.position import Flow

ON_THE_WAY = frozenset({"identify", "position_link", "open_rescue", "record_consent", "survey_answer"})
"""Operations that a caller does not call for: what they lead to is not yet what was wanted."""


def served_nodes(flow: Flow) -> frozenset[str]:
    """The nodes behind an operation that succeeded, and the booked calls back."""
    found = {name for name, node in flow.nodes.items() if isinstance(node, CallBack)}
    for node in flow.nodes.values():
        if isinstance(node, Do) and node.operation not in ON_THE_WAY:
            found |= {target for result, target in node.ways.items() if result not in NOTHING_FOUND}
    return frozenset(found)


def people_nodes(flow: Flow) -> frozenset[str]:
    """Queues, voice messages and people outside."""
    return frozenset(name for name, node in flow.nodes.items() if isinstance(node, Queue | Message | Transfer))
