"""A dealer's daily figures: today's form, the days that are missing, corrections with their history."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from agent_desktop.admin.forms import text
from agent_desktop.dealer.export import csv_answer
from agent_desktop.dealer.portal import Edit, Portal, ThePortal, a_day, back, show, try_to, whole
from agent_desktop.dependencies import needs
from agent_desktop.rendering import translate
from crm_core.access.roles import Permission
from crm_core.dealers.daily_actions import report_day
from crm_core.dealers.daily_queries import day_lines, figures_of, missing_days
from crm_core.dealers.daily_rules import due_at
from crm_core.workforce.queries import names

router = APIRouter(prefix="/dealer/daily", dependencies=[needs(Permission.SEE_OWN_DEALER)])


@router.get("")
async def show_days(portal: ThePortal, day: str = "") -> Response:
    """With `day` that day's form is open; a regional manager without a chosen dealer sees who has not reported."""
    return await _page(portal, day)


@router.get(".csv")
async def export(portal: ThePortal) -> Response:
    lines = await day_lines(
        portal.session,
        portal.dealer.id,
        portal.reach,
        now=portal.now,
        until=portal.rules.report_until,
        zone=portal.zone,
    )
    head = [translate(portal.request, one) for one in ("Day", "Showroom visitors", "Enquiry calls", "Reported at")]
    rows = [
        [
            line.day.isoformat(),
            line.figures.visitors,
            line.figures.enquiries,
            f"{line.figures.reported_at.astimezone(portal.zone):%Y-%m-%d %H:%M}",
        ]
        for line in lines
        if line.figures
    ]
    return csv_answer("daily", head, rows)


@router.post("/{day}", dependencies=[needs(Permission.WORK_OWN_DEALER)])
async def report(edit: Edit, portal: ThePortal, day: str) -> Response:
    form = await edit.form()
    on = portal.today if day == "today" else a_day(day)
    typed = {name: text(form, name) for name in ("visitors", "enquiries", "reason")}
    before = await figures_of(portal.session, [portal.dealer.id], on) if on else {}

    async def work(session: Any) -> Any:
        return await report_day(
            session,
            portal.dealer.id,
            on or portal.today,
            whole(typed["visitors"]),
            whole(typed["enquiries"]),
            reason=typed["reason"],
            zone=portal.zone,
            reach=portal.reach,
            **edit.by,
        )

    errors, status = await try_to(edit, work)
    if errors:
        shown = (on or portal.today).isoformat()
        return await _page(portal, shown, errors=errors, typed=typed, status=status)
    return back(text(form, "next"), "/dealer/daily", "corrected" if before or day != "today" else "reported")


async def _page(
    portal: Portal,
    day: str,
    *,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    until = portal.rules.report_until
    lines = await day_lines(
        portal.session, portal.dealer.id, portal.reach, now=portal.now, until=until, zone=portal.zone
    )
    opened = next((line for line in lines if line.day.isoformat() == day), None)
    return await show(
        portal,
        "dealer/daily.html",
        status_code=status,
        lines=lines,
        opened=opened,
        overview=not portal.one and portal.chosen is None,
        missing=await missing_days(portal.session, portal.narrowed, now=portal.now, until=until, zone=portal.zone),
        today_figures=await figures_of(portal.session, [one.id for one in portal.dealers], portal.today),
        deadline=due_at(portal.today, until, portal.zone),
        people=await names(portal.session),
        errors=errors or {},
        typed=typed or {},
    )
