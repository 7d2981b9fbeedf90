"""Teams with their members and leaders, and the reasons of breaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin import words as admin_words
from agent_desktop.admin.forms import base_of, number, text
from agent_desktop.admin.saving import Edit, back_to, shown
from agent_desktop.dependencies import Session, needs
from agent_desktop.rendering import page
from crm_core.access.model import User
from crm_core.access.roles import Permission, read_roles
from crm_core.errors import Invalid, NotFound, PlatformError
from crm_core.workforce import queries, versions
from crm_core.workforce.fields import Unusable
from crm_core.workforce.team_actions import (
    LEADING_ROLES,
    next_position,
    remove_team,
    save_reasons,
    save_team,
    team_state,
)
from crm_core.workforce.words import MISSED_LIMIT, Reason

router = APIRouter(prefix="/admin", dependencies=[needs(Permission.EDIT_WORKFORCE)])
NEW = "new"


@router.get("/teams")
async def show_teams(request: Request, session: Session, saved: int = 0) -> Response:
    return await _teams(request, session, saved=saved)


@router.get("/teams/{team}")
async def show_team(request: Request, session: Session, team: str, saved: int = 0) -> Response:
    return await _teams(request, session, team, saved=saved)


@router.post("/teams/{team}")
async def save_one_team(edit: Edit, team: str) -> Response:
    form = await edit.form()
    typed = {
        "name_zh": text(form, "name_zh"),
        "name_en": text(form, "name_en"),
        "missed_limit": number(text(form, "missed_limit")),
        "leaders": [str(one) for one in form.getlist("leaders")],
        "members": [str(one) for one in form.getlist("members")],
    }
    chosen = text(form, "id").replace(NEW, "") if team == NEW else team

    async def work(session: AsyncSession) -> Any:
        row = next((one for one in await queries.teams(session) if one.id == chosen), None)
        state = {**typed, "position": row.position if row else await next_position(session)}
        return await save_team(session, chosen, state, base=base_of(form), **edit.by)

    try:
        saved = await edit.save(work)
    except PlatformError as refused:
        again = {**typed, "id": chosen, "errors": await edit.errors(refused)}
        return await _teams(edit.request, edit.session, team, typed=again, status=refused.status)
    return back_to(f"/admin/teams/{chosen}", saved)


@router.post("/teams/{team}/remove")
async def remove(edit: Edit, team: str) -> Response:
    base = base_of(await edit.form())
    try:
        saved = await edit.save(lambda session: remove_team(session, team, base=base, **edit.by))
    except PlatformError as refused:
        told = {"errors": {"": await edit.sentence(refused)}}
        return await _teams(edit.request, edit.session, team, typed=told, status=refused.status)
    return back_to("/admin/teams", saved)


async def _teams(
    request: Request,
    session: AsyncSession,
    team: str = "",
    *,
    typed: Mapping[str, Any] | None = None,
    status: int = 200,
    saved: int = 0,
) -> Response:
    rows = await queries.teams(session)
    states = {row.id: await team_state(session, row) for row in rows}
    if team and team != NEW and team not in states:
        raise NotFound("There is no team {team}.", team=team)
    fresh = {"name_zh": "", "name_en": "", "missed_limit": MISSED_LIMIT, "leaders": [], "members": []}
    return page(
        request,
        "admin/teams.html",
        status_code=status,
        states=states,
        chosen=team,
        editing=shown(states.get(team, fresh), typed) if team else None,
        base=await versions.current_number(session, "team", team),
        errors=(typed or {}).get("errors", {}),
        saved=saved,
        people=await queries.names(session),
        agents=await queries.agents(session),
        may_lead=await _who_may_lead(session),
        words=admin_words,
    )


async def _who_may_lead(session: AsyncSession) -> list[str]:
    rows = await session.execute(
        select(User.number, User.roles).where(User.disabled_at.is_(None)).order_by(User.number)
    )
    return [number for number, roles in rows if set(LEADING_ROLES) & set(read_roles(roles))]


@router.get("/reasons")
async def show_reasons(request: Request, session: Session, saved: int = 0) -> Response:
    return await _reasons(request, session, saved=saved)


@router.post("/reasons")
async def save_all_reasons(edit: Edit) -> Response:
    form = await edit.form()
    typed, problems = _typed_reasons(form)

    async def work(session: AsyncSession) -> Any:
        if problems:
            raise Unusable(problems)
        return await save_reasons(session, typed, base=base_of(form), **edit.by)

    try:
        saved = await edit.save(work, tell=False)
    except PlatformError as refused:
        told = await edit.errors(refused)
        return await _reasons(edit.request, edit.session, typed=typed, errors=told, status=refused.status)
    return back_to("/admin/reasons", saved)


def _typed_reasons(form: FormData) -> tuple[list[Reason], list[Invalid]]:
    """The rows of the form, an empty last one left out. `minutes` that is no number is a problem."""
    columns = {
        name: [str(one).strip() for one in form.getlist(name)]
        for name in ("code", "name_zh", "name_en", "minutes", "active")
    }
    reasons: list[Reason] = []
    problems: list[Invalid] = []
    for code, zh, en, minutes, active in zip(*columns.values(), strict=False):
        if not (code or zh or en):
            continue
        known = number(minutes)
        if not isinstance(known, int):
            field = f"minutes.{len(reasons)}"
            problems.append(Invalid("Enter a number from {low} to {high}.", low=0, high=240, field=field))
        planned = known if isinstance(known, int) else 0
        reasons.append(Reason(code=code, name_zh=zh, name_en=en, minutes=planned, active=active == "1"))
    return reasons, problems


async def _reasons(
    request: Request,
    session: AsyncSession,
    *,
    typed: Sequence[Reason] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    saved: int = 0,
) -> Response:
    return page(
        request,
        "admin/reasons.html",
        status_code=status,
        reasons=typed if typed is not None else await queries.break_reasons(session, retired=True),
        base=await versions.current_number(session, "reasons", ""),
        errors=errors or {},
        saved=saved,
        words=admin_words,
    )
