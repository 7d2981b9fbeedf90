"""Saving a part of a customer's data so that two people do not overwrite each other, and taking a save back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.access.reach import EVERYTHING, Reach
from crm_core.customers.model import Customer, CustomerChange
from crm_core.customers.part_states import read_state, write_state
from crm_core.customers.parts import Part, State, clean, fingerprint
from crm_core.customers.queries import matches
from crm_core.errors import NotFound, Refused
from crm_core.integration.outbox import tell


class ChangedMeanwhile(Refused):
    """`by` is the personnel number of who saved, "" = the data came from elsewhere, e.g. an import."""

    def __init__(self, by: str) -> None:
        super().__init__("{by} has changed this meanwhile. Your text is kept below: compare, then save again.", by=by)
        self.by = by


async def save(
    session: AsyncSession,
    customer_id: int,
    part: Part,
    typed: Mapping[str, Any],
    *,
    base: str,
    actor: str,
    at: datetime,
    reach: Reach = EVERYTHING,
) -> CustomerChange | None:
    """Keep what was typed; None = it is what stood there. `base` is the fingerprint the form was made from.

    Raises Unusable with every wrong field, ChangedMeanwhile, NotFound.
    """
    customer = await _claimed(session, customer_id, at, reach)
    vehicle_id = int(typed.get("vehicle_id", 0))
    before = await read_state(session, customer, part, vehicle_id=vehicle_id)
    if fingerprint(before) != base:
        raise ChangedMeanwhile(await _last_by(session, customer_id, part))
    wanted = _trusted(part, clean(part, typed, this_year=at.year), before)
    if part is Part.RELATIONS:
        await _link(session, customer, wanted)
    if wanted == before:
        return None
    return await _keep(session, customer, part, before, wanted, actor=actor, at=at)


async def undo(session: AsyncSession, change_id: int, *, actor: str, at: datetime, reach: Reach = EVERYTHING) -> int:
    """Put back what stood there before a change, unless somebody changed it since; gives the customer's id."""
    change = await session.get(CustomerChange, change_id)
    if change is None:
        raise NotFound("There is no such change.")
    customer = await _claimed(session, change.customer_id, at, reach)
    part = Part(change.part)
    now = await read_state(session, customer, part, vehicle_id=int(change.after.get("vehicle_id", 0)))
    if fingerprint(now) != fingerprint(change.after):
        raise Refused("This was changed again since; it cannot be taken back.")
    back = await _keep(session, customer, part, now, change.before, actor=actor, at=at)
    change.undone_by_id = back.id
    return customer.id


async def changes_of(session: AsyncSession, customer_id: int, limit: int = 30) -> list[CustomerChange]:
    """The latest edits of the customer's data."""
    mine = select(CustomerChange).where(CustomerChange.customer_id == customer_id)
    return list(await session.scalars(mine.order_by(CustomerChange.at.desc(), CustomerChange.id.desc()).limit(limit)))


async def _claimed(session: AsyncSession, customer_id: int, at: datetime, reach: Reach) -> Customer:
    """The living customer, with its row written first: of two who save at once the second waits here."""
    claim = (
        update(Customer)
        .where(Customer.id == customer_id, Customer.merged_into_id.is_(None))
        .values(
            updated_at=Customer.updated_at  # the lock alone: what saves without a change is no edit
        )
    )
    await session.execute(claim.execution_options(synchronize_session=False))
    found = select(Customer).where(Customer.id == customer_id, Customer.merged_into_id.is_(None))
    customer = await session.scalar(found.execution_options(populate_existing=True))
    if customer is None:
        raise NotFound("There is no such customer.")
    reach.require(customer.dealer_id)
    return customer


def _trusted(part: Part, wanted: State, before: State) -> State:
    """A form may name rows of this customer only, and says "checked" without a time: the time is ours."""
    if part not in (Part.CONTACT, Part.RELATIONS):
        return wanted
    for group, rows in wanted.items():
        known = {row["id"]: row for row in before[group]}
        for row in rows:
            old = known.get(row["id"])
            if old is None:
                row["id"] = None
            if "other_id" in row:
                row["other_id"] = old["other_id"] if old else None
            elif row["verified_at"] and old and old["verified_at"] and _same(old, row):
                row["verified_at"] = old["verified_at"]
            elif row["verified_at"]:
                row["verified_at"] = "now"
    return wanted


async def _link(session: AsyncSession, customer: Customer, wanted: State) -> None:
    """A new related person whose number only one other customer has is that customer."""
    for row in wanted["relations"]:
        if row["id"] is None and row["number"]:
            others = [found for found in await matches(session, row["number"]) if found != customer.id]
            row["other_id"] = others[0] if len(others) == 1 else None


def _same(old: State, row: State) -> bool:
    return all(old.get(field) == row.get(field) for field in ("value", "kind", "street", "city", "province"))


async def _keep(
    session: AsyncSession,
    customer: Customer,
    part: Part,
    before: State,
    wanted: State,
    *,
    actor: str,
    at: datetime,
) -> CustomerChange:
    await write_state(session, customer, part, wanted, at)
    customer.updated_at = at
    after = await read_state(session, customer, part, vehicle_id=int(wanted.get("vehicle_id", 0)))
    change = CustomerChange(customer_id=customer.id, part=part, before=before, after=after, actor=actor, at=at)
    session.add(change)
    await session.flush()
    subject = f"customer/{customer.id}"
    changed = [field for field in after if after[field] != before.get(field)]
    await tell(session, "customer.changed", subject, {"part": part.value, "fields": changed}, at=at)
    # Which fields, not their values: those are the customer's, and stand in the customer's own history.
    detail = noting(section=part.value, fields=changed)
    await audit(session, at=at, actor=actor, action="customer_changed", subject=subject, detail=detail)
    return change


async def _last_by(session: AsyncSession, customer_id: int, part: Part) -> str:
    latest = select(CustomerChange.actor).where(CustomerChange.customer_id == customer_id, CustomerChange.part == part)
    return await session.scalar(latest.order_by(CustomerChange.id.desc()).limit(1)) or ""
