"""Where a timeline's moments come from: for each table, which rows, in which order, and what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select

from crm_core.access.model import User
from crm_core.cases.model import Case
from crm_core.consent.model import Consent
from crm_core.customers import timeline_rows as rows
from crm_core.customers.timeline_facts import RANK, Kind, Place, TimelineEntry, noon
from crm_core.dealers.model import CareTask, Dealer
from crm_core.history.model import Contact
from crm_core.leads.model import Lead
from crm_core.vehicles.model import Delivery, TradeIn, Vehicle, VehicleOrder, VehicleRole, WarrantyClaim, WorkshopVisit

Statement = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose life: a customer's, a vehicle's, or what the two have in common.

    `fleet`: the customer has so many vehicles that only workshop visits in the customer's own name are told.
    """

    customer_id: int | None
    vehicle_id: int | None
    vehicles: tuple[int, ...] = ()
    fleet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """`rows` are to be restricted by `fits`; `at` and `row_id` are the columns of their order."""

    kind: Kind
    at: Any
    row_id: Any
    rows: Statement
    fits: Callable[[Scope], ColumnElement[bool]]
    entry: Callable[[Row[*tuple[Any, ...]]], TimelineEntry]
    by_day: bool = False

    def page(self, scope: Scope, place: Place | None, limit: int) -> Statement:
        """The rows behind a place, the latest first."""
        statement = self.rows.where(self.fits(scope)).order_by(self.at.desc(), self.row_id.desc()).limit(limit)
        return statement if place is None else statement.where(self._behind(place))

    def _behind(self, place: Place) -> ColumnElement[bool]:
        """A day counts as its noon, see `TimelineEntry.day_only`."""
        at: Any = place.at
        exact = True
        if self.by_day:
            exact = place.at == noon(place.at.date())
            at = place.at.date() if place.at >= noon(place.at.date()) else place.at.date() - timedelta(days=1)
        if not exact or RANK[self.kind] > RANK[place.kind]:
            return and_(self.at <= at)
        if RANK[self.kind] < RANK[place.kind]:
            return and_(self.at < at)
        ref = place.ref if self.kind in (Kind.CALL, Kind.MESSAGE) else int(place.ref)
        return or_(self.at < at, and_(self.at == at, self.row_id < ref))


def _both(customer: Any, vehicle: Any, *, indexed: bool = True) -> Callable[[Scope], ColumnElement[bool]]:
    """Rows that name both. Without an index on the vehicle they are found by the customers who have a role to it."""

    def fits(scope: Scope) -> ColumnElement[bool]:
        wanted = [(customer, scope.customer_id), (vehicle, scope.vehicle_id)]
        conditions = [column == value for column, value in wanted if value is not None]
        if scope.customer_id is None and not indexed:
            holders = select(VehicleRole.customer_id).where(VehicleRole.vehicle_id == scope.vehicle_id)
            conditions.append(customer.in_(holders))
        return and_(*conditions)

    return fits


def _owned(scope: Scope) -> ColumnElement[bool]:
    """Visits in the customer's name and those of the customer's vehicles, whoever brought them."""
    if scope.vehicle_id is not None:
        mine = scope.customer_id is None or scope.fleet or scope.vehicle_id in scope.vehicles
        of_vehicle = WorkshopVisit.vehicle_id == scope.vehicle_id
        return of_vehicle if mine else and_(of_vehicle, WorkshopVisit.customer_id == scope.customer_id)
    in_name = WorkshopVisit.customer_id == scope.customer_id
    return or_(in_name, WorkshopVisit.vehicle_id.in_(scope.vehicles)) if scope.vehicles else and_(in_name)


def _claimed(scope: Scope) -> ColumnElement[bool]:
    roles = select(VehicleRole.vehicle_id).where(VehicleRole.customer_id == scope.customer_id)
    conditions: list[ColumnElement[bool]] = []
    if scope.customer_id is not None:
        conditions.append(WarrantyClaim.vehicle_id.in_(roles))
    if scope.vehicle_id is not None:
        conditions.append(WarrantyClaim.vehicle_id == scope.vehicle_id)
    return and_(*conditions)


