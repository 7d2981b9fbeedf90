"""The knowledge base in the portal: the same articles as the hotline's, only those that are released to dealers."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.dealer.portal import Portal, ThePortal, show
from agent_desktop.dependencies import needs
from agent_desktop.knowledge.reading import Reading, read_article
from agent_desktop.rendering import language_of
from crm_core.access.roles import Permission
from crm_core.errors import NotFound
from crm_core.knowledge import categories, listing
from crm_core.knowledge.model import Article
from crm_core.knowledge.queries import search

router = APIRouter(prefix="/dealer/knowledge", dependencies=[needs(Permission.SEE_OWN_DEALER)])
RELEASED = ("dealer", "public")
FOUND = 30


@router.get("")
async def show_list(portal: ThePortal, q: str = "", category: int = 0) -> Response:
    """By words, the best first; without words the newest first."""
    return await _page(portal, q, category)


@router.get("/{article_id}")
async def show_one(portal: ThePortal, article_id: int, q: str = "", category: int = 0) -> Response:
    """Raises NotFound, also for one that is not released to dealers, or not valid today."""
    return await _page(portal, q, category, await _released(portal.session, portal, article_id))


async def _released(session: AsyncSession, portal: Portal, article_id: int) -> Reading:
    article = await session.get(Article, article_id) if 0 < article_id < 2**31 else None
    if article is None or not await listing.is_readable(session, article_id, on=portal.today, audience=RELEASED):
        raise NotFound("There is no such article.")
    return await read_article(session, article_id, language_of(portal.request))


async def _page(portal: Portal, q: str, category: int, reading: Reading | None = None) -> Response:
    session, language = portal.session, language_of(portal.request)
    nodes = await categories.tree(session)
    below = next((node.below for node in nodes if node.category_id == category), ())
    words, today = q.strip()[:120], portal.today
    hits = await search(session, words, on=today, language=language, limit=FOUND, category_ids=below, audience=RELEASED)
    ids = [hit.article_id for hit in hits]
    if words:
        lines = await listing.by_ids(session, ids, language)
    else:
        found = await listing.articles(
            session,
            state="published",
            on=today,
            kind="article",
            category_ids=below,
            audience=RELEASED,
            language=language,
        )
        lines = list(found.lines)
    return await show(
        portal,
        "dealer/knowledge.html",
        q=words,
        category=category if below else 0,
        nodes=nodes,
        node_names={node.category_id: node.name(language) for node in nodes},
        lines=lines,
        reading=reading,
    )
