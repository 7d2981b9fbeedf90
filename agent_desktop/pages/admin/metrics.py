"""What each figure means, the thresholds of queues by day, and earlier days counted again with others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import number, text
from agent_desktop.admin.saving import Edit, Editor
from agent_desktop.dependencies import Session, needs
from agent_desktop.naming import names_for
from agent_desktop.rendering import Rendering, language_of, page
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.errors import Invalid, NotFound, PlatformError
from crm_core.workforce import queries
from crm_core.workforce.fields import Unusable
from reports import again
from reports.counts import total
from reports.metrics import ABANDON_RATE, AGENT_METRICS, QUEUE_METRICS, SERVICE_LEVEL
from reports.thresholds import threshold_history

router = APIRouter(prefix="/admin/metrics", dependencies=[needs(Permission.EDIT_WORKFORCE)])
_FIELDS = ("first", "last", "service", "short")


@router.get("")
async def show_metrics(edit: Edit, session: Session, queue: str = "", done: str = "") -> Response:
    """With a whole wish in the address also what it would change."""
    asked = {name: str(edit.request.query_params.get(name, "")) for name in _FIELDS}
    if not queue or not any(asked.values()):
        return await _page(edit.request, session, queue, asked, done=done)
    return await _previewed(edit, session, queue, asked)


async def _previewed(edit: Editor, session: AsyncSession, queue: str, asked: Mapping[str, str]) -> Response:
    zone = _rendering(edit.request).site.zone
    try:
        wish = _wish(queue, asked)
        again.require_sound(wish, clock.now().astimezone(zone).date())
        days = await again.preview(session, wish, zone)
    except PlatformError as refused:
        errors = await edit.errors(refused)
        return await _page(edit.request, session, queue, asked, errors=errors, status=refused.status)
    return await _page(edit.request, session, queue, asked, days=days)


@router.post("/again")
async def count_again(edit: Edit) -> Response:
    """What was seen is done; a refusal shows the form again with everything that was typed."""
    form = await edit.form()
    queue, asked = text(form, "queue"), {name: text(form, name) for name in _FIELDS}
    zone = _rendering(edit.request).site.zone
    try:
        wish = _wish(queue, asked)
        await edit.save(lambda session: again.count_again(session, wish, zone=zone, **edit.by), tell=False)
    except PlatformError as refused:
        errors = await edit.errors(refused)
        return await _page(edit.request, edit.session, queue, asked, errors=errors, status=refused.status)
    return RedirectResponse(f"/admin/metrics?queue={wish.queue}&done=again", status_code=303)


@router.post("/acts/{act_id}/back")
async def take_back(edit: Edit, act_id: int) -> Response:
    zone = _rendering(edit.request).site.zone
    act = await edit.save(lambda session: again.take_back(session, act_id, zone=zone, **edit.by), tell=False)
    return RedirectResponse(f"/admin/metrics?queue={act.queue}&done=back", status_code=303)


def _wish(queue: str, asked: Mapping[str, str]) -> again.Wish:
    """Raises Unusable with a sentence for each field that cannot be read."""
    wrong: list[Invalid] = []
    days: dict[str, date] = {}
    for name in ("first", "last"):
        try:
            days[name] = date.fromisoformat(asked[name])
        except ValueError:
            wrong.append(Invalid("Choose a day.", field=name))
    seconds = {name: number(asked[name]) for name in ("service", "short")}
    for name, value in seconds.items():
        if not isinstance(value, int):
            wrong.append(Invalid("A whole number is needed.", field=name))
    if wrong:
        raise Unusable(wrong)
    return again.Wish(queue, days["first"], days["last"], int(seconds["service"]), int(seconds["short"]))


async def _page(
    request: Request,
    session: AsyncSession,
    queue: str,
    asked: Mapping[str, str],
    *,
    days: list[again.DayAgain] | None = None,
    errors: Mapping[str, str] | None = None,
    done: str = "",
    status: int = 200,
) -> Response:
    rows = await queries.queues(session)
    if queue and queue not in {row.id for row in rows}:
        raise NotFound("There is no queue {queue}.", queue=queue)
    history = await threshold_history(session)
    today = clock.now().astimezone(_rendering(request).site.zone).date()
    return page(
        request,
        "admin/metrics.html",
        status_code=status,
        queues=rows,
        chosen=queue,
        now={row.id: history.on(row.id, today) for row in rows},
        versions={row.id: history.versions(row.id) for row in rows},
        acts=await again.acts(session, queue) if queue else [],
        groups=_groups(),
        asked=asked,
        days=days,
        wholes=_wholes(days) if days else None,
        errors=errors or {},
        done=done,
        names=await queries.names(session),
        named=names_for(language_of(request), {}, rows),
        service_level=lambda counts: SERVICE_LEVEL.of(counts).value,
        abandon_rate=lambda counts: ABANDON_RATE.of(counts).value,
    )


def _wholes(days: list[again.DayAgain]) -> list[dict[str, Any]]:
    """The whole time before and after."""
    both = (total(day.before for day in days), total(day.after for day in days))
    return [
        {"level": SERVICE_LEVEL.of(one).value, "abandon": ABANDON_RATE.of(one).value, "short": one.short_abandoned}
        for one in both
    ]


def _groups() -> list[list[Any]]:
    return [list(QUEUE_METRICS.values()), list(AGENT_METRICS.values())]


def _rendering(request: Request) -> Rendering:
    rendering: Rendering = request.app.state.rendering
    return rendering
