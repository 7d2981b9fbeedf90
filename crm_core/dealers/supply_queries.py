"""Orders with their lines and steps, and what can be ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import Reach
from crm_core.dealers.model import Dealer
from crm_core.dealers.network_model import SupplyEvent, SupplyItem, SupplyLine, SupplyOrder
from crm_core.dealers.supply_flow import OVER
from crm_core.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    order: SupplyOrder
    dealer: str
    items: Sequence[tuple[SupplyLine, SupplyItem]]


async def items_of(session: AsyncSession, kind: str = "", *, retired: bool = False) -> list[SupplyItem]:
    """The catalogue, by code."""
    statement = select(SupplyItem).order_by(SupplyItem.kind, SupplyItem.code)
    if kind:
        statement = statement.where(SupplyItem.kind == kind)
    if not retired:
        statement = statement.where(SupplyItem.active)
    return list(await session.scalars(statement))


async def orders_of(
    session: AsyncSession, reach: Reach, *, open_only: bool = False, kind: str = "", limit: int = 200
) -> list[OrderLine]:
    """Newest first."""
    statement = (
        select(SupplyOrder, Dealer.short_name)
        .join(Dealer, Dealer.id == SupplyOrder.dealer_id)
        .where(reach.condition(SupplyOrder.dealer_id))
        .order_by(SupplyOrder.requested_at.desc(), SupplyOrder.id.desc())
        .limit(limit)
    )
    if open_only:
        statement = statement.where(SupplyOrder.status.not_in(OVER))
    if kind:
        statement = statement.where(SupplyOrder.kind == kind)
    rows = (await session.execute(statement)).all()
    lines = await _lines(session, [order.id for order, _ in rows])
    return [OrderLine(order=order, dealer=name, items=lines.get(order.id, [])) for order, name in rows]


async def order_of(session: AsyncSession, order_id: int, reach: Reach) -> tuple[OrderLine, list[SupplyEvent]]:
    """One order with its steps, oldest first. Raises NotFound."""
    row = await session.get(SupplyOrder, order_id)
    if row is None:
        raise NotFound("There is nothing here, or it is not yours.")
    reach.require(row.dealer_id)
    dealer = await session.get_one(Dealer, row.dealer_id)
    lines = await _lines(session, [row.id])
    events = await session.scalars(
        select(SupplyEvent).where(SupplyEvent.order_id == row.id).order_by(SupplyEvent.at, SupplyEvent.id)
    )
    return OrderLine(order=row, dealer=dealer.short_name, items=lines.get(row.id, [])), list(events)


async def _lines(session: AsyncSession, order_ids: Sequence[int]) -> dict[int, list[tuple[SupplyLine, SupplyItem]]]:
    rows = await session.execute(
        select(SupplyLine, SupplyItem)
        .join(SupplyItem, SupplyItem.id == SupplyLine.item_id)
        .where(SupplyLine.order_id.in_(order_ids))
        .order_by(SupplyLine.id)
    )
    found: dict[int, list[tuple[SupplyLine, SupplyItem]]] = {}
    for line, item in rows:
        found.setdefault(line.order_id, []).append((line, item))
    return found
