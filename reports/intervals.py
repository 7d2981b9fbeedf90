"""Queues and agents over a period, step by step: what every report, board and tool asks for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core import clock
from reports.gaps import gap_seconds
from reports.metrics import QueueCounts, total
from reports.periods import Period, Span
from reports.queries import queue_counts
from reports.rows import agent_rows
from reports.tallies import AGENT_FIELDS, AgentFigures, added, agent_figures, slot_of


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueInterval:
    """One step; `queues` has every queue that had a visit in it. `estimated` = seconds in which we were deaf."""

    span: Span
    queues: Mapping[str, QueueCounts]
    estimated: float = 0.0

    @property
    def total(self) -> QueueCounts:
        return total(self.queues.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInterval:
    """One step; `agents` has everybody who was signed in or had a call in it. `estimated` as in QueueInterval."""

    span: Span
    agents: Mapping[str, AgentFigures]
    estimated: float = 0.0

    @property
    def total(self) -> AgentFigures:
        return sum(self.agents.values(), AgentFigures())


async def queue_intervals(session: AsyncSession, period: Period, queues: Sequence[str] = ()) -> list[QueueInterval]:
    """One interval per step of the period, in order, empty ones included. No `queues` = all of them."""
    intervals = []
    spans = period.spans()
    for span, estimated in zip(spans, await gap_seconds(session, spans), strict=True):
        counts = await queue_counts(session, span.start, span.end)
        kept = {queue: count for queue, count in counts.items() if not queues or queue in queues}
        intervals.append(QueueInterval(span=span, queues=kept, estimated=estimated))
    return intervals


async def agent_intervals(
    session: AsyncSession, period: Period, agents: Sequence[str] = (), *, now: datetime | None = None
) -> list[AgentInterval]:
    """One interval per step of the period, in order, empty ones included. No `agents` = everybody.

    A state is cut where a step ends, and one that still lasts counts up to `now`, which is the present.
    """
    spans = period.spans()
    tallies = await agent_rows(session, period.start, period.end, agents, now or clock.now())
    starts = [slot_of(span.start) for span in spans]
    steps: list[dict[str, list[int]]] = [{} for _ in spans]
    for (slot, agent), tally in tallies.items():
        step = steps[bisect_right(starts, slot) - 1]
        step[agent] = added((step.get(agent, [0] * len(AGENT_FIELDS)), tally))
    return [
        AgentInterval(span=span, agents={agent: agent_figures(step[agent]) for agent in sorted(step)}, estimated=deaf)
        for span, step, deaf in zip(spans, steps, await gap_seconds(session, spans), strict=True)
    ]
