"""Leave and swaps that wait for the leader, with what they would do to the day; what was decided lately."""

from __future__ import annotations

from datetime import date, timedelta

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from agent_desktop.admin.forms import text
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page
from agent_desktop.staffing import words
from agent_desktop.staffing.look import Look, TheLook
from crm_core.access.roles import Permission
from crm_core.shifts import wishes
from crm_core.shifts.kinds import by_id, kinds
from crm_core.shifts.model import ShiftWish
from crm_core.shifts.queries import decided_wishes, open_wishes, shifts, worked
from crm_core.shifts.times import Shift

router = APIRouter(prefix="/staffing/requests", dependencies=[needs(Permission.PLAN_SHIFTS)])
LOOKED_BACK = timedelta(days=30)


@router.get("")
async def show_requests(look: TheLook) -> Response:
    led = {one.number for one in await look.led()}
    waiting = await open_wishes(look.session, led)
    days = sorted({day for one in waiting for day in (one.first_day, one.last_day)})
    there = {day: len({one.agent for one in await worked(look.session, day, day, published=False)}) for day in days}
    return page(
        look.request,
        "staffing/requests.html",
        **await look.frame(),
        here="wishes",
        words=words,
        waiting=waiting,
        decided=await decided_wishes(look.session, led, look.now - LOOKED_BACK),
        there=there,
        given=await _given(look, waiting),
        kinds=by_id(await kinds(look.session, retired=True)),
    )


@router.post("/{wish_id:int}")
async def decide(look: TheLook, wish_id: int) -> Response:
    form = await look.request.form()
    led = {one.number for one in await look.led()}
    yes = text(form, "answer") == "yes"
    await wishes.decide(look.session, wish_id, yes=yes, answer=text(form, "words"), led=led, **look.by)
    return RedirectResponse("/staffing/requests", 303)


async def _given(look: Look, waiting: list[ShiftWish]) -> dict[tuple[str, date], Shift]:
    """The published shifts of the days that requests speak of."""
    if not waiting:
        return {}
    first, last = min(one.first_day for one in waiting), max(one.last_day for one in waiting)
    rows = await shifts(look.session, min(first, last), max(first, last), published=True)
    return {(one.agent, one.day): one for one in rows}
