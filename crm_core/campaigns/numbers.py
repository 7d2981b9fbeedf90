"""The number by which each customer of a batch is called: the first one that nobody keeps us from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.consent.model import DoNotContact
from crm_core.customers.model import BlockedNumber, CustomerPhone


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """`own` are each customer's numbers, the usual one first."""

    own: Mapping[int, list[str]]
    stopped: frozenset[str]
    blocked: frozenset[str]

    def best(self, customer_id: int, *, own_wish: bool = False) -> str:
        """The first number that may be used, else the first, so that the gate says why not; "" = there is none."""
        known = self.own.get(customer_id, [])
        free = [one for one in known if one not in self.blocked and (own_wish or one not in self.stopped)]
        return (free or known or [""])[0]


async def numbers_of(session: AsyncSession, customers: Collection[int]) -> Numbers:
    """In three queries, however many customers."""
    phones = await session.execute(
        select(CustomerPhone.customer_id, CustomerPhone.e164)
        .where(CustomerPhone.customer_id.in_(customers))
        .order_by(CustomerPhone.customer_id, CustomerPhone.position, CustomerPhone.id)
    )
    own: dict[int, list[str]] = {}
    for customer_id, e164 in phones:
        own.setdefault(customer_id, []).append(e164)
    every = {one for known in own.values() for one in known}
    stopped = await session.scalars(select(DoNotContact.e164).where(DoNotContact.e164.in_(every)))
    blocked = await session.scalars(select(BlockedNumber.e164).where(BlockedNumber.e164.in_(every)))
    return Numbers(own=own, stopped=frozenset(stopped), blocked=frozenset(blocked))
