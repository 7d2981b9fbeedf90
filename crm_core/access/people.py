"""What an administrator does to a person's account: a one-time password, other roles, another dealer or region.

Each ends every session of the person at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access import passwords
from crm_core.access.audit import audit
from crm_core.access.audit_detail import changed
from crm_core.access.factor_model import SignInStep
from crm_core.access.model import SignInFailure, SignInSession, User
from crm_core.access.roles import Permission, Role, may, read_roles, write_roles
from crm_core.db import storable
from crm_core.dealers.model import Dealer
from crm_core.errors import Invalid, NotFound, Refused

# Without 0 O 1 l I: it is read out on the telephone.
_SIGNS = "23456789abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
OF_A_DEALER = frozenset({Role.DEALER_MANAGER, Role.DEALER_RELATIONS})
OUTSIDE = OF_A_DEALER | {Role.REGIONAL_MANAGER}


def check_place(roles: Collection[Role], dealer_id: int | None, region: str) -> None:
    """Whose data the roles need to be told. Raises Invalid: nobody is both of the centre and of a dealer."""
    if not roles:
        raise Invalid("Choose at least one role.", field="roles")
    if set(roles) & OUTSIDE and set(roles) - OUTSIDE:
        raise Invalid(
            "A dealer's or regional person has no role of the centre: it would show everybody's data.", field="roles"
        )
    if set(roles) & OF_A_DEALER and dealer_id is None:
        raise Invalid("Choose the dealer whose data this person sees.", field="dealer_id")
    if Role.REGIONAL_MANAGER in roles and not region:
        raise Invalid("Choose the region whose dealers this person sees.", field="region")
    if Role.REGIONAL_MANAGER in roles and set(roles) & OF_A_DEALER:
        raise Invalid("One dealer or a region, not both.", field="roles")


async def require_new_password(session: AsyncSession, number: str) -> None:
    """Who gave the password knows it: at the first sign-in it is replaced, before anything else."""
    (await by_number(session, number)).must_change = True


async def reset_password(session: AsyncSession, number: str, *, actor: str, at: datetime) -> str:
    """A one-time password, which must be changed at the first sign-in; given once, stored nowhere."""
    user = await by_number(session, number)
    if number == actor:
        raise Refused("Change your own password on your own page.")
    password = "-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(3))
    user.password_hash, user.must_change = await passwords.hashed(password), True
    await session.execute(delete(SignInFailure).where(SignInFailure.number == number))
    await _end_sessions(session, user)
    await audit(session, at=at, actor=actor, action="password_reset", subject=number)
    return password


async def set_roles(
    session: AsyncSession,
    number: str,
    *,
    roles: Collection[Role],
    dealer_id: int | None,
    region: str,
    actor: str,
    at: datetime,
) -> bool:
    """What the person may do, and whose data they see. Gives whether anything changed. Raises Invalid or Refused."""
    user = await by_number(session, number)
    ordered = tuple(role for role in Role if role in roles)
    check_place(ordered, dealer_id, region)
    if number == actor and not may(ordered, Permission.EDIT_USERS):
        raise Refused("You cannot take the administration from yourself. Another administrator can.")
    dealer = await _dealer(session, dealer_id) if set(ordered) & OF_A_DEALER else None
    place = storable(region, 20) if Role.REGIONAL_MANAGER in ordered else ""
    if place and await session.scalar(select(Dealer.id).where(Dealer.region == place).limit(1)) is None:
        raise Invalid("Choose from the list.", field="region")
    before = (user.roles, user.dealer_id, user.region)
    user.roles, user.dealer_id, user.region = write_roles(ordered), dealer, place
    after = (user.roles, user.dealer_id, user.region)
    if set(read_roles(before[0])) == set(ordered) and before[1:] == after[1:]:
        return False
    await _end_sessions(session, user)
    told = changed(_shown(before), _shown(after))
    await audit(session, at=at, actor=actor, action="roles_changed", subject=number, detail=told)
    return True


async def regions(session: AsyncSession) -> list[str]:
    """The regions that dealers belong to."""
    return list(
        await session.scalars(select(Dealer.region).where(Dealer.region != "").distinct().order_by(Dealer.region))
    )


async def by_number(session: AsyncSession, number: str) -> User:
    """Raises NotFound."""
    user = await session.scalar(select(User).where(User.number == storable(number, 16)))
    if user is None:
        raise NotFound("There is no user {number}.", number=number[:16])
    return user


async def _dealer(session: AsyncSession, dealer_id: int | None) -> int | None:
    if dealer_id is not None and (dealer_id >= 2**31 or await session.get(Dealer, dealer_id) is None):
        raise Invalid("Choose from the list.", field="dealer_id")
    return dealer_id


async def _end_sessions(session: AsyncSession, user: User) -> None:
    await session.execute(delete(SignInSession).where(SignInSession.user_id == user.id))
    await session.execute(delete(SignInStep).where(SignInStep.user_id == user.id))


def _shown(state: tuple[str, int | None, str]) -> dict[str, object]:
    roles, dealer_id, region = state
    return {"roles": [role.value for role in read_roles(roles)], "dealer": dealer_id, "region": region}
