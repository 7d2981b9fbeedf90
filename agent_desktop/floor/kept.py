"""The places kept for customers who hung up, as rows of the floor. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent_desktop.floor.queries import CallerName
from agent_desktop.floor.scope import Scope
from agent_desktop.ports import CallbackView


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLine:
    """`name` None = nobody, or more than one customer, has this number."""

    view: CallbackView
    name: CallerName | None

    @property
    def is_under_way(self) -> bool:
        """The customer is being called, or is on the line again: a leader cannot change it now."""
        return not (self.view.position or self.view.due)


def kept_lines(
    callbacks: Iterable[CallbackView], scope: Scope, names: Mapping[int, CallerName]
) -> tuple[KeptLine, ...]:
    """Those of the scope's queues: who is called now, then in the order in which they will be."""
    lines = [
        KeptLine(view=view, name=names.get(view.matches[0]) if len(view.matches) == 1 else None)
        for view in callbacks
        if view.queue in scope.queues
    ]
    return tuple(sorted(lines, key=_turn))


def _turn(line: KeptLine) -> tuple[bool, bool, int, float, float, str]:
    view = line.view
    return not line.is_under_way, not view.position, view.position, view.due, view.since, view.callback
