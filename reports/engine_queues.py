"""The engine's queues as the records say: one way for the live engine and for days that are only played."""

from __future__ import annotations

from acd.model import LevelStep, Overflow, Queue, QueueId, Skill, Strategy, WayOut
from crm_core.workforce.model import QueueRow


def routed(row: QueueRow) -> Queue:
    """A queue as the engine wants it; one that is about to be removed takes no new callers."""
    return Queue(
        id=QueueId(row.id),
        skill=Skill(row.skill),
        ring_seconds=row.ring_seconds,
        wrap_up_seconds=row.wrap_up_seconds,
        announce_every_seconds=row.announce_every_seconds,
        first_announcement_seconds=row.first_announcement_seconds,
        strategy=Strategy(row.strategy),
        levels=tuple(LevelStep(**step) for step in row.levels),
        priority=row.priority,
        ageing_seconds=row.ageing_seconds,
        sticky_seconds=row.sticky_seconds,
        affinity_seconds=row.affinity_seconds,
        overflow=tuple(Overflow(**{**move, "to": QueueId(move["to"])}) for move in row.overflow),
        most_waiting=row.most_waiting,
        when_full=WayOut(row.when_full),
        longest_wait_seconds=row.longest_wait_seconds,
        when_too_long=WayOut(row.when_too_long),
        is_open_for_calls=row.is_open_for_calls and row.leaving_at is None,
        service_seconds=row.service_seconds,
        service_percent=row.service_target_percent,
    )
