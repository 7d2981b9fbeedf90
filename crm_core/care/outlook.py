"""Keeps the stored outlook as the rules want it; what did not change is not written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.care.model import CareOutlook
from crm_core.care.reckoning import Contact
from crm_core.care.rulebook import Trigger
from crm_core.db import storable


async def keep_outlook(
    session: AsyncSession,
    customer_ids: Collection[int],
    wanted: Iterable[Contact],
    stands: Callable[[Contact], bool],
    today: date,
) -> None:
    """Of these customers: each wanted contact that may still be made and does not stand on a list."""
    coming = {
        (one.event.subject, one.rule.id): _values(one, today)
        for one in wanted
        if not one.is_late(today) and not is_counted_by_birthday(one, today) and not stands(one)
    }
    found = await session.scalars(select(CareOutlook).where(CareOutlook.customer_id.in_(customer_ids)))
    gone: list[int] = []
    for row in found:
        values = coming.pop((row.subject, row.rule), None)
        if values is None:
            gone.append(row.id)
            continue
        for name, value in values.items():
            setattr(row, name, value)
    if gone:
        await session.execute(delete(CareOutlook).where(CareOutlook.id.in_(gone)))
    session.add_all([CareOutlook(subject=subject, rule=rule, **more) for (subject, rule), more in coming.items()])
    await session.flush()


def is_counted_by_birthday(contact: Contact, today: date) -> bool:
    """Whether it is a birthday too far ahead for a list: those are counted on the customers themselves."""
    return contact.rule.trigger is Trigger.BIRTHDAY and contact.listed_on > today


def _values(contact: Contact, today: date) -> dict[str, object]:
    event = contact.event
    return {
        "customer_id": event.customer_id,
        "due_on": max(contact.on, today) if contact.rule.trigger is Trigger.PROSPECT else contact.on,
        "dealer_id": event.dealer_id,
        "person": storable(contact.person, 40),
    }
