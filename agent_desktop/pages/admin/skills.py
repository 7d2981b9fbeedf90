"""The matrix of agents and skills: who knows what how well."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin import words as admin_words
from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import Session, needs
from agent_desktop.naming import names_for
from agent_desktop.rendering import language_of, page
from agent_desktop.words import N_
from crm_core.access.roles import Permission
from crm_core.errors import Invalid
from crm_core.workforce import queries, versions
from crm_core.workforce.actions import save_agents
from crm_core.workforce.checks import WORD
from crm_core.workforce.queue_actions import levels_of_skills

NO_SKILL = N_("A skill is a lower-case English word, such as repair: 2 to 39 letters, digits or _.")

router = APIRouter(prefix="/admin", dependencies=[needs(Permission.EDIT_WORKFORCE)])


@router.get("/skills")
async def show_skills(request: Request, session: Session, new: str = "") -> Response:
    """`new` is a skill that nobody has yet and no queue asks for: the first ones of a site begin here."""
    rows = await queries.queues(session)
    levels = await levels_of_skills(session)
    fresh = [new] if WORD.fullmatch(new) else []
    skills = list(dict.fromkeys([*(row.skill for row in rows), *sorted(levels), *fresh]))
    return page(
        request,
        "admin/skills.html",
        skills=skills,
        new=new,
        wrong=NO_SKILL if new and not fresh else "",
        queues_of={skill: [row for row in rows if row.skill == skill] for skill in skills},
        agents=await queries.agents(session),
        teams=await queries.teams(session),
        bases=await versions.numbers(session, "agent"),
        named=names_for(language_of(request), await queries.names(session), rows),
        saved=0,
        words=admin_words,
    )


@router.post("/skills")
async def save_skills(
    edit: Edit,
    *,
    changes: Annotated[dict[str, dict[str, int]], Body()],
    bases: Annotated[dict[str, int], Body()],
    confirmed: Annotated[bool, Body()] = False,
) -> JSONResponse:
    """All changed agents or none. A refusal with field "confirm" may be sent again with `confirmed`."""

    async def work(session: AsyncSession) -> Any:
        if not all(WORD.fullmatch(skill) for skills in changes.values() for skill in skills):
            raise Invalid(NO_SKILL, field="skills")
        settings = {agent: {"skills": skills} for agent, skills in changes.items()}
        return await save_agents(session, settings, bases=bases, confirmed=confirmed, **edit.by)

    try:
        saved = await edit.save(work)
    except versions.SavedMeanwhile as refused:
        raise await edit.named(refused) from None
    return JSONResponse({"versions": {row.subject: row.number for row in saved}})
