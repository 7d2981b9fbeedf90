"""Whose data a person may see and change: everything, one dealer's, or the dealers' of one region.

What a person may do is said by access.roles; on what, by the reach. A foreign id is answered like an unknown one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, false, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from crm_core.access.model import User
from crm_core.access.roles import Permission, may, read_roles
from crm_core.dealers.model import Dealer
from crm_core.errors import NotFound

Id = TypeVar("Id", int, int | None)


@dataclass(frozen=True, slots=True)
class Reach:
    """`dealers` None = every dealer's data, and those of none."""

    dealers: frozenset[int] | None

    def covers(self, dealer_id: int | None) -> bool:
        return self.dealers is None or (dealer_id is not None and dealer_id in self.dealers)

    def require(self, dealer_id: int | None) -> None:
        """Raises NotFound, so that nobody learns which ids exist elsewhere."""
        if not self.covers(dealer_id):
            raise NotFound("There is nothing here, or it is not yours.")

    def condition(self, column: InstrumentedAttribute[Id]) -> ColumnElement[bool]:
        """For a query's `where`, on a column that holds a dealer's id."""
        if self.dealers is None:
            return true()
        return column.in_(sorted(self.dealers)) if self.dealers else false()


EVERYTHING = Reach(None)


async def reach_of(session: AsyncSession, number: str) -> Reach:
    """The reach of the person with this personnel number; nobody's is empty."""
    user = await session.scalar(select(User).where(User.number == number))
    if user is None:
        return Reach(frozenset())
    roles = read_roles(user.roles)
    if may(roles, Permission.SEE_OWN_REGION):
        rows = await session.scalars(select(Dealer.id).where(Dealer.region == user.region, Dealer.region != ""))
        return Reach(frozenset(rows))
    if may(roles, Permission.SEE_OWN_DEALER):
        return Reach(frozenset({user.dealer_id}) if user.dealer_id else frozenset())
    return EVERYTHING
