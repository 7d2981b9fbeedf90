"""The words that somebody must hear of, by topic; and which talks are written down at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin.forms import base_of, number, text
from agent_desktop.admin.saving import Edit, back_to, shown
from agent_desktop.admin.words import RULES_TABS, SAID_BY
from agent_desktop.dependencies import Session, needs
from agent_desktop.naming import names_for
from agent_desktop.rendering import language_of, page
from agent_desktop.words import N_
from crm_core.access.roles import Permission
from crm_core.errors import PlatformError
from crm_core.transcripts import settings
from crm_core.transcripts.keywords import BOTH, LONGEST_NAME, LONGEST_WORD, MOST_TOPICS, SIDES, state_of
from crm_core.transcripts.queue import queue_figures
from crm_core.workforce import versions
from crm_core.workforce.queries import names, queues

router = APIRouter(prefix="/admin/keywords", dependencies=[needs(Permission.EDIT_RULES)])
STATES = {
    "done": N_("written down"),
    "waiting": N_("in line"),
    "running": N_("being written down"),
    "no_model": N_("no model for the language"),
    "failed": N_("could not be written down"),
    "off": N_("queue switched off"),
}
EMPTY = {"key": "", "name_zh": "", "name_en": "", "words": [], "side": BOTH, "alert": True}


@router.get("")
async def show(request: Request, session: Session, saved: int = 0) -> Response:
    return await _page(request, session, saved=saved)


@router.post("")
async def save(edit: Edit) -> Response:
    """What was typed stays when it is refused."""
    form = await edit.form()
    typed = _from(form)

    async def work(session: AsyncSession) -> Any:
        return await settings.save_listening(session, typed, base=base_of(form), **edit.by)

    try:
        saved = await edit.save(work, tell=False)
    except PlatformError as refused:
        errors = await edit.errors(refused)
        return await _page(edit.request, edit.session, typed=typed, errors=errors, status=refused.status)
    return back_to("/admin/keywords", saved)


def _from(form: FormData) -> dict[str, Any]:
    topics = [_topic(form, place) for place in range(min(int(number(text(form, "rows")) or 0), MOST_TOPICS + 1))]
    kept = [topic for topic in topics if topic["name_zh"] or topic["name_en"] or topic["words"]]
    used = {topic["key"] for topic in kept}
    for topic in kept:  # a new one gets a key that no list has and none had beside it
        if not topic["key"]:
            topic["key"] = next(key for key in (f"own_{place}" for place in range(1, 100)) if key not in used)
            used.add(topic["key"])
    silent = [str(one)[:40] for one in form.getlist("silent")]
    return {"topics": kept, "silent": silent, "most_calls": number(text(form, "most_calls"))}


def _topic(form: FormData, place: int) -> dict[str, Any]:
    words = [" ".join(line.split()) for line in text(form, f"words-{place}").splitlines()]
    return {
        "key": text(form, f"key-{place}"),
        "name_zh": text(form, f"zh-{place}")[: LONGEST_NAME + 1],
        "name_en": text(form, f"en-{place}")[: LONGEST_NAME + 1],
        "words": [word[: LONGEST_WORD + 1] for word in words if word],
        "side": text(form, f"side-{place}"),
        "alert": text(form, f"alert-{place}") == "1",
    }


async def _page(
    request: Request,
    session: AsyncSession,
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    saved: int = 0,
) -> Response:
    rules = shown(state_of(await settings.listening(session)), typed)
    rows = await queues(session)
    return page(
        request,
        "admin/keywords.html",
        status_code=status,
        rules=rules,
        topics=[*rules["topics"], EMPTY][:MOST_TOPICS],
        queues=[row.id for row in rows],
        named=names_for(language_of(request), await names(session), rows),
        side_words=[(side, SAID_BY[side]) for side in SIDES],
        figures=await queue_figures(session),
        states=STATES,
        errors=errors or {},
        base=await versions.current_number(session, settings.KIND, settings.SUBJECT),
        saved=saved,
        tabs=RULES_TABS,
    )
