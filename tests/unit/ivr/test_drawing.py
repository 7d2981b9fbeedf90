"""A drawn flow reads from left to right: nothing stands on anything, and what leads on leads to another column."""

from __future__ import annotations

from hypothesis import given

from ivr.drawing import first_nodes, lines, places
from ivr.flow import Flow
from ivr.flow_file import shipped_flow
from tests.unit.ivr.random_flows import flows


def ways_on_within_a_column(flow: Flow) -> list[tuple[str, str]]:
    """Ways within a column that are no way back: from neither end can the other be the one that came first."""
    where = places(flow)
    after = {name: {line.end for line in lines(flow, where) if line.start == name} for name in flow.nodes}
    beside = [
        (line.start, line.end)
        for line in lines(flow, where)
        if where[line.start].column == where[line.end].column and line.start != line.end
    ]
    return [(start, end) for start, end in beside if start not in reached(after, end)]


def reached(after: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        new = after[ahead.pop()] - seen
        seen |= new
        ahead += new
    return seen


@given(flows())
def test_every_node_has_a_place_of_its_own_and_no_way_on_stays_in_its_column(flow: Flow):
    where = places(flow)
    assert set(where) == set(flow.nodes)
    assert len({(place.column, place.row) for place in where.values()}) == len(where)
    assert all(where[name].column == 0 for name in first_nodes(flow)[:1])
    assert ways_on_within_a_column(flow) == []


def test_the_main_menu_stands_before_all_that_its_keys_lead_to():
    flow = shipped_flow()
    where = places(flow)
    keys = flow.nodes["main"].keys.values()
    assert all(where[name].column > where["main"].column for name in keys)
    assert max(place.column for place in where.values()) < 20
