"""The care tasks within a person's reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import Reach
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.dealers.model import CareTask, Dealer, DealerStaff
from crm_core.errors import NotFound
from crm_core.vehicles.model import Vehicle

SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CareLine:
    """`phone` is the customer's first number, E.164, to be masked; "" = none known."""

    task: CareTask
    customer: Customer
    vehicle: Vehicle | None
    staff: str
    dealer: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CareFilter:
    """`state`: due (open, until today), open, done or stopped (with the skipped ones)."""

    state: str = "open"
    kind: str = ""
    staff_id: int | None = None
    words: str = ""


def _base(reach: Reach) -> Select[CareTask, Customer, Vehicle, str, str]:
    return (
        select(CareTask, Customer, Vehicle, DealerStaff.name, Dealer.short_name)
        .join(Customer, Customer.id == CareTask.customer_id)
        .join(Dealer, Dealer.id == CareTask.dealer_id)
        .outerjoin(Vehicle, Vehicle.id == CareTask.vehicle_id)
        .outerjoin(DealerStaff, DealerStaff.id == CareTask.staff_id)
        .where(reach.condition(CareTask.dealer_id))
    )


async def care_lines(
    session: AsyncSession, reach: Reach, wanted: CareFilter, *, today: date, limit: int = SHOWN
) -> list[CareLine]:
    """Open ones by due day, finished ones newest first."""
    statement = _base(reach).where(*_conditions(wanted, today)).limit(limit)
    if wanted.state in ("due", "open"):
        statement = statement.order_by(CareTask.due_on, CareTask.id)
    else:
        statement = statement.order_by(CareTask.done_at.desc().nulls_last(), CareTask.due_on.desc(), CareTask.id.desc())
    return await _lines(session, statement)


async def care_line(session: AsyncSession, task_id: int, reach: Reach) -> CareLine:
    """Raises NotFound, also for another dealer's."""
    lines = await _lines(session, _base(reach).where(CareTask.id == task_id))
    if not lines:
        raise NotFound("There is nothing here, or it is not yours.")
    return lines[0]


async def care_counts(session: AsyncSession, reach: Reach, *, today: date) -> dict[str, int]:
    """State to how many: due, open, done, stopped."""
    mine = reach.condition(CareTask.dealer_id)
    found = {}
    for state in ("due", "open", "done", "stopped"):
        wanted = select(func.count()).select_from(CareTask).where(mine, CareTask.dealer_id.is_not(None))
        found[state] = await session.scalar(wanted.where(*_conditions(CareFilter(state=state), today))) or 0
    return found


def _conditions(wanted: CareFilter, today: date) -> list[ColumnElement[bool]]:
    status = {"done": ("done",), "stopped": ("stopped", "skipped", "withdrawn")}.get(wanted.state, ("open",))
    found: list[ColumnElement[bool]] = [CareTask.status.in_(status)]
    if wanted.state == "due":
        found.append(CareTask.due_on <= today)
    if wanted.kind:
        found.append(CareTask.kind == wanted.kind)
    if wanted.staff_id is not None:
        found.append(CareTask.staff_id == wanted.staff_id)
    if wanted.words:
        plate = wanted.words.replace("·", "").upper()
        found.append(
            or_(Customer.name.contains(wanted.words, autoescape=True), Vehicle.plate.contains(plate, autoescape=True))
        )
    return found


async def _lines(session: AsyncSession, statement: Select[CareTask, Customer, Vehicle, str, str]) -> list[CareLine]:
    rows = (await session.execute(statement)).all()
    phones = await first_phones(session, [customer.id for _, customer, *_ in rows])
    return [
        CareLine(
            task=task,
            customer=customer,
            vehicle=vehicle,
            staff=staff or "",
            dealer=dealer,
            phone=phones.get(customer.id, ""),
        )
        for task, customer, vehicle, staff, dealer in rows
    ]


async def first_phones(session: AsyncSession, customer_ids: list[int]) -> dict[int, str]:
    """Customer to their first number."""
    rows = await session.execute(
        select(CustomerPhone.customer_id, CustomerPhone.e164)
        .where(CustomerPhone.customer_id.in_(customer_ids))
        .order_by(CustomerPhone.position.desc(), CustomerPhone.id.desc())
    )
    return {row.customer_id: row.e164 for row in rows}  # the first position is written last
