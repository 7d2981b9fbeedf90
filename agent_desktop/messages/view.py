"""Everything the page of one voice message shows, read in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.model import MessageStep
from crm_core.callbacks.queries import MessageLine, message_line, steps_of
from crm_core.cases.model import Case
from crm_core.customers.model import Customer
from crm_core.errors import NotFound
from crm_core.history.model import Contact
from crm_core.vehicles.model import Vehicle
from crm_core.vehicles.owned import vehicles_of

MOST_CASES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """`customer` None = nobody we know; `calls` are those made for the message, the latest first."""

    line: MessageLine
    contact: Contact
    customer: Customer | None
    vehicles: Sequence[Vehicle]
    cases: Sequence[Case]
    steps: Sequence[MessageStep]
    calls: Sequence[Contact]
    overdue: bool


async def read_message(session: AsyncSession, contact_id: str, now: datetime) -> MessageView:
    """Raises NotFound."""
    line = await message_line(session, contact_id)
    if line is None:
        raise NotFound("There is no such message.")
    message = line.message
    contact = await session.get_one(Contact, message.contact_id)
    customer = await session.get(Customer, line.customer_id) if line.customer_id else None
    steps = await steps_of(session, contact_id)
    made = [str(step.detail.get("call", "")) for step in steps if step.kind == "called"]
    calls = await session.scalars(select(Contact).where(Contact.id.in_(made)).order_by(Contact.started_at.desc()))
    return MessageView(
        line=line,
        contact=contact,
        customer=customer,
        vehicles=await vehicles_of(session, customer.id) if customer else (),
        cases=await _open_cases(session, customer.id) if customer else (),
        steps=steps,
        calls=list(calls),
        overdue=message.done_at is None and message.due_at is not None and message.due_at < now,
    )


async def _open_cases(session: AsyncSession, customer_id: int) -> list[Case]:
    cases = select(Case).where(Case.customer_id == customer_id, Case.closed_at.is_(None))
    return list(await session.scalars(cases.order_by(Case.opened_at.desc()).limit(MOST_CASES)))
