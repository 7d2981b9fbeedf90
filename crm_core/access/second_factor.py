"""Setting up the second step of signing in, proving it, and what happens when the telephone with it is lost."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access import throttle, totp
from crm_core.access.audit import audit
from crm_core.access.audit_detail import changed, noting
from crm_core.access.factor_model import RecoveryCode, SecondFactor, SignInRules, SignInStep
from crm_core.access.model import SignInSession, User
from crm_core.access.roles import Role, read_roles, write_roles
from crm_core.access.sealing import Sealer
from crm_core.clock import instant
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused

RECOVERY_CODES = 10
_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"  # 31 signs: 16 of them are 79 bits


class WrongCode(Refused):
    """Also for one that was used before: the answer does not tell which."""

    status = 401

    def __init__(self) -> None:
        super().__init__("This code is wrong or was used already. Wait for the next one.")


async def has(session: AsyncSession, user_id: int) -> bool:
    factor = await session.get(SecondFactor, user_id)
    return factor is not None and factor.confirmed_at is not None


async def codes_left(session: AsyncSession, user_id: int) -> int:
    unused = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return await session.scalar(unused) or 0


async def begin(session: AsyncSession, sealer: Sealer, user_id: int) -> bytes:
    """The secret for the person's authenticator: a new one, or the one that waits for its first code."""
    factor = await session.get(SecondFactor, user_id)
    if factor is not None and factor.confirmed_at is not None:
        raise Refused("The second step is set up already. Remove it first.")
    if factor is not None:
        return sealer.open(factor.secret)
    secret = secrets.token_bytes(totp.SECRET_BYTES)
    session.add(SecondFactor(user_id=user_id, secret=sealer.seal(secret)))
    await session.flush()
    return secret


async def confirm(session: AsyncSession, sealer: Sealer, user_id: int, code: str, at: datetime) -> list[str]:
    """The authenticator has shown its first code: from now on it is asked for, and every session ends.

    Gives the recovery codes, which are stored nowhere. Raises Invalid.
    """
    factor = await session.get(SecondFactor, user_id)
    if factor is None or factor.confirmed_at is not None:
        raise Refused("The second step is set up already. Remove it first.")
    step = totp.step_of(sealer.open(factor.secret), _digits(code), instant(at), after=0)
    if step is None:
        raise Invalid("This is not the code of now. Is the telephone's clock right?", field="code")
    factor.confirmed_at, factor.last_step = at, step
    codes = await _new_codes(session, user_id)
    await _changed(session, user_id, at=at, action="second_factor_set")
    return codes


async def prove(session: AsyncSession, sealer: Sealer, user: User, code: str, *, address: str, at: datetime) -> None:
    """Take a code of the authenticator or a recovery code, once. Raises WrongCode or TooManyFailures.

    A wrong code counts as a wrong password does, and is kept although the caller then rolls back.
    """
    address = storable(address, 45)
    await throttle.check_may_try(session, user.number, address, at)
    if not await _take(session, sealer, user, code, at):
        await throttle.failed(session, user.number, address, at)
        await session.commit()
        raise WrongCode


async def _take(session: AsyncSession, sealer: Sealer, user: User, code: str, at: datetime) -> bool:
    """One update decides: of two requests with the same code one comes in."""
    factor = await session.get(SecondFactor, user.id)
    if factor is None or factor.confirmed_at is None:
        return False
    step = totp.step_of(sealer.open(factor.secret), _digits(code), instant(at), after=factor.last_step)
    if step is not None:
        taken = update(SecondFactor).where(SecondFactor.user_id == user.id, SecondFactor.last_step < step)
        if (await session.execute(taken.values(last_step=step))).rowcount == 1:  # type: ignore[attr-defined]
            return True
    unused = update(RecoveryCode).where(
        RecoveryCode.user_id == user.id, RecoveryCode.digest == _digest(code), RecoveryCode.used_at.is_(None)
    )
    if (await session.execute(unused.values(used_at=at))).rowcount != 1:  # type: ignore[attr-defined]
        return False
    told = noting(left=await codes_left(session, user.id))
    await audit(session, at=at, actor=user.number, action="recovery_code_used", subject=user.number, detail=told)
    return True


async def renew_codes(
    session: AsyncSession, sealer: Sealer, user: User, code: str, *, address: str, at: datetime
) -> list[str]:
    """New recovery codes; those before are worth nothing. Raises WrongCode."""
    await prove(session, sealer, user, code, address=address, at=at)
    codes = await _new_codes(session, user.id)
    await audit(session, at=at, actor=user.number, action="recovery_codes_made", subject=user.number)
    return codes


async def remove(session: AsyncSession, sealer: Sealer, user: User, code: str, *, address: str, at: datetime) -> None:
    """The person's own removal, with a code; every session ends. Raises Refused where a role asks for it."""
    if set(await required_roles(session)) & set(read_roles(user.roles)):
        raise Refused("Your role asks for the second step. An administrator can reset it.")
    await prove(session, sealer, user, code, address=address, at=at)
    await _drop(session, user.id)
    await _changed(session, user.id, at=at, action="second_factor_removed")


async def reset(session: AsyncSession, user: User, *, actor: str, at: datetime) -> None:
    """An administrator's, for a telephone that is lost; every session of the person ends."""
    if user.number == actor:
        raise Refused("Reset your own second step on your own page, or ask another administrator.")
    if await session.get(SecondFactor, user.id) is None:
        raise NotFound("{name} has no second step.", name=user.name)
    await _drop(session, user.id)
    await _changed(session, user.id, at=at, action="second_factor_reset", actor=actor)


async def required_roles(session: AsyncSession) -> tuple[Role, ...]:
    """Whose people must have it."""
    words = await session.scalar(select(SignInRules.second_factor_roles))
    return read_roles(words or "")


async def require_for(session: AsyncSession, roles: Collection[Role], *, actor: str, at: datetime) -> bool:
    """Set whose people must have it; they set it up at their next click. Gives whether anything changed."""
    before = await required_roles(session)
    wanted = tuple(role for role in Role if role in roles)
    if set(before) == set(wanted):
        return False
    rules = await session.get(SignInRules, 1)
    if rules is None:
        rules = SignInRules(id=1)
        session.add(rules)
    rules.second_factor_roles = write_roles(wanted)
    told = changed({"roles": [role.value for role in before]}, {"roles": [role.value for role in wanted]})
    await audit(session, at=at, actor=actor, action="sign_in_rules_set", detail=told)
    return True


async def _new_codes(session: AsyncSession, user_id: int) -> list[str]:
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    session.add_all([RecoveryCode(user_id=user_id, digest=_digest(code)) for code in codes])
    return codes


def _new_code() -> str:
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(4))


async def _drop(session: AsyncSession, user_id: int) -> None:
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    await session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))


async def _changed(session: AsyncSession, user_id: int, *, at: datetime, action: str, actor: str = "") -> None:
    await session.execute(delete(SignInSession).where(SignInSession.user_id == user_id))
    await session.execute(delete(SignInStep).where(SignInStep.user_id == user_id))
    number = (await session.get_one(User, user_id)).number
    await audit(session, at=at, actor=actor or number, action=action, subject=number)


def _digits(code: str) -> str:
    return code.replace(" ", "")[:20]


def _digest(code: str) -> str:
    plain = code.strip().lower().replace(" ", "").replace("-", "")
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()
