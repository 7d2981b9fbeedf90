"""What stands around one recording on its page: the call, the customer, the case it is about, and why it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.contacts.queries import CustomerLine, customer_line
from crm_core.cases.model import Case
from crm_core.history.marks import Mark, marks_of
from crm_core.history.model import Contact, Recording
from crm_core.retention.kept import Kept, kept
from crm_core.retention.model import RecordingHold
from crm_core.retention.settings import retention_rules
from recording.library import NoSuchRecording, NotYourRecording
from recording.policy import Listener, may_hear


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """`others` are the recordings of the same call, this one among them, in the order of time. `held` = legal hold.
    `marks` are pauses and holds, `kept` is until when it is kept."""

    recording: Recording
    contact: Contact
    customer: CustomerLine | None
    case: Case | None
    held: RecordingHold | None
    kept: Kept
    others: tuple[Recording, ...]
    marks: tuple[Mark, ...]

    @property
    def playable(self) -> bool:
        return self.recording.status in ("ready", "cut")


async def around(session: AsyncSession, recording_id: int, listener: Listener) -> Around:
    """NoSuchRecording, NotYourRecording: both are told alike."""
    row = await session.get(Recording, recording_id)
    if row is None:
        raise NoSuchRecording("There is no such recording.")
    if not may_hear(listener, agent=row.agent, recording=row.id):
        raise NotYourRecording("There is no such recording.")
    contact = await session.get_one(Contact, row.contact_id)
    legs = select(Recording).where(Recording.contact_id == contact.id).order_by(Recording.started_at, Recording.id)
    return Around(
        recording=row,
        contact=contact,
        customer=await customer_line(session, contact.customer_id, contact.vehicle_id) if contact.customer_id else None,
        case=await session.get(Case, contact.case_id) if contact.case_id else None,
        held=await session.get(RecordingHold, contact.id),
        kept=await kept(session, row, contact, await retention_rules(session)),
        others=tuple(await session.scalars(legs)),
        marks=tuple((await marks_of(session, [row.id]))[row.id]),
    )


def shown_number(recording: Recording, zone: tzinfo) -> str:
    """What people say, e.g. R-20260716-0638: the day it began at the site, and its number."""
    return f"R-{recording.started_at.astimezone(zone):%Y%m%d}-{recording.id:04}"
