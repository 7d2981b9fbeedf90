"""A regional manager's reports: those of the site that are told by dealer, over the dealers of the own region alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from agent_desktop.dependencies import Me, Session, TheReach, TheRendering, needs
from agent_desktop.pages import reports as whole
from agent_desktop.rendering import language_of, page
from agent_desktop.reports.apart import CountedRoute
from agent_desktop.reports.catalogue import Report, report_of
from agent_desktop.reports.look import ReportLook, look_for
from agent_desktop.reports.turns import a_turn
from crm_core.access.roles import Permission
from crm_core.errors import NotFound

AT = "/dealer/reports"
IDS = ("cases", "leads")
"""Of agent_desktop.reports.catalogue; each asks its look whose dealers it may tell of."""
router = APIRouter(prefix=AT, dependencies=[needs(Permission.SEE_OWN_REGION)], route_class=CountedRoute)


async def the_look(request: Request, session: Session, me: Me, rendering: TheRendering, reach: TheReach) -> ReportLook:
    look = await look_for(
        session,
        request.query_params.multi_items(),
        number=me.number,
        roles=me.roles,
        language=language_of(request),
        rendering=rendering,
        led=frozenset(),
    )
    return replace(look, reach=reach, base=AT)


TheLook = Annotated[ReportLook, Depends(the_look)]


@router.get("")
async def show_reports(request: Request) -> Response:
    found = [_report(one) for one in IDS]
    return page(request, "reports/list.html", groups=[(found[0].group, found)], base=AT)


@router.get("/{report_id}", dependencies=[a_turn])
async def show_report(request: Request, look: TheLook, report_id: str) -> Response:
    return await whole.shown(request, look, _report(report_id))


@router.get("/{report_id}/calls", dependencies=[a_turn])
async def show_calls(request: Request, look: TheLook, report_id: str) -> Response:
    return await whole.listed(request, look, _report(report_id))


@router.get("/{report_id}/export/{form}", dependencies=[a_turn])
async def export_report(look: TheLook, report_id: str, form: str) -> Response:
    return await whole.exported(look, _report(report_id), form)


def _report(report_id: str) -> Report:
    """Raises NotFound for every report that knows no reach."""
    report = report_of(report_id) if report_id in IDS else None
    if report is None:
        raise NotFound("There is no such report.")
    return replace(report, path=f"{AT}/{report_id}")
