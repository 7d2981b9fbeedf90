"""Erasing the person: name, numbers, addresses, written wishes. What statistics need stays, without a name.

The record itself stays as a number: calls, cases and vehicles point at it. A number that must not be called stays on
that list: without it the customer would be called again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from crm_core.callbacks.model import Callback, VoiceMessage
from crm_core.campaigns.model import CampaignAttempt, CampaignEntry
from crm_core.cases.model import Case
from crm_core.customers.identity_model import CustomerKey
from crm_core.customers.model import (
    Customer,
    CustomerAddress,
    CustomerChange,
    CustomerHandle,
    CustomerPhone,
    CustomerProfile,
    CustomerRelation,
)
from crm_core.db import Base
from crm_core.dealers.model import CareTask
from crm_core.dealers.network_model import WorkshopBooking
from crm_core.history.model import Contact
from crm_core.leads.model import Lead, LeadEvent
from crm_core.retention.model import RecordingHold
from crm_core.segments.model import ManualClass, WorthReason
from crm_core.self_service.model import CallerPin, PositionLink, SelfServiceAct
from crm_core.vehicles.model import WorkshopVisit

WHO = (
    *(CustomerPhone, CustomerAddress, CustomerHandle, CustomerRelation, CustomerProfile, CustomerChange, CustomerKey),
    *(CallerPin, PositionLink, ManualClass, WorthReason),
)
"""Tables whose rows of a customer say who it is, and go."""
BLANK: dict[str, Any] = {
    "name_pinyin": "",
    "salutation": "",
    "gender": "",
    "birth_year": None,
    "birthday": "",
    "preference": "",
    "class_reason": "",
    "stage_reason": "",
    "churn_reason": "",
}
NOT_CALLED = "The customer's data were erased."


async def stays_for(session: AsyncSession, customer: int) -> str:
    """Why the person cannot go now: a word of erasure.scope.Why, "" = nothing keeps it."""
    open_case = select(Case.id).where(Case.customer_id == customer, Case.closed_at.is_(None))
    if await session.scalar(open_case.limit(1)) is not None:
        return "case"
    held = select(RecordingHold.contact_id).join(Contact, Contact.id == RecordingHold.contact_id)
    return "hold" if await session.scalar(held.where(Contact.customer_id == customer).limit(1)) is not None else ""


async def erase_identity(session: AsyncSession, customer: int) -> list[str]:
    """Gives what was there, as lines for the proof."""
    people = await records_of(session, customer)
    lines = await _lines(session, Customer, Customer.id, people)
    for model in WHO:
        lines += await _lines(session, model, model.customer_id, people)
        await session.execute(delete(model).where(model.customer_id.in_(people)))
    beside = update(CustomerRelation).where(CustomerRelation.other_id.in_(people))
    await session.execute(beside.values(name="", e164="", note=""))
    for one in people:
        await session.execute(update(Customer).where(Customer.id == one).values(name=f"#{one}", **BLANK))
    return lines


async def erase_numbers(session: AsyncSession, customer: int) -> list[str]:
    """Of calls, messages and campaigns: that they were stays, with whom does not. Nobody is called any more."""
    people = await records_of(session, customer)
    calls = select(Contact.id).where(Contact.customer_id.in_(people))
    waiting = update(CampaignEntry).where(CampaignEntry.customer_id.in_(people), CampaignEntry.state == "waiting")
    await session.execute(waiting.values(state="removed", reason=NOT_CALLED, reason_values={}))
    lines: list[str] = []
    for column, of in (
        (Contact.caller, Contact.customer_id.in_(people)),
        (Callback.number, Callback.contact_id.in_(calls)),
        (VoiceMessage.caller, VoiceMessage.contact_id.in_(calls)),
        (SelfServiceAct.e164, SelfServiceAct.customer_id.in_(people)),
        (CampaignEntry.e164, CampaignEntry.customer_id.in_(people)),
        (CampaignAttempt.e164, CampaignAttempt.customer_id.in_(people)),
    ):
        lines += await _blanked(session, column, of)
    await session.execute(update(SelfServiceAct).where(SelfServiceAct.customer_id.in_(people)).values(facts={}))
    return lines


async def erase_wishes(session: AsyncSession, customer: int) -> list[str]:
    """What was written of the customer outside of calls and cases: leads, care, campaigns, workshop."""
    people = await records_of(session, customer)
    leads = select(Lead.id).where(Lead.customer_id.in_(people))
    lines: list[str] = []
    for column, of in (
        (Lead.wish, Lead.customer_id.in_(people)),
        (Lead.trade_in, Lead.customer_id.in_(people)),
        (LeadEvent.text, LeadEvent.lead_id.in_(leads)),
        (CareTask.note, CareTask.customer_id.in_(people)),
        (CampaignAttempt.note, CampaignAttempt.customer_id.in_(people)),
        (WorkshopBooking.wish, WorkshopBooking.customer_id.in_(people)),
        (WorkshopVisit.complaint, WorkshopVisit.customer_id.in_(people)),
    ):
        lines += await _blanked(session, column, of)
    return lines


async def records_of(session: AsyncSession, customer: int) -> list[int]:
    """The customer and the records that were merged into it."""
    mine = select(Customer.id).where(or_(Customer.id == customer, Customer.merged_into_id == customer))
    return list(await session.scalars(mine.order_by(Customer.id)))


async def _blanked(session: AsyncSession, column: InstrumentedAttribute[str], of: Any) -> list[str]:
    there = list(await session.scalars(select(column).where(of, column != "")))
    await session.execute(update(column.class_).where(of).values({column.key: ""}))
    return there


async def _lines(session: AsyncSession, model: type[Base], column: Any, people: Sequence[int]) -> list[str]:
    table: Table = model.__table__  # type: ignore[assignment]
    rows = (
        await session.execute(select(*table.columns).where(column.in_(people)).order_by(*table.primary_key))
    ).mappings()
    return [json.dumps(dict(row), default=str, ensure_ascii=False, sort_keys=True) for row in rows]
