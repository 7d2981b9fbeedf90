"""What a customer has at all, and how much of it, in one question: what is not there need not be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.model import Callback
from crm_core.cases.model import Case
from crm_core.customers.model import CustomerAddress, CustomerHandle, CustomerRelation
from crm_core.dealers.model import CareTask
from crm_core.history.model import Contact
from crm_core.leads.model import Lead
from crm_core.vehicles.model import VehicleRole

OPEN_LEADS = ("new", "verified", "sent", "following", "nurture")
LATELY = timedelta(days=90)


class Present(NamedTuple):
    """Numbers of rows; `vehicles` are those with any role, `bought` the buyer's roles, `leads` and `care` open ones."""

    addresses: int
    handles: int
    relations: int
    open_cases: int
    leads: int
    care: int
    callbacks: int
    vehicles: int
    bought: int
    contacts_90_days: int
    last_contact_at: datetime | None


async def present(session: AsyncSession, customer_id: int, *, now: datetime) -> Present:
    """Every number by an index of its own, however long the history."""
    row = await session.execute(_STATEMENT, {"customer": customer_id, "since": now - LATELY})
    return Present(*row.one())


def _questions() -> Iterator[ColumnElement[Any]]:
    """In the order of `Present`'s fields."""
    mine = bindparam("customer", type_=Integer)

    def count(*conditions: ColumnElement[bool]) -> ColumnElement[Any]:
        return select(func.count()).where(*conditions).scalar_subquery()

    yield count(CustomerAddress.customer_id == mine)
    yield count(CustomerHandle.customer_id == mine)
    yield count(or_(CustomerRelation.customer_id == mine, CustomerRelation.other_id == mine))
    yield count(Case.customer_id == mine, Case.closed_at.is_(None))
    yield count(Lead.customer_id == mine, Lead.status.in_(OPEN_LEADS))
    yield count(CareTask.customer_id == mine, CareTask.status == "open")
    yield count(Callback.contact_id == Contact.id, Callback.result == "", Contact.customer_id == mine)
    roles = select(func.count(VehicleRole.vehicle_id.distinct())).where(VehicleRole.customer_id == mine)
    yield roles.scalar_subquery()
    yield count(VehicleRole.customer_id == mine, VehicleRole.role == "buyer")
    since = bindparam("since", type_=Contact.started_at.type)
    yield count(Contact.customer_id == mine, Contact.started_at >= since)
    yield select(func.max(Contact.started_at)).where(Contact.customer_id == mine).scalar_subquery()


_STATEMENT: Select[*tuple[Any, ...]] = select(*_questions())
