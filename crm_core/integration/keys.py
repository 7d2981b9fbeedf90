"""Making and revoking API keys, and knowing who asks with one."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.access.reach import EVERYTHING, Reach
from crm_core.db import storable
from crm_core.dealers.model import Dealer
from crm_core.errors import Invalid, NotAllowed, NotFound, PlatformError
from crm_core.integration.model import ApiKey
from crm_core.integration.scopes import Scope

MARK = "hl_"  # so that a secret scanner recognises a leaked key
SEEN_EVERY = timedelta(minutes=1)
MOST_PER_MINUTE = 6000


class KeyRefused(PlatformError):
    """No key, an unknown one, one that ended: the answer does not tell which."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Send a valid API key: Authorization: Bearer hl_…")


class AddressRefused(NotAllowed):
    def __init__(self) -> None:
        super().__init__("This key may not be used from your address. An administrator can allow it.")


class ScopeMissing(NotAllowed):
    def __init__(self, scope: Scope) -> None:
        super().__init__("This key lacks the scope {scope}. An administrator can make one that has it.", scope=scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: `actor` stands in the audit log, `reach` says whose data it sees."""

    key_id: int
    name: str
    scopes: frozenset[Scope]
    reach: Reach
    per_minute: int

    @property
    def actor(self) -> str:
        return f"key:{self.key_id}"


@dataclass(frozen=True, slots=True)
class NewKey:
    """`token` is shown once and stored nowhere."""

    key: ApiKey
    token: str


async def create_key(
    session: AsyncSession,
    *,
    name: str,
    scopes: Sequence[str],
    dealer_id: int | None = None,
    networks: Sequence[str] = (),
    per_minute: int = 300,
    expires_at: datetime | None = None,
    actor: str,
    at: datetime,
) -> NewKey:
    """A key for one other system. Raises Invalid, naming the field."""
    _check(name, scopes, per_minute, expires_at, at)
    if dealer_id is not None and (dealer_id >= 2**31 or await session.get(Dealer, dealer_id) is None):
        raise Invalid("Choose from the list.", field="dealer_id")
    token = MARK + secrets.token_urlsafe(32)
    key = ApiKey(
        name=storable(name.strip(), 60),
        prefix=token[:9],
        digest=_digest(token),
        scopes=sorted(set(scopes)),
        dealer_id=dealer_id,
        networks=[read_network(text) for text in networks],
        per_minute=per_minute,
        created_at=at,
        created_by=actor,
        expires_at=expires_at,
    )
    session.add(key)
    await session.flush()
    told = noting(name=key.name, scopes=key.scopes)
    await audit(session, at=at, actor=actor, action="key_created", subject=f"key/{key.id}", detail=told)
    return NewKey(key, token)


async def revoke_key(session: AsyncSession, key_id: int, *, actor: str, at: datetime) -> ApiKey:
    """The key is refused from the next request on; one that is revoked already stays so."""
    key = await _key(session, key_id)
    if key.revoked_at is None:
        key.revoked_at = at
        await audit(session, at=at, actor=actor, action="key_revoked", subject=f"key/{key_id}", detail=key.name)
    return key


async def restore_key(session: AsyncSession, key_id: int, *, actor: str, at: datetime) -> ApiKey:
    """Undo of `revoke_key`: the same token works again."""
    key = await _key(session, key_id)
    if key.revoked_at is not None:
        key.revoked_at = None
        await audit(session, at=at, actor=actor, action="key_restored", subject=f"key/{key_id}", detail=key.name)
    return key


async def keys(session: AsyncSession) -> list[tuple[ApiKey, str]]:
    """Every key with its dealer's short name ("" = all dealers), those in force first."""
    statement = select(ApiKey, Dealer.short_name).outerjoin(Dealer, Dealer.id == ApiKey.dealer_id)
    rows = await session.execute(statement.order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc()))
    return [(key, dealer or "") for key, dealer in rows]


async def caller_of(session: AsyncSession, token: str, address: str, at: datetime) -> Caller:
    """Who asks with this token from this address. Raises KeyRefused or AddressRefused."""
    key = await session.scalar(select(ApiKey).where(ApiKey.digest == _digest(token))) if token else None
    if key is None or key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= at):
        raise KeyRefused
    if key.networks and not within(address, key.networks):
        raise AddressRefused
    if key.last_used_at is None or at - key.last_used_at > SEEN_EVERY:
        key.last_used_at, key.last_address = at, storable(address, 45)
    return Caller(
        key_id=key.id,
        name=key.name,
        scopes=frozenset(Scope(word) for word in key.scopes if word in set(Scope)),
        reach=EVERYTHING if key.dealer_id is None else Reach(frozenset({key.dealer_id})),
        per_minute=key.per_minute,
    )


def _check(name: str, scopes: Sequence[str], per_minute: int, expires_at: datetime | None, at: datetime) -> None:
    if not name.strip():
        raise Invalid("Name the system that will use the key.", field="name")
    if not scopes or any(scope not in set(Scope) for scope in scopes):
        raise Invalid("Choose at least one scope.", field="scopes")
    if not 1 <= per_minute <= MOST_PER_MINUTE:
        raise Invalid("Enter a number from 1 to {most}.", most=MOST_PER_MINUTE, field="per_minute")
    if expires_at is not None and expires_at <= at:
        raise Invalid("Choose a day that is still to come.", field="expires_on")


async def _key(session: AsyncSession, key_id: int) -> ApiKey:
    key = await session.get(ApiKey, key_id) if 0 < key_id < 2**31 else None
    if key is None:
        raise NotFound("There is no such key.")
    return key


def read_network(text: str) -> str:
    try:
        return str(ip_network(text.strip(), strict=False))
    except ValueError:
        raise Invalid(
            "{text} is no address. Write 203.0.113.7 or 203.0.113.0/24.", text=text[:45], field="networks"
        ) from None


def within(address: str, networks: Sequence[str]) -> bool:
    """Whether an address lies in one of the networks; one that cannot be read lies in none."""
    try:
        asked = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(asked, "ipv4_mapped", None)
    return any((mapped or asked) in ip_network(network) for network in networks)


def _digest(token: str) -> str:
    # 256 random bits need no slow hash: there is nothing to guess.
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
