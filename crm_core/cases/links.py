"""A case and the contacts about it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.model import Case, CaseContact
from crm_core.db import storable
from crm_core.errors import NotFound
from crm_core.history.model import Contact


async def link_contact(session: AsyncSession, case: Case, contact_id: str) -> None:
    """The contact was about this case; once is enough. Raises NotFound for an unknown contact."""
    contact = await session.get(Contact, storable(contact_id, 64))
    if contact is None:
        raise NotFound("This contact is not in the history yet.")
    if await session.get(CaseContact, (case.id, contact.id)) is None:
        session.add(CaseContact(case_id=case.id, contact_id=contact.id))
    contact.case_id = contact.case_id or case.id
    await session.flush()
