"""Adding a user, signing in and out, changing a password."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access import passwords
from crm_core.access.audit import audit
from crm_core.access.model import SignInFailure, SignInSession, User
from crm_core.access.roles import Permission, Role, may, read_roles, write_roles
from crm_core.db import storable
from crm_core.errors import Invalid, Refused

SESSION_LENGTH = timedelta(hours=12)  # one shift, with its overtime
IDLE_LENGTH = timedelta(hours=4)
SEEN_EVERY = timedelta(minutes=1)  # a page that asks often must not write each time
THROTTLE_WINDOW = timedelta(minutes=10)
FAILURES_PER_NUMBER = 5
FAILURES_PER_ADDRESS = 30  # a whole floor may sit behind one address
SHORTEST_PASSWORD = 8
_NUMBER = re.compile(r"[1-9][0-9]{3,5}")  # also an extension in Asterisk's files: nothing else may get in


class WrongPassword(Refused):
    """Also for an unknown number and a disabled user: the answer does not tell which."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Number or password is wrong.")


class TooManyFailures(Refused):
    """`seconds` is how long to wait."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many wrong passwords. Try again in {seconds} seconds.", seconds=seconds)
        self.seconds = seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInUser:
    """Who asks. `session` names the sign-in session (not its cookie); `csrf` is what forms must send back."""

    user_id: int
    number: str
    name: str
    name_en: str
    roles: tuple[Role, ...]
    language: str
    theme: str
    session: str
    csrf: str
    expires_at: datetime
    must_change: bool = False

    def may(self, permission: Permission) -> bool:
        return may(self.roles, permission)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """`token` goes into the cookie and is stored nowhere."""

    token: str
    user: SignedInUser
    csrf: str


async def add_user(
    session: AsyncSession,
    *,
    number: str,
    name: str,
    name_en: str = "",
    password: str,
    roles: tuple[Role, ...],
    actor: str,
    at: datetime,
) -> User:
    """Somebody who may sign in. Invalid for a number that is none or a password that is too short."""
    if not _NUMBER.fullmatch(number):
        raise Invalid("A personnel number has four to six digits.", field="number")
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid("A password has at least {length} characters.", length=SHORTEST_PASSWORD, field="password")
    if await session.scalar(select(User.id).where(User.number == number)) is not None:
        raise Refused("There is a user {number} already.", number=number)
    user = User(
        number=number,
        name=storable(name, 40),
        name_en=storable(name_en, 60),
        password_hash=await passwords.hashed(password),
        roles=write_roles(roles),
    )
    session.add(user)
    await session.flush()
    await audit(session, at=at, actor=actor, action="user_added", subject=number)
    return user


async def sign_in(session: AsyncSession, *, number: str, password: str, address: str, at: datetime) -> SignedIn:
    """A new session. Raises WrongPassword or TooManyFailures; failures are kept although the caller then rolls back."""
    number, address = storable(number.strip(), 16), storable(address, 45)
    wait = await _wait_seconds(session, number, address, at)
    if wait:
        raise TooManyFailures(wait)
    user = await session.scalar(select(User).where(User.number == number, User.disabled_at.is_(None)))
    right, outdated = await passwords.check(password, user.password_hash if user else None)
    if user is None or not right:
        session.add(SignInFailure(number=number, address=address, at=at))
        await audit(session, at=at, actor=number, action="sign_in_failed", subject=address)
        # The refusal below rolls the request back; the failure must count all the same.
        await session.commit()
        raise WrongPassword
    if outdated:
        user.password_hash = outdated
    await session.execute(delete(SignInFailure).where(SignInFailure.number == number))
    await session.execute(delete(SignInFailure).where(SignInFailure.at < at - timedelta(days=1)))
    await session.execute(delete(SignInSession).where(SignInSession.expires_at < at))
    token = secrets.token_urlsafe(32)
    row = SignInSession(
        id=_digest(token),
        user_id=user.id,
        csrf_token=secrets.token_urlsafe(32),
        created_at=at,
        seen_at=at,
        expires_at=at + SESSION_LENGTH,
        address=address,
    )
    session.add(row)
    await audit(session, at=at, actor=number, action="sign_in", subject=address)
    return SignedIn(token=token, user=_signed_in(user, row), csrf=row.csrf_token)


async def whoami(session: AsyncSession, token: str, at: datetime) -> SignedInUser | None:
    """The user of a cookie; None when it is unknown, over, idle for too long, or the user is disabled."""
    statement = select(SignInSession, User).join(User, User.id == SignInSession.user_id)
    found = (await session.execute(statement.where(SignInSession.id == _digest(token)))).first()
    if found is None:
        return None
    row, user = found
    if row.expires_at <= at or row.seen_at + IDLE_LENGTH <= at or user.disabled_at is not None:
        return None
    if at - row.seen_at > SEEN_EVERY:
        row.seen_at = at
    return _signed_in(user, row)


def csrf_matches(user: SignedInUser, given: str) -> bool:
    return hmac.compare_digest(user.csrf.encode(), given.encode(errors="replace"))


async def sign_out(session: AsyncSession, token: str, at: datetime) -> None:
    """End this session; an unknown token is no error."""
    found = await session.scalar(
        select(User.number)
        .join(SignInSession, SignInSession.user_id == User.id)
        .where(SignInSession.id == _digest(token))
    )
    if found is None:
        return
    await session.execute(delete(SignInSession).where(SignInSession.id == _digest(token)))
    await audit(session, at=at, actor=found, action="sign_out")


async def change_password(session: AsyncSession, *, user_id: int, old: str, new: str, at: datetime) -> None:
    """Every session of the user ends, this one too."""
    if len(new) < SHORTEST_PASSWORD:
        raise Invalid("A password has at least {length} characters.", length=SHORTEST_PASSWORD, field="new")
    user = await session.get_one(User, user_id)
    right, _ = await passwords.check(old, user.password_hash)
    if not right:
        raise WrongPassword
    if new == old:
        raise Invalid("Choose another password than the one you have.", field="new")
    user.password_hash, user.must_change = await passwords.hashed(new), False
    await session.execute(delete(SignInSession).where(SignInSession.user_id == user_id))
    await audit(session, at=at, actor=user.number, action="password_changed")


async def holds(session: AsyncSession, sign_in_session: str, at: datetime) -> bool:
    """Whether the sign-in of a page that stays open is still good; asking does not count as using it."""
    row = await session.scalar(select(SignInSession).where(SignInSession.id == sign_in_session))
    return row is not None and row.expires_at > at


async def set_appearance(session: AsyncSession, user_id: int, *, language: str, theme: str) -> None:
    """The language and theme a user works in."""
    if language not in ("zh-CN", "en") or theme not in ("light", "dark"):
        raise Invalid("Choose a language and a theme from the list.", field="language")
    user = await session.get_one(User, user_id)
    user.language, user.theme = language, theme


async def _wait_seconds(session: AsyncSession, number: str, address: str, at: datetime) -> int:
    """0 = may try now; else until enough failures are older than the window."""
    by_number, by_address = SignInFailure.number == number, SignInFailure.address == address
    statement = select(
        func.count().filter(by_number),
        func.count().filter(by_address),
        func.max(SignInFailure.at),
    ).where(SignInFailure.at > at - THROTTLE_WINDOW, or_(by_number, by_address))
    of_number, of_address, latest = (await session.execute(statement)).one()
    if of_number < FAILURES_PER_NUMBER and of_address < FAILURES_PER_ADDRESS:
        return 0
    return max(1, int((latest + THROTTLE_WINDOW - at).total_seconds()))


def _signed_in(user: User, row: SignInSession) -> SignedInUser:
    return SignedInUser(
        user_id=user.id,
        number=user.number,
        name=user.name,
        name_en=user.name_en,
        roles=read_roles(user.roles),
        language=user.language,
        theme=user.theme,
        session=row.id,
        csrf=row.csrf_token,
        expires_at=row.expires_at,
        must_change=user.must_change,
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
