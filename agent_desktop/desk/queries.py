"""Questions of the agent desktop that no other page asks: a question in, plain rows out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.model import Case
from crm_core.customers.model import Customer
from crm_core.dealers.model import Dealer
from crm_core.history.model import AgentStint, Contact, Leg, QueueVisit, Recording

HANDLING_STATES = ("talking", "hold", "wrap_up")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDay:
    """`handling_seconds` is talk, hold and after-call work per talk; None = no talk yet."""

    talks: int
    missed: int
    handling_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """An open case on the agent's list."""

    case_id: int
    number: str
    kind: str
    title: str
    due_at: datetime | None
    customer_id: int
    customer: str
    salutation: str
    dealer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnContact:
    """One of the agent's contacts; `recordings` counts the playable ones."""

    contact_id: str
    direction: str
    caller: str
    customer: str
    kind: str
    disposition: str
    started_at: datetime
    recorded_at: datetime | None
    recordings: int


async def contact(session: AsyncSession, contact_id: str) -> Contact | None:
    return await session.get(Contact, contact_id)


async def waited_seconds(session: AsyncSession, contact_id: str) -> float | None:
    """How long the caller waited in queues until an agent answered; None = never queued."""
    waited: float | None = await session.scalar(
        select(func.sum(QueueVisit.wait_seconds)).where(QueueVisit.contact_id == contact_id)
    )
    return waited


async def recordings_of(session: AsyncSession, contact_ids: list[str]) -> dict[str, int]:
    """How many recordings each of these contacts has; a contact without one is absent."""
    rows = await session.execute(
        select(Recording.contact_id, func.count())
        .where(Recording.contact_id.in_(contact_ids), Recording.status.in_(("ready", "cut")))
        .group_by(Recording.contact_id)
    )
    return {contact_id: int(count) for contact_id, count in rows}


async def agent_day(session: AsyncSession, agent: str, start: datetime) -> AgentDay:
    """The agent's figures since `start`."""
    talks = func.count().filter(Leg.answered_at.is_not(None))
    missed = func.count().filter(Leg.result == "no_answer")
    statement = select(talks, missed).where(Leg.agent == agent, Leg.offered_at >= start)
    talked, not_answered = (await session.execute(statement)).one()
    stints = await session.execute(
        select(AgentStint.began_at, AgentStint.ended_at).where(
            AgentStint.agent == agent,
            AgentStint.began_at >= start,
            AgentStint.state.in_(HANDLING_STATES),
            AgentStint.ended_at.is_not(None),
        )
    )
    handled = sum((ended - began).total_seconds() for began, ended in stints if ended)
    return AgentDay(
        talks=talked, missed=not_answered, handling_seconds=handled / talked if talked and handled else None
    )


async def my_cases(session: AsyncSession, agent: str, now: datetime, limit: int = 40) -> list[WorkItem]:
    """The agent's open cases, and nobody's of customers whom the agent served in 30 days; the most urgent first."""
    served = select(Contact.id).where(
        Contact.customer_id == Case.customer_id, Contact.started_at >= now - timedelta(days=30), Contact.agent == agent
    )
    rows = await session.execute(
        select(Case, Customer, Dealer.short_name)
        .join(Customer, Customer.id == Case.customer_id)
        .outerjoin(Dealer, Dealer.id == Case.dealer_id)
        .where(Case.closed_at.is_(None), or_(Case.owner == agent, (Case.owner == "") & served.exists()))
        .order_by(Case.due_at.is_(None), Case.due_at, Case.id)
        .limit(limit)
    )
    return [
        WorkItem(
            case_id=case.id,
            number=case.number,
            kind=case.kind,
            title=case.title,
            due_at=case.due_at,
            customer_id=customer.id,
            customer=customer.name,
            salutation=customer.salutation,
            dealer=dealer or "",
        )
        for case, customer, dealer in rows
    ]


async def own_contacts(session: AsyncSession, agent: str, limit: int = 12) -> list[OwnContact]:
    """The agent's latest finished contacts, newest first."""
    latest = _talks_of(agent).order_by(Leg.offered_at.desc()).limit(limit)
    rows = list(
        await session.execute(
            select(Contact, Customer.name)
            .outerjoin(Customer, Customer.id == Contact.customer_id)
            .where(Contact.id.in_(latest), Contact.ended_at.is_not(None))
            .order_by(Contact.started_at.desc())
        )
    )
    counts = await recordings_of(session, [found.id for found, _ in rows])
    return [_own(found, name or "", counts.get(found.id, 0)) for found, name in rows]


async def drafts(session: AsyncSession, agent: str, now: datetime) -> list[OwnContact]:
    """Ended talks of the agent whose record is not finished, newest first; older ones are the team leader's."""
    fresh = _talks_of(agent).where(Leg.offered_at >= now - timedelta(hours=36))
    rows = await session.execute(
        select(Contact, Customer.name)
        .outerjoin(Customer, Customer.id == Contact.customer_id)
        .where(
            Contact.id.in_(fresh),
            Contact.agent == agent,
            Contact.ended_at.is_not(None),
            Contact.recorded_at.is_(None),
            Contact.outcome.in_(("answered", "reached")),
        )
        .order_by(Contact.started_at.desc())
        .limit(5)
    )
    return [_own(found, name or "", 0) for found, name in rows]


def _talks_of(agent: str) -> Select[str]:
    # Legs are indexed by agent and time; an agent's contacts are not, and there may be a million.
    return select(Leg.contact_id).where(Leg.agent == agent, Leg.answered_at.is_not(None))


def _own(found: Contact, customer: str, recordings: int) -> OwnContact:
    return OwnContact(
        contact_id=found.id,
        direction=found.direction,
        caller=found.caller,
        customer=customer,
        kind=found.kind,
        disposition=found.disposition,
        started_at=found.started_at,
        recorded_at=found.recorded_at,
        recordings=recordings,
    )
