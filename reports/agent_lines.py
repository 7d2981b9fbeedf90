"""What lies behind an agent's figures: the legs and the stints of a period, chosen as reports.tallies counts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.model import Customer
from crm_core.history.events import Direction
from crm_core.history.model import AgentStint, Contact, Leg
from reports.tallies import MISSED, OWN_ACTS, STATE_FIELDS


@dataclass(frozen=True, slots=True, kw_only=True)
class LegLine:
    """One leg with its contact. `talk` in seconds, None when there was no talk."""

    contact: str
    agent: str
    at: datetime
    queue: str
    direction: str
    result: str
    talk: float | None
    hold: float
    customer: str
    number: str
    kind: str
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StintLine:
    """One state, cut at the edges of the period; one that lasts ends now."""

    agent: str
    state: str
    reason: str
    contact: str
    began_at: datetime
    ended_at: datetime

    @property
    def seconds(self) -> float:
        return (self.ended_at - self.began_at).total_seconds()


def _offered(start: datetime, end: datetime) -> ColumnElement[bool]:
    own = or_(Leg.why.in_(OWN_ACTS), and_(Contact.direction == Direction.OUTBOUND, Leg.queue == ""))
    return and_(Leg.offered_at >= start, Leg.offered_at < end, ~own)


def _legs(which: str, start: datetime, end: datetime) -> ColumnElement[bool]:
    """The conditions of each figure; raises KeyError for one that is no count of legs."""
    ended = and_(Leg.answered_at.is_not(None), Leg.ended_at >= start, Leg.ended_at < end)
    found: Mapping[str, ColumnElement[bool]] = {
        "offered": _offered(start, end),
        "missed": and_(_offered(start, end), Leg.result.in_(MISSED)),
        "handled": ended,
        "outbound": and_(ended, Contact.direction == Direction.OUTBOUND),
    }
    return found[which]


async def count_legs(session: AsyncSession, which: str, start: datetime, end: datetime, agents: Sequence[str]) -> int:
    """`which`: offered, missed, handled or outbound."""
    asked = select(func.count()).select_from(Leg).join(Contact, Contact.id == Leg.contact_id)
    return int(await session.scalar(asked.where(Leg.agent.in_(agents), _legs(which, start, end))) or 0)


async def legs(
    session: AsyncSession, which: str, start: datetime, end: datetime, agents: Sequence[str], *, most: int
) -> list[LegLine]:
    """The newest first."""
    rows = await session.execute(
        select(Leg, Contact, Customer.name)
        .join(Contact, Contact.id == Leg.contact_id)
        .join(Customer, Customer.id == Contact.customer_id, isouter=True)
        .where(Leg.agent.in_(agents), _legs(which, start, end))
        .order_by(Leg.offered_at.desc(), Leg.id)
        .limit(most)
    )
    return [
        LegLine(
            contact=contact.id,
            agent=leg.agent,
            at=leg.offered_at,
            queue=leg.queue,
            direction=contact.direction,
            result=leg.result,
            talk=(leg.ended_at - leg.answered_at).total_seconds() if leg.answered_at and leg.ended_at else None,
            hold=leg.hold_seconds,
            customer=name or "",
            number=contact.caller,
            kind=contact.kind,
            topic=contact.topic,
        )
        for leg, contact, name in rows
    ]


async def stints(
    session: AsyncSession, start: datetime, end: datetime, agents: Sequence[str], *, now: datetime, most: int
) -> tuple[list[StintLine], int]:
    """The states of the period from its beginning, and how many there are in all."""
    inside = (
        AgentStint.agent.in_(agents),
        AgentStint.state.in_(tuple(STATE_FIELDS)),
        AgentStint.began_at < min(end, now),
        func.coalesce(AgentStint.ended_at, now) > start,
    )
    count = int(await session.scalar(select(func.count()).select_from(AgentStint).where(*inside)) or 0)
    rows = await session.scalars(
        select(AgentStint).where(*inside).order_by(AgentStint.began_at, AgentStint.id).limit(most)
    )
    return [
        StintLine(
            agent=row.agent,
            state=row.state,
            reason=row.reason,
            contact=row.contact_id,
            began_at=max(row.began_at, start),
            ended_at=min(row.ended_at or now, end),
        )
        for row in rows
    ], count
