"""The list of customers: search by anything a caller may say, filters in the address, a file of what is shown."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from agent_desktop.customers.reader import Reader, TheReader
from agent_desktop.customers.words import KINDS
from agent_desktop.dependencies import needs
from agent_desktop.desk.numbers import first_phones
from agent_desktop.desk.words import FORMS_OF_ADDRESS, LIFE_CYCLE
from agent_desktop.formats import masked_number, plate_text
from agent_desktop.rendering import language_of, page, translate
from agent_desktop.words import CLASSES, N_
from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.access.roles import Permission
from crm_core.customers.actions import create
from crm_core.customers.lists import CustomerFilter, CustomerLine, CustomerPage, customer_page, lines_of
from crm_core.customers.search import search
from crm_core.customers.seen import recently_seen
from crm_core.dealers.model import Dealer
from crm_core.errors import Invalid

router = APIRouter(dependencies=[needs(Permission.SEE_CUSTOMERS)])
PAGE_SIZE, EXPORTED = 50, 5000
_COLUMNS = (
    N_("Number"), N_("Name"), N_("Type"), N_("Class"), N_("Stage"), N_("Phone"), N_("City"), N_("Dealer"),
    N_("Vehicles"), N_("Vehicle count"), N_("Open cases"), N_("Last contact"),
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as they stand in the address; what is empty does not restrict."""

    q: str = ""
    kind: str = ""
    customer_class: str = ""
    stage: str = ""
    dealer: str = ""
    cursor: str = ""
    new: str = ""

    def address(self, path: str = "/customers", **changes: object) -> str:
        """The list's address with these filters changed; a changed filter starts from the top."""
        names = ("q", "kind", "customer_class", "stage", "dealer")
        wanted = {name: getattr(self, name) for name in names} | changes
        query = urlencode({name: value for name, value in wanted.items() if value})
        return f"{path}?{query}" if query else path

    @property
    def filter(self) -> CustomerFilter:
        known = self.dealer.isascii() and self.dealer.isdigit() and len(self.dealer) < 10
        dealer_id = int(self.dealer) if known else None
        return CustomerFilter(customer_class=self.customer_class, stage=self.stage, kind=self.kind, dealer_id=dealer_id)

    def fits(self, line: CustomerLine) -> bool:
        """For what was found by a search."""
        one, wanted = line.customer, self.filter
        pairs = (
            (one.customer_class, wanted.customer_class),
            (one.life_cycle_stage, wanted.stage),
            (one.kind, wanted.kind),
        )
        return all(not asked or has == asked for has, asked in pairs) and wanted.dealer_id in (None, one.dealer_id)


Filters = Annotated[Asked, Depends()]


@router.get("/customers")
async def show_customers(reader: TheReader, asked: Filters) -> Response:
    return await _list(reader, asked)


@router.get("/customers.csv", dependencies=[needs(Permission.EDIT_CUSTOMERS)])
async def export(reader: TheReader, asked: Filters) -> Response:
    """What the list shows, at most 5,000 rows, numbers masked as on the screen; the file is on the audit log."""
    found = await _found(reader, asked, limit=500)
    lines = list(found.lines)
    while found.next_cursor and len(lines) < EXPORTED and not asked.q:
        place = found.next_cursor
        found = await customer_page(reader.session, asked.filter, reach=reader.reach, cursor=place, limit=500)
        lines += found.lines
    text = await _as_csv(reader, lines)
    async with reader.writing() as session:
        detail = noting(rows=len(lines), filters=asked.address())
        await audit(session, action="customers_exported", detail=detail, **reader.by)
    headers = {"Content-Disposition": 'attachment; filename="customers.csv"', "Cache-Control": "no-store"}
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/customers", dependencies=[needs(Permission.EDIT_CUSTOMERS)])
async def add(reader: TheReader) -> Response:
    """A new customer, whose page opens; what is wrong stands under its field."""
    form = await reader.request.form()
    typed = {name: str(form.get(name, "")) for name in ("name", "number", "kind", "salutation", "city")}
    typed["kind"] = typed["kind"] or "person"
    try:
        async with reader.writing() as session:
            label = "company" if typed["kind"] == "company" else "mobile"
            customer = await create(session, **typed, label=label, **reader.by)
    except Invalid as wrong:
        sentence = translate(reader.request, wrong.message_id, **wrong.values)
        again = {**typed, "errors": {str(wrong.values.get("field", "")): sentence}}
        return await _list(reader, Asked(new="1"), again)
    return RedirectResponse(f"/customers/{customer.id}", status_code=303)


async def _list(reader: Reader, asked: Asked, form: Mapping[str, object] | None = None) -> Response:
    session, reach = reader.session, reader.reach
    plain = asked.address() == "/customers" and not asked.cursor
    recent = await lines_of(session, await recently_seen(session, reader.me.number), reach=reach) if plain else []
    found = await _found(reader, asked, limit=PAGE_SIZE)
    ids = [line.customer.id for line in (*recent, *found.lines)]
    dealers = select(Dealer.id, Dealer.short_name).where(Dealer.active.is_(True), reach.condition(Dealer.id))
    return page(
        reader.request,
        "customers/list.html",
        "rows",
        status_code=422 if form else 200,
        asked=asked,
        lines=found.lines,
        recent=recent,
        phones=await first_phones(session, ids),
        older=asked.address(cursor=found.next_cursor) if found.next_cursor else "",
        dealers=(await session.execute(dealers.order_by(Dealer.short_name))).all(),
        may=reader.may(),
        form=form,
        classes=CLASSES,
        stages=LIFE_CYCLE,
        kinds=KINDS,
        forms_of_address=FORMS_OF_ADDRESS,
    )


async def _found(reader: Reader, asked: Asked, *, limit: int) -> CustomerPage:
    session, reach = reader.session, reader.reach
    if not asked.q.strip():
        return await customer_page(session, asked.filter, reach=reach, cursor=asked.cursor[:60], limit=limit)
    hits = await search(session, asked.q, limit=limit)
    lines = await lines_of(session, [hit.customer.customer_id for hit in hits], reach=reach)
    return CustomerPage(lines=tuple(line for line in lines if asked.fits(line)), next_cursor="")


async def _as_csv(reader: Reader, lines: list[CustomerLine]) -> str:
    request, session = reader.request, reader.session
    phones = await first_phones(session, [line.customer.id for line in lines])
    language = language_of(request)
    heads = [translate(request, word) for word in _COLUMNS]
    rows = [
        (
            str(line.customer.id),
            line.customer.name,
            translate(request, KINDS.get(line.customer.kind, "")),
            translate(request, CLASSES.get(line.customer.customer_class, "")),
            translate(request, LIFE_CYCLE.get(line.customer.life_cycle_stage, "")),
            masked_number(phones[line.customer.id].e164, language) if line.customer.id in phones else "",
            line.customer.city,
            line.dealer,
            ", ".join(f"{plate_text(plate)} {model}".strip() for plate, model in line.vehicles),
            str(line.vehicle_count),
            str(line.open_cases),
            line.customer.last_contact_at.date().isoformat() if line.customer.last_contact_at else "",
        )
        for line in lines
    ]
    written = io.StringIO()
    csv.writer(written).writerows([heads, *([_harmless(cell) for cell in row] for row in rows)])
    return written.getvalue()


def _harmless(cell: str) -> str:
    """A spreadsheet must not take a name for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
