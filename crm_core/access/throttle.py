"""Who guesses has to wait: an account is locked longer with each wrong try, an address after many of any account."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.access.counted import counted_as
from crm_core.access.model import SignInFailure
from crm_core.errors import NotFound, Refused

FAILURES_PER_NUMBER = 5
FIRST_PAUSE, LONGEST_PAUSE = 60, 3600  # seconds; doubled with each further wrong try
FORGOTTEN_AFTER = timedelta(days=1)
ADDRESS_WINDOW = timedelta(minutes=10)
FAILURES_PER_ADDRESS = 30  # a whole floor may sit behind one address


class TooManyFailures(Refused):
    """`seconds` is how long to wait."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many wrong passwords. Try again in {seconds} seconds.", seconds=seconds)
        self.seconds = seconds


def pause_after(failures: int) -> int:
    """Seconds that an account is locked after its last wrong try."""
    if failures < FAILURES_PER_NUMBER:
        return 0
    return int(min(FIRST_PAUSE * 2 ** min(failures - FAILURES_PER_NUMBER, 20), LONGEST_PAUSE))


async def check_may_try(session: AsyncSession, number: str, address: str, at: datetime) -> None:
    """Raises TooManyFailures, for a number that nobody has just the same."""
    until = max(await locked_until(session, number, at) or at, await _address_until(session, address, at) or at)
    if until > at:
        raise TooManyFailures(max(1, int((until - at).total_seconds())))


async def locked_until(session: AsyncSession, number: str, at: datetime) -> datetime | None:
    """Until when this account is locked; None = it is not."""
    failures, latest = await _failures(session, number, at)
    until = latest + timedelta(seconds=pause_after(failures)) if latest else at
    return until if until > at else None


async def locked(session: AsyncSession, at: datetime) -> dict[str, datetime]:
    """Every number that is locked now, with the moment until which; also numbers that nobody has."""
    statement = (
        select(SignInFailure.number, func.count(), func.max(SignInFailure.at))
        .where(SignInFailure.at > at - FORGOTTEN_AFTER)
        .group_by(SignInFailure.number)
        .having(func.count() >= FAILURES_PER_NUMBER)
    )
    ends = {
        number: latest + timedelta(seconds=pause_after(count))
        for number, count, latest in await session.execute(statement)
    }
    return {number: end for number, end in ends.items() if end > at}


async def failed(session: AsyncSession, number: str, address: str, at: datetime) -> None:
    """Note a wrong try; the one that locks the account is told on the audit log."""
    session.add(SignInFailure(number=number, address=counted_as(address), at=at))
    await session.flush()
    failures, _ = await _failures(session, number, at)
    await audit(session, at=at, actor=number, action="sign_in_failed", subject=address)
    if pause := pause_after(failures):
        told = noting(seconds=pause, failures=failures)
        await audit(session, at=at, actor=number, action="sign_in_locked", subject=number, detail=told)


async def forget(session: AsyncSession, number: str, at: datetime) -> None:
    """The person has come in: what was wrong before counts no more."""
    await session.execute(delete(SignInFailure).where(SignInFailure.number == number))
    await session.execute(delete(SignInFailure).where(SignInFailure.at < at - FORGOTTEN_AFTER))


async def unlock(session: AsyncSession, number: str, *, actor: str, at: datetime) -> None:
    """Let somebody try again at once. Raises NotFound when the account is not locked."""
    if await locked_until(session, number, at) is None:
        raise NotFound("This account is not locked.")
    await session.execute(delete(SignInFailure).where(SignInFailure.number == number))
    await audit(session, at=at, actor=actor, action="sign_in_unlocked", subject=number)


async def _failures(session: AsyncSession, number: str, at: datetime) -> tuple[int, datetime | None]:
    statement = select(func.count(), func.max(SignInFailure.at)).where(
        SignInFailure.number == number, SignInFailure.at > at - FORGOTTEN_AFTER
    )
    count, latest = (await session.execute(statement)).one()
    return count, latest


async def _address_until(session: AsyncSession, address: str, at: datetime) -> datetime | None:
    statement = select(func.count(), func.max(SignInFailure.at)).where(
        SignInFailure.address == counted_as(address), SignInFailure.at > at - ADDRESS_WINDOW
    )
    count, latest = (await session.execute(statement)).one()
    return latest + ADDRESS_WINDOW if count >= FAILURES_PER_ADDRESS else None
