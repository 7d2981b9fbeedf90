"""A broken vehicle: the link that asks for the place, and the rescue that is open before an agent answers."""

from __future__ import annotations

from crm_core.self_service.callers import likely_customer
from crm_core.self_service.places import make_link, place_of_call
from crm_core.self_service.rescues import open_rescue as open_on_record
from ivr.self_service.asking import Ask, Done
from ivr.self_service.stations import station_facts


async def position_link(ask: Ask) -> Done:
    """Sent to the number that calls, by whoever sends the site's short messages."""
    if not ask.e164 or not ask.site.base_url:
        return Done(result="not_sent")
    customer_id = await ask.customer()
    link = await make_link(
        ask.session,
        call=ask.asker.call[:64],
        e164=ask.e164,
        customer_id=customer_id,
        language=ask.asker.language,
        base_url=ask.site.base_url,
        site=ask.site.name,
        at=ask.at,
    )
    if link is None:
        return Done(result="not_sent", customer_id=customer_id)
    return Done(result="sent", facts={"position_code": link.code}, customer_id=customer_id)


async def open_rescue(ask: Ask) -> Done:
    """With road and kilometre post as they were keyed or said, and the position if the phone has shared it."""
    customer_id = await likely_customer(ask.session, ask.asker.call, ask.e164, language=ask.asker.language, at=ask.at)
    opened = await open_on_record(
        ask.session,
        customer_id,
        call=ask.asker.call,
        road=_road(ask.fact("road")),
        km=ask.fact("kilometre"),
        link=await place_of_call(ask.session, ask.asker.call),
        vehicle_id=ask.proven.vehicle_id if ask.proven else None,
        at=ask.at,
        zone=ask.site.zone,
    )
    facts = {
        "case_number": opened.case.number,
        "station": "station-general",
        "station_id": "",
        "station_kilometres": "",
    }
    if opened.station is not None:
        facts |= station_facts(ask, opened.station)
    result = "opened" if opened.is_new else "open_already"
    return Done(result=result, facts=facts, customer_id=customer_id, case_id=opened.case.id)


def _road(said: str) -> str:
    """Callers key the number on a motorway's sign."""
    return f"高速编号 {said}" if said.isdecimal() else said
