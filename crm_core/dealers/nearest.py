"""The stations nearest to a place that are open now and do what is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.dealers.model import Dealer
from crm_core.dealers.services import RESCUE, offered
from crm_core.dealers.stations import distance_km, hours_of, on_earth
from crm_core.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class StationNear:
    """A station with its distance. `round_the_clock`: it answers rescue at any hour, by its rescue phone.

    `open_until` None = closed now, or round the clock; `opens_at` is set when it is closed.
    """

    dealer_id: int
    code: str
    name: str
    short_name: str
    city: str
    address: str
    phone: str
    rescue_phone: str
    latitude: float
    longitude: float
    km: float
    services: tuple[str, ...]
    is_open: bool
    round_the_clock: bool
    open_until: datetime | None
    opens_at: datetime | None
    confirmed_at: datetime | None


async def nearest_open(
    session: AsyncSession,
    latitude: float,
    longitude: float,
    service: str = "",
    *,
    at: datetime,
    zone: tzinfo,
    limit: int = 5,
    closed_too: bool = False,
) -> list[StationNear]:
    """Nearest first; with `closed_too` those that are closed at `at` follow, each with when it opens.

    `service` is a word of dealers.services, "" = whatever they do. A station with a rescue phone does rescue at any
    hour. Raises Invalid for a place that is not on earth.
    """
    if not on_earth(latitude, longitude):
        raise Invalid("This is no position: latitude -90 to 90, longitude -180 to 180.", field="latitude")
    rows = await session.scalars(select(Dealer).where(Dealer.active))
    found = [
        _near(row, distance_km(latitude, longitude, row.latitude, row.longitude), service, at, zone) for row in rows
    ]
    able = [one for one in found if not service or service in one.services]
    kept = [one for one in able if one.is_open or closed_too]
    return sorted(kept, key=lambda one: (not one.is_open, one.km, one.dealer_id))[:limit]


def _near(dealer: Dealer, km: float, service: str, at: datetime, zone: tzinfo) -> StationNear:
    hours = hours_of(dealer.week, dealer.opens, dealer.closes, dealer.closed_days)
    always = service == RESCUE and bool(dealer.rescue_phone)
    until = None if always else hours.open_until(at, zone)
    is_open = always or until is not None
    return StationNear(
        dealer_id=dealer.id,
        code=dealer.code,
        name=dealer.name,
        short_name=dealer.short_name,
        city=dealer.city,
        address=dealer.address,
        phone=dealer.phone,
        rescue_phone=dealer.rescue_phone,
        latitude=dealer.latitude,
        longitude=dealer.longitude,
        km=km,
        services=offered(dealer.services, dealer.station_at),
        is_open=is_open,
        round_the_clock=always,
        open_until=until,
        opens_at=None if is_open else hours.opens_next(at, zone),
        confirmed_at=dealer.station_at,
    )
