"""Rescues as the station sees them: those that wait for it, one with place, customer and steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import Reach
from crm_core.cases.dealer_facts import DealerEvent, LoopStep
from crm_core.cases.dealer_queries import stage_due, steps_of
from crm_core.cases.events import CaseEventKind
from crm_core.cases.model import Case, CaseEvent, CaseStage, RescueRun
from crm_core.cases.rescue import RESCUE_STAGES, RescueStage
from crm_core.cases.story import people_named
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.db import storable
from crm_core.dealers.model import Dealer
from crm_core.dealers.stations import distance_km
from crm_core.errors import NotFound
from crm_core.vehicles.model import Vehicle

MOST = 200
_GOING = (RescueStage.UNDER_WAY, RescueStage.ARRIVE, RescueStage.HELP)


@dataclass(frozen=True, slots=True, kw_only=True)
class DealerRescue:
    """A line of the station's list. `km` from the station as the crow flies; None = the position is not known.

    `due_at` ends the current step. A run without any place has empty words.
    """

    case_id: int
    number: str
    title: str
    sub_kind: str
    dealer_id: int
    customer: str
    salutation: str
    plate: str
    model: str
    place: str
    km: float | None
    stage: str
    eta_at: datetime | None
    truck: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None

    @property
    def waits(self) -> bool:
        """Whether the station has not said yet that it goes."""
        return self.stage == RescueStage.ACCEPT and self.closed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class RescueDetail:
    """`phone` is whole only for a station that has accepted and is not done: its driver has to call."""

    line: DealerRescue
    detail: str
    phone: str
    phone_is_whole: bool
    vin: str
    latitude: float | None
    longitude: float | None
    steps: tuple[LoopStep, ...]
    events: tuple[DealerEvent, ...]


async def rescues(session: AsyncSession, reach: Reach, *, open_only: bool = True) -> list[DealerRescue]:
    """Those sent to stations of this reach: who waits for an answer first, then the newest."""
    statement = _lines(reach).order_by(Case.closed_at.is_not(None), Case.stage != RescueStage.ACCEPT, Case.id.desc())
    if open_only:
        statement = statement.where(Case.closed_at.is_(None))
    return [_line(row) for row in await session.execute(statement.limit(MOST))]


async def rescue_of(session: AsyncSession, number: str, reach: Reach) -> RescueDetail:
    """One by its number, told since it was sent to this station. Raises NotFound, also for a foreign one."""
    row = (await session.execute(_lines(reach).where(Case.number == storable(number, 20)))).first()
    if row is None:
        raise NotFound("There is nothing here, or it is not yours.")
    case, customer, vehicle, _, run, _ = row
    events = await _told(session, case.id)
    visits = list(await session.scalars(select(CaseStage).where(CaseStage.case_id == case.id).order_by(CaseStage.id)))
    people = await people_named(session, [*(one.actor for one in events), *(one.done_by for one in visits)])
    phone = select(CustomerPhone.e164).where(CustomerPhone.customer_id == customer.id).order_by(CustomerPhone.position)
    return RescueDetail(
        line=_line(row),
        detail=case.detail,
        phone=await session.scalar(phone.limit(1)) or "",
        phone_is_whole=case.stage in _GOING and case.closed_at is None,
        vin=vehicle.vin if vehicle else "",
        latitude=run.latitude if run else None,
        longitude=run.longitude if run else None,
        steps=steps_of(case, visits, people, RESCUE_STAGES),
        events=tuple(
            DealerEvent(
                kind=one.kind, at=one.at, actor=one.actor, by=people.get(one.actor), text=one.text, detail=one.detail
            )
            for one in events
        ),
    )


async def _told(session: AsyncSession, case_id: int) -> Sequence[CaseEvent]:
    """What the station may read: what another station did before it was sent is not its business."""
    statement = select(CaseEvent).where(CaseEvent.case_id == case_id, CaseEvent.for_dealer)
    events = list(await session.scalars(statement.order_by(CaseEvent.at, CaseEvent.id)))
    sent = [place for place, one in enumerate(events) if one.kind == CaseEventKind.DISPATCHED]
    return events[sent[-1] :] if sent else events


def _lines(reach: Reach) -> Any:
    return (
        select(Case, Customer, Vehicle, Dealer, RescueRun, stage_due())
        .join(Customer, Customer.id == Case.customer_id)
        .join(Dealer, Dealer.id == Case.dealer_id)
        .outerjoin(Vehicle, Vehicle.id == Case.vehicle_id)
        .outerjoin(RescueRun, RescueRun.case_id == Case.id)
        .where(
            Case.kind == "rescue",
            Case.merged_into_id.is_(None),
            Case.stage != "",
            Case.stage != RescueStage.DISPATCH,
            reach.condition(Case.dealer_id),
        )
    )


def _line(row: Any) -> DealerRescue:
    case, customer, vehicle, dealer, run, stage_due = row
    known = run is not None and run.latitude is not None and run.longitude is not None
    place = " ".join(filter(None, (run.road, run.km, run.landmark))) if run else ""
    return DealerRescue(
        case_id=case.id,
        number=case.number,
        title=case.title,
        sub_kind=case.sub_kind,
        dealer_id=case.dealer_id,
        customer=customer.name,
        salutation=customer.salutation,
        plate=vehicle.plate if vehicle else "",
        model=vehicle.model if vehicle else case.model,
        place=place or str(case.fields.get("place", "")),
        km=distance_km(dealer.latitude, dealer.longitude, run.latitude, run.longitude) if known else None,
        stage=case.stage,
        eta_at=run.eta_at if run else None,
        truck=run.truck if run else "",
        opened_at=case.opened_at,
        due_at=stage_due,
        closed_at=case.closed_at,
    )
