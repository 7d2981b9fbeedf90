"""How many callers came to a node, went on, hung up, and were served by the menu alone."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from crm_core.flows.queries import PathRow
from ivr.flow_file import shipped_flow
from ivr.served import people_nodes, served_nodes
from reports.menu_paths import count_paths

FLOW = shipped_flow()


def way(call: str, *nodes: str, hung_up: bool = False, seconds: float = 2.0) -> list[PathRow]:
    """Nodes as "main" or "repair 4": the second word is what led there."""
    parts = [[*node.split(" "), ""][:2] for node in nodes]
    last = len(parts) - 1
    return [PathRow(call, n, node, by, seconds, hung_up and n == last) for n, (node, by) in enumerate(parts)]


def test_nodes_and_ways_are_counted_for_the_drawing():
    rows = way("c1", "main", "repair 4") + way("c2", "main", "main", "repair 4") + way("c3", "main", hung_up=True)
    counted = count_paths(rows)
    nodes = {one.node: one for one in counted.nodes}
    assert (nodes["main"].entered, nodes["main"].calls, nodes["main"].left, nodes["main"].hung_up) == (4, 3, 3, 1)
    assert nodes["main"].hang_up_rate == 0.25
    assert nodes["repair"].seconds == 2.0
    assert {(one.node, one.to, one.by): one.times for one in counted.ways} == {
        ("main", "repair", "4"): 2,
        ("main", "main", ""): 1,
    }
    assert (counted.calls, counted.hung_up) == (3, 1)


def test_self_service_succeeds_for_who_got_it_and_went_to_nobody():
    told = ("own-case", "own-case-told found")
    rows = [
        *way("hung up after it", *told, hung_up=True),
        *way("wanted an agent all the same", *told, "agent 0"),
        *way("left a message", *told, "message 2"),
        *way("ended by itself", *told, "self-end give_up"),
        *way("never got it", "own-case", "sorry unavailable", hung_up=True),
        *way("was to be called", "callback"),
    ]
    counted = count_paths(rows, served_by=served_nodes(FLOW), people=people_nodes(FLOW))
    assert (counted.served, counted.calls) == (3, 6)
    assert counted.self_service_rate == 0.5


def test_who_is_only_identified_is_not_served():
    assert "own" not in served_nodes(FLOW)
    assert {"own-case-told", "station-told", "stopped", "callback"} <= served_nodes(FLOW)


def test_a_period_without_calls_has_no_rate_and_no_error():
    assert count_paths([]).self_service_rate == 0.0


@given(st.lists(st.tuples(st.lists(st.sampled_from(["a", "b 1", "b 2", "c"]), min_size=1, max_size=8), st.booleans())))
def test_every_visit_is_left_or_hung_up_and_every_step_is_a_way(calls):
    rows = [row for n, (nodes, hung_up) in enumerate(calls) for row in way(f"c{n}", *nodes, hung_up=hung_up)]
    counted = count_paths(rows)
    assert sum(node.entered for node in counted.nodes) == len(rows)
    assert all(node.entered == node.left + node.hung_up for node in counted.nodes)
    assert sum(way.times for way in counted.ways) == len(rows) - len(calls)
    arrivals = Counter({node.node: node.entered for node in counted.nodes})
    for one in counted.ways:
        arrivals[one.to] -= one.times
    assert sum(arrivals.values()) == counted.calls  # what no way explains are the first nodes
