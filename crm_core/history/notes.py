"""Several agents, one contact: each has a note of their own, and readers see all of them, with names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.db import storable
from crm_core.history.model import Contact, ContactNote

LONGEST_NOTE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentNote:
    """What one agent wrote; `name` and `name_en` are the agent's."""

    agent: str
    name: str
    name_en: str
    text: str


async def notes_of(session: AsyncSession, contact_id: str) -> list[AgentNote]:
    """In the order in which they were begun; empty ones are left out."""
    statement = (
        select(ContactNote, User.name, User.name_en)
        .outerjoin(User, User.number == ContactNote.agent)
        .where(ContactNote.contact_id == contact_id, ContactNote.text != "")
        .order_by(ContactNote.began_at, ContactNote.agent)
    )
    return [
        AgentNote(agent=note.agent, name=name or note.agent, name_en=name_en or name or note.agent, text=note.text)
        for note, name, name_en in await session.execute(statement)
    ]


async def write_note(session: AsyncSession, contact: Contact, agent: str, text: str, at: datetime) -> None:
    """Replace this agent's own note, and with it what readers see in `Contact.note`."""
    found = await session.get(ContactNote, (contact.id, agent))
    if found is None:
        await _keep_older(session, contact, agent)
        found = ContactNote(contact_id=contact.id, agent=storable(agent, 16), began_at=at)
        session.add(found)
    found.text = storable(text, LONGEST_NOTE)
    await session.flush()
    contact.note = together(await notes_of(session, contact.id))


async def _keep_older(session: AsyncSession, contact: Contact, agent: str) -> None:
    """A note from before notes had authors is its contact's agent's."""
    owner = contact.agent or agent
    if contact.note and owner != agent and await session.get(ContactNote, (contact.id, owner)) is None:
        session.add(ContactNote(contact_id=contact.id, agent=owner, text=contact.note, began_at=contact.started_at))


def together(notes: Sequence[AgentNote]) -> str:
    """One note as it is; several each under its author's name."""
    if len(notes) < 2:
        return notes[0].text if notes else ""
    return storable("\n".join(f"{note.name}：{note.text}" for note in notes), LONGEST_NOTE)


def merged(contact: Contact, chosen: Mapping[str, object], *, own: bool, shared: bool) -> dict[str, object]:
    """The fields to save of what somebody chose.

    Who has the contact decides; in a record that others wrote in too an empty choice clears nothing. Who gave the
    contact away (not `own`) fills what is still empty and changes nothing else.
    """
    if own:
        return {name: value or (getattr(contact, name) if shared else value) for name, value in chosen.items()}
    return {name: getattr(contact, name) or value for name, value in chosen.items()}
