"""The end of a chain of rows, each with a hash over itself and the one before: used by the audit log and the seals."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Table, bindparam, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession


class ChainEnd:
    """`head` has one row: id 1, `entries` = how many there are, `hash` = of the last; its lock lines up writers."""

    def __init__(self, head: Table) -> None:
        # Without the ORM an append costs a third less CPU.
        self._head = head
        one = update(head).where(head.c.id == 1)
        self._claim = one.values(entries=head.c.entries + bindparam("more")).returning(head.c.entries, head.c.hash)
        self._close = one.values(hash=bindparam("last"))

    async def claim(self, session: AsyncSession, rows: int = 1) -> tuple[int, str]:
        """The number of the next of so many rows, and the hash before it; locks the head until the transaction ends."""
        connection = await session.connection()
        if found := (await connection.execute(self._claim, {"more": rows})).first():
            return int(found[0]) - rows + 1, str(found[1])
        try:
            async with session.begin_nested():
                await session.execute(self._head.insert().values(id=1, entries=rows, hash=""))
            return 1, ""
        except IntegrityError:  # another writer made the first row meanwhile
            found = (await connection.execute(self._claim, {"more": rows})).one()
            return int(found[0]) - rows + 1, str(found[1])

    async def close(self, session: AsyncSession, last: str) -> None:
        """`last` is the hash of the last row that was claimed."""
        await (await session.connection()).execute(self._close, {"last": last})


def link(last: str, fields: Sequence[object]) -> str:
    """The hash of a row with these fields after one with the hash `last`."""
    return hashlib.sha256(json.dumps([last, *fields], ensure_ascii=False).encode()).hexdigest()


def instant(at: datetime) -> int:
    """Microseconds since 1970: the two databases give times back in different zones and precisions."""
    return round(at.timestamp() * 1_000_000)
