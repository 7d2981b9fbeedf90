"""The shift plan: a week as a grid of people and days, given by drag or key, undone, copied, published, exported."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from agent_desktop.admin.forms import text
from agent_desktop.csv_out import csv_file
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page, translate
from agent_desktop.staffing import words
from agent_desktop.staffing.forms import told
from agent_desktop.staffing.look import Look, TheLook
from agent_desktop.staffing.plan_view import Plan, plan_of
from agent_desktop.staffing.sheets import workbook
from agent_desktop.words import N_
from crm_core.access.roles import Permission
from crm_core.errors import PlatformError
from crm_core.shifts import actions, kinds
from crm_core.shifts.times import clock, monday_of
from crm_core.workforce.queries import teams

router = APIRouter(prefix="/staffing/plan", dependencies=[needs(Permission.PLAN_SHIFTS)])


class CellTyped(BaseModel):
    agent: str = Field(max_length=16)
    day: date
    kind: str = Field(max_length=20)


@router.get("")
async def show_plan(look: TheLook, week: str = "", kind: str = "") -> Response:
    return await _show(look, look.monday(week) if week else monday_of(look.today), kind=kind)


@router.post("/cells")
async def change(look: TheLook, week: Annotated[date, Body()], cells: Annotated[list[CellTyped], Body()]) -> Response:
    """Shifts of several people and days at once; answers with the grid."""
    wanted = [(one.agent, one.day, one.kind) for one in cells]
    await actions.set_cells(look.session, week, wanted, led=await _led(look), **look.by)
    return await _show(look, week, block="grid")


@router.post("/undo")
async def undo(look: TheLook, week: Annotated[date, Body(embed=True)]) -> Response:
    await actions.undo(look.session, monday_of(week), led=await _led(look), actor=look.me.number)
    return await _show(look, monday_of(week), block="grid")


@router.post("/copy")
async def copy(look: TheLook, week: Annotated[date, Body(embed=True)]) -> Response:
    await actions.copy_week(look.session, monday_of(week), led=await _led(look), **look.by)
    return await _show(look, monday_of(week), block="grid")


@router.post("/publish")
async def publish(look: TheLook, week: Annotated[date, Body(embed=True)]) -> Response:
    await actions.publish(look.session, monday_of(week), led=await _led(look), **look.by)
    return await _show(look, monday_of(week), block="grid")


@router.post("/kinds")
async def save_kind(look: TheLook) -> Response:
    """A new kind or another one of the same id."""
    form = await look.request.form()
    kind, week = text(form, "kind"), look.monday(text(form, "week"))
    typed = {name: text(form, name) for name in ("name_zh", "name_en", "hours", "pauses")}
    known = "" if kind == "new" else kind
    try:
        async with look.session.begin_nested():
            saved = await kinds.save_kind(look.session, known, typed, **look.by)
    except PlatformError as refused:
        errors = told(look.request, refused)
        return await _show(look, week, kind=kind, errors=errors, typed=typed, status=refused.status)
    return RedirectResponse(f"/staffing/plan?week={week}&kind={saved.id}", 303)


@router.post("/kinds/{kind}/retire")
async def retire(look: TheLook, kind: str) -> Response:
    form = await look.request.form()
    await kinds.retire_kind(look.session, kind, **look.by, back=text(form, "back") == "1")
    return RedirectResponse(f"/staffing/plan?week={look.monday(text(form, 'week'))}&kind={kind}", 303)


@router.get("/week.csv")
async def as_csv(look: TheLook, week: str = "") -> Response:
    plan = await plan_of(look, look.monday(week))
    heads, *rows = _table(look, plan)
    return csv_file(f"shifts-{plan.monday}.csv", [str(one) for one in heads], rows)


@router.get("/week.xlsx")
async def as_xlsx(look: TheLook, week: str = "") -> Response:
    """Typed cells: hours are numbers."""
    plan = await plan_of(look, look.monday(week))
    return await asyncio.to_thread(workbook, f"shifts-{plan.monday}.xlsx", _table(look, plan))


def _table(look: Look, plan: Plan) -> list[list[Any]]:
    english = look.language == "en"
    heads = [translate(look.request, word) for word in (N_("Number"), N_("Name"), N_("Team"))]
    days = [f"{head.on:%m-%d}" for head in plan.heads]
    rows: list[list[Any]] = [[*heads, *days, translate(look.request, N_("Hours of work"))]]
    for row in plan.rows:
        cells = []
        for cell in row.cells:
            if cell.off:
                cells.append(translate(look.request, words.OFF[cell.off]))
            elif cell.shift:
                name = (
                    plan.every_kind[cell.shift.kind].name(look.language) if cell.shift.kind in plan.every_kind else ""
                )
                cells.append(f"{name} {clock(cell.shift.begins)}-{clock(cell.shift.ends)}")
            else:
                cells.append("")
        name = row.agent.name_en if english else row.agent.name
        rows.append([row.agent.number, name, row.agent.team, *cells, round(row.hours, 1)])
    return rows


async def _led(look: Look) -> list[str]:
    return [one.number for one in await look.led()]


async def _show(
    look: Look,
    monday: date,
    *,
    kind: str = "",
    errors: Mapping[str, str] = {},
    typed: Mapping[str, Any] = {},
    status: int = 200,
    block: str | None = None,
) -> Response:
    plan = await plan_of(look, monday)
    return page(
        look.request,
        "staffing/plan.html",
        block,
        status_code=status,
        **await look.frame(),
        here="plan",
        plan=plan,
        teams=_teams(look, await teams(look.session)),
        chosen=plan.every_kind.get(kind) if kind != "new" else None,
        asked=kind if kind == "new" or kind in plan.every_kind else "",
        errors=errors,
        typed=typed,
        words=words,
    )


def _teams(look: Look, rows: Iterable[Any]) -> dict[str, str]:
    return {one.id: one.name_en if look.language == "en" else one.name_zh for one in rows}
