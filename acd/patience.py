"""What a caller needs as the wait goes on: levels relax, reservations end, and a queue may have no place any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from acd.model import AgentId, AgentState, Instant, LevelStep, Medium, Need, Overflow, Queue, WaitingCall, WayOut
from acd.order import knows
from acd.selection import NOBODY

if TYPE_CHECKING:
    from acd.floor import Floor

LOOK_AGAIN_SECONDS = 15.0
"""How often a caller whose queue overflows by expected wait is asked about again: the expectation has no timer."""


class WayOn(NamedTuple):
    """The caller goes to another queue, or `way` out of ours."""

    why: str
    to: Queue | None = None
    way: WayOut = WayOut.STAY


def level_at(levels: tuple[LevelStep, ...], waited: float) -> int:
    """The level that suffices after so many seconds; before the first step it is that of the first. 0 = any."""
    level = levels[0].level if levels else 0
    for step in levels:
        if waited >= step.after_seconds:
            level = step.level
    return level


def keep(waiting: WaitingCall, agent: AgentId, until: Instant) -> None:
    """A person decided that only this agent may take the caller."""
    waiting.reserved_for, waiting.reserved_until, waiting.is_kept = agent, until, True


def way_if_closed(floor: Floor, waiting: WaitingCall) -> WayOut | None:
    """Where a new caller goes whose queue is closed; None = may wait."""
    queue = floor.queues[waiting.queue]
    if queue.is_open_for_calls or not _may_leave(waiting):
        return None
    return WayOut.GOODBYE if queue.when_full is WayOut.STAY else queue.when_full


def begin(floor: Floor, waiting: WaitingCall, at: Instant) -> None:
    """A caller joins a queue: how long is an agent near to the caller, or the previous agent, waited for?"""
    queue = floor.queues[waiting.queue]
    if waiting.affinity and queue.affinity_seconds:
        waiting.wants_near, waiting.affinity_until = True, at + queue.affinity_seconds
    if queue.sticky_seconds and waiting.reserved_for is None and waiting.last_agent is not None:
        agent = floor.agents.get(waiting.last_agent)
        if agent is None or agent.id in floor.free or not agent.reachable:
            return
        stays = agent.state is not AgentState.BREAK and agent.next_state is AgentState.READY
        if stays and knows(agent, waiting.need):
            waiting.reserved_for, waiting.reserved_until = agent.id, at + queue.sticky_seconds


def assess(floor: Floor, waiting: WaitingCall, at: Instant) -> None:
    """Bring what the caller needs up to date."""
    queue, need = floor.queues[waiting.queue], waiting.need
    if waiting.reserved_for is not None and at >= waiting.reserved_until:
        free_of_reservation(waiting)
    if waiting.wants_near:
        waiting.wants_near = at < waiting.affinity_until and floor.crew.is_near(waiting.affinity, queue.skill)
    level = level_at(queue.levels, at - waiting.since) if queue.levels else 0
    tags = waiting.affinity if waiting.wants_near else NOBODY
    if (level, tags, queue.skill) != (need.level, need.tags, need.skill):
        waiting.need = Need(need.medium, queue.skill, need.also, level, tags)


def free_of_reservation(waiting: WaitingCall) -> None:
    waiting.reserved_for, waiting.is_kept = None, False


def next_change(floor: Floor, waiting: WaitingCall, at: Instant) -> Instant | None:
    """When to look at the caller again, if nothing happens before."""
    queue = floor.queues[waiting.queue]
    dues: list[Instant] = []
    if waiting.reserved_for is not None:
        dues.append(waiting.reserved_until)
    if waiting.wants_near:
        dues.append(waiting.affinity_until)
    dues += [waiting.since + step.after_seconds for step in queue.levels]
    dues += floor.promises.ends_for(waiting)
    if _may_leave(waiting):
        if queue.longest_wait_seconds and queue.when_too_long is not WayOut.STAY:
            dues.append(waiting.began + queue.longest_wait_seconds)
        for move in queue.overflow if waiting.reserved_for is None else ():
            if usable(floor, waiting, move) is not None:
                if move.after_seconds:
                    dues.append(max(waiting.entered + move.after_seconds, at))
                if move.expected_over_seconds:
                    dues.append(at + LOOK_AGAIN_SECONDS)
    return min([due for due in dues if due > at], default=None)


def way_on(floor: Floor, waiting: WaitingCall, at: Instant, *, is_new: bool) -> WayOn | None:
    """Where a caller goes for whom nobody is free; None = stays and waits. `is_new` = does not wait here yet."""
    queue = floor.queues[waiting.queue]
    if not _may_leave(waiting) or not (queue.overflow or queue.most_waiting or queue.longest_wait_seconds):
        return None
    too_long = 0 < queue.longest_wait_seconds <= at - waiting.began
    if too_long and queue.when_too_long is not WayOut.STAY:
        return WayOn("too_long", way=queue.when_too_long)
    is_full = is_new and 0 < queue.most_waiting <= floor.line.count(queue)
    if is_full and queue.when_full is not WayOut.STAY:
        return WayOn("full", way=queue.when_full)
    if waiting.reserved_for is not None:
        return None
    for move in queue.overflow:
        to = usable(floor, waiting, move)
        why = "" if to is None else "full" if is_full else _reason(floor, waiting, move, to, at)
        if why:
            return WayOn(why, to)
    return None


def _reason(floor: Floor, waiting: WaitingCall, move: Overflow, to: Queue, at: Instant) -> str:
    """Why the caller overflows now; "" = does not."""
    if 0 < move.after_seconds <= at - waiting.entered:
        return "overflow_wait"
    limit = move.expected_over_seconds
    return "overflow_expected" if limit and _is_quicker(floor, waiting, to, limit, at) else ""


def _may_leave(waiting: WaitingCall) -> bool:
    """A person's decision is not overruled, and who is called back does not hear of limits."""
    return not waiting.is_kept and not waiting.callback and waiting.need.medium is Medium.VOICE


def usable(floor: Floor, waiting: WaitingCall, move: Overflow) -> Queue | None:
    """The queue that the caller may overflow to: open, with a place, and not one that was tried before."""
    to = floor.queues.get(move.to)
    if to is None or to.id == waiting.queue or to.id in waiting.been or not to.is_open_for_calls:
        return None
    return None if 0 < to.most_waiting <= floor.line.count(to) else to


def _is_quicker(floor: Floor, waiting: WaitingCall, to: Queue, limit: int, at: Instant) -> bool:
    """More than the limit is expected here, and less than that there, or there is nothing known and people serve."""
    here = floor.expected_in(waiting, floor.queues[waiting.queue], at)
    if here is None or here <= limit:
        return False
    there = floor.expected_in(waiting, to, at)
    return floor.crew.serving(to.skill) > 0 if there is None else there < here
