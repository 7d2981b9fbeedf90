"""On the way in, before there is a session: a step that lasts minutes and opens nothing but the next one."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.factor_model import SignInStep
from crm_core.access.model import User

STEP_LASTS = timedelta(minutes=10)
SECOND, OPENID = "second", "openid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`user` is who proved the password; None while a provider is asked who it is."""

    user: User | None
    detail: Mapping[str, str]


async def begin(
    session: AsyncSession, kind: str, *, detail: Mapping[str, str], at: datetime, user_id: int | None = None
) -> str:
    """A new step; gives the cookie's value, which is stored nowhere."""
    await session.execute(delete(SignInStep).where(SignInStep.expires_at < at))
    token = secrets.token_urlsafe(32)
    row = SignInStep(
        id=_digest(token), kind=kind, user_id=user_id, detail=json.dumps(dict(detail)), expires_at=at + STEP_LASTS
    )
    session.add(row)
    return token


async def look(session: AsyncSession, kind: str, token: str, at: datetime) -> Step | None:
    """The step behind a cookie; None when it is unknown, over, of another kind, or its person is disabled."""
    row = await session.get(SignInStep, _digest(token))
    if row is None or row.kind != kind or row.expires_at <= at:
        return None
    user = None
    if row.user_id is not None:
        user = await session.scalar(select(User).where(User.id == row.user_id, User.disabled_at.is_(None)))
        if user is None:
            return None
    return Step(user=user, detail=json.loads(row.detail))


async def end(session: AsyncSession, token: str) -> None:
    """Each step is taken once."""
    await session.execute(delete(SignInStep).where(SignInStep.id == _digest(token)))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
