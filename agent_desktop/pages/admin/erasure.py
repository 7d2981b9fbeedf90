"""Requests for erasure: what they cover, the second person's word, what became of it; and customers' wishes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask

from agent_desktop.admin import seal_words
from agent_desktop.admin.forms import number, text
from agent_desktop.admin.saving import Edit, Editor
from agent_desktop.admin.words import RECORDING_TABS
from agent_desktop.csv_out import csv_file
from agent_desktop.dependencies import Session, needs
from agent_desktop.rendering import language_of, page, translate
from agent_desktop.words import N_
from crm_core.access.roles import Permission, Role
from crm_core.customers.model import Customer
from crm_core.erasure import actions
from crm_core.erasure.model import ErasureItem, ErasureRequest
from crm_core.erasure.queries import items, requests, results, sums
from crm_core.erasure.scope import things_of
from crm_core.errors import NotFound, PlatformError
from crm_core.retention.model import RecordingWish
from crm_core.retention.wishes import set_wish
from crm_core.workforce.queries import names
from recording.customer_package import pack

PATH = "/admin/erasure"
router = APIRouter(prefix=PATH, dependencies=[needs(Permission.EDIT_RULES)])
HEADS = (N_("What"), N_("Name"), N_("Result"), N_("Reason"), N_("Bytes"), "SHA-256", N_("When"))


@router.get("")
async def show(request: Request, session: Session) -> Response:
    return await _page(request, session)


@router.get("/find")
async def find(request: Request, session: Session, customer: str = "") -> Response:
    """To the customer's page; what is no number of a customer is told beside the field."""
    wanted = int(customer) if customer.isascii() and customer.isdigit() and len(customer) < 10 else 0
    if wanted and await session.get(Customer, wanted) is not None:
        return RedirectResponse(f"{PATH}/customer/{wanted}", 303)
    errors = {"customer": translate(request, "There is no such customer.")}
    return await _page(request, session, errors=errors, typed={"customer": customer}, status=404)


@router.get("/customer/{customer_id:int}")
async def show_customer(request: Request, session: Session, customer_id: int) -> Response:
    return await _customer_page(request, session, customer_id)


@router.post("/customer/{customer_id:int}/wish")
async def wish(edit: Edit, customer_id: int) -> Response:
    """What the customer wants of recordings from now on; an empty number = the site's rules."""
    typed = text(await edit.form(), "days")
    days = None if typed == "" else number(typed)
    return await _done(
        edit, customer_id, lambda session: set_wish(session, customer_id, days, **edit.by), {"days": typed}
    )


@router.post("/customer/{customer_id:int}/ask")
async def ask(edit: Edit, customer_id: int) -> Response:
    form = await edit.form()
    why, whole = text(form, "why"), text(form, "whole") == "on"

    async def work(session: AsyncSession) -> Any:
        return await actions.ask(session, customer_id, why, whole=whole, **edit.by)

    return await _done(edit, customer_id, work, {"why": why})


@router.post("/customer/{customer_id:int}/export")
async def export(edit: Edit, customer_id: int) -> Response:
    """Everything that is held of the customer, as one ZIP; the audit log has who took it and why."""
    why = text(await edit.form(), "export_why")
    config, vault = edit.request.app.state.config, edit.request.app.state.library.vault
    opened, name = tempfile.mkstemp(prefix="hotline-customer-", suffix=".zip")
    os.close(opened)
    path = Path(name)

    async def work(session: AsyncSession) -> Any:
        return await pack(session, vault, config.files, customer_id, path, why=why, **edit.by)

    refused = await _done(edit, customer_id, work, {"export_why": why})
    if refused.status_code != 303:
        path.unlink(missing_ok=True)  # noqa: ASYNC240  one name
        return refused
    headers = {"Cache-Control": "private, no-store"}
    remove = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, filename=f"customer-{customer_id}.zip", headers=headers, background=remove)


@router.post("/{request_id:int}/confirm")
async def confirm(edit: Edit, request_id: int) -> Response:
    """By a second person; whoever asked must be an administrator and type the customer's number."""
    typed = text(await edit.form(), "typed")
    row = await _request(edit.session, request_id)
    roles = edit.me.roles

    async def work(session: AsyncSession) -> Any:
        return await actions.confirm(session, request_id, typed=typed, roles=roles, **edit.by)

    return await _done(edit, row.customer_id, work, {"typed": typed})


@router.post("/{request_id:int}/drop")
async def drop(edit: Edit, request_id: int) -> Response:
    row = await _request(edit.session, request_id)
    return await _done(edit, row.customer_id, lambda session: actions.drop(session, request_id, **edit.by), {})


@router.get("/{request_id:int}/proof.csv")
async def proof(request: Request, session: Session, request_id: int) -> Response:
    """Every thing of one request with what became of it; the audit log's entry has the hash of the whole."""
    await _request(session, request_id)
    heads = [translate(request, one) for one in HEADS]
    rows = [_cells(request, one) for one in await items(session, request_id)]
    return csv_file(f"erasure-{request_id}.csv", heads, rows)


def _cells(request: Request, one: ErasureItem) -> tuple[object, ...]:
    what, result = translate(request, seal_words.THINGS[one.kind]), translate(request, seal_words.RESULTS[one.result])
    why = translate(request, seal_words.STAYS[one.why]) if one.why else ""
    return what, one.subject, result, why, one.bytes or "", one.sha256, one.at.isoformat() if one.at else ""


async def _done(
    edit: Editor, customer: int, work: Callable[[AsyncSession], Awaitable[Any]], typed: Mapping[str, str]
) -> Response:
    try:
        await edit.save(work, tell=False)
    except PlatformError as refused:
        errors = await edit.errors(refused)
        return await _customer_page(
            edit.request, edit.session, customer, errors=errors, typed=typed, status=refused.status
        )
    return RedirectResponse(f"{PATH}/customer/{customer}", 303)


async def _request(session: AsyncSession, number: int) -> ErasureRequest:
    row = await session.get(ErasureRequest, number) if 0 < number < 2**31 else None
    if row is None:
        raise NotFound("There is no such request.")
    return row


async def _customer_page(
    request: Request,
    session: AsyncSession,
    customer_id: int,
    *,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    customer = await session.get(Customer, customer_id) if 0 < customer_id < 2**31 else None
    if customer is None:
        raise NotFound("There is no such customer.")
    asked = await requests(session, customer_id)
    things = sums(await things_of(session, customer_id, whole=True))
    return await _show(
        request,
        session,
        "admin/erasure_customer.html",
        status=status,
        customer=customer,
        wish=await session.get(RecordingWish, customer_id),
        goes=[one for one in things if not one.why],
        stays=[one for one in things if one.why],
        asked=[(one, await results(session, one.id)) for one in asked],
        is_open=any(one.state in actions.OPEN for one in asked),
        errors=errors or {},
        typed=typed or {},
    )


async def _page(
    request: Request,
    session: AsyncSession,
    *,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    asked = await requests(session)
    return await _show(
        request, session, "admin/erasure.html", status=status, asked=asked, errors=errors or {}, typed=typed or {}
    )


async def _show(request: Request, session: AsyncSession, template: str, *, status: int, **more: Any) -> Response:
    people = await names(session)
    return page(
        request,
        template,
        status_code=status,
        tabs=RECORDING_TABS,
        words=seal_words,
        size=seal_words.size,
        administrator=Role.ADMINISTRATOR,
        person=lambda by: people[by][language_of(request) == "en"] if by in people else by,
        **more,
    )
