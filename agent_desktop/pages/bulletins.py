"""Weekly reports and news flashes (B-36): drafts from the figures, edited and sent by a person, kept for ever."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit, Editor
from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.naming import names_for
from agent_desktop.rendering import language_of, page
from agent_desktop.reports.bulletin_jobs import draft_week, last_monday
from agent_desktop.reports.bulletin_text import LINES, change, figure
from agent_desktop.words import N_
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.bulletins import actions
from crm_core.bulletins.model import Bulletin
from crm_core.errors import Invalid, PlatformError
from crm_core.knowledge.markdown import html
from crm_core.workforce.fields import Unusable
from crm_core.workforce.queries import names, queues
from reports.flashes import LIMITS, read_rules
from reports.weekly import from_plain

router = APIRouter(prefix="/reports/bulletins", dependencies=[needs(Permission.SEE_REPORTS)])
write = needs(Permission.RUN_CAMPAIGNS)
KINDS = {"": N_("All"), "weekly": N_("Weekly reports"), "flash": N_("News flashes")}
STATES = {"draft": N_("Draft"), "sent": N_("Final"), "dropped": N_("Dropped")}
MAILED = {
    "waiting": N_("being mailed"),
    "sent": N_("mailed"),
    "failed": N_("not mailed yet: %(told)s"),
}
RULES = {
    "topic_times": N_("Cases of one safety topic"),
    "topic_hours": N_("within hours"),
    "abandon_percent": N_("Percent of a queue's callers who gave up, more than"),
    "abandon_minutes": N_("within minutes"),
    "abandon_calls": N_("of at least so many calls"),
}
WEEKS_BACK = 12


@router.get("")
async def show_bulletins(request: Request, session: Session, me: Me, kind: str = "") -> Response:
    chosen = kind if kind in KINDS else ""
    zone = request.app.state.site.zone
    monday = last_monday(clock.now(), zone)
    return page(
        request,
        "bulletins/list.html",
        rows=await actions.bulletins(session, chosen),
        kinds=KINDS,
        states=STATES,
        chosen=chosen,
        weeks=[monday + timedelta(days=7)] + [monday - timedelta(days=7 * n) for n in range(WEEKS_BACK)],
        last=monday,
        named=names_for(language_of(request), await names(session), ()),
        may_write=me.may(Permission.RUN_CAMPAIGNS),
    )


@router.post("", dependencies=[write])
async def make_weekly(edit: Edit) -> Response:
    """The draft of one week in the language of who asks, or the one that exists."""
    zone = edit.request.app.state.site.zone
    monday = _monday(text(await edit.form(), "week"))
    language, now = language_of(edit.request), clock.now()

    async def work(session: AsyncSession) -> int:
        return await draft_week(session, monday, language=language, zone=zone, actor=edit.me.number, now=now)

    made = await edit.save(work, tell=False)
    return RedirectResponse(f"/reports/bulletins/{made}", 303)


def _monday(word: str) -> date:
    try:
        day = date.fromisoformat(word)
    except ValueError:
        raise Invalid("Choose a week from the list.") from None
    if not 2000 <= day.year <= 2100:
        raise Invalid("Choose a week from the list.")
    return day - timedelta(days=day.weekday())


@router.get("/rules")
async def show_rules(request: Request, session: Session, me: Me) -> Response:
    body = await actions.rules_body(session)
    return _rules_page(request, me.may(Permission.RUN_CAMPAIGNS), body, {})


def _rules_page(
    request: Request, may_write: bool, body: Mapping[str, Any], errors: Mapping[str, str], *, status: int = 200
) -> Response:
    rules = read_rules(body)
    values = {name: body.get(name, getattr(rules, name)) for name in LIMITS}
    return page(
        request,
        "bulletins/rules.html",
        status_code=status,
        fields=RULES,
        limits=LIMITS,
        values=values,
        recipients="\n".join(body.get("recipients", [])),
        errors=errors,
        may_write=may_write,
    )


@router.post("/rules", dependencies=[write])
async def keep_rules(edit: Edit) -> Response:
    form = await edit.form()

    async def work(session: AsyncSession) -> None:
        await actions.save_rules(session, _read_rules(form), **edit.by)

    try:
        await edit.save(work, tell=False)
    except PlatformError as refused:
        typed: dict[str, Any] = {name: text(form, name) for name in LIMITS}
        typed["recipients"] = text(form, "recipients").splitlines()
        return _rules_page(edit.request, True, typed, await edit.errors(refused), status=refused.status)
    return RedirectResponse("/reports/bulletins/rules", 303)


def _read_rules(form: FormData) -> dict[str, Any]:
    wrong, body = [], {}
    for name, (least, most) in LIMITS.items():
        typed = text(form, name).strip()
        if not typed.isdecimal() or not least <= int(typed) <= most:
            wrong.append(Invalid("A whole number from {least} to {most}.", least=least, most=most, field=name))
        else:
            body[name] = int(typed)
    if wrong:
        raise Unusable(wrong)
    return {**body, "recipients": actions.read_addresses(text(form, "recipients"))}


@router.get("/{bulletin_id:int}")
async def show_bulletin(request: Request, session: Session, me: Me, bulletin_id: int) -> Response:
    row = await actions.bulletin(session, bulletin_id)
    return await _page(request, session, row, may_write=me.may(Permission.RUN_CAMPAIGNS))


async def _page(
    request: Request,
    session: AsyncSession,
    row: Bulletin,
    *,
    may_write: bool,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    week = from_plain(row.figures) if row.kind == "weekly" and row.figures else None
    rows = [(word, figure(week.now, name), figure(week.before, name), change(week, name)) for name, word in LINES] if (
        week
    ) else []  # fmt: skip
    rules = await actions.rules_body(session)
    most = max((*week.now.per_day, *week.before.per_day, 1)) if week else 1
    days = list(zip(week.now.per_day, week.before.per_day or [0] * 7, strict=False)) if week else []
    values = dict(typed or {})
    return page(
        request,
        "bulletins/bulletin.html",
        status_code=status,
        row=row,
        rows=rows,
        days=[(row.first_day + timedelta(days=n), now, before) for n, (now, before) in enumerate(days)],
        most=most,
        body=Markup(html(values.get("text", row.text))),  # noqa: S704  crm_core.knowledge.markdown has just cleaned it
        typed={"title": row.title, "text": row.text, "recipients": "\n".join(rules.get("recipients", [])), **values},
        errors=errors or {},
        states=STATES,
        mailed=MAILED,
        named=names_for(language_of(request), await names(session), await queues(session, removed=True)),
        may_write=may_write and row.status == "draft",
        may_restore=may_write and row.status == "dropped",
    )


@router.post("/{bulletin_id:int}/save", dependencies=[write])
async def save_bulletin(edit: Edit, bulletin_id: int) -> Response:
    form = await edit.form()

    async def work(session: AsyncSession) -> None:
        await actions.edit(
            session, bulletin_id, title=text(form, "title"), text=text(form, "text"), revision=_number(form), **edit.by
        )

    return await _acted(edit, bulletin_id, work, form)


@router.post("/{bulletin_id:int}/send", dependencies=[write])
async def send_bulletin(edit: Edit, bulletin_id: int) -> Response:
    """What is in the form is saved and closed: nobody sends another text than the one that is seen."""
    form = await edit.form()

    async def work(session: AsyncSession) -> None:
        recipients = actions.read_addresses(text(form, "recipients"))
        saved = await actions.edit(
            session, bulletin_id, title=text(form, "title"), text=text(form, "text"), revision=_number(form), **edit.by
        )
        config = edit.request.app.state.config
        domains = config.mail_domains if config.mails else ()
        await actions.send(
            session, bulletin_id, recipients=recipients, domains=domains, revision=saved.revision, **edit.by
        )

    return await _acted(edit, bulletin_id, work, form)


@router.post("/{bulletin_id:int}/drop", dependencies=[write])
async def drop_bulletin(edit: Edit, bulletin_id: int) -> Response:
    async def work(session: AsyncSession) -> None:
        await actions.drop(session, bulletin_id, **edit.by)

    return await _acted(edit, bulletin_id, work, await edit.form())


@router.post("/{bulletin_id:int}/restore", dependencies=[write])
async def restore_bulletin(edit: Edit, bulletin_id: int) -> Response:
    async def work(session: AsyncSession) -> None:
        await actions.drop(session, bulletin_id, back=True, **edit.by)

    return await _acted(edit, bulletin_id, work, await edit.form())


async def _acted(edit: Editor, bulletin_id: int, work: Any, form: FormData) -> Response:
    """Back to the page; a refusal shows what was typed with the sentence at its field."""
    try:
        await edit.save(work, tell=False)
    except PlatformError as refused:
        row = await actions.bulletin(edit.session, bulletin_id)
        typed = {name: text(form, name) for name in ("title", "text", "recipients") if name in form}
        return await _page(
            edit.request, edit.session, row, may_write=True, typed=typed, errors=await edit.errors(refused),
            status=refused.status,
        )  # fmt: skip
    return RedirectResponse(f"/reports/bulletins/{bulletin_id}", 303)


def _number(form: FormData) -> int:
    typed = text(form, "revision")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0
