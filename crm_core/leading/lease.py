"""A lease on the lead: taken for some seconds, renewed, and free again when its holder is silent.

Two kinds, one contract: `DatabaseLease` here, `file_lease.FileLease` for sites on SQLite.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import Interval, cast, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from crm_core.leading.model import TelephonyLead

LEASE_SECONDS = 3.0  # three renewals may be lost; with it a leader that is stopped is replaced within 5 s
NAME = "telephony"


@dataclass(frozen=True, slots=True)
class Seen:
    """`epoch` 0 = nobody ever led. `free`: the holder has given it back or was silent for too long."""

    epoch: int = 0
    holder: str = ""
    free: bool = True


class Lease(Protocol):
    seconds: float
    """How long it holds without being renewed."""
    patience: float
    """For how many seconds more a holder is waited for that is seen to work: a machine with too much to do is late."""

    async def look(self) -> Seen: ...

    async def take(self, holder: str, seen: Seen, *, gone: bool = False, above: int = 0) -> int | None:
        """The new epoch, greater than the one seen and than `above`; None when another was quicker.

        `gone`: we know that the holder we saw is dead, so its time need not run out.
        """

    async def renew(self, epoch: int) -> bool:
        """False when somebody else has taken it meanwhile."""

    async def give_back(self, epoch: int) -> None:
        """The next one need not wait."""


class DatabaseLease:
    """On PostgreSQL. Raises the driver's errors; a server that hangs makes a call hang: whoever asks sets a limit."""

    patience = 1.0  # it may be cut off from the database, and is to be replaced within 5 s

    def __init__(self, engine: AsyncEngine, seconds: float = LEASE_SECONDS) -> None:
        self._engine, self.seconds = engine, seconds
        self._until = func.clock_timestamp() + cast(literal(f"{seconds} seconds"), Interval)

    async def look(self) -> Seen:
        free = TelephonyLead.until <= func.clock_timestamp()
        asked = select(TelephonyLead.epoch, TelephonyLead.holder, free).where(TelephonyLead.name == NAME)
        async with self._engine.connect() as connection:
            found = (await connection.execute(asked)).one_or_none()
        return Seen(found[0], found[1], free=bool(found[2])) if found is not None else Seen()

    async def take(self, holder: str, seen: Seen, *, gone: bool = False, above: int = 0) -> int | None:
        first = insert(TelephonyLead).values(name=NAME, epoch=0, holder="", until=datetime(1970, 1, 1, tzinfo=UTC))
        free = or_(TelephonyLead.until <= func.clock_timestamp(), literal(gone))
        taken = (
            update(TelephonyLead)
            .where(TelephonyLead.name == NAME, TelephonyLead.epoch == seen.epoch, free)
            .values(epoch=max(seen.epoch, above) + 1, holder=holder, until=self._until)
            .returning(TelephonyLead.epoch)
        )
        async with self._engine.begin() as connection:
            await connection.execute(first.on_conflict_do_nothing())
            epoch: int | None = (await connection.execute(taken)).scalar_one_or_none()
            return epoch

    async def renew(self, epoch: int) -> bool:
        return await self._set(epoch, until=self._until)

    async def give_back(self, epoch: int) -> None:
        await self._set(epoch, until=func.clock_timestamp(), holder="")

    async def _set(self, epoch: int, **values: object) -> bool:
        mine = update(TelephonyLead).where(TelephonyLead.name == NAME, TelephonyLead.epoch == epoch)
        async with self._engine.begin() as connection:
            return (await connection.execute(mine.values(**values))).rowcount == 1
