"""When a message is due: minutes in the opening hours of the number that was called; urgent ones around the clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.model import VoiceMessage
from crm_core.callbacks.settings import message_rules
from crm_core.cases.clocks import add_time
from crm_core.cases.rules import load_rules
from crm_core.history.model import Contact
from crm_core.workforce.hours_queries import calendar_of, calendars, hours_of


async def due_time(session: AsyncSession, message: VoiceMessage, at: datetime) -> datetime:
    """Counted from `at`. A site without calendars counts around the clock."""
    rules = await message_rules(session)
    if message.urgent:
        return add_time(at, rules.urgent_minutes, None)
    contact = await session.get(Contact, message.contact_id)
    calendar = calendar_of(await calendars(session), contact.entry if contact else "")
    zone: ZoneInfo = (await load_rules(session)).zone
    return add_time(at, rules.due_minutes, hours_of(calendar, zone) if calendar else None)
