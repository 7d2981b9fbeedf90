"""What the maker tells the dealers: news, policy, campaigns, training, with files; must-read ones are confirmed."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from markupsafe import Markup

from agent_desktop.dealer.portal import Edit, Portal, ThePortal, back, show, try_to
from agent_desktop.dealer.words import NEWS_KINDS
from agent_desktop.dependencies import needs
from crm_core.access.roles import Permission
from crm_core.dealers.news_actions import confirm_read, open_news
from crm_core.dealers.news_queries import news_for
from crm_core.files.store import files_of
from crm_core.knowledge.markdown import html

router = APIRouter(prefix="/dealer/news", dependencies=[needs(Permission.SEE_OWN_DEALER)])


@router.get("")
async def show_list(portal: ThePortal, kind: str = "", q: str = "") -> Response:
    return await _page(portal, kind, q)


@router.get("/{news_id}")
async def show_one(portal: ThePortal, news_id: int, kind: str = "", q: str = "") -> Response:
    """Opening is the receipt. Raises NotFound for what is not meant for this person."""
    return await _page(portal, kind, q, news_id)


@router.post("/{news_id}/read")
async def confirm(edit: Edit, portal: ThePortal, news_id: int) -> Response:
    errors, status = await try_to(
        edit, lambda session: confirm_read(session, news_id, portal.reader, actor=edit.me.number, at=portal.now)
    )
    if errors:
        return await _page(portal, "", "", errors=errors, status=status)
    return back("", f"/dealer/news/{news_id}", "read")


async def _page(
    portal: Portal,
    kind: str,
    q: str,
    news_id: int | None = None,
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    session = portal.session
    more: dict[str, Any] = {"article": None, "html": "", "files": []}
    if news_id is not None:
        found = await open_news(session, news_id, portal.reader, at=portal.now)
        body = Markup(html(found.body))  # noqa: S704  crm_core.knowledge.markdown has just cleaned it
        more = {"article": found, "html": body, "files": await files_of(session, f"news/{news_id}")}
    words = q.strip()[:60]
    return await show(
        portal,
        "dealer/news.html",
        status_code=status,
        lines=await news_for(
            session, portal.reader, today=portal.today, kind=kind if kind in NEWS_KINDS else "", words=words
        ),
        kind=kind,
        q=words,
        errors=errors or {},
        **more,
    )
