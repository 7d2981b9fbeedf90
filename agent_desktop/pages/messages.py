"""Voice messages as work: the list by due time, the page of one, and what is done with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit, Editor
from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.messages import words
from agent_desktop.messages.view import read_message
from agent_desktop.naming import names_for
from agent_desktop.pages.contact import player_policy, time_marks
from agent_desktop.rendering import language_of, page
from agent_desktop.words import TOPICS
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.callbacks import actions
from crm_core.callbacks.queries import done_messages, message_figures, open_messages
from crm_core.errors import Invalid, NotFound, PlatformError, Refused
from crm_core.notices.actions import mark_read, unread
from crm_core.workforce.queries import agents, led_agents, names, queues
from recording.library import PLAYABLE

router = APIRouter(prefix="/messages", dependencies=[needs(Permission.TAKE_CALLS)])

DONE_SHOWN = timedelta(days=7)


@router.get("")
async def show_messages(
    request: Request, session: Session, me: Me, *, done: bool = False, mine: bool = False
) -> Response:
    """The open ones, those that are with this person, or with `done` those of the last week that were dealt with."""
    at = clock.now()
    if done:
        lines = await done_messages(session, at - DONE_SHOWN)
    else:
        lines = await open_messages(session, mine=me.number if mine else "")
    return page(
        request,
        "messages/list.html",
        lines=lines,
        done=done,
        mine=mine,
        figures=await message_figures(session, at),
        told=await unread(session, me.number, "message"),
        playable=PLAYABLE,
        words=words,
        moment=at,
        named=names_for(language_of(request), await names(session), await queues(session)),
    )


@router.get("/{contact_id}")
async def show_message(request: Request, session: Session, me: Me, contact_id: str) -> Response:
    await mark_read(session, me.number, "message", contact_id[:64], clock.now())
    return await _page(request, session, me, contact_id)


@router.post("/{contact_id}/assign", dependencies=[needs(Permission.STEER_AGENTS)])
async def assign(edit: Edit, contact_id: str) -> Response:
    """A leader gives it to an agent of the own teams, or takes it from one: "" = nobody."""
    form = await edit.form()

    async def work(session: AsyncSession) -> None:
        to, led = text(form, "owner"), await led_agents(session, edit.me)
        if to and led is not None and to not in led:
            raise Invalid("Choose an agent.", field="owner")
        await actions.assign(session, contact_id, to, **edit.by)

    return await _done(edit, contact_id, work, form)


@router.post("/{contact_id}/{act}")
async def do(edit: Edit, contact_id: str, act: str) -> Response:
    """take, return, done, reopen, topic or text; a refusal shows the page again with what was typed."""
    if act not in _ACTS:
        raise NotFound("This page does not exist.")
    form = await edit.form()

    async def work(session: AsyncSession) -> None:
        await _ACTS[act](session, contact_id, form, edit)

    return await _done(edit, contact_id, work, form, back="/messages" if act in ("done", "return") else "")


async def _finish(session: AsyncSession, contact_id: str, form: FormData, edit: Editor) -> None:
    result = text(form, "result") or "answered"
    if not await actions.finish_message(session, contact_id, result=result, note=text(form, "note"), **edit.by):
        raise Refused("A colleague has dealt with this message already.")


async def _topic(session: AsyncSession, contact_id: str, form: FormData, edit: Editor) -> None:
    topic = text(form, "topic")
    if topic not in TOPICS:
        raise Invalid("Choose from the list.", field="topic")
    await actions.set_topic(session, contact_id, topic, **edit.by)


async def _text(session: AsyncSession, contact_id: str, form: FormData, edit: Editor) -> None:
    await actions.correct(session, contact_id, text(form, "text"), **edit.by)


async def _take(session: AsyncSession, contact_id: str, form: FormData, edit: Editor) -> None:
    await actions.take(session, contact_id, **edit.by)


async def _return(session: AsyncSession, contact_id: str, form: FormData, edit: Editor) -> None:
    await actions.give_back(session, contact_id, **edit.by)


async def _reopen(session: AsyncSession, contact_id: str, form: FormData, edit: Editor) -> None:
    await actions.reopen_message(session, contact_id, **edit.by)


_ACTS = {"take": _take, "return": _return, "done": _finish, "reopen": _reopen, "topic": _topic, "text": _text}


async def _done(edit: Editor, contact_id: str, work: Any, form: FormData, *, back: str = "") -> Response:
    try:
        await edit.save(work, tell=False)
    except NotFound:
        raise
    except PlatformError as refused:
        typed = {name: text(form, name) for name in ("note", "text", "result", "topic", "owner")}
        errors = await edit.errors(refused)
        request, session = edit.request, edit.session
        return await _page(request, session, edit.me, contact_id, typed=typed, errors=errors, status=refused.status)
    return RedirectResponse(back or f"/messages/{contact_id}", status_code=303)


async def _page(
    request: Request,
    session: AsyncSession,
    me: Me,
    contact_id: str,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    view = await read_message(session, contact_id, clock.now())
    nonce, policy = player_policy(request)
    sound, led = view.line.recording, await led_agents(session, me)
    return page(
        request,
        "messages/message.html",
        status_code=status,
        headers=policy,
        style_nonce=nonce,
        view=view,
        m=view.line.message,
        recordings=[(sound, True, time_marks(sound.seconds))] if sound else [],
        leads=me.may(Permission.STEER_AGENTS),
        people=[one for one in await agents(session) if led is None or one.number in led],
        typed=typed or {},
        errors=errors or {},
        words=words,
        topics=TOPICS,
        named=names_for(language_of(request), await names(session), await queues(session)),
    )
