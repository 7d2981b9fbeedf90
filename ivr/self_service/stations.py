"""The nearest service station, of an area that is keyed or said, or of the place that the caller's phone has shared."""

from __future__ import annotations

from datetime import datetime

from crm_core.dealers.areas import find_area
from crm_core.dealers.nearest import StationNear, nearest_open
from crm_core.self_service.places import place_of_call
from ivr.self_service.asking import Ask, Done, MenuSite

WORKSHOP = "workshop"


async def nearest_station(ask: Ask) -> Done:
    """The nearest that is open; when all are closed, the nearest with the time at which it opens."""
    position = await find_area(ask.session, ask.fact("area")) if ask.fact("area") else await _shared(ask)
    if position is None:
        return Done(result="unknown_place")
    found = await nearest_open(
        ask.session, *position, WORKSHOP, at=ask.at, zone=ask.site.zone, limit=1, closed_too=True
    )
    if not found:
        return Done(result="unknown_place")
    near = found[0]
    until = near.open_until if near.is_open else near.opens_at
    facts = {**station_facts(ask, near), "station_phone": near.phone, "station_until": _local(until, ask.site)}
    return Done(result="found" if near.is_open else "closed", facts=facts, customer_id=await ask.customer())


def station_facts(ask: Ask, near: StationNear) -> dict[str, str]:
    """Which station, its name as a prompt and how far it is."""
    return {
        "station_id": str(near.dealer_id),
        "station": station_prompt(near.code, ask.site, ask.asker.language),
        "station_kilometres": f"{near.km:.1f}",
    }


def station_prompt(code: str, site: MenuSite, language: str) -> str:
    """The prompt with the station's name; while it is not made yet, a general phrase."""
    name = f"station-{code.lower()}"
    return name if site.has_prompt(name, language) else "station-general"


async def _shared(ask: Ask) -> tuple[float, float] | None:
    link = await place_of_call(ask.session, ask.asker.call)
    if link is None or link.latitude is None or link.longitude is None:
        return None
    return link.latitude, link.longitude


def _local(moment: datetime | None, site: MenuSite) -> str:
    return moment.astimezone(site.zone).strftime("%H:%M") if moment else ""
