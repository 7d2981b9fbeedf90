"""The reports: the list of all, and the frame in which each is shown, opened down to its calls, and taken as a file."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from agent_desktop.dependencies import Me, Session, TheRendering, needs
from agent_desktop.rendering import language_of, page, translate
from agent_desktop.reports.apart import CountedRoute
from agent_desktop.reports.asked import COMPARES, NO_COMPARISON, PRESETS, STEPS
from agent_desktop.reports.catalogue import GROUPS, REPORTS, Report, report_of
from agent_desktop.reports.conditions import WEEKDAYS, conditions_of, day_word, words_of
from agent_desktop.reports.files import FORMS, disposition, file_name, write_file
from agent_desktop.reports.look import ReportLook, look_for
from agent_desktop.reports.on_page import page_rows, page_totals
from agent_desktop.reports.period_words import compared_word, period_word, queues_word
from agent_desktop.reports.sheet import Drill, Sheet
from agent_desktop.reports.turns import a_turn
from agent_desktop.security import MayNot
from crm_core.access.audit import audit
from crm_core.access.roles import Permission
from crm_core.errors import Invalid, NotFound
from crm_core.workforce.queries import led_agents

router = APIRouter(prefix="/reports", dependencies=[needs(Permission.SEE_REPORTS)], route_class=CountedRoute)
UNPROCESSABLE = 422


async def the_look(request: Request, session: Session, me: Me, rendering: TheRendering) -> ReportLook:
    return await look_for(
        session,
        request.query_params.multi_items(),
        number=me.number,
        roles=me.roles,
        language=language_of(request),
        rendering=rendering,
        led=await led_agents(session, me) if me.may(Permission.STEER_AGENTS) else None,
    )


TheLook = Annotated[ReportLook, Depends(the_look)]


@router.get("")
async def show_reports(request: Request, me: Me) -> Response:
    may_see = [one for one in REPORTS if me.may(one.permission)]
    groups = [(group, [one for one in may_see if one.group == group]) for group in GROUPS]
    return page(
        request, "reports/list.html", groups=[(group, found) for group, found in groups if found], base="/reports"
    )


@router.get("/{report_id}", dependencies=[a_turn])
async def show_report(request: Request, look: TheLook, report_id: str) -> Response:
    """The whole page; only the panel when the script asks for it."""
    return await shown(request, look, _report(look, report_id))


async def shown(request: Request, look: ReportLook, report: Report) -> Response:
    """Of a report that this person may see."""
    assert report.build is not None  # noqa: S101 - report_of gives no other
    if look.asked.problem is not None:
        return await asyncio.to_thread(_page, request, look, report, None, status_code=UNPROCESSABLE)
    drill = await report.drill(look) if report.drill and look.asked.row else None
    if request.headers.get("HX-Request") == "true":
        return page(request, "reports/report.html", "panel", drill=drill, asked=look.asked, report=report)
    return await asyncio.to_thread(_page, request, look, report, await report.build(look), drill=drill)


@router.get("/{report_id}/calls", dependencies=[a_turn])
async def show_calls(request: Request, look: TheLook, report_id: str) -> Response:
    """Everything behind one figure."""
    return await listed(request, look, _report(look, report_id))


async def listed(request: Request, look: ReportLook, report: Report) -> Response:
    """Of a report that this person may see."""
    if report.calls is None:
        raise NotFound("This report has no list.")
    if look.asked.problem is not None:
        return await asyncio.to_thread(_page, request, look, report, None, status_code=UNPROCESSABLE)
    return await asyncio.to_thread(_page, request, look, report, await report.calls(look), listed=True)


@router.get("/{report_id}/export/{form}", dependencies=[a_turn])
async def export_report(look: TheLook, report_id: str, form: str) -> Response:
    """What the page shows, or with `list` what lies behind one figure, as a file. Each export is on the audit log."""
    return await exported(look, _report(look, report_id), form)


async def exported(look: ReportLook, report: Report, form: str) -> Response:
    """Of a report that this person may see."""
    if form not in FORMS:
        raise NotFound("There is no file of this kind.")
    if look.asked.problem is not None:
        raise Invalid(look.asked.problem.message_id, **look.asked.problem.values)
    build = report.calls if look.asked.more.get("list") else report.build
    if build is None:
        raise NotFound("This report has no list.")
    sheet = await build(look)
    content = await write_file(
        form, sheet, look
    )  # before the audit log is written to: that is one transaction at a time
    await audit(
        look.session, at=look.now, actor=look.number, action="report_exported", subject=f"report/{report.id}",
        detail=look.asked.lasting(form),
    )  # fmt: skip
    headers = {"Content-Disposition": disposition(file_name(sheet, look, form)), "Cache-Control": "no-store"}
    return Response(content, media_type=FORMS[form].media_type, headers=headers)


def _report(look: ReportLook, report_id: str) -> Report:
    report = report_of(report_id)
    if report is None:
        raise NotFound("There is no such report.")
    if not look.may(report.permission):
        raise MayNot(report.permission.value)
    return report


def _page(
    request: Request,
    look: ReportLook,
    report: Report,
    sheet: Sheet | None,
    *,
    drill: Drill | None = None,
    listed: bool = False,
    status_code: int = 200,
) -> Response:
    """Called in a thread: a month of half hours is a long page, and calls come first."""
    asked, table = look.asked, sheet.table if sheet else None
    problem = translate(request, asked.problem.message_id, **asked.problem.values) if asked.problem else ""
    values: dict[str, Any] = {
        "report": report,
        "look": look,
        "asked": asked,
        "sheet": sheet,
        "drill": drill,
        "listed": listed,
        "problem": problem,
        "chart": asdict(sheet.chart) if sheet and sheet.chart else None,
        "rows": page_rows(table, look.language, look.zone) if table else [],
        "totals": page_totals(table, look.language, look.zone) if table else None,
        "period_word": period_word(look),
        "weekdays": {day: day_word(day, look.language) for day in WEEKDAYS},
        "conditions_word": words_of(conditions_of(asked), look.language),
        "queues_word": queues_word(look),
        "compared": compared_word(look),
        "presets": PRESETS,
        "steps": STEPS,
        "compares": COMPARES,
        "no_comparison": NO_COMPARISON,
        "forms": FORMS,
        "row_base": _row_base(asked.address(report.address)),
        "script_words": {"copied": translate(request, "The link is copied."), "loading": translate(request, "Loading")},
    }
    return page(request, "reports/report.html", status_code=status_code, **values)


def _row_base(address: str) -> str:
    return address + ("&row=" if "?" in address else "?row=")
