"""What happened in a call's menu: kept once, read by the next operation, the agent's desk and the reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.errors import Refused
from crm_core.self_service.model import SelfServiceAct

IDENTIFY, RIGHT = "identify", "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Who the caller has proven to be; the vehicle when its plate was the proof."""

    customer_id: int
    vehicle_id: int | None


async def claim(
    session: AsyncSession, call: str, operation: str, key: str, *, e164: str, at: datetime
) -> tuple[SelfServiceAct, bool]:
    """The row of this act and whether it is new. Who comes second waits for the first one's end (the key does it).

    Raises Refused while the first one cannot be seen yet.
    """
    found = select(SelfServiceAct).where(
        SelfServiceAct.call == call, SelfServiceAct.operation == operation, SelfServiceAct.key == key
    )
    known = await session.scalar(found)
    if known is None:
        row = SelfServiceAct(call=call, operation=operation, key=key, e164=e164, at=at, facts={})
        try:
            async with session.begin_nested():
                session.add(row)
            return row, True
        except IntegrityError:
            known = (await session.scalars(found.execution_options(populate_existing=True))).one_or_none()
    if known is None or not known.result:
        raise Refused("The same request is being worked on. Ask again in a second.")
    return known, False


async def proven(session: AsyncSession, call: str) -> Proven | None:
    """Who proved in this call who they are; the latest proof counts."""
    right = (SelfServiceAct.operation == IDENTIFY, SelfServiceAct.result == RIGHT)
    row = await session.scalar(
        select(SelfServiceAct)
        .where(SelfServiceAct.call == call, *right)
        .order_by(SelfServiceAct.at.desc(), SelfServiceAct.id.desc())
        .limit(1)
    )
    if row is None or row.customer_id is None:
        return None
    return Proven(customer_id=row.customer_id, vehicle_id=row.vehicle_id)


async def acts_of(session: AsyncSession, call: str) -> list[SelfServiceAct]:
    """What the caller did, in order; what is not finished is left out."""
    rows = await session.scalars(
        select(SelfServiceAct)
        .where(SelfServiceAct.call == call, SelfServiceAct.result != "")
        .order_by(SelfServiceAct.at, SelfServiceAct.id)
        .limit(50)
    )
    return list(rows)
