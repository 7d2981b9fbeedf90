"""How many callers will come and how many agents they need: a queue's week, a day by half hours, corrections."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from agent_desktop.admin.forms import text
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page
from agent_desktop.staffing import charts
from agent_desktop.staffing.forms import goal_from, hours_from, percent_from, told
from agent_desktop.staffing.look import Look, TheLook
from agent_desktop.staffing.weeks import QueueDay, StaffedWeek, default_goal, goal_of, staffed_week
from crm_core.access.roles import Permission
from crm_core.errors import NotFound, PlatformError
from crm_core.forecasts import actions
from crm_core.forecasts.actions import CorrectionTyped
from crm_core.forecasts.volumes import VolumesUnreadable, bring_volumes, read_volumes
from crm_core.shifts.times import monday_of
from reports.volumes import SLOTS

router = APIRouter(prefix="/staffing", dependencies=[needs(Permission.PLAN_SHIFTS)])
LARGEST_FILE = 16_000_000  # bytes


@router.get("")
async def show_forecast(look: TheLook, queue: str = "", day: str = "") -> Response:
    """A queue's day with its week; without a day, tomorrow."""
    return await _show(look, queue, look.day(day, look.today + timedelta(days=1)))


@router.post("/goal")
async def save_goal(look: TheLook) -> Response:
    form = await look.request.form()
    queue, day = text(form, "for"), look.day(text(form, "day"))
    typed = goal_from(form)
    try:
        async with look.session.begin_nested():
            await actions.save_goal(look.session, await _known(look, queue), typed, **look.by)
    except PlatformError as refused:
        return await _show(look, queue, day, errors=told(look.request, refused), typed=typed, status=refused.status)
    return RedirectResponse(f"/staffing?queue={queue}&day={day}", 303)


@router.post("/corrections")
async def correct(look: TheLook) -> Response:
    form = await look.request.form()
    queue, day = text(form, "for"), look.day(text(form, "day"))
    typed = {name: text(form, name) for name in ("hours", "percent", "reason")}
    begins, ends = hours_from(typed["hours"])
    wanted = CorrectionTyped(
        queue=await _known(look, queue), day=day, from_minute=begins, until_minute=ends,
        percent=percent_from(typed["percent"]), reason=typed["reason"],
    )  # fmt: skip
    try:
        async with look.session.begin_nested():
            await actions.correct(look.session, wanted, **look.by)
    except PlatformError as refused:
        return await _show(look, queue, day, errors=told(look.request, refused), typed=typed, status=refused.status)
    return RedirectResponse(f"/staffing?queue={queue}&day={day}", 303)


@router.post("/corrections/{correction_id:int}/remove")
async def take_back(look: TheLook, correction_id: int) -> Response:
    row = await actions.take_back(look.session, correction_id, **look.by)
    return RedirectResponse(f"/staffing?queue={row.queue}&day={row.day}", 303)


@router.post("/volumes")
async def bring(look: TheLook) -> Response:
    """Callers from before this site, as a CSV file; the forecast learns from them at once."""
    form = await look.request.form()
    queue, day = text(form, "for"), look.day(text(form, "day"))
    file = form.get("file")
    try:
        raw = await file.read(LARGEST_FILE + 1) if isinstance(file, UploadFile) else b""
        if len(raw) > LARGEST_FILE:
            raise VolumesUnreadable("The file is larger than {most} MB.", most=LARGEST_FILE // 1_000_000, field="file")
        known = (await look.names()).queues
        volumes = await asyncio.to_thread(read_volumes, _decoded(raw), known, today=look.today)
        async with look.session.begin_nested():
            await bring_volumes(look.session, volumes, **look.by)
    except PlatformError as refused:
        return await _show(look, queue, day, errors=told(look.request, refused), status=refused.status)
    look.learnt.forget()
    return RedirectResponse(f"/staffing?queue={queue}&day={day}", 303)


def _decoded(raw: bytes) -> str:
    """UTF-8, else as Chinese spreadsheets write."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


async def _known(look: Look, queue: str) -> str:
    if queue not in (await look.names()).queues:
        raise NotFound("There is no such queue.")
    return queue


async def _show(
    look: Look,
    queue: str,
    day: date,
    *,
    errors: Mapping[str, str] = {},
    typed: Mapping[str, Any] = {},
    status: int = 200,
) -> Response:
    week = await staffed_week(look.session, look.learnt, monday_of(day), look.now, look.zone)
    row = next((one for one in week.queues if one.id == queue), week.queues[0] if week.queues else None)
    if row is None:
        return page(look.request, "staffing/nothing.html", **await look.frame(), here="forecast")
    known = week.goals.get(row.id) or default_goal(row.id)
    chosen = week.days[row.id][day.weekday()]
    return page(
        look.request,
        "staffing/forecast.html",
        status_code=status,
        here="forecast",
        **await look.frame(),
        week=week,
        queue=row,
        day=day,
        chosen=chosen,
        goal=known,
        aim=goal_of(row, known, week.outlooks[row.id]),
        outlook=week.outlooks[row.id],
        changed=[one for one in week.corrections if one.queue == row.id and one.day == day],
        errors=errors,
        typed=typed,
        state=charts.state,
        clock=charts.clock,
        **_curves(week, chosen, row.id, known.model),
    )


def _curves(week: StaffedWeek, chosen: QueueDay, queue: str, model: str) -> dict[str, Any]:
    """Shapes of the two charts; past weeks are shown where they are known."""
    if not chosen.rows:
        return {"calls": None, "people": None}
    outlook = week.outlooks[queue]
    past = [one for weeks in (1, 2) if (one := outlook.same_weekday(chosen.on, weeks)) is not None]
    first, last = charts.shown_slots(chosen.rows)
    most = max([row.high for row in chosen.rows] + [count for one in past for count in one.counts])
    place = charts.frame(first, last, most)
    crew = charts.frame(first, last, max(max(row.planned, row.wanted(model).agents) for row in chosen.rows))
    values = [row.calls for row in chosen.rows]
    return {
        "calls": place,
        "band": charts.band(chosen.rows, place),
        "told": charts.line(values, place),
        "past": [(weeks, charts.line(one.counts, place)) for weeks, one in enumerate(past, start=1)],
        "people": crew,
        "bars": charts.bars(chosen.rows, model, crew),
        "last_week": past[0].counts if past and outlook.same_weekday(chosen.on, 1) else (None,) * SLOTS,
    }
