"""What if: agents, callers, minutes, target or skills changed, and a planned day played by the real engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from agent_desktop.admin.forms import number, text
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page
from agent_desktop.staffing import words
from agent_desktop.staffing.forms import hours_from, told
from agent_desktop.staffing.look import Look, TheLook
from agent_desktop.staffing.played_day import plan_of_day
from agent_desktop.staffing.plays import Play, Plays
from crm_core.access.roles import Permission
from crm_core.errors import Invalid, NotFound, PlatformError
from crm_core.forecasts import actions
from crm_core.forecasts.model import Scenario
from crm_core.forecasts.queries import scenarios
from crm_core.workforce.fields import Unusable
from crm_core.workforce.model import QueueRow
from crm_core.workforce.queries import agents, queues
from reports.what_if_case import Changes, MoreAgents, QueueChange, changed, read_changes, written

router = APIRouter(prefix="/staffing/what-if", dependencies=[needs(Permission.PLAN_SHIFTS)])
DAYS_PLAYED = (10, 20, 40)
LIMITS = {"calls": (0, 500), "handling": (20, 500), "seconds": (0, 600)}


@router.get("")
async def show(look: TheLook, day: str = "", play: str = "", scenario: int = 0) -> Response:
    """The form of a day; with `play` or `scenario` what came of it beside it."""
    if play:
        found = await _plays(look).found(play, look.me.number)
        return await _show(look, found.day, play=found, changes=read_changes(found.changes), days=found.days)
    if scenario:
        kept = await look.session.get(Scenario, scenario)
        if kept is None:
            raise NotFound("There is no such scenario.")
        return await _show(look, kept.day, kept=kept, changes=read_changes(kept.changes), days=kept.days_played)
    return await _show(look, look.day(day, look.today))


@router.post("")
async def start(look: TheLook) -> Response:
    form = await look.request.form()
    day = look.day(text(form, "day"))
    rows = await queues(look.session)
    changes, problems = _changes_from(form, rows)
    days = int(text(form, "days")) if text(form, "days") in map(str, DAYS_PLAYED) else DAYS_PLAYED[1]
    try:
        if problems:
            raise Unusable(problems)
        plan = await plan_of_day(look, day)
        asked = {"now": written(plan), "then": written(changed(plan, changes)), "days": days}
        mine = asdict(changes)
        play = _plays(look).start(asked, owner=look.me.number, day=day, changes=mine, now=look.now)
    except PlatformError as refused:
        errors = told(look.request, refused)
        return await _show(look, day, changes=changes, days=days, errors=errors, status=refused.status)
    return RedirectResponse(f"/staffing/what-if?play={play.id}", 303)


@router.get("/plays/{play}")
async def progress(look: TheLook, play: str) -> dict[str, Any]:
    """How far it is."""
    found = await _plays(look).found(play, look.me.number)
    return {"state": found.state, "done": found.done, "days": found.days}


@router.post("/plays/{play}/stop")
async def stop(look: TheLook, play: str) -> Response:
    found = await _plays(look).found(play, look.me.number)
    _plays(look).stop(play, look.me.number)
    return RedirectResponse(f"/staffing/what-if?play={found.id}", 303)


@router.post("/plays/{play}/keep")
async def keep(look: TheLook, play: str) -> Response:
    found = await _plays(look).found(play, look.me.number)
    name = text(await look.request.form(), "name")
    played = {"changes": found.changes, "result": found.result, "days": found.days}
    try:
        if found.state != "done":
            raise Invalid("It is not played to its end yet.", field="name")
        async with look.session.begin_nested():
            row = await actions.keep_scenario(look.session, name, found.day, played, **look.by)
    except PlatformError as refused:
        return await _show(
            look, found.day, play=found, changes=read_changes(found.changes), days=found.days,
            errors=told(look.request, refused), status=refused.status,
        )  # fmt: skip
    return RedirectResponse(f"/staffing/what-if?scenario={row.id}", 303)


@router.post("/scenarios/{scenario_id:int}/remove")
async def remove(look: TheLook, scenario_id: int) -> Response:
    await actions.remove_scenario(look.session, scenario_id, **look.by)
    return RedirectResponse("/staffing/what-if", 303)


def _plays(look: Look) -> Plays:
    plays: Plays = look.request.app.state.plays
    return plays


def _changes_from(form: FormData, rows: Sequence[QueueRow]) -> tuple[Changes, list[Invalid]]:
    """What was typed, and what of it cannot be."""
    problems: list[Invalid] = []

    def whole(name: str, low: int, high: int, empty: int) -> int:
        value = number(text(form, name)) if text(form, name) else empty
        if not isinstance(value, int) or not low <= value <= high:
            problems.append(Invalid("Enter a number from {low} to {high}.", low=low, high=high, field=name))
            return empty
        return value

    found = {
        row.id: QueueChange(
            calls=whole(f"calls-{row.id}", *LIMITS["calls"], 100),
            handling=whole(f"handling-{row.id}", *LIMITS["handling"], 100),
            seconds=whole(f"seconds-{row.id}", *LIMITS["seconds"], 0),
        )
        for row in rows
    }
    begins, ends = hours_from(text(form, "more_hours") or "08:00-16:30")
    if begins >= ends:
        problems.append(Invalid("Write the hours as 08:00-16:30.", field="more_hours"))
    known = {row.id for row in rows}
    more = MoreAgents(
        count=whole("more_count", 0, 200, 0),
        skills=tuple(queue for queue in map(str, form.getlist("more_skill")) if queue in known),
        begins=begins,
        ends=ends,
    )
    if more.count and not more.skills:
        problems.append(Invalid("Say which queues they serve.", field="more_skill"))
    taught = text(form, "taught")
    return Changes(
        queues=found, more=more, without=tuple(map(str, form.getlist("without")))[:500],
        teach=tuple(map(str, form.getlist("teach")))[:500], taught=taught if taught in known else "",
        level=whole("level", 1, 9, 5),
    ), problems  # fmt: skip


async def _show(
    look: Look,
    day: date,
    *,
    play: Play | None = None,
    kept: Scenario | None = None,
    changes: Changes | None = None,
    days: int = DAYS_PLAYED[1],
    errors: Mapping[str, str] = {},
    status: int = 200,
) -> Response:
    result = play.result if play else kept.result if kept else {}
    return page(
        look.request,
        "staffing/what_if.html",
        status_code=status,
        **await look.frame(),
        here="what_if",
        words=words,
        day=day,
        days=days,
        choices=DAYS_PLAYED,
        queues=await queues(look.session),
        crew=[one for one in await agents(look.session) if one.skills],
        changes=changes or Changes(),
        usual=QueueChange(),
        play=play,
        kept=kept,
        result=result,
        scenarios=await scenarios(look.session),
        errors=errors,
    )
