"""Where the nodes of a flow stand when it is drawn: time runs from left to right. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ivr.flow import Flow
from ivr.ways import ways

SWEEPS = 6  # more do not change the order of a flow of a hundred nodes any more


@dataclass(frozen=True, slots=True)
class Place:
    """`column` counts from the left, `row` from the top; a short column stands in the middle, so rows may be halves."""

    column: int
    row: float


@dataclass(frozen=True, slots=True)
class Line:
    """All ways from one node to another. `back` = it leads to the left or stays in the column."""

    start: str
    end: str
    by: tuple[str, ...]
    back: bool


def places(flow: Flow) -> Mapping[str, Place]:
    """Each node once: in the column of its steps from where calls come in; what no call reaches stands first."""
    depth = _depths(flow)
    columns: list[list[str]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for name in sorted(flow.nodes, key=lambda one: depth[one]):
        columns[depth[name]].append(name)
    _order(columns, flow)
    tallest = max((len(column) for column in columns), default=0)
    return {
        name: Place(column, row + (tallest - len(names)) / 2)
        for column, names in enumerate(columns)
        for row, name in enumerate(names)
    }


def lines(flow: Flow, where: Mapping[str, Place]) -> Sequence[Line]:
    """One line for each pair of nodes, whatever leads along it."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, node in flow.nodes.items():
        for by, target in ways(node):
            if target in where:
                found.setdefault((name, target), []).append(by)
    return [Line(start, end, tuple(by), where[end].column <= where[start].column) for (start, end), by in found.items()]


def first_nodes(flow: Flow) -> tuple[str, ...]:
    """Where calls come in, each once, the flow's start first."""
    names = dict.fromkeys((flow.start, *flow.entries.values()))
    return tuple(name for name in names if name in flow.nodes)


def _depths(flow: Flow) -> dict[str, int]:
    """The fewest steps from where calls come in; but no way that leads on stays within a column."""
    after = {name: [to for _, to in ways(node) if to in flow.nodes] for name, node in flow.nodes.items()}
    depth = _fewest_steps(after, first_nodes(flow))
    order, back = _visited(after, (*first_nodes(flow), *flow.nodes))
    before: dict[str, set[str]] = {name: set() for name in after}
    for name, targets in after.items():
        for target in targets:
            if (name, target) not in back:
                before[target].add(name)
    for name in reversed(order):  # all that lead here stand already
        taken = {depth[one] for one in before[name]}
        while depth[name] in taken:
            depth[name] += 1
    return depth


def _fewest_steps(after: Mapping[str, Sequence[str]], firsts: Sequence[str]) -> dict[str, int]:
    """0 for what no call reaches."""
    depth: dict[str, int] = {}
    ahead, step = list(firsts), 0
    while ahead:
        new = [name for name in dict.fromkeys(ahead) if name not in depth]
        depth |= dict.fromkeys(new, step)
        ahead = [target for name in new for target in after[name]]
        step += 1
    return {name: depth.get(name, 0) for name in after}


def _visited(after: Mapping[str, Sequence[str]], roots: Sequence[str]) -> tuple[list[str], set[tuple[str, str]]]:
    """The nodes in the order in which all behind them was seen, and the ways that close a ring."""
    order: list[str] = []
    open_now: dict[str, bool] = {}
    back: set[tuple[str, str]] = set()
    for root in roots:
        ahead = [(root, iter(after[root]))] if root not in open_now else []
        open_now.setdefault(root, True)
        while ahead:
            name, targets = ahead[-1]
            for target in targets:
                if target not in open_now:
                    open_now[target] = True
                    ahead.append((target, iter(after[target])))
                    break
                if open_now[target]:
                    back.add((name, target))
            else:
                open_now[name] = False
                order.append(name)
                ahead.pop()
    return order, back


def _order(columns: list[list[str]], flow: Flow) -> None:
    """By the mean place of the neighbours in the column before, then after: the usual way to cross few lines."""
    after = {name: [target for _, target in ways(node)] for name, node in flow.nodes.items()}
    before: dict[str, list[str]] = {name: [] for name in flow.nodes}
    for name, targets in after.items():
        for target in targets:
            before.setdefault(target, []).append(name)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        neighbours = before if forward else after
        numbers = range(1, len(columns)) if forward else range(len(columns) - 2, -1, -1)
        for number in numbers:
            beside = {name: row for row, name in enumerate(columns[number - 1 if forward else number + 1])}
            own = {name: float(row) for row, name in enumerate(columns[number])}
            columns[number].sort(key=lambda name: _mean(neighbours[name], beside, own[name]))


def _mean(names: list[str], beside: Mapping[str, int], otherwise: float) -> float:
    rows = [beside[name] for name in names if name in beside]
    return sum(rows) / len(rows) if rows else otherwise
