"""Writing to the dealers: drafts, files, publishing by region, who has read and who has not."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin.forms import text
from agent_desktop.dealer.portal import Edit, a_day, try_to
from agent_desktop.dependencies import needs
from agent_desktop.pages.admin.network import Centre, TheCentre
from agent_desktop.pages.files import chunks, files_folder
from crm_core.access.roles import Permission
from crm_core.dealers.network_model import NetworkNews
from crm_core.dealers.news_actions import Draft, publish, save_news, withdraw
from crm_core.dealers.news_queries import all_news, receipts, regions_of
from crm_core.errors import NotFound
from crm_core.files.store import files_of, put

router = APIRouter(prefix="/admin/network/news", dependencies=[needs(Permission.EDIT_NETWORK)])


@router.get("")
async def show_all(centre: TheCentre) -> Response:
    return await _page(centre)


@router.get("/new")
async def show_new(centre: TheCentre) -> Response:
    return await _page(centre, "new")


@router.get("/{news_id:int}")
async def show_one(centre: TheCentre, news_id: int) -> Response:
    return await _page(centre, str(news_id))


@router.post("/{piece}")
async def save(edit: Edit, centre: TheCentre, piece: str) -> Response:
    """Save, with the files that were added; with `publish` the dealers see it at once."""
    form = await edit.form()
    typed = _typed(form)
    news_id = None if piece == "new" else _id(piece)
    saved: list[int] = []

    async def work(session: AsyncSession) -> None:
        saved.append(await save_news(session, news_id, Draft(**typed), **edit.by))
        for upload in form.getlist("files"):
            if not isinstance(upload, str) and upload.filename:
                folder = files_folder(edit.request)
                await put(session, folder, f"news/{saved[0]}", upload.filename, chunks(upload), **edit.by)  # type: ignore[arg-type]
        if text(form, "then") == "publish":
            await publish(session, saved[0], **edit.by)

    errors, status = await try_to(edit, work)
    if errors:
        return await _page(centre, piece, typed=typed, errors=errors, status=status)
    told = "published" if text(form, "then") == "publish" else "saved"
    return RedirectResponse(f"/admin/network/news/{saved[0]}?told={told}", 303)


@router.post("/{news_id:int}/withdraw")
async def take_back(edit: Edit, centre: TheCentre, news_id: int) -> Response:
    errors, status = await try_to(edit, lambda session: withdraw(session, news_id, **edit.by))
    if errors:
        return await _page(centre, str(news_id), errors=errors, status=status)
    return RedirectResponse(f"/admin/network/news/{news_id}?told=withdrawn", 303)


def _typed(form: FormData) -> dict[str, Any]:
    return {
        "kind": text(form, "kind"),
        "title": text(form, "title"),
        "body": text(form, "body"),
        "regions": [str(one) for one in form.getlist("regions")],
        "must_read": text(form, "must_read") == "1",
        "valid_until": a_day(text(form, "valid_until")),
    }


def _id(piece: str) -> int:
    if not (piece.isascii() and piece.isdecimal() and len(piece) < 10):
        raise NotFound("There is no such piece of news.")
    return int(piece)


async def _page(
    centre: Centre,
    piece: str = "",
    *,
    typed: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    session = centre.session
    chosen = await session.get(NetworkNews, _id(piece)) if piece not in ("", "new") else None
    if piece not in ("", "new") and chosen is None:
        raise NotFound("There is no such piece of news.")
    fresh = {"kind": "news", "title": "", "body": "", "regions": [], "must_read": False, "valid_until": None}
    fields = {name: getattr(chosen, name) for name in fresh} if chosen else fresh
    return centre.show(
        "network/news.html",
        status_code=status,
        rows=await all_news(session),
        piece=piece,
        chosen=chosen,
        fields=fields | (typed or {}),
        regions=await regions_of(session),
        receipts=await receipts(session, chosen) if chosen and chosen.published_at else [],
        files=await files_of(session, f"news/{chosen.id}") if chosen else [],
        errors=errors or {},
    )