def _with_dealer(table: Any) -> Statement:
    return select(table, Dealer.short_name).outerjoin(Dealer, Dealer.id == table.dealer_id)


def _contacts(kind: Kind, wanted: ColumnElement[bool]) -> Source:
    return Source(
        kind=kind,
        at=Contact.started_at,
        row_id=Contact.id,
        rows=select(Contact, User.name).outerjoin(User, User.number == Contact.agent).where(wanted),
        fits=_both(Contact.customer_id, Contact.vehicle_id),
        entry=rows.call,
    )


SOURCES = (
    _contacts(Kind.CALL, Contact.channel == "voice"),
    _contacts(Kind.MESSAGE, Contact.channel != "voice"),
    Source(
        kind=Kind.CASE,
        at=Case.opened_at,
        row_id=Case.id,
        rows=_with_dealer(Case).where(Case.merged_into_id.is_(None)),
        fits=_both(Case.customer_id, Case.vehicle_id),
        entry=rows.case,
    ),
    Source(
        kind=Kind.VISIT,
        at=WorkshopVisit.came_at,
        row_id=WorkshopVisit.id,
        rows=_with_dealer(WorkshopVisit),
        fits=_owned,
        entry=rows.visit,
    ),
    Source(
        kind=Kind.CLAIM,
        at=WarrantyClaim.filed_on,
        row_id=WarrantyClaim.id,
        rows=select(WarrantyClaim),
        fits=_claimed,
        entry=rows.claim,
        by_day=True,
    ),
    Source(
        kind=Kind.DELIVERY,
        at=Delivery.delivered_on,
        row_id=Delivery.id,
        rows=select(Delivery, Dealer.short_name, Vehicle.model)
        .join(Vehicle, Vehicle.id == Delivery.vehicle_id)
        .outerjoin(Dealer, Dealer.id == Delivery.dealer_id),
        fits=_both(Delivery.customer_id, Delivery.vehicle_id),
        entry=rows.delivery,
        by_day=True,
    ),
    Source(
        kind=Kind.ORDER,
        at=VehicleOrder.ordered_at,
        row_id=VehicleOrder.id,
        rows=_with_dealer(VehicleOrder),
        fits=_both(VehicleOrder.customer_id, VehicleOrder.vehicle_id),
        entry=rows.order,
    ),
    Source(
        kind=Kind.TRADE_IN,
        at=TradeIn.traded_on,
        row_id=TradeIn.id,
        rows=_with_dealer(TradeIn),
        fits=_both(TradeIn.customer_id, TradeIn.new_vehicle_id, indexed=False),
        entry=rows.trade_in,
        by_day=True,
    ),
    Source(
        kind=Kind.LEAD,
        at=Lead.created_at,
        row_id=Lead.id,
        rows=_with_dealer(Lead),
        fits=_both(Lead.customer_id, Lead.vehicle_id, indexed=False),
        entry=rows.lead,
    ),
    Source(
        kind=Kind.CARE,
        at=CareTask.done_at,
        row_id=CareTask.id,
        rows=_with_dealer(CareTask).where(CareTask.status == "done", CareTask.done_at.is_not(None)),
        fits=_both(CareTask.customer_id, CareTask.vehicle_id, indexed=False),
        entry=rows.care,
    ),
    Source(
        kind=Kind.CONSENT,
        at=Consent.at,
        row_id=Consent.id,
        rows=select(Consent),
        fits=lambda scope: Consent.customer_id == scope.customer_id,
        entry=rows.consent,
    ),
)


def sources_of(scope: Scope) -> tuple[Source, ...]:
    """A consent is a customer's, never a vehicle's."""
    return SOURCES if scope.vehicle_id is None else tuple(one for one in SOURCES if one.kind is not Kind.CONSENT)
