"""Leads as work of the centre: the funnel, the list with its filters in the address, sending several, new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit
from agent_desktop.csv_out import csv_file
from agent_desktop.dependencies import Me, Session, TheRendering, needs
from agent_desktop.formats import masked_number
from agent_desktop.leads import words as lead_words
from agent_desktop.leads.forms import id_of
from agent_desktop.rendering import language_of, page, translate
from crm_core import clock
from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.access.roles import Permission
from crm_core.customers.model import Customer
from crm_core.errors import PlatformError
from crm_core.leads import actions, queries
from crm_core.leads.clock import clock_of
from crm_core.leads.filters import FUNNEL_DAYS, LeadFilter
from crm_core.leads.paging import place_of
from crm_core.leads.queries import LeadLine

router = APIRouter(prefix="/leads", dependencies=[needs(Permission.WORK_LEADS)])
PAGE_SIZE = 100
MOST_EXPORTED = 20_000


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as they stand in the address; what is empty does not restrict."""

    q: str = ""
    status: str = "open"
    horizon: str = ""
    source: str = ""
    dealer: str = ""
    due: str = ""
    stage: str = ""
    customer: str = ""
    cursor: str = ""

    def address(self, path: str = "/leads", **changes: object) -> str:
        """The list's address with these filters changed; a changed filter starts from the top."""
        wanted = {name: getattr(self, name) for name in self.__slots__ if name != "cursor"} | changes
        query = urlencode({name: value for name, value in wanted.items() if value and (name, value) != _USUAL})
        return f"{path}?{query}" if query else path

    @property
    def wanted(self) -> LeadFilter:
        return LeadFilter(
            q=self.q[:80],
            status=self.status,
            horizon=self.horizon,
            source=self.source,
            dealer_id=id_of(self.dealer),
            due=self.due,
            stage=self.stage,
            customer_id=id_of(self.customer),
        )


_USUAL = ("status", "open")


@router.get("")
async def show_leads(
    request: Request, session: Session, asked: Annotated[Asked, Depends()], sent: int = -1, held: int = 0
) -> Response:
    """`sent` and `held` tell how a sending of several went."""
    now = clock.now()
    found = await queries.lead_lines(session, asked.wanted, now=now, limit=PAGE_SIZE + 1, after=asked.cursor[:60])
    lines = found[:PAGE_SIZE]
    stages = await queries.funnel(session, now=now)
    return page(
        request,
        "leads/list.html",
        asked=asked,
        lines=lines,
        clocks={line.lead.id: clock_of_line(line) for line in lines},
        further=asked.address(cursor=place_of(lines[-1].lead)) if len(found) > PAGE_SIZE else "",
        total=await queries.count_leads(session, asked.wanted, now=now),
        stages=stages,
        funnel_days=FUNNEL_DAYS,
        counts=await queries.status_counts(session),
        dues=await queries.due_counts(session, now=now),
        sellers=await queries.sellers(session),
        customer=await session.get(Customer, asked.wanted.customer_id) if asked.wanted.customer_id else None,
        sent=sent,
        held=held,
        lw=lead_words,
    )


def clock_of_line(line: LeadLine) -> Any:
    """The dealer's clock; None when no word is due."""
    lead = line.lead
    began = lead.feedback_at or lead.sent_at
    return clock_of(began, lead.feedback_due_at, clock.now()) if began and lead.feedback_due_at else None


@router.get("/export.csv")
async def export(
    request: Request, session: Session, me: Me, rendering: TheRendering, asked: Annotated[Asked, Depends()]
) -> Response:
    """What the filters show; numbers stay masked."""
    lines = await queries.lead_lines(session, asked.wanted, now=clock.now(), limit=MOST_EXPORTED)
    language, zone = language_of(request), rendering.site.zone
    heads = [translate(request, word) for word in lead_words.COLUMNS]
    rows = [_exported(request, line, language, zone) for line in lines]
    told = noting(rows=len(rows), filters=asked.address())
    await audit(session, at=clock.now(), actor=me.number, action="leads_exported", detail=told)
    return csv_file("leads.csv", heads, rows)


def _exported(request: Request, line: LeadLine, language: str, zone: Any) -> list[object]:
    lead = line.lead
    times = [at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else "" for at in _times(line)]
    return [
        lead.number,
        line.customer,
        masked_number(line.phone, language),
        translate(request, lead_words.HORIZONS.get(lead.horizon, "")),
        lead.model,
        lead.wish,
        translate(request, lead_words.SOURCES.get(lead.source, lead.source)),
        translate(request, lead_words.STATUS[lead.status]),
        line.dealer,
        line.staff,
        *times,
    ]


def _times(line: LeadLine) -> tuple[Any, ...]:
    return line.lead.created_at, line.lead.sent_at, line.lead.feedback_due_at


@router.post("/send")
async def send_several(edit: Edit, rendering: TheRendering) -> Response:
    """Each lead by itself: one that may not be sent does not keep the others back."""
    form = await edit.form()
    chosen = [found for value in form.getlist("lead") if (found := id_of(str(value))) is not None][:PAGE_SIZE]
    dealer = id_of(text(form, "dealer"))
    sent = held = 0
    for lead_id in chosen:
        try:
            async with edit.db.begin() as session:
                await actions.send(session, lead_id, dealer_id=dealer, zone=rendering.site.zone, **edit.by)
            sent += 1
        except PlatformError:
            held += 1
    back = text(form, "back")
    back = back if back.startswith("/leads") and "//" not in back and "\\" not in back else "/leads"
    mark = "&" if "?" in back else "?"
    return RedirectResponse(f"{back}{mark}sent={sent}&held={held}", 303)
