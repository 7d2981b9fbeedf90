"""Answers the telephone's question "who calls?" from the customers' records."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.clock import now
from crm_core.customers import actions, queries
from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.history.queries import last_agent
from crm_core.phone import to_e164
from cti.directory import CallerCard
from ivr.hours import OpeningHours

REMEMBERED = timedelta(hours=72)  # a caller who is back sooner gets the same agent if free
CLASS_PRIORITY = {"vip": 10, "key_account": 10}


class CustomerDirectory:
    """A cti.directory.CallerDirectory on the database and the site's opening hours."""

    def __init__(self, database: Database, hours: OpeningHours) -> None:
        self._database, self._hours = database, hours

    async def caller(self, number: str, entry: str) -> CallerCard:
        is_open = self._hours.is_open(now())
        e164 = to_e164(number)
        if e164 is None:
            return CallerCard(open=is_open)
        async with self._database.begin() as session:
            if await queries.blocked(session, e164):
                return CallerCard(blocked=True, open=is_open)
            matches = tuple(await queries.matches(session, e164))
            return await self._card(session, matches, is_open=is_open)

    async def _card(self, session: AsyncSession, matches: tuple[int, ...], *, is_open: bool) -> CallerCard:
        """Language and class are taken from the best match; the previous agent only from a certain one."""
        customer = await session.get(Customer, matches[0]) if matches else None
        if customer is None:
            return CallerCard(open=is_open)
        return CallerCard(
            matches=matches,
            language=customer.language,
            last_agent=await last_agent(session, customer.id, now() - REMEMBERED) if len(matches) == 1 else "",
            priority=CLASS_PRIORITY.get(customer.customer_class, 0),
            open=is_open,
        )

    async def remember_language(self, customers: tuple[int, ...], language: str) -> None:
        async with self._database.begin() as session:
            for customer in customers:
                await actions.remember_language(session, customer, language)
