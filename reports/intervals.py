"""Queues and agents over a period, step by step: what every report, board and tool asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core import clock
from reports.gaps import gap_seconds
from reports.metrics import QueueCounts, total
from reports.periods import Period, Span
from reports.steps import EVERYBODY
from reports.stored import agent_steps, queue_steps
from reports.tallies import AgentFigures, agent_figures, together
from reports.visit_tallies import queue_counts_of


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
class WholeInterval:
    """One step of some queues together; `estimated` as in QueueInterval."""

    span: Span
    total: QueueCounts
    estimated: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInterval:
    """One step; `agents` has everybody who was signed in or had a call in it. `estimated` as in QueueInterval."""

    span: Span
    agents: Mapping[str, AgentFigures]
    estimated: float = 0.0

    @property
    def total(self) -> AgentFigures:
        return together(self.agents.values())


async def queue_intervals(session: AsyncSession, period: Period, queues: Sequence[str] = ()) -> list[QueueInterval]:
    """One interval per step of the period, in order, empty ones included. No `queues` = all of them.

    Each day counts by the thresholds its queues had on it.
    """
    steps, spans = await queue_steps(session, period, queues), period.spans()
    return [
        QueueInterval(
            span=span, queues={queue: queue_counts_of(numbers) for queue, numbers in step.items()}, estimated=deaf
        )
        for span, step, deaf in zip(spans, steps, await gap_seconds(session, spans), strict=True)
    ]


async def whole_intervals(session: AsyncSession, period: Period, queues: Sequence[str] = ()) -> list[WholeInterval]:
    """These queues together (none = all), one interval per step: the totals of `queue_intervals`, at a fraction of
    its time where there are many steps."""
    steps, spans = await queue_steps(session, period, queues, together=True), period.spans()
    return [
        WholeInterval(
            span=span, total=queue_counts_of(step[EVERYBODY]) if EVERYBODY in step else QueueCounts(), estimated=deaf
        )
        for span, step, deaf in zip(spans, steps, await gap_seconds(session, spans), strict=True)
    ]


async def agent_intervals(
    session: AsyncSession, period: Period, agents: Sequence[str] = (), *, now: datetime | None = None
) -> list[AgentInterval]:
    """One interval per step of the period, in order, empty ones included. No `agents` = everybody.

    A state is cut where a step ends, and one that still lasts counts up to `now`, which is the present.
    """
    steps, spans = await agent_steps(session, period, agents, now or clock.now()), period.spans()
    return [
        AgentInterval(
            span=span, agents={agent: agent_figures(numbers) for agent, numbers in step.items()}, estimated=deaf
        )
        for span, step, deaf in zip(spans, steps, await gap_seconds(session, spans), strict=True)
    ]


async def staff_intervals(session: AsyncSession, period: Period, *, now: datetime | None = None) -> list[AgentFigures]:
    """All agents together, one sum per step of the period, in order: the totals of `agent_intervals`."""
    steps = await agent_steps(session, period, (), now or clock.now(), together=True)
    return [agent_figures(step[EVERYBODY]) if EVERYBODY in step else AgentFigures() for step in steps]
