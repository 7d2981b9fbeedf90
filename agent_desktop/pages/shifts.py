"""An agent's own shifts: the weeks that were published, leave asked for, swaps offered and answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from agent_desktop.admin.forms import text
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page
from agent_desktop.staffing import words
from agent_desktop.staffing.forms import told
from agent_desktop.staffing.look import Look, TheLook
from crm_core.access.roles import Permission
from crm_core.errors import PlatformError
from crm_core.notices.actions import mark_read, unread
from crm_core.shifts import wishes
from crm_core.shifts.kinds import by_id, kinds
from crm_core.shifts.queries import absences, own_wishes, shifts
from crm_core.shifts.times import monday_of
from crm_core.workforce.queries import agents
from crm_core.workforce.special_days import special_days
from reports.adherence_queries import followed
from reports.periods import midnight
from reports.plan_metrics import ADHERENCE

router = APIRouter(prefix="/shifts", dependencies=[needs(Permission.TAKE_CALLS)])
WEEKS = 3


@router.get("")
async def show_shifts(look: TheLook) -> Response:
    return await _show(look)


@router.post("/leave")
async def ask_leave(look: TheLook) -> Response:
    form = await look.request.form()
    typed = {name: text(form, name) for name in ("kind", "first", "last", "note")}
    days = _days(look, typed["first"], typed["last"] or typed["first"])
    try:
        async with look.session.begin_nested():
            await wishes.ask_leave(
                look.session, look.me.number, typed["kind"], days, typed["note"], today=look.today, at=look.now
            )
    except PlatformError as refused:
        return await _show(look, errors=told(look.request, refused), typed=typed, status=refused.status)
    return RedirectResponse("/shifts", 303)


@router.post("/swap")
async def ask_swap(look: TheLook) -> Response:
    form = await look.request.form()
    typed = {name: text(form, name) for name in ("mine", "theirs", "other", "words")}
    days = _days(look, typed["mine"], typed["theirs"] or typed["mine"])
    try:
        async with look.session.begin_nested():
            await wishes.ask_swap(
                look.session, look.me.number, typed["other"], days, typed["words"], today=look.today, at=look.now
            )
    except PlatformError as refused:
        errors = {f"swap-{field}": one for field, one in told(look.request, refused).items()}
        return await _show(look, errors=errors, typed=typed, status=refused.status)
    return RedirectResponse("/shifts", 303)


@router.post("/wishes/{wish_id:int}/answer")
async def answer(look: TheLook, wish_id: int) -> Response:
    """A colleague's swap: yes or no."""
    yes = text(await look.request.form(), "answer") == "yes"
    await wishes.agree(look.session, wish_id, **look.by, yes=yes)
    return RedirectResponse("/shifts", 303)


@router.post("/wishes/{wish_id:int}/withdraw")
async def withdraw(look: TheLook, wish_id: int) -> Response:
    await wishes.withdraw(look.session, wish_id, actor=look.me.number, today=look.today, at=look.now)
    return RedirectResponse("/shifts", 303)


def _days(look: Look, first: str, last: str) -> tuple[date, date]:
    """What is no day reads as long ago, which the rules refuse with a sentence."""
    return look.day(first, date(2000, 1, 1)), look.day(last, date(2000, 1, 1))


async def _show(
    look: Look, *, errors: Mapping[str, str] = {}, typed: Mapping[str, Any] = {}, status: int = 200
) -> Response:
    me, monday = look.me.number, monday_of(look.today)
    last = monday + timedelta(days=7 * WEEKS - 1)
    mine = await shifts(look.session, monday, last, published=True, agents=(me,))
    notices = await unread(look.session, me, "shifts")
    for one in notices:
        await mark_read(look.session, me, "shifts", one.subject, look.now)
    start, end = midnight(monday - timedelta(days=28), look.zone), look.now
    times = (await followed(look.session, start, end, (me,), look.zone, now=look.now)).get(me)
    return page(
        look.request,
        "staffing/own.html",
        status_code=status,
        **await look.frame(),
        words=words,
        weeks=[[monday + timedelta(days=7 * week + day) for day in range(7)] for week in range(WEEKS)],
        mine={one.day: one for one in mine},
        off=(await absences(look.session, monday, last)).get(me, {}),
        special=await special_days(look.session, monday, last),
        kinds=by_id(await kinds(look.session, retired=True)),
        wishes=await own_wishes(look.session, me),
        colleagues=[one for one in await agents(look.session) if one.skills and one.number != me],
        fresh={one.subject for one in notices},
        kept=ADHERENCE.of(times) if times else None,
        adherence=ADHERENCE,
        errors=errors,
        typed=typed,
    )
