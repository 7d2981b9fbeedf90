"""The second step of signing in: codes of the telephone, codes on paper, and everybody who guesses."""

from __future__ import annotations

import asyncio
import base64
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from crm_core.access import passwords, second_factor, steps, throttle, totp
from crm_core.access.actions import change_password, enter, sign_in, whoami
from crm_core.access.factor_model import RecoveryCode, SecondFactor
from crm_core.access.model import AuditEntry, User
from crm_core.access.people import reset_password
from crm_core.access.roles import Role
from crm_core.access.sealing import SealBroken, Sealer
from crm_core.access.throttle import TooManyFailures
from crm_core.clock import instant
from crm_core.db import Database
from crm_core.errors import Invalid, NotFound, Refused
from tests.unit.crm_core.builders import NOW

HERE = "192.0.2.1"


@pytest.mark.parametrize(
    ("seconds", "code"),  # RFC 6238, appendix B, SHA-1, its last six digits
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str):
    secret = b"12345678901234567890"
    assert totp.code_of(secret, seconds // 30) == code
    assert totp.step_of(secret, code, seconds, after=0) == seconds // 30


def test_a_clock_half_a_minute_off_is_right_and_one_that_is_a_minute_off_is_not():
    secret, at = b"12345678901234567890", 1_000_000_000.0
    codes = [totp.code_of(secret, int(at // 30) + off) for off in range(-2, 3)]
    taken = [totp.step_of(secret, code, at, after=0) is not None for code in codes]
    assert taken == [False, True, True, True, False]


def test_the_picture_holds_what_every_authenticator_reads():
    told = totp.address(b"\0" * 20, number="1018", site="远辰客户中心")
    assert told.startswith("otpauth://totp/%E8%BF%9C%E8%BE%B0")
    assert "%3A1018?secret=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&issuer=" in told


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return Sealer(tmp_path / "keys" / "sign-in.key")


@pytest.fixture
async def lin(db: Database) -> Database:
    async with db.begin() as session:
        hashed = await passwords.hashed("correct horse")
        for number, roles in (("1018", "agent"), ("9001", "administrator")):
            session.add(User(number=number, name="林晓梅", password_hash=hashed, roles=roles))
    return db


async def set_up(db: Database, sealer: Sealer, at: datetime = NOW) -> tuple[bytes, list[str]]:
    async with db.begin() as session:
        secret = await second_factor.begin(session, sealer, 1)
    async with db.begin() as session:
        code = totp.code_of(secret, int(instant(at) // 30))
        return secret, await second_factor.confirm(session, sealer, 1, code, at)


async def prove(db: Database, sealer: Sealer, code: str, at: datetime) -> None:
    async with db.begin() as session:
        user = await session.get_one(User, 1)
        await second_factor.prove(session, sealer, user, code, address=HERE, at=at)


async def test_it_counts_only_after_the_first_code_and_ends_every_session(lin: Database, sealer: Sealer):
    async with lin.begin() as session:
        entered = await sign_in(session, number="1018", password="correct horse", address=HERE, at=NOW)
        secret = await second_factor.begin(session, sealer, 1)
    async with lin.begin() as session:
        assert await second_factor.begin(session, sealer, 1) == secret, "the picture stays until its first code"
        assert not await second_factor.has(session, 1)
        with pytest.raises(Invalid):
            await second_factor.confirm(session, sealer, 1, "000000", NOW)
    await set_up(lin, sealer)
    async with lin.begin() as session:
        assert await second_factor.has(session, 1)
        assert await whoami(session, entered.token, NOW) is None


async def test_each_code_is_taken_once_even_by_two_at_the_same_moment(lin: Database, sealer: Sealer):
    secret, _ = await set_up(lin, sealer)
    with pytest.raises(second_factor.WrongCode):
        await prove(lin, sealer, totp.code_of(secret, int(instant(NOW) // 30)), NOW)
    later = NOW + timedelta(minutes=2)
    code = totp.code_of(secret, int(instant(later) // 30))
    came = await asyncio.gather(*(prove(lin, sealer, code, later) for _ in range(4)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in came) == ["NoneType", "WrongCode", "WrongCode", "WrongCode"]


async def test_a_code_on_paper_works_once_and_only_its_digest_is_kept(lin: Database, sealer: Sealer):
    _, codes = await set_up(lin, sealer)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    await prove(lin, sealer, codes[0].upper().replace("-", " "), NOW)
    with pytest.raises(second_factor.WrongCode):
        await prove(lin, sealer, codes[0], NOW)
    async with lin.begin() as session:
        assert await second_factor.codes_left(session, 1) == second_factor.RECOVERY_CODES - 1
        kept = list(await session.scalars(select(RecoveryCode.digest)))
        assert not {code for code in codes if code in str(kept)}
        user = await session.get_one(User, 1)
        fresh = await second_factor.renew_codes(session, sealer, user, codes[1], address=HERE, at=NOW)
    with pytest.raises(second_factor.WrongCode):
        await prove(lin, sealer, codes[2], NOW)
    await prove(lin, sealer, fresh[0], NOW)


async def test_a_stolen_database_gives_no_codes(lin: Database, sealer: Sealer, tmp_path: Path):
    secret, _ = await set_up(lin, sealer)
    async with lin.begin() as session:
        kept = (await session.get_one(SecondFactor, 1)).secret
    assert secret not in kept.encode()
    assert base64.b32encode(secret).decode() not in kept
    assert (tmp_path / "keys" / "sign-in.key").stat().st_mode & 0o077 == 0
    with pytest.raises(SealBroken):
        await prove(lin, Sealer(tmp_path / "another.key"), "123456", NOW)


async def test_wrong_codes_lock_the_account_as_wrong_passwords_do(lin: Database, sealer: Sealer):
    secret, _ = await set_up(lin, sealer)
    later = NOW + timedelta(minutes=2)
    for _ in range(throttle.FAILURES_PER_NUMBER):
        with pytest.raises(second_factor.WrongCode):
            await prove(lin, sealer, "000000", later)
    with pytest.raises(TooManyFailures):
        await prove(lin, sealer, totp.code_of(secret, int(instant(later) // 30)), later)


async def test_whose_role_asks_for_it_cannot_remove_it_and_an_administrator_can(lin: Database, sealer: Sealer):
    _, codes = await set_up(lin, sealer)
    async with lin.begin() as session:
        assert await second_factor.require_for(session, {Role.AGENT}, actor="9001", at=NOW)
        assert not await second_factor.require_for(session, {Role.AGENT}, actor="9001", at=NOW)
        user = await session.get_one(User, 1)
        with pytest.raises(Refused, match="Your role asks"):
            await second_factor.remove(session, sealer, user, codes[0], address=HERE, at=NOW)
        entered = await enter(session, user, address=HERE, at=NOW)
    async with lin.begin() as session:
        me = await whoami(session, entered.token, NOW)
        assert me
        assert not me.must_enrol
        with pytest.raises(Refused, match="on your own page"):
            await second_factor.reset(session, await session.get_one(User, 1), actor="1018", at=NOW)
        await second_factor.reset(session, await session.get_one(User, 1), actor="9001", at=NOW)
        with pytest.raises(NotFound):
            await second_factor.reset(session, await session.get_one(User, 2), actor="1018", at=NOW)
    async with lin.begin() as session:
        assert await whoami(session, entered.token, NOW) is None
        entered = await enter(session, await session.get_one(User, 1), address=HERE, at=NOW)
        me = await whoami(session, entered.token, NOW)
        assert me
        assert me.must_enrol, "the role still asks: it is set up anew at the next click"
        done = list(await session.scalars(select(AuditEntry.action)))
        assert {"second_factor_set", "sign_in_rules_set", "second_factor_reset"} <= set(done)


async def test_somebody_on_the_way_in_is_put_out_by_another_password(lin: Database):
    async with lin.begin() as session:
        tokens = [
            await steps.begin(session, steps.SECOND, detail={"next": "/desk"}, at=NOW, user_id=1) for _ in range(3)
        ]
        found = await steps.look(session, steps.SECOND, tokens[0], NOW)
        assert found
        assert found.user
        assert (found.user.number, found.detail) == ("1018", {"next": "/desk"})
        assert await steps.look(session, steps.OPENID, tokens[0], NOW) is None
        assert await steps.look(session, steps.SECOND, tokens[0], NOW + steps.STEP_LASTS) is None
        assert await whoami(session, tokens[0], NOW) is None, "a step is no session"
        await steps.end(session, tokens[0])
        assert await steps.look(session, steps.SECOND, tokens[0], NOW) is None
    async with lin.begin() as session:
        await change_password(session, user_id=1, old="correct horse", new="battery staple", at=NOW)
        assert await steps.look(session, steps.SECOND, tokens[1], NOW) is None
        token = await steps.begin(session, steps.SECOND, detail={}, at=NOW, user_id=1)
        await reset_password(session, "1018", actor="9001", at=NOW)
        assert await steps.look(session, steps.SECOND, token, NOW) is None


def test_each_further_wrong_password_locks_longer_up_to_an_hour():
    pauses = {count: throttle.pause_after(count) for count in (0, 4, 5, 6, 7, 11, 12, 500)}
    assert pauses == {0: 0, 4: 0, 5: 60, 6: 120, 7: 240, 11: 3600, 12: 3600, 500: 3600}


async def test_a_locked_account_is_told_and_an_administrator_opens_it(lin: Database):
    for number in range(throttle.FAILURES_PER_NUMBER + 1):
        at = NOW + timedelta(seconds=61 * (number > 4))
        with pytest.raises(Refused):
            async with lin.begin() as session:
                await sign_in(session, number="1018", password="guess", address=f"192.0.2.{number}", at=at)
    async with lin.begin() as session:
        until = await throttle.locked_until(session, "1018", at)
        assert until == at + timedelta(seconds=120)
        locked = list(await session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "sign_in_locked")))
        assert locked == ['{"seconds": 60, "failures": 5}', '{"seconds": 120, "failures": 6}']
        await throttle.unlock(session, "1018", actor="9001", at=at)
        with pytest.raises(NotFound):
            await throttle.unlock(session, "1018", actor="9001", at=at)
    async with lin.begin() as session:
        assert await sign_in(session, number="1018", password="correct horse", address=HERE, at=at)


async def test_a_number_that_nobody_has_is_locked_just_the_same(lin: Database):
    for number in ("1018", "4711"):
        said = []
        for _ in range(throttle.FAILURES_PER_NUMBER + 1):
            with pytest.raises(Refused) as refused:
                async with lin.begin() as session:
                    await sign_in(session, number=number, password="guess", address=HERE, at=NOW)
            said.append(str(refused.value))
        assert said == ["Number or password is wrong."] * 5 + ["Too many wrong passwords. Try again in 60 seconds."]


async def test_an_address_that_tries_many_numbers_has_to_wait_and_others_do_not(lin: Database):
    for number in range(throttle.FAILURES_PER_ADDRESS):
        with pytest.raises(Refused):
            async with lin.begin() as session:
                await sign_in(session, number=str(5000 + number), password="guess", address="203.0.113.9", at=NOW)
    async with lin.begin() as session:
        with pytest.raises(TooManyFailures):
            await sign_in(session, number="1018", password="correct horse", address="203.0.113.9", at=NOW)
        assert await sign_in(session, number="1018", password="correct horse", address=HERE, at=NOW)
