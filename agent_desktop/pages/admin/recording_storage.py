"""Where recordings lie, what waits to be sent, and whether they are untouched."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from agent_desktop.admin import seal_words
from agent_desktop.admin.saving import Edit
from agent_desktop.admin.words import RECORDING_TABS
from agent_desktop.dependencies import Session, needs
from agent_desktop.rendering import language_of, page
from crm_core.access.roles import Permission
from crm_core.seals import checks
from crm_core.seals.places import backlog, places
from crm_core.workforce.queries import names
from recording.site_keys import KeysRefused, SiteKey
from recording.vault import Vault
from recording.volume import is_away

PATH = "/admin/recording-storage"
router = APIRouter(prefix=PATH, dependencies=[needs(Permission.EDIT_RULES)])


@router.get("")
async def show(request: Request, session: Session) -> Response:
    vault: Vault = request.app.state.vault
    keys = await asyncio.to_thread(_keys, vault)
    done = await checks.latest(session)
    ended = next((one for one in done if one.state in ("whole", "broken", "away")), None)
    people = await names(session)
    counted = await vault.keys.counts() if vault.keys and keys else {}
    return page(
        request,
        "admin/recording_storage.html",
        tabs=RECORDING_TABS,
        words=seal_words,
        size=seal_words.size,
        away=await asyncio.to_thread(is_away, vault.folder),
        stored=vault.store is not None,
        places=await places(session),
        backlog=await backlog(session, encrypt=bool(keys), store=vault.store is not None),
        keys=[(one, counted.get(one.id, 0)) for one in keys],
        lost=sum(count for key, count in counted.items() if key not in {one.id for one in keys}),
        checks=done,
        busy=any(one.state in ("asked", "running") for one in done),
        last=ended,
        found=await checks.findings(session, ended.id) if ended and ended.found else [],
        person=lambda by: people[by][language_of(request) == "en"] if by in people else "",
    )


@router.post("/check")
async def check(edit: Edit) -> Response:
    """Everything is read as soon as the one that runs is done."""
    await edit.save(lambda session: checks.ask(session, **edit.by), tell=False)
    return RedirectResponse(f"{PATH}#checks", 303)


def _keys(vault: Vault) -> tuple[SiteKey, ...]:
    try:
        return vault.keys.site.all() if vault.keys else ()
    except (KeysRefused, OSError):
        return ()
