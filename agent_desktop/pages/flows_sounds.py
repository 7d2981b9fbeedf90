"""Hearing a menu's prompts, and putting an own recording in the place of the synthetic voice, or taking it back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData, UploadFile

from agent_desktop.admin.saving import Edit, Editor
from agent_desktop.dependencies import Session, needs
from agent_desktop.flows.reading import open_flow
from agent_desktop.flows.sounds import Sound, shelf_of, sound_of
from agent_desktop.pages.flows import editor
from crm_core.access.audit import audit
from crm_core.access.roles import Permission
from crm_core.errors import Invalid, NotFound, Refused
from ivr.own_recordings import MOST_BYTES, read_upload

router = APIRouter(prefix="/flows", dependencies=[needs(Permission.SEE_FLOWS)])
_EDITING = [needs(Permission.EDIT_FLOWS)]
_HEADERS = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
Step = Callable[[Sound, FormData], Awaitable[None]]


@router.get("/{flow}/sounds/{language}/{prompt}")
async def hear(
    request: Request, session: Session, flow: str, *, language: str, prompt: str, version: int = 0
) -> FileResponse:
    """What callers hear of this version's text."""
    opened = await open_flow(session, flow, version)
    sound = sound_of(opened.flow, prompt, language)
    path = shelf_of(request).path(sound.language, sound.file)
    if not path.is_file():
        raise NotFound("This text is not spoken yet.")
    return FileResponse(path, media_type="audio/wav", headers=_HEADERS)


@router.post("/{flow}/sounds/{language}/{prompt}", dependencies=_EDITING)
async def record(edit: Edit, flow: str, language: str, prompt: str) -> Response:
    """An own recording of the text that the page showed; the next caller hears it."""
    shelf = shelf_of(edit.request)

    async def step(sound: Sound, form: FormData) -> None:
        samples = await asyncio.to_thread(read_upload, await _content(form))

        async def work(session: AsyncSession) -> None:
            await audit(session, **edit.by, action="prompt_recorded", subject=f"flow/{flow}", detail=_told(sound))
            await asyncio.to_thread(shelf.keep, sound.language, sound.file, sound.parts, samples)

        await _in_turn(edit, work)

    return await _change(edit, flow, language, prompt, step)


@router.post("/{flow}/sounds/{language}/{prompt}/back", dependencies=_EDITING)
async def take_back(edit: Edit, flow: str, language: str, prompt: str) -> Response:
    """The synthetic voice speaks again; the recording stays on the disk beside its place."""
    shelf = shelf_of(edit.request)

    async def step(sound: Sound, form: FormData) -> None:
        samples = await asyncio.to_thread(shelf.voice_of, sound.language, sound.file, sound.parts)

        async def work(session: AsyncSession) -> None:
            await audit(session, **edit.by, action="prompt_taken_back", subject=f"flow/{flow}", detail=_told(sound))
            await asyncio.to_thread(shelf.take_back, sound.language, sound.file, samples)

        await _in_turn(edit, work)

    return await _change(edit, flow, language, prompt, step)


async def _change(edit: Editor, flow: str, language: str, prompt: str, step: Step) -> Response:
    """A refusal is told at the prompt that it is about."""
    form = await edit.form()
    node = str(form.get("node", ""))
    version = _number(form)
    opened = await open_flow(edit.session, flow, version)
    try:
        sound = sound_of(opened.flow, prompt, language)
        if sound.file != form.get("file"):
            raise Refused("This text was changed meanwhile: listen again, then record it.")
        await step(sound, form)
    except (Invalid, Refused) as refused:
        told = {f"sound.{language}.{prompt}": await edit.sentence(refused)}
        return await editor(edit.request, edit.session, opened, node=node, status=refused.status, errors=told)
    place = f"?node={quote(node)}" + (f"&version={version}" if version else "")
    return RedirectResponse(f"/flows/{quote(flow)}{place}#sound-{language}-{quote(prompt)}", 303)


async def _in_turn(edit: Editor, work: Callable[[AsyncSession], Awaitable[None]]) -> None:
    """Wait for other writers of prompts before the transaction: inside it, everybody would wait for them."""
    with ExitStack() as stack:
        await asyncio.to_thread(stack.enter_context, shelf_of(edit.request).turn())
        await edit.save(work, tell=False)


async def _content(form: FormData) -> bytes:
    upload = form.get("recording")
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise Invalid("Choose a file, or record one.", field="recording")
    return await upload.read(MOST_BYTES + 1)


def _number(form: FormData) -> int:
    given = str(form.get("version", ""))
    return int(given) if given.isascii() and given.isdigit() and len(given) < 8 else 0


def _told(sound: Sound) -> str:
    return f"{sound.language}/{sound.prompt} ({sound.file})"
