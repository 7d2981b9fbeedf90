"""What agents add to a contact: the record of the talk, and who it was with. The feed never writes these fields."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.cases.links import link_contact
from crm_core.cases.model import Case
from crm_core.customers.last_contact import keep_last_contact
from crm_core.customers.model import Customer
from crm_core.db import storable
from crm_core.errors import Invalid, NotAllowed, NotFound
from crm_core.history.dispositions import Disposition, Relation
from crm_core.history.model import Contact, ContactKind, Leg, Recording
from crm_core.history.notes import merged, notes_of, write_note
from crm_core.vehicles.model import Vehicle


async def save_record(
    session: AsyncSession,
    contact_id: str,
    *,
    actor: str,
    kind: str,
    sub_kind: str = "",
    relation: str = "",
    disposition: str = "",
    note: str = "",
    vehicle_id: int | None = None,
    case_id: int | None = None,
    finished: bool,
    at: datetime,
    any_record: bool = False,
) -> Contact:
    """Save the record of a contact as a draft, or finish it: then the kind comes first (B-61) and a result is due.

    Who gave the contact to a colleague adds a note and fills what is empty; only who has it finishes it.

    Raises Invalid naming the field, NotFound, or NotAllowed when `actor` had no part in the contact
    (`any_record` = the actor has the permission EDIT_ANY_RECORD).
    """
    _check_words(kind, relation, disposition)
    contact = await _own(session, contact_id, actor, any_record)
    own = any_record or contact.agent in ("", actor)
    if finished and own and not kind:
        raise Invalid("Choose first what kind of contact this was.", field="kind")
    if finished and own and not disposition:
        raise Invalid("Choose the result of this contact.", field="disposition")
    if vehicle_id is not None and await session.get(Vehicle, vehicle_id) is None:
        raise Invalid("There is no such vehicle.", field="vehicle_id")
    if case_id is not None and await session.get(Case, case_id) is None:
        raise Invalid("There is no such case.", field="case_id")
    others = any(other.agent != actor for other in await notes_of(session, contact_id))
    chosen = {"kind": kind, "sub_kind": storable(sub_kind, 40), "relation": relation, "disposition": disposition}
    chosen_ids = {"vehicle_id": vehicle_id, "case_id": case_id}
    for name, value in merged(contact, {**chosen, **chosen_ids}, own=own, shared=others).items():
        setattr(contact, name, value)
    await write_note(session, contact, actor, note, at)
    if finished and own:
        again = contact.recorded_at is not None
        contact.recorded_at = at
        case = await session.get(Case, contact.case_id) if contact.case_id else None
        if case is not None:
            await link_contact(session, case, contact.id)
        action = "record_changed" if again else "record_finished"
        await audit(session, at=at, actor=actor, action=action, subject=f"contact/{contact_id}")
    return contact


async def assign_customer(
    session: AsyncSession,
    contact_id: str,
    customer_id: int | None,
    *,
    actor: str,
    at: datetime,
    any_record: bool = False,
) -> Contact:
    """Say who the contact was with; None = somebody we do not know."""
    contact = await _own(session, contact_id, actor, any_record)
    if customer_id is not None and await session.get(Customer, customer_id) is None:
        raise Invalid("There is no such customer.", field="customer_id")
    if contact.customer_id == customer_id:
        return contact
    contact.customer_id = customer_id
    if customer_id is not None:
        await keep_last_contact(session, {customer_id: contact.started_at})
    detail = f"customer/{customer_id}" if customer_id is not None else "nobody"
    await audit(session, at=at, actor=actor, action="customer_assigned", subject=f"contact/{contact_id}", detail=detail)
    return contact


async def settle_recording(session: AsyncSession, leg_id: str, *, status: str, seconds: float | None) -> None:
    """Tell what became of a recording: ready, missing or cut, and how long it is. Unknown legs are no error."""
    if status not in ("recording", "ready", "missing", "cut"):
        raise ValueError(f"no status of a recording: {status}")
    recording = await session.scalar(select(Recording).where(Recording.leg_id == leg_id))
    if recording is not None:
        recording.status, recording.seconds = status, seconds


def _check_words(kind: str, relation: str, disposition: str) -> None:
    if kind and kind not in list(ContactKind):
        raise Invalid("Choose the kind from the list.", field="kind")
    if relation and relation not in list(Relation):
        raise Invalid("Choose the relation from the list.", field="relation")
    if disposition and disposition not in list(Disposition):
        raise Invalid("Choose the result from the list.", field="disposition")


async def _own(session: AsyncSession, contact_id: str, actor: str, any_record: bool) -> Contact:
    contact = await session.get(Contact, storable(contact_id, 64))
    if contact is None:
        raise NotFound("This contact is not in the history yet.")
    if any_record or contact.agent == actor:
        return contact
    took_part = select(Leg.id).where(Leg.contact_id == contact_id, Leg.agent == actor).limit(1)
    if await session.scalar(took_part) is None:
        raise NotAllowed("Only an agent who took part in a contact may write its record.")
    return contact
