"""An intent order (意向订单, B-64): what the customer would buy, taken down as a case and as an order of that kind."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.model import Case
from crm_core.integration.outbox import tell
from crm_core.vehicles.model import VehicleOrder

INTENT = "vehicle"  # the sub-kind of an order case


async def note_intent(session: AsyncSession, case: Case, at: datetime) -> VehicleOrder | None:
    """The order of a case of kind order and sub-kind vehicle; None for any other case."""
    model = str(case.fields.get("model", ""))
    if case.kind != "order" or case.sub_kind != INTENT or not model:
        return None
    wanted = case.fields.get("promised_on")
    order = VehicleOrder(
        number=f"YX-{case.number.removeprefix('GD-')}-{at:%y}",
        kind="intent",
        customer_id=case.customer_id,
        dealer_id=case.dealer_id,
        contact_id=case.contact_id,
        model=model[:60],
        equipment=[str(case.fields["colour"])] if case.fields.get("colour") else [],
        status_at=at,
        ordered_at=at,
        promised_on=date.fromisoformat(wanted) if wanted else None,
    )
    session.add(order)
    await session.flush()
    payload = {"number": order.number, "model": order.model, "dealer_id": order.dealer_id}
    await tell(session, "order.intent", f"order/{order.id}", payload, at=at)
    return order
