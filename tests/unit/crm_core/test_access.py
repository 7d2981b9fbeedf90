"""Who gets in, as what, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import func, select

from crm_core.access import passwords
from crm_core.access.actions import (
    WrongPassword,
    change_password,
    csrf_matches,
    sign_in,
    sign_out,
    whoami,
)
from crm_core.access.model import SignInSession, User
from crm_core.access.roles import GRANTED, Permission, Role, may, read_roles, write_roles
from crm_core.access.throttle import FAILURES_PER_NUMBER, TooManyFailures
from crm_core.db import Database
from crm_core.errors import Invalid
from tests.unit.crm_core.builders import NOW

LIN = {"number": "1018", "password": "correct horse", "address": "127.0.0.1"}


@pytest.fixture
async def lin(db: Database) -> Database:
    async with db.begin() as session:
        user = User(number="1018", name="林晓梅", password_hash=await passwords.hashed("correct horse"), roles="agent")
        session.add(user)
    return db


async def _sign_in(db: Database, **changed: Any):
    async with db.begin() as session:
        return await sign_in(session, **{**LIN, "at": NOW, **changed})


async def test_an_agent_signs_in_and_is_known_by_the_cookie(lin: Database):
    signed = await _sign_in(lin)
    async with lin.begin() as session:
        me = await whoami(session, signed.token, NOW + timedelta(minutes=5))
        stored = await session.scalar(select(SignInSession.id))
    assert me is not None
    assert (me.number, me.roles, me.may(Permission.TAKE_CALLS)) == ("1018", (Role.AGENT,), True)
    assert csrf_matches(me, signed.csrf)
    assert not csrf_matches(me, "")
    assert signed.token not in stored


async def test_wrong_passwords_unknown_numbers_and_disabled_users_get_the_same_answer(lin: Database):
    with pytest.raises(WrongPassword):
        await _sign_in(lin, password="guess")
    with pytest.raises(WrongPassword):
        await _sign_in(lin, number="4711")
    async with lin.begin() as session:
        (await session.get_one(User, 1)).disabled_at = NOW
    with pytest.raises(WrongPassword):
        await _sign_in(lin)


async def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(lin: Database):
    for _ in range(FAILURES_PER_NUMBER):
        with pytest.raises(WrongPassword):
            await _sign_in(lin, password="guess")
    with pytest.raises(TooManyFailures) as refused:
        await _sign_in(lin)
    assert 0 < refused.value.seconds <= 60
    assert (await _sign_in(lin, at=NOW + timedelta(seconds=61))).user.number == "1018"


async def test_a_session_ends_with_the_shift_when_idle_and_when_signed_out(lin: Database):
    signed = await _sign_in(lin)
    async with lin.begin() as session:
        assert await whoami(session, signed.token, NOW + timedelta(hours=5)) is None
        assert await whoami(session, "forged", NOW) is None
        for hours in (3, 6, 9, 11):
            assert await whoami(session, signed.token, NOW + timedelta(hours=hours)) is not None
        assert await whoami(session, signed.token, NOW + timedelta(hours=12)) is None
        await sign_out(session, signed.token, NOW)
        assert await whoami(session, signed.token, NOW) is None


async def test_a_changed_password_ends_every_session(lin: Database):
    signed = [await _sign_in(lin), await _sign_in(lin)]
    async with lin.begin() as session:
        await change_password(session, user_id=1, old="correct horse", new="battery staple", at=NOW)
    async with lin.begin() as session:
        assert [await whoami(session, one.token, NOW) for one in signed] == [None, None]
    assert await _sign_in(lin, password="battery staple")
    async with lin.begin() as session:
        with pytest.raises(WrongPassword):
            await change_password(session, user_id=1, old="correct horse", new="long enough", at=NOW)
        with pytest.raises(Invalid):
            await change_password(session, user_id=1, old="battery staple", new="short", at=NOW)


async def test_an_outdated_hash_is_renewed_at_sign_in(lin: Database):
    old = Argon2Hasher(time_cost=1, memory_cost=8_000, parallelism=1).hash("correct horse")
    async with lin.begin() as session:
        (await session.get_one(User, 1)).password_hash = old
    await _sign_in(lin)
    async with lin.begin() as session:
        assert await session.scalar(select(User.password_hash)) != old


async def test_old_sessions_are_swept_away(lin: Database):
    await _sign_in(lin)
    await _sign_in(lin, at=NOW + timedelta(days=1))
    async with lin.begin() as session:
        assert await session.scalar(select(func.count()).select_from(SignInSession)) == 1


def test_roles_grant_what_is_written_and_nothing_else():
    assert not may((), Permission.SEE_WALLBOARD)
    assert may((Role.AGENT,), Permission.WRITE_RECORD)
    assert not may((Role.AGENT,), Permission.HEAR_ALL_RECORDINGS)
    assert not may((Role.ADMINISTRATOR,), Permission.HEAR_ALL_RECORDINGS)
    assert not may((Role.DEALER_MANAGER, Role.DEALER_RELATIONS), Permission.SEE_CUSTOMERS)
    assert set(GRANTED) == set(Role)


def test_roles_are_read_as_they_were_written_and_unknown_words_grant_nothing():
    assert read_roles(write_roles((Role.EXPERT, Role.QUALITY))) == (Role.EXPERT, Role.QUALITY)
    assert read_roles("root, admin,") == ()


@settings(deadline=None)
@given(st.text(max_size=80))
def test_no_text_in_the_role_column_breaks_a_sign_in(words: str):
    assert set(read_roles(words)) <= set(Role)
