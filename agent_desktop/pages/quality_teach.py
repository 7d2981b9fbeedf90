"""Coaching notes with a follow-up, and the training library of excerpts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import Me, Session, TheRendering, needs
from agent_desktop.naming import names_for
from agent_desktop.quality import words
from agent_desktop.rendering import language_of, page
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.errors import Invalid, PlatformError
from crm_core.quality import coaching, excerpts
from crm_core.quality.excerpts import NewExcerpt
from crm_core.quality.reach import reviewed_agents
from crm_core.quality.review_queries import talk
from crm_core.workforce.queries import agents, names, queues
from recording.excerpt_sound import Unreadable, cut
from recording.vault import SoundMissing, Vault

router = APIRouter(dependencies=[needs(None)])
COACHES = [needs(Permission.REVIEW_TALKS)]
HEARS = [needs(Permission.SEE_KNOWLEDGE)]  # teaching material, as the articles are
_SPAN = re.compile(r"(\d{1,3}):([0-5]\d(?:\.\d+)?)")


@router.get("/quality/coaching", dependencies=COACHES)
async def show_coaching(
    request: Request, session: Session, me: Me, rendering: TheRendering, *, agent: str = "", done: bool = False
) -> Response:
    return await _coaching(request, session, me, rendering, agent=agent, done=done)


@router.post("/quality/coaching", dependencies=COACHES)
async def write_note(edit: Edit, rendering: TheRendering) -> Response:
    form = await edit.form()
    today = clock.now().astimezone(rendering.site.zone).date()

    async def work(session: AsyncSession) -> object:
        reach = await reviewed_agents(session, edit.me)
        agent = text(form, "agent")
        known = {one.number for one in await agents(session)}
        if agent not in known or (reach is not None and agent not in reach):
            raise Invalid("Choose an agent.", field="agent")
        return await coaching.note(
            session, agent=agent, text=text(form, "text"), follow_up_on=_day(text(form, "follow_up_on")),
            review=_number(text(form, "review")), today=today, **edit.by,
        )  # fmt: skip

    try:
        await edit.save(work, tell=False)
    except PlatformError as refused:
        typed = {name: text(form, name) for name in ("agent", "text", "follow_up_on", "review")}
        errors = await edit.errors(refused)
        return await _coaching(
            edit.request, edit.session, edit.me, rendering, typed=typed, errors=errors, status=refused.status
        )
    return RedirectResponse("/quality/coaching", 303)


@router.post("/quality/coaching/{note_id:int}/done", dependencies=COACHES)
async def finish_note(edit: Edit, note_id: int) -> Response:
    form = await edit.form()

    async def work(session: AsyncSession) -> object:
        reach = await reviewed_agents(session, edit.me)
        return await coaching.finish(session, note_id, reach, result=text(form, "result"), **edit.by)

    await edit.save(work, tell=False)
    return RedirectResponse("/quality/coaching", 303)


@router.get("/quality/library", dependencies=HEARS)
async def show_library(request: Request, session: Session, me: Me, q: str = "", tag: str = "") -> Response:
    """What this person may hear; it names no customer."""
    rows = await excerpts.library(session, me, words=q.strip()[:60], tag=tag[:20])
    everything = await excerpts.library(session, me) if q or tag else rows
    return page(
        request,
        "quality/library.html",
        rows=rows,
        q=q,
        tag=tag,
        tags=sorted({one for row in everything for one in row.tags}),
        reviews=me.may(Permission.REVIEW_TALKS),
        may_set=me.may(Permission.SET_QUALITY),
        quality_words=words,
        named=names_for(language_of(request), await names(session), await queues(session)),
    )


@router.post("/quality/library/{excerpt_id:int}/listen", dependencies=HEARS)
async def hear(edit: Edit, excerpt_id: int) -> Response:
    """Only the excerpt, as a sound of its own; the listening is on the audit log before the answer goes out."""
    vault: Vault = edit.request.app.state.vault

    async def work(session: AsyncSession) -> Response:
        row, file = await excerpts.hear(session, excerpt_id, edit.me, at=clock.now())
        hushed = [(begin, end) for begin, end in row.hushed]
        async with vault.sound(file) as path:
            try:
                sound = await asyncio.to_thread(cut, path, row.began, row.ended, hushed)
            except Unreadable:
                raise SoundMissing("This talk has no recording to play.") from None
        return Response(sound, media_type="audio/flac", headers={"Cache-Control": "private, no-store"})

    answer: Response = await edit.save(work, tell=False)
    return answer


@router.post("/quality/library/{excerpt_id:int}/remove", dependencies=HEARS)
async def take_out(edit: Edit, excerpt_id: int) -> Response:
    await edit.save(lambda session: excerpts.remove(session, excerpt_id, edit.me, **edit.by), tell=False)
    return RedirectResponse("/quality/library", 303)


@router.post("/quality/talks/{talk_id:int}/excerpt", dependencies=COACHES)
async def put_in(edit: Edit, talk_id: int) -> dict[str, Any]:
    """A marked part of the talk becomes teaching material."""
    form = await edit.form()

    async def work(session: AsyncSession) -> Any:
        row = await talk(session, talk_id, await reviewed_agents(session, edit.me))
        return await excerpts.add(session, row, _excerpt(form), **edit.by)

    row = await edit.save(work, tell=False)
    return {"id": row.id, "title": row.title}


async def _coaching(
    request: Request,
    session: AsyncSession,
    me: Me,
    rendering: TheRendering,
    *,
    agent: str = "",
    done: bool = False,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    reach = await reviewed_agents(session, me)
    people = [one for one in await agents(session) if reach is None or one.number in reach]
    rows = await coaching.notes(session, reach, agent=agent[:16], is_open=not done)
    return page(
        request,
        "quality/coaching.html",
        status_code=status,
        rows=[row for row in rows if row.agent != me.number],
        agent=agent,
        done=done,
        typed=typed or {"agent": agent, "review": str(_number(request.query_params.get("review", "")) or "")},
        errors=errors or {},
        people=[one for one in people if one.number != me.number],
        today=clock.now().astimezone(rendering.site.zone).date(),
        may_set=me.may(Permission.SET_QUALITY),
        quality_words=words,
        named=names_for(language_of(request), await names(session), await queues(session)),
    )


def _excerpt(form: FormData) -> NewExcerpt:
    began, ended = (_seconds(text(form, name)) for name in ("began", "ended"))
    if began is None or ended is None:
        raise Invalid("Write a place as 1:05.", field="began" if began is None else "ended")
    return NewExcerpt(
        title=text(form, "title"),
        note=text(form, "note"),
        tags=tuple(re.split(r"[\s,，、]+", text(form, "tags"))),
        began=began,
        ended=ended,
        hushed=_spans(text(form, "hushed")),
        audience=text(form, "audience"),
    )


def _spans(typed: str) -> tuple[tuple[float, float], ...]:
    found = []
    for one in re.split(r"[,，;；\s]+", typed)[:20]:
        if not one:
            continue
        begin, _, end = one.partition("-")
        span = (_seconds(begin), _seconds(end))
        if span[0] is None or span[1] is None:
            raise Invalid("A silenced part must lie within the excerpt, as 1:05-1:08.", field="hushed")
        found.append((span[0], span[1]))
    return tuple(found)


def _seconds(typed: str) -> float | None:
    found = _SPAN.fullmatch(typed.strip())
    return int(found[1]) * 60 + float(found[2]) if found else None


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else None


def _day(typed: str) -> date | None:
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Invalid("Choose the day from the calendar.", field="follow_up_on") from None
