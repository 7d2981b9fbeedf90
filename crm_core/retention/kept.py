"""Until when one recording is kept, by the same rules as the night's list, and what keeps it longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.history.model import Contact, Recording
from crm_core.retention.listing import reasons_to_stay
from crm_core.retention.model import RecordingWish
from crm_core.retention.rules import Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """After `until` it is on the next night's list; None = no rule ends it. `stays` = hold, case, message, open or
    "": what keeps it all the same."""

    until: datetime | None
    stays: str


async def kept(session: AsyncSession, recording: Recording, contact: Contact, rules: Retention) -> Kept:
    wish = await session.get(RecordingWish, contact.customer_id) if contact.customer_id else None
    days = wish.days if wish else _by_rule(rules, recording, contact)
    until = recording.started_at + timedelta(days=days) if wish or days else None
    return Kept(until=until, stays=(await reasons_to_stay(session, [recording.id])).get(recording.id, ""))


def _by_rule(rules: Retention, recording: Recording, contact: Contact) -> int:
    """The first that is set decides, as in `listing.old_enough`; 0 = kept."""
    if (days := rules.queues.get(contact.queue or "")) is not None:
        return days
    if recording.leg_id.endswith("-m") and rules.messages is not None:
        return rules.messages
    if recording.agent == "survey" and rules.surveys is not None:
        return rules.surveys
    return rules.days
