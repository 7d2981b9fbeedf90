"""The radar: the same problem again and again, by model and part and by words; each figure opens its cases."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import Session, needs
from agent_desktop.rendering import page
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.cases.merging import GroupResult, tell_group
from crm_core.cases.queries import group_ids
from crm_core.cases.radar_queries import problems, title_groups
from crm_core.cases.rules import load_rules
from crm_core.errors import PlatformError

router = APIRouter(prefix="/cases/radar", dependencies=[needs(Permission.WORK_CASES)])
PERIODS = (7, 30, 90, 180)


@router.get("")
async def show_radar(
    request: Request, session: Session, *, days: int = 0, threshold: int = 0, model: str = "", part: str = ""
) -> Response:
    """`model` and `part` name the group that a notice is written to."""
    return await _page(request, session, days=days, threshold=threshold, model=model, part=part)


@router.post("/notice")
async def notice(
    edit: Edit,
    *,
    model: Annotated[str, Form()] = "",
    part: Annotated[str, Form()] = "",
    days: Annotated[int, Form()] = 0,
    words: Annotated[str, Form()] = "",
    close: Annotated[str, Form()] = "",
) -> Response:
    """The same words to every open case of a group; with `close` those without a loop end."""
    done: list[GroupResult] = []

    async def work(session: AsyncSession) -> None:
        ids = await group_ids(session, model, part, since=clock.now(), days=days or 30)
        done.append(await tell_group(session, ids, words, close=close == "1", **edit.by))

    try:
        await edit.save(work, tell=False)
    except PlatformError as refused:
        return await _page(
            edit.request,
            edit.session,
            days=days,
            threshold=0,
            model=model,
            part=part,
            errors=await edit.errors(refused),
            words=words,
            status=refused.status,
        )
    return await _page(edit.request, edit.session, days=days, threshold=0, result=done[0])


async def _page(
    request: Request,
    session: AsyncSession,
    *,
    days: int,
    threshold: int,
    model: str = "",
    part: str = "",
    errors: dict[str, str] | None = None,
    words: str = "",
    status: int = 200,
    result: GroupResult | None = None,
) -> Response:
    rules = await load_rules(session)
    days = days if days in PERIODS else rules.radar_days
    least = min(max(threshold, 2), 1000) if threshold else rules.radar_threshold
    now = clock.now()
    found = await problems(session, now, days=days, threshold=least)
    models = await problems(session, now, days=days, threshold=least, by_part=False)
    return page(
        request,
        "cases/radar.html",
        status_code=status,
        days=days,
        threshold=least,
        periods=PERIODS,
        problems=found,
        models=models,
        groups=await title_groups(session, now, days=days, threshold=least),
        chosen=(model, part) if model else None,
        errors=errors or {},
        typed=words,
        result=result,
        behind=lambda **more: f"/cases?{urlencode({'state': 'all', 'days': days, **more})}",
        here=lambda **more: f"/cases/radar?{urlencode({'days': days, 'threshold': least, **more})}",
    )
