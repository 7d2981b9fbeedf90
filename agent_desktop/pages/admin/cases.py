"""The rules of cases: clocks, what each kind asks, who gets what, danger words; each save is a version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import base_of, text
from agent_desktop.admin.saving import Edit, back_to
from agent_desktop.cases import rule_forms as case_rule_forms
from agent_desktop.dependencies import Session, needs
from agent_desktop.pages.cases import case_workers, dealer_names, shown_words
from agent_desktop.rendering import language_of, page
from agent_desktop.words import CLASSES
from crm_core.access.roles import Permission
from crm_core.cases.defaults import CLOCKS, PAUSES
from crm_core.cases.rule_checks import check
from crm_core.cases.rules import VERSION_KIND, Body, body_of, save_rules
from crm_core.errors import NotFound, PlatformError
from crm_core.workforce import versions
from crm_core.workforce.fields import Unusable
from crm_core.workforce.hours_queries import calendars
from crm_core.workforce.queries import teams

router = APIRouter(prefix="/admin/cases", dependencies=[needs(Permission.EDIT_RULES)])
NAMES = ("assignment", *(f"clock/{kind}" for kind in CLOCKS), *(f"form/{kind}" for kind in CLOCKS), "levels", "general")
_EMPTY_RULE: Body = dict.fromkeys(
    ("name", "name_en", "kind", "sub_kind", "level", "brand", "region", "customer_class"), ""
)
_EMPTY_FIELD: Body = dict.fromkeys(("code", "name_zh", "name_en", "sub_kind"), "")


@router.get("")
async def show_first(request: Request, session: Session, saved: int = 0) -> Response:
    return await _page(request, session, "assignment", saved=saved)


@router.get("/{name:path}")
async def show_rules(request: Request, session: Session, name: str, saved: int = 0) -> Response:
    return await _page(request, session, _known(name), saved=saved)


@router.post("/{name:path}")
async def save(edit: Edit, name: str) -> Response:
    """All fields are checked; nothing is kept while one is wrong. `add` or `drop` of a level only shows it."""
    form = await edit.form()
    before = await body_of(edit.session, _known(name))
    typed = case_rule_forms.read(name, form, before)
    if name.startswith("clock/") and ("add" in form or "drop" in form):
        typed = case_rule_forms.with_level(typed, text(form, "add"))
        typed = case_rule_forms.without_level(typed, text(form, "drop"))
        return await _page(edit.request, edit.session, name, typed=typed, unsaved=True)

    async def work(session: AsyncSession) -> Any:
        known = [row.id for row in await calendars(session)]
        problems = check(name, typed, calendars=known)
        if problems:
            raise Unusable(problems)
        return await save_rules(session, name, typed, base=base_of(form), **edit.by)

    try:
        done = await edit.save(work, tell=False)
    except PlatformError as refused:
        errors = await edit.errors(refused)
        return await _page(edit.request, edit.session, name, typed=typed, errors=errors, status=refused.status)
    return back_to(f"/admin/cases/{name}", done)


def _known(name: str) -> str:
    if name not in NAMES:
        raise NotFound("There are no such rules.")
    return name


async def _page(
    request: Request,
    session: AsyncSession,
    name: str,
    *,
    typed: Body | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    saved: int = 0,
    unsaved: bool = False,
) -> Response:
    topic, _, kind = name.partition("/")
    body = typed or await body_of(session, name)
    english = language_of(request) == "en"
    empty_rule = {**_EMPTY_RULE, "words": [], "owner": "", "dealer": ""}
    empty_field = {**_EMPTY_FIELD, "type": "text", "required": False, "choices": []}
    return page(
        request,
        "admin/cases.html",
        status_code=status,
        names=NAMES,
        name=name,
        topic=topic,
        kind=kind,
        body=body,
        rows=[*body.get("rules", []), empty_rule] if topic == "assignment" else [*body.get("fields", []), empty_field],
        base=await versions.current_number(session, VERSION_KIND, name),
        errors=errors or {},
        saved=saved,
        unsaved=unsaved,
        pauses=PAUSES,
        classes=CLASSES,
        calendar_names={row.id: row.name_en if english else row.name_zh for row in await calendars(session)},
        team_names={row.id: row.name_en if english else row.name_zh for row in await teams(session)},
        people=await case_workers(session, language_of(request)),
        dealers=await dealer_names(session),
        units=case_rule_forms.in_units,
        units_all=case_rule_forms.in_units_all,
        **shown_words(),
    )
