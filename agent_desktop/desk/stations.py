"""The stations around the caller's dealer: all of them beside the call, those that can help now in the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.dealers.model import Dealer
from crm_core.dealers.services import RESCUE, WORKSHOP, offered
from crm_core.dealers.stations import StationHours, distance_km, hours_of

NEEDED = {"repair": WORKSHOP, "rescue": RESCUE}  # what a station must do for a kind of contact
SHOWN, READ = 3, 24


@dataclass(frozen=True, slots=True, kw_only=True)
class NearbyDealer:
    """`own` is the caller's dealer, from which `kilometres` count."""

    dealer_id: int
    name: str
    short_name: str
    address: str
    phone: str
    rescue_phone: str
    opens: str
    closes: str
    relations_manager: str
    services: tuple[str, ...]
    hours: StationHours
    own: bool
    kilometres: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A dealer as it stands now. `open_until` None = closed, or round the clock; `opens_at` is set when closed."""

    dealer: NearbyDealer
    round_the_clock: bool
    open_until: datetime | None
    opens_at: datetime | None

    @property
    def helps_now(self) -> bool:
        return self.round_the_clock or self.open_until is not None


def stations_for(
    dealers: Sequence[NearbyDealer], now: datetime, zone: tzinfo, limit: int = SHOWN
) -> Mapping[str, tuple[Station, ...]]:
    """By kind of contact, the nearest that do what it needs; those that are closed now come after the open ones."""
    found: dict[str, tuple[Station, ...]] = {}
    for kind, service in NEEDED.items():
        able = [_station(one, service, now, zone) for one in dealers if service in one.services]
        ordered = sorted(able, key=lambda one: (not one.helps_now, one.dealer.kilometres, one.dealer.dealer_id))
        found[kind] = tuple(ordered[:limit])
    return found


async def nearby_dealers(session: AsyncSession, dealer_id: int, limit: int = READ) -> list[NearbyDealer]:
    """The dealer and those nearest to it that are open for business, by straight distance."""
    own = await session.get(Dealer, dealer_id)
    if own is None:
        return []
    # A box of about 300 km keeps the sorting short; exact distances are computed on what is left.
    near = await session.scalars(
        select(Dealer).where(
            Dealer.active,
            Dealer.latitude.between(own.latitude - 2.7, own.latitude + 2.7),
            Dealer.longitude.between(own.longitude - 4.0, own.longitude + 4.0),
        )
    )
    measured = sorted(
        ((distance_km(own.latitude, own.longitude, one.latitude, one.longitude), one.id, one) for one in near),
        key=lambda found: found[:2],
    )
    return [_near(one, distance, own.id) for distance, _, one in measured[:limit]]


def _station(dealer: NearbyDealer, service: str, now: datetime, zone: tzinfo) -> Station:
    always = service == RESCUE and bool(dealer.rescue_phone)
    until = None if always else dealer.hours.open_until(now, zone)
    closed = not always and until is None
    return Station(
        dealer=dealer,
        round_the_clock=always,
        open_until=until,
        opens_at=dealer.hours.opens_next(now, zone) if closed else None,
    )


def _near(dealer: Dealer, distance: float, own_id: int) -> NearbyDealer:
    return NearbyDealer(
        dealer_id=dealer.id,
        name=dealer.name,
        short_name=dealer.short_name,
        address=dealer.address,
        phone=dealer.phone,
        rescue_phone=dealer.rescue_phone,
        opens=dealer.opens,
        closes=dealer.closes,
        relations_manager=dealer.relations_manager,
        services=offered(dealer.services, dealer.station_at),
        hours=hours_of(dealer.week, dealer.opens, dealer.closes, dealer.closed_days),
        own=dealer.id == own_id,
        kilometres=distance,
    )
