"""Which facts every caller has who comes to a node, whatever the way. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.conditions import FIRST_FACTS
from ivr.nodes import Decide, Do, Node
from ivr.operations import OPERATIONS, UNAVAILABLE
from ivr.position import Flow
from ivr.questions import AskAloud, Collect, Consent
from ivr.ways import ways

IDENTIFIED = "identified!"  # proven, as a fact of its own
NOTHING_FOUND = frozenset(
    {UNAVAILABLE, "none", "unknown_place", "wrong", "no_more", "refused", "not_sent"}
)  # results that give no facts
Known = frozenset[str]


def known_on_entry(flow: Flow) -> Mapping[str, Known]:
    """Node -> the facts that are known on all ways to it; nodes that nobody reaches are absent."""
    entry: dict[str, Known] = {}
    first = frozenset(FIRST_FACTS)
    pending = [(name, first) for name in {flow.start, *flow.entries.values()} if name in flow.nodes]
    # The flow's last resort may follow on any node: only what all know at the beginning is known there.
    pending.append((flow.give_up, first))
    while pending:
        name, known = pending.pop()
        node = flow.nodes.get(name)
        if node is None:
            continue
        before = entry.get(name)
        merged = known if before is None else before & known
        if merged != before:
            entry[name] = merged
            pending += [(target, merged | gained) for target, gained in _gains(node)]
    return entry


def given_somewhere(flow: Flow) -> Known:
    """Every fact that some node gives, besides those known of every caller."""
    return frozenset().union(*(gained for node in flow.nodes.values() for _, gained in _gains(node)))


def _gains(node: Node) -> Iterator[tuple[str, Known]]:
    for by, target in ways(node):
        yield target, frozenset(_gained(node, by))


def _gained(node: Node, by: str) -> Iterator[str]:
    match node:
        case Collect(fact=fact) | AskAloud(fact=fact) if by == "given":
            yield fact
        case Consent(purpose=purpose) if by == "yes":
            yield f"consent.{purpose}"
        case Do(operation=name) if by not in NOTHING_FOUND:
            if name == "identify" and by == "right":
                yield IDENTIFIED
            yield from OPERATIONS[name].gives if name in OPERATIONS else ()
        case Decide(cases=cases) if by.isdecimal():
            # Who is let through by a case has the facts that it asks for.
            when = cases[int(by) - 1].when
            yield from (name for name, wanted in when.items() if not str(wanted).startswith("!="))
            if when.get("identified") == "yes":
                yield IDENTIFIED
