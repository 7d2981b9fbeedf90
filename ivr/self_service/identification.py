"""Who calls: three tries, and nothing is told apart but right, wrong and no more tries."""

from __future__ import annotations

import re

from crm_core.self_service.identity import give_back, prove, take_try
from ivr.self_service.asking import Ask, Done


async def identify(ask: Ask) -> Done:
    """A try is used up before it is judged, so that two calls at once have no more tries than one."""
    number, day = ask.e164 or f"call/{ask.asker.call}"[:64], ask.at.astimezone(ask.site.zone).date()
    slot = await take_try(ask.session, number, ask.asker.call[:64], day=day, at=ask.at)
    if slot is None:
        return Done(result="no_more")
    proof = re.sub(r"[^0-9]", "", ask.fact("proof"))[:12]
    found = await prove(ask.session, ask.e164, proof)
    if found is None:
        return Done(result="wrong")
    await give_back(ask.session, number, day=day, slot=slot)
    return Done(result="right", customer_id=found.customer_id, vehicle_id=found.vehicle_id)
