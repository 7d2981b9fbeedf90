"""Which dealer gets a lead: the customer's own, else the nearest that sells, never one who left it unworked. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from crm_core.dealers.stations import distance_km


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """A dealer as the choice sees it. `open_leads` are those it has and has not closed."""

    dealer_id: int
    city: str
    latitude: float
    longitude: float
    sells: bool = True
    open_leads: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """`why`: own (the customer's dealer), wished, city, nearest or only."""

    dealer_id: int
    why: str


def choose(
    sellers: Iterable[Seller],
    *,
    wished: int | None,
    own: int | None,
    city: str,
    tried: Collection[int] = (),
) -> Chosen | None:
    """`wished` is what the customer named, `own` the customer's dealer, `tried` who had the lead already.

    In a city with several dealers, the one with the fewest open leads; else the nearest to the customer's own dealer
    or to the last one tried. None = nobody is left.
    """
    every = {one.dealer_id: one for one in sellers}
    left = {key: one for key, one in every.items() if one.sells and key not in tried}
    for dealer_id, why in ((wished, "wished"), (own, "own")):
        if dealer_id in left:
            return Chosen(dealer_id=dealer_id, why=why)
    in_city = [one for one in left.values() if city and one.city == city]
    if in_city:
        best = min(in_city, key=lambda one: (one.open_leads, one.dealer_id))
        return Chosen(dealer_id=best.dealer_id, why="city")
    if not left:
        return None
    start = next((every[one] for one in (own, wished, *reversed(list(tried))) if one in every), None)
    start = start or next((one for one in every.values() if city and one.city == city), None)
    if start is None:
        least = min(left.values(), key=lambda one: (one.open_leads, one.dealer_id))
        return Chosen(dealer_id=least.dealer_id, why="only")
    near = min(
        left.values(),
        key=lambda one: (distance_km(start.latitude, start.longitude, one.latitude, one.longitude), one.dealer_id),
    )
    return Chosen(dealer_id=near.dealer_id, why="nearest")
