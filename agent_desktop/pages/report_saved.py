"""Reports kept under a name: the own list, the form for keeping and mailing one, pausing, sending now, removing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.pages.reports import TheLook
from agent_desktop.rendering import page, translate
from agent_desktop.reports.asked import PRESETS, read_asked
from agent_desktop.reports.catalogue import REPORTS, report_of
from agent_desktop.reports.files import FORMS
from agent_desktop.reports.mailing import RESULTS, moving_query, saved_query
from agent_desktop.words import N_
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.roles import Permission
from crm_core.errors import Invalid, NotFound, PlatformError, Refused
from crm_core.saved_reports import actions
from crm_core.saved_reports.actions import Wish, addresses
from crm_core.saved_reports.model import SavedReport

router = APIRouter(prefix="/reports/saved", dependencies=[needs(Permission.SEE_REPORTS)])
EVERY = {
    "": N_("Only keep it"),
    "daily": N_("Every day"),
    "weekly": N_("Every week"),
    "monthly": N_("Every month"),
}
WEEKDAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"),
)  # fmt: skip


class KeepForm(BaseModel):
    """The fields as they were typed."""

    report: str = Field(default="", max_length=40)
    query: str = Field(default="", max_length=4000)
    name: str = Field(default="", max_length=200)
    period: str = Field(default="", max_length=16)
    form: str = Field(default="pdf", max_length=8)
    every: str = Field(default="", max_length=8)
    weekday: int = 1
    month_day: int = 1
    at: str = Field(default="08:00", max_length=5)
    recipients: str = Field(default="", max_length=2000)

    def wish(self) -> Wish:
        """Raises Invalid for a word that is not on offer."""
        if self.form not in FORMS or (self.period and self.period not in PRESETS):
            raise Invalid("Choose from the list.", field="form")
        return Wish(
            name=self.name, report=self.report, query=self.query, period=self.period, form=self.form,
            every=self.every, weekday=self.weekday, month_day=self.month_day, minute=_minute(self.at),
            recipients=addresses(self.recipients),
        )  # fmt: skip


@router.get("")
async def show_saved(request: Request, session: Session, me: Me) -> Response:
    rows = await actions.own_reports(session, me.number)
    return page(
        request,
        "reports/saved.html",
        rows=rows,
        names={one.id: one.name for one in REPORTS},
        links={row.id: _link(row, request) for row in rows},
        every=EVERY,
        weekdays=WEEKDAYS,
        results=RESULTS,
        mails=request.app.state.config.mails,
    )


def _link(row: SavedReport, request: Request) -> str:
    report = report_of(row.report)
    if report is None:
        return ""
    zone = request.app.state.site.zone
    return read_asked(moving_query(row), clock.now().astimezone(zone).date(), zone).address(report.address)


@router.get("/new")
async def new_saved(request: Request, look: TheLook) -> Response:
    """The form, from the report in front: `report` is its id, the rest of the address what it asks for."""
    report_id = look.asked.more.get("report", "")
    if report_of(report_id) is None:
        raise NotFound("There is no such report.")
    pairs = [(name, value) for name, value in look.asked.pairs() if name != "report"]
    given = {"period": look.asked.preset, "report": report_id, "query": saved_query(pairs), "saved": 0}
    return _form(request, {**KeepForm().model_dump(), **given})


@router.get("/{saved_id:int}/edit")
async def edit_saved(request: Request, session: Session, me: Me, saved_id: int) -> Response:
    row = await actions.own_report(session, saved_id, me.number)
    names = ("name", "period", "form", "every", "weekday", "month_day", "report", "query")
    given = {name: getattr(row, name) for name in names}
    at = f"{row.minute // 60:02d}:{row.minute % 60:02d}"
    return _form(request, {**given, "at": at, "recipients": ", ".join(row.recipients), "saved": row.id})


@router.post("/{saved_id:int}/edit")
async def change_saved(
    request: Request, session: Session, me: Me, saved_id: int, form: Annotated[KeepForm, Form()]
) -> Response:
    row = await actions.own_report(session, saved_id, me.number)
    form.report, form.query = row.report, row.query
    config = request.app.state.config
    try:
        wish = _mailed(form.wish(), config.mails)
        await actions.change(session, row, wish, config.mail_domains, config.site.zone, actor=me.number, at=clock.now())
    except (Invalid, Refused) as refused:
        return _again(request, form, refused, saved=row.id)
    return RedirectResponse("/reports/saved", 303)


def _mailed(wish: Wish, mails: bool) -> Wish:
    """Raises Invalid for one that is to be mailed on a site without a mail server."""
    if wish.every and not mails:
        raise Invalid("No mail server is set up. The operator sets HOTLINE_SMTP_HOST and HOTLINE_MAIL_DOMAINS.")
    return wish


def _form(request: Request, given: Mapping[str, Any], problem: str = "", field: str = "") -> Response:
    report = report_of(str(given["report"]))
    if report is None:
        raise NotFound("There is no such report.")
    config = request.app.state.config
    return page(
        request,
        "reports/keep.html",
        status_code=422 if problem else 200,
        report=report,
        query=given["query"],
        fixed=any(name in ("from", "to") for name, _ in parse_qsl(str(given["query"]))),
        given=given,
        problem=problem,
        field=field,
        every=EVERY,
        presets=PRESETS,
        weekdays=WEEKDAYS,
        forms=FORMS,
        mails=config.mails,
        domains=config.mail_domains,
    )


def _minute(clock_text: str) -> int:
    hours, _, minutes = clock_text.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal()):
        raise Invalid("A time is written like 08:00.", field="at")
    return int(hours) * 60 + int(minutes)


@router.post("")
async def keep(request: Request, session: Session, me: Me, form: Annotated[KeepForm, Form()]) -> Response:
    _known(me, form.report)
    config = request.app.state.config
    try:
        wish = _mailed(form.wish(), config.mails)
        await actions.keep(session, wish, config.mail_domains, config.site.zone, actor=me.number, at=clock.now())
    except (Invalid, Refused) as refused:
        return _again(request, form, refused)
    return RedirectResponse("/reports/saved", 303)


def _again(request: Request, form: KeepForm, refused: PlatformError, *, saved: int = 0) -> Response:
    sentence = translate(request, refused.message_id, **refused.values)
    return _form(request, {**form.model_dump(), "saved": saved}, sentence, str(refused.values.get("field", "")))


def _known(me: SignedInUser, report_id: str) -> None:
    report = report_of(report_id)
    if report is None or not me.may(report.permission):
        raise NotFound("There is no such report.")


@router.post("/{saved_id:int}/{act}")
async def act_on(request: Request, session: Session, me: Me, saved_id: int, act: str) -> Response:
    """`act`: pause, resume, send or remove."""
    row = await actions.own_report(session, saved_id, me.number)
    actor, at = me.number, clock.now()
    if act == "pause":
        await actions.pause(session, row, actor=actor, at=at)
    elif act == "resume":
        await actions.resume(session, row, request.app.state.site.zone, actor=actor, at=at)
    elif act == "send":
        await actions.send_now(session, row, actor=actor, at=at)
    elif act == "remove":
        await actions.remove(session, row, actor=actor, at=at)
    else:
        raise NotFound("This page does not exist.")
    return RedirectResponse("/reports/saved", 303)
