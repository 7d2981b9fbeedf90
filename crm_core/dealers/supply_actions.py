"""Orders of point-of-sale material, gifts and parts by the dealers (B-224, B-230)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.access.reach import Reach
from crm_core.db import storable
from crm_core.dealers.network_model import SupplyEvent, SupplyItem, SupplyLine, SupplyOrder
from crm_core.dealers.supply_flow import DEALERS, Act, Status, step
from crm_core.errors import Invalid, NotAllowed, NotFound
from crm_core.integration.outbox import tell
from crm_core.numbering import add_numbered
from crm_core.workforce.fields import Unusable

KINDS = ("material", "parts")
MOST_OF_ONE = 100_000


async def request_supply(
    session: AsyncSession,
    dealer_id: int,
    kind: str,
    wanted: Mapping[int, int | None],
    *,
    wanted_on: date | None,
    note: str,
    zone: tzinfo,
    reach: Reach,
    actor: str,
    at: datetime,
) -> SupplyOrder:
    """`wanted`: item id to how many, None = not a whole number. Raises Unusable with the field "count-<item>"."""
    reach.require(dealer_id)
    asked = {item_id: count for item_id, count in wanted.items() if count != 0}
    items = {
        row.id: row
        for row in await session.scalars(
            select(SupplyItem).where(SupplyItem.id.in_(asked), SupplyItem.kind == kind, SupplyItem.active)
        )
    }
    _require_usable(asked, items, wanted_on, at.astimezone(zone).date())
    order = SupplyOrder(
        kind=kind,
        dealer_id=dealer_id,
        wanted_on=wanted_on,
        note=storable(note.strip(), 200),
        requested_at=at,
        requested_by=actor,
        status_at=at,
    )
    prefix = f"{'DH' if kind == 'material' else 'PJ'}-{at.astimezone(zone):%y%m%d}-"
    await add_numbered(session, order, SupplyOrder.number, prefix)
    session.add_all(SupplyLine(order_id=order.id, item_id=item, wanted=count) for item, count in asked.items())
    session.add(SupplyEvent(order_id=order.id, at=at, actor=actor, status=Status.REQUESTED, text=order.note))
    lines = [{"code": items[item].code, "count": count} for item, count in asked.items()]
    facts = {"number": order.number, "kind": kind, "dealer": dealer_id, "lines": lines}
    await tell(session, "supply.requested", f"supply/{order.id}", facts, at=at)
    told = noting(lines=[f"{line['code']} × {line['count']}" for line in lines])
    await audit(session, at=at, actor=actor, action="supply_requested", subject=order.number, detail=told)
    return order


async def act_on_supply(
    session: AsyncSession,
    order_id: int,
    act: Act,
    *,
    text: str = "",
    counts: Mapping[int, int | None] | None = None,
    from_centre: bool,
    reach: Reach,
    actor: str,
    at: datetime,
) -> SupplyOrder:
    """Do one step. `counts`: line id to how many are confirmed or arrived; missing lines count as asked for.

    Raises Refused when it is not its turn, NotAllowed for the other side's step, Invalid without a needed text.
    """
    order = await session.scalar(select(SupplyOrder).where(SupplyOrder.id == order_id).with_for_update())
    if order is None:
        raise NotFound("There is nothing here, or it is not yours.")
    reach.require(order.dealer_id)
    if (act in DEALERS) is from_centre:
        raise NotAllowed("This step is the other side's.")
    order.status, order.status_at = step(Status(order.status), act), at
    if act is Act.REFUSE and not text.strip():
        raise Invalid("Say why, so that the dealer can help themselves.", field="text")
    if act is Act.SHIP and not text.strip():
        raise Invalid("Enter the consignment number or the carrier.", field="text")
    if act in (Act.CONFIRM, Act.RECEIVE):
        await _set_counts(session, order.id, act, counts or {})
    session.add(
        SupplyEvent(order_id=order.id, at=at, actor=actor, status=order.status, text=storable(text.strip(), 200))
    )
    facts = {"number": order.number, "status": order.status}
    await tell(session, f"supply.{order.status}", f"supply/{order.id}", facts, at=at)
    await audit(session, at=at, actor=actor, action=f"supply_{order.status}", subject=order.number, detail=text)
    return order


async def save_item(
    session: AsyncSession,
    item_id: int | None,
    *,
    kind: str,
    code: str,
    name: str,
    unit: str,
    most: int | None,
    active: bool,
    actor: str,
    at: datetime,
) -> SupplyItem:
    """An item of the catalogue. Raises Unusable."""
    code, name = storable(code.strip(), 40), storable(name.strip(), 80)
    taken = await session.scalar(select(SupplyItem.id).where(SupplyItem.code == code, SupplyItem.id != (item_id or 0)))
    checks = (
        (kind not in KINDS, Invalid("Choose the kind.", field="kind")),
        (not code, Invalid("Enter a code.", field="code")),
        (taken is not None, Invalid("This code is taken.", field="code")),
        (not name, Invalid("Enter the name.", field="name")),
        (most is None or not 0 <= most <= MOST_OF_ONE, Invalid("Enter whole numbers.", field="most")),
    )
    wrong = [problem for bad, problem in checks if bad]
    if wrong:
        raise Unusable(wrong)
    row = await session.get(SupplyItem, item_id) if item_id else SupplyItem()
    if row is None:
        raise NotFound("This item is not known.")
    row.kind, row.code, row.name, row.unit = kind, code, name, storable(unit.strip(), 10)
    row.most, row.active = most or 0, active
    session.add(row)
    await session.flush()
    await audit(session, at=at, actor=actor, action="supply_item_saved", subject=code, detail=name)
    return row


def _require_usable(
    asked: Mapping[int, int | None], items: Mapping[int, SupplyItem], wanted_on: date | None, today: date
) -> None:
    wrong = []
    if not asked:
        wrong.append(Invalid("Enter how many of at least one item.", field=""))
    if wanted_on is not None and wanted_on < today:
        wrong.append(Invalid("This day is over.", field="wanted_on"))
    for item_id, count in asked.items():
        item, field = items.get(item_id), f"count-{item_id}"
        most = item.most or MOST_OF_ONE if item else 0
        if item is None:
            wrong.append(Invalid("This item cannot be ordered any more.", field=field))
        elif count is None or not 0 < count <= most:
            wrong.append(Invalid("Enter a number from {low} to {high}.", low=1, high=most, field=field))
    if wrong:
        raise Unusable(wrong)


async def _set_counts(session: AsyncSession, order_id: int, act: Act, counts: Mapping[int, int | None]) -> None:
    for line in await session.scalars(select(SupplyLine).where(SupplyLine.order_id == order_id)):
        usual = line.wanted if act is Act.CONFIRM or line.confirmed is None else line.confirmed
        count = counts.get(line.id, usual)
        if count is None or not 0 <= count <= MOST_OF_ONE:
            raise Invalid("Enter whole numbers.", field=f"count-{line.id}")
        if act is Act.CONFIRM:
            line.confirmed = count
        else:
            line.received = count
