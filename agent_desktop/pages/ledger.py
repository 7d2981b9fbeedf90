"""The ledger: is each day proven, what does not agree, and what can be done about it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from agent_desktop import formats
from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.ledger import view, words
from agent_desktop.naming import names_for
from agent_desktop.rendering import language_of, page, translate
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.errors import Invalid
from crm_core.ledger import actions, queries
from crm_core.workforce.queries import names, queues
from reports.gaps import gap_rows
from reports.periods import Period, Step

router = APIRouter(prefix="/reports/ledger", dependencies=[needs(Permission.SEE_REPORTS)])
correct = needs(Permission.CORRECT_LEDGER)
EARLIEST, LATEST = date(2001, 1, 1), date(2099, 12, 1)
Day = Annotated[str, Query(max_length=10)]


@router.get("")
async def show_ledger(request: Request, session: Session, me: Me, day: Day = "", month: Day = "") -> Response:
    """The month with its days, and one day; without a word today."""
    zone = request.app.state.site.zone
    today = clock.now().astimezone(zone).date()
    chosen, problem = _day(request, day, today)
    shown_month, unread = _day(request, f"{month}-01", today) if month else (chosen, "")
    shown_month = shown_month.replace(day=1)
    first, last = view.month_cells(shown_month, today, {})[0].day, view.month_cells(shown_month, today, {})[-1].day
    states = await queries.days(session, first, last)
    run, done = await actions.last_run(session, chosen), await queries.finished_run(session, chosen)
    period = Period(first=chosen, last=chosen, step=Step.DAY, zone=zone)

    def say(sentence: str) -> str:
        return translate(request, sentence)

    return page(
        request,
        "ledger/page.html",
        status_code=422 if problem or unread else 200,
        problem=problem or unread,
        today=today,
        chosen=chosen,
        month=shown_month,
        before=(shown_month - timedelta(days=1)).replace(day=1),
        after=(shown_month + timedelta(days=31)).replace(day=1),
        weekday=lambda on: formats.weekday(on, language_of(request)),
        states=words.STATES,
        word=view.day_word(states.get(chosen)),
        cells=view.month_cells(shown_month, today, states),
        run=run,
        done=done,
        busy=run is not None and run.state in actions.BUSY,
        inbound=view.equation(done, "offered", "groups") if done else None,
        outbound=view.equation(done, "outbound", "outbound_groups") if done else None,
        attempts=view.equation(done, "attempts", "attempt_groups") if done else None,
        agent_lines=view.agent_lines(done) if done else [],
        gaps=await gap_rows(session, period.start, period.end),
        kinds=view.by_kind(await queries.findings(session, chosen, settled=False), zone, say),
        settled=[view.shown(row, zone, say) for row in await queries.findings(session, chosen, settled=True)],
        words=words,
        named=names_for(language_of(request), await names(session), await queues(session)),
        may_correct=me.may(Permission.CORRECT_LEDGER),
    )


@router.get("/progress")
async def progress(session: Session, request: Request, day: Day = "") -> Response:
    chosen, _ = _day(request, day, clock.now().astimezone(request.app.state.site.zone).date())
    run = await actions.last_run(session, chosen)
    told = {"done": run.done, "steps": run.steps, "busy": run.state in actions.BUSY} if run else {"busy": False}
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


@router.post("/check", dependencies=[correct])
async def check(request: Request, session: Session, me: Me, day: Annotated[str, Form(max_length=10)]) -> Response:
    today = clock.now().astimezone(request.app.state.site.zone).date()
    chosen, problem = _day(request, day, today)
    if problem:
        raise Invalid("This is no day.", field="day")
    await actions.ask(session, chosen, actor=me.number, today=today, at=clock.now())
    return RedirectResponse(f"/reports/ledger?day={chosen}", 303)


@router.post("/{finding_id:int}/repair", dependencies=[correct])
async def repair(session: Session, me: Me, finding_id: int) -> Response:
    """Write what Asterisk's log knows; the day is checked again by itself at night."""
    row = await actions.repair(session, finding_id, actor=me.number, at=clock.now())
    return RedirectResponse(f"/reports/ledger?day={row.day}#settled", 303)


@router.post("/{finding_id:int}/accept", dependencies=[correct])
async def accept(
    session: Session, me: Me, finding_id: int, note: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    row = await actions.accept(session, finding_id, note, actor=me.number, at=clock.now())
    return RedirectResponse(f"/reports/ledger?day={row.day}#settled", 303)


def _day(request: Request, text: str, today: date) -> tuple[date, str]:
    """The day that is asked for and "", or today and a sentence that says why not."""
    if not text:
        return today, ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today, translate(request, "This is no day.")
    if not EARLIEST <= day < LATEST:
        return today, translate(request, "This is no day.")
    return day, ""
