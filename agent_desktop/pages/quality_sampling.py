"""Sampling rules: which talks are drawn for review, seen before on the last whole week, and each draw explained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import Session, TheRendering, needs
from agent_desktop.naming import names_for
from agent_desktop.quality import words
from agent_desktop.rendering import language_of, page
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.errors import NotFound, PlatformError
from crm_core.quality import rule_actions as actions
from crm_core.quality.draw_actions import reviewers
from crm_core.quality.form_queries import usable_forms
from crm_core.quality.model import QualityDraw, QualityRule
from crm_core.quality.rule_actions import Settings
from crm_core.quality.sampling import Kind, Rule
from crm_core.transcripts.settings import listening
from crm_core.workforce.queries import names, queues

router = APIRouter(prefix="/quality/sampling", dependencies=[needs(Permission.SET_QUALITY)])
NEW = Settings(name="", kind="random", form_id=0)


@router.get("")
async def show_rules(
    request: Request, session: Session, rendering: TheRendering, rule: int = 0, kind: str = ""
) -> Response:
    """The rules; `rule` = the one that is open, with what it would draw; `kind` = a new one of this kind."""
    row = await actions.rule_of(session, rule) if rule else None
    shown = _of(row) if row else Settings(name="", kind=kind if kind in words.RULES else "random", form_id=0)
    return await _page(request, session, rendering, row, shown, is_open=bool(row or kind), seed=row.seed if row else "")


@router.post("/preview")
async def show_preview(request: Request, session: Session, rendering: TheRendering) -> Response:
    """What the settings as they stand in the form would draw; nothing is kept."""
    form = await request.form()
    rule = _number(text(form, "rule"))
    row = await actions.rule_of(session, rule) if rule else None
    return await _page(
        request, session, rendering, row, _settings(form), is_open=True, seed=row.seed if row else "preview"
    )


@router.post("/save")
async def save_rule(edit: Edit, rendering: TheRendering) -> Response:
    form = await edit.form()
    rule, settings = _number(text(form, "rule")), _settings(form)
    try:
        row = await edit.save(lambda session: actions.save(session, rule or None, settings, **edit.by), tell=False)
    except PlatformError as refused:
        errors = await edit.errors(refused)
        kept = await actions.rule_of(edit.session, rule) if rule else None
        return await _page(
            edit.request, edit.session, rendering, kept, settings, is_open=True, errors=errors, status=refused.status
        )
    return RedirectResponse(f"/quality/sampling?rule={row.id}", 303)


@router.post("/{rule_id:int}/{act}")
async def do(edit: Edit, rendering: TheRendering, rule_id: int, act: str) -> Response:
    """pause, resume, remove, or draw now what the night would draw."""
    zone = rendering.site.zone

    async def work(session: AsyncSession) -> object:
        if act in ("pause", "resume"):
            return await actions.switch(session, rule_id, active=act == "resume", **edit.by)
        if act == "remove":
            return await actions.remove(session, rule_id, **edit.by)
        row = await actions.rule_of(session, rule_id)
        return await actions.draw_rule(session, row, clock.now(), zone)

    if act not in ("pause", "resume", "remove", "draw"):
        raise NotFound("This page does not exist.")
    await edit.save(work, tell=False)
    return RedirectResponse("/quality/sampling" if act == "remove" else f"/quality/sampling?rule={rule_id}", 303)


async def _page(
    request: Request,
    session: AsyncSession,
    rendering: TheRendering,
    row: QualityRule | None,
    shown: Settings,
    *,
    is_open: bool,
    seed: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    kinds = set(Kind)
    seen = None
    if is_open and seed and not errors and shown.kind in kinds:
        seen = await actions.preview(session, _rule(row, shown, seed), clock.now(), rendering.site.zone)
    return page(
        request,
        "quality/sampling.html",
        status_code=status,
        rules=await actions.rules(session),
        counts=await _counts(session),
        row=row,
        shown=shown,
        is_open=is_open,
        seen=seen,
        errors=errors or {},
        forms=await usable_forms(session),
        all_queues=await queues(session),
        topics=(await listening(session)).topics,
        people=await reviewers(session),
        quality_words=words,
        named=names_for(language_of(request), await names(session), await queues(session)),
    )


def _rule(row: QualityRule | None, shown: Settings, seed: str) -> Rule:
    return Rule(
        id=row.id if row else 0,
        kind=Kind(shown.kind),
        seed=seed,
        most=shown.most,
        limit=shown.threshold,
        shortest=shown.shortest,
        queues=shown.queues,
        topics=shown.topics,
        second_percent=shown.second_percent,
    )


async def _counts(session: AsyncSession) -> dict[int, tuple[int, int]]:
    """Rule to how many it has drawn in all and how many of them wait."""
    rows = await session.execute(
        select(QualityDraw.rule_id, func.count(), func.count().filter(QualityDraw.state == "open"))
        .where(QualityDraw.second.is_(False), QualityDraw.rule_id.is_not(None))
        .group_by(QualityDraw.rule_id)
    )
    return {int(row[0] or 0): (row[1], row[2]) for row in rows}


def _of(row: QualityRule) -> Settings:
    return Settings(
        name=row.name,
        kind=row.kind,
        form_id=row.form_id,
        most=row.most,
        threshold=row.threshold,
        shortest=row.shortest,
        queues=tuple(row.queues),
        topics=tuple(row.topics),
        reviewers=tuple(row.reviewers),
        second_percent=row.second_percent,
        due_days=row.due_days,
    )


def _settings(form: FormData) -> Settings:
    def several(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(one)[:40] for one in form.getlist(name)))[:200]

    fields: dict[str, Any] = {
        name: _number(text(form, name), -1) for name in ("most", "shortest", "second_percent", "due_days", "threshold")
    }
    return Settings(
        name=text(form, "name"),
        kind=text(form, "kind"),
        form_id=_number(text(form, "form_id")),
        queues=several("queues"),
        topics=several("topics"),
        reviewers=several("reviewers"),
        **fields,
    )


def _number(typed: str, otherwise: int = 0) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else otherwise
