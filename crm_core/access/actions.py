"""Adding a user, signing in and out, changing a password."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access import passwords, throttle
from crm_core.access.audit import audit
from crm_core.access.factor_model import SecondFactor, SignInRules, SignInStep
from crm_core.access.model import SignInSession, User
from crm_core.access.roles import Permission, Role, may, read_roles, write_roles
from crm_core.db import storable
from crm_core.errors import Invalid, Refused

SESSION_LENGTH = timedelta(hours=12)  # one shift, with its overtime
IDLE_LENGTH = timedelta(hours=4)
SWEPT_AFTER = timedelta(hours=2)  # until then a last call may go on, which a missing row would end
SEEN_EVERY = timedelta(minutes=1)  # a page that asks often must not write each time
SHORTEST_PASSWORD = 8
_NUMBER = re.compile(r"[1-9][0-9]{3,5}")  # also an extension in Asterisk's files: nothing else may get in


class WrongPassword(Refused):
    """Also for an unknown number and a disabled user: the answer does not tell which."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Number or password is wrong.")


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
    must_enrol: bool = False  # the role asks for a second step that is not set up yet

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
    """A new session by password alone, for who has no second step. Raises as `prove_password` does."""
    user = await prove_password(session, number=number, password=password, address=address, at=at)
    return await enter(session, user, address=address, at=at)


async def prove_password(session: AsyncSession, *, number: str, password: str, address: str, at: datetime) -> User:
    """Who it is. Raises WrongPassword or TooManyFailures; failures are kept although the caller then rolls back."""
    number, address = storable(number.strip(), 16), storable(address, 45)
    await throttle.check_may_try(session, number, address, at)
    user = await session.scalar(select(User).where(User.number == number, User.disabled_at.is_(None)))
    right, outdated = await passwords.check(password, user.password_hash if user else None)
    if user is None or not right:
        await throttle.failed(session, number, address, at)
        # The refusal below rolls the request back; the failure must count all the same.
        await session.commit()
        raise WrongPassword
    if outdated:
        user.password_hash = outdated
    return user


async def enter(session: AsyncSession, user: User, *, address: str, at: datetime, by: str = "") -> SignedIn:
    """A session for somebody who has proved who they are; `by` is the way on the audit log, "" = by password."""
    address = storable(address, 45)
    await throttle.forget(session, user.number, at)
    await session.execute(delete(SignInSession).where(SignInSession.expires_at < at - SWEPT_AFTER))
    token = secrets.token_urlsafe(32)
    row = SignInSession(
        id=session_id(token),
        user_id=user.id,
        csrf_token=secrets.token_urlsafe(32),
        created_at=at,
        seen_at=at,
        expires_at=at + SESSION_LENGTH,
        address=address,
    )
    session.add(row)
    await audit(session, at=at, actor=user.number, action="sign_in", subject=address, detail=by)
    return SignedIn(token=token, user=_signed_in(user, row), csrf=row.csrf_token)


async def whoami(session: AsyncSession, token: str, at: datetime) -> SignedInUser | None:
    """The user of a cookie; None when it is unknown, over, idle for too long, or the user is disabled."""
    asked = select(SignInRules.second_factor_roles).limit(1).scalar_subquery()
    statement = (
        select(SignInSession, User, SecondFactor.confirmed_at, asked)
        .join(User, User.id == SignInSession.user_id)
        .outerjoin(SecondFactor, SecondFactor.user_id == User.id)
    )
    found = (await session.execute(statement.where(SignInSession.id == session_id(token)))).first()
    if found is None:
        return None
    row, user, confirmed_at, asked_of = found
    if row.expires_at <= at or row.seen_at + IDLE_LENGTH <= at or user.disabled_at is not None:
        return None
    if at - row.seen_at > SEEN_EVERY:
        row.seen_at = at
    must_enrol = confirmed_at is None and bool(set(read_roles(asked_of or "")) & set(read_roles(user.roles)))
    return _signed_in(user, row, must_enrol=must_enrol)


def csrf_matches(user: SignedInUser, given: str) -> bool:
    return hmac.compare_digest(user.csrf.encode(), given.encode(errors="replace"))


async def sign_out(session: AsyncSession, token: str, at: datetime) -> None:
    """End this session; an unknown token is no error."""
    found = await session.scalar(
        select(User.number)
        .join(SignInSession, SignInSession.user_id == User.id)
        .where(SignInSession.id == session_id(token))
    )
    if found is None:
        return
    await session.execute(delete(SignInSession).where(SignInSession.id == session_id(token)))
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
    await session.execute(delete(SignInStep).where(SignInStep.user_id == user_id))
    await audit(session, at=at, actor=user.number, action="password_changed")


class SignInState(StrEnum):
    """Of a session that something else lives by: ended by somebody, over by time, or still good."""

    HOLDS = "holds"
    OVER = "over"
    ENDED = "ended"


async def sign_in_state(session: AsyncSession, sign_in_session: str, at: datetime) -> SignInState:
    row = await session.scalar(select(SignInSession).where(SignInSession.id == sign_in_session))
    if row is None:
        return SignInState.ENDED
    return SignInState.HOLDS if row.expires_at > at else SignInState.OVER


async def holding(session: AsyncSession, sign_in_sessions: Collection[str], at: datetime) -> set[str]:
    """Which sign-ins of pages that stay open are still good; asking does not count as using them."""
    found = select(SignInSession.id, SignInSession.expires_at).where(SignInSession.id.in_(sign_in_sessions))
    return {known for known, expires_at in await session.execute(found) if expires_at > at}


async def set_appearance(session: AsyncSession, user_id: int, *, language: str, theme: str) -> None:
    """The language and theme a user works in."""
    if language not in ("zh-CN", "en") or theme not in ("light", "dark"):
        raise Invalid("Choose a language and a theme from the list.", field="language")
    user = await session.get_one(User, user_id)
    user.language, user.theme = language, theme


def _signed_in(user: User, row: SignInSession, *, must_enrol: bool = False) -> SignedInUser:
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
        must_enrol=must_enrol,
    )


def session_id(token: str) -> str:
    """`SignedInUser.session` of the one whose cookie this is."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
