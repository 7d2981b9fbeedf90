"""One search field for everything a caller may say."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from agent_desktop.dependencies import Me, Session, TheRendering, needs
from agent_desktop.desk.numbers import first_phones
from agent_desktop.formats import masked_number, plate_text
from crm_core.access.roles import Permission
from crm_core.customers.model import CustomerPhone
from crm_core.customers.search import SearchHit, search

router = APIRouter(prefix="/api", dependencies=[needs(Permission.SEE_CUSTOMERS)])


@router.get("/search")
async def find(
    session: Session, me: Me, rendering: TheRendering, q: Annotated[str, Query(max_length=60)] = ""
) -> JSONResponse:
    """Customers by number, plate, last 8 of the VIN, name, initials or case number; nobody under two signs."""
    found = await search(session, q)
    phones = await first_phones(session, [hit.customer.customer_id for hit in found])
    hits = [
        {
            "customer_id": hit.customer.customer_id,
            "name": f"{hit.customer.name} {hit.customer.salutation}".strip(),
            "about": _about(hit, me.language),
            "found_by": hit.found_by,
            "phone": _phone(phones.get(hit.customer.customer_id), me.language),
        }
        for hit in found
    ]
    return JSONResponse({"hits": hits}, headers={"Cache-Control": "no-store"})


def _phone(phone: CustomerPhone | None, language: str) -> dict[str, object] | None:
    return {"id": phone.id, "shown": masked_number(phone.e164, language)} if phone else None


def _about(hit: SearchHit, language: str) -> str:
    matched = masked_number(hit.matched, language) if hit.found_by == "number" else hit.matched
    cars = [f"{plate_text(plate)} {model}" for plate, model in hit.customer.vehicles[:2]]
    found = [matched] if hit.found_by in ("number", "case", "vin") else []
    return " · ".join([*found, hit.customer.city, *cars])
