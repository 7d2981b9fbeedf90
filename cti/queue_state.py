"""How a queue is now, for a menu that decides by it."""

from __future__ import annotations

from collections.abc import Iterable

from acd.engine import RoutingEngine
from acd.model import Queue
from ivr.position import QueueState


def queue_state(engine: RoutingEngine, queues: Iterable[Queue], name: str) -> QueueState | None:
    """None for a queue that is not one of ours. `wait` is that of the last in line: the caller's own is no less.

    Nobody waits and somebody is ready: 0. Nobody waits and nobody is ready: not known.
    """
    queue = next((queue for queue in queues if queue.id == name), None)
    if queue is None:
        return None
    floor = engine.snapshot()
    ready = sum(1 for agent in floor.agents if agent.can_take_a_call and queue.skill in dict(agent.skills))
    in_line = [caller for caller in floor.callers if caller.queue == name and caller.position > 0]
    if in_line:
        return QueueState(waiting=len(in_line), ready=ready, wait=in_line[-1].expected_wait)
    return QueueState(waiting=0, ready=ready, wait=0.0 if ready else None)
