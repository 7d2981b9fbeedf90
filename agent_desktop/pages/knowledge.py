"""The knowledge base for readers: browse, search as you type, read, compare versions, judge."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import Me, Session, TheRendering, needs
from agent_desktop.knowledge import words as knowledge_words
from agent_desktop.knowledge.forms import differences
from agent_desktop.knowledge.reading import read_article
from agent_desktop.naming import names_for
from agent_desktop.rendering import language_of, page
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.errors import NotFound
from crm_core.knowledge import categories, listing, questions, usage
from crm_core.knowledge.content import content_of
from crm_core.knowledge.model import ArticleVersion, ArticleVote
from crm_core.knowledge.queries import search
from crm_core.workforce.queries import names, queues

router = APIRouter(prefix="/knowledge", dependencies=[needs(Permission.SEE_KNOWLEDGE)])
FOUND = 30


class Asked(BaseModel):
    """The address of a list: what is searched for and what restricts it."""

    q: str = Field(default="", max_length=120)
    state: str = Field(default="published", max_length=12)
    category: int = 0
    model: str = Field(default="", max_length=40)
    kind: str = Field(default="", max_length=10)
    page: int = Field(default=1, ge=1, le=1000)

    def address(self, **changed: object) -> str:
        """The address with other values; what restricts nothing stays out of it."""
        values = {name: getattr(self, name) for name in ("q", "state", "category", "model", "kind")} | changed
        kept = {name: value for name, value in values.items() if value and (name, value) != ("state", "published")}
        return f"/knowledge?{urlencode(kept)}" if kept else "/knowledge"


class Shown(BaseModel):
    """Which language and version of an article."""

    lang: str = Field(default="", max_length=8)
    version: int = Field(default=0, ge=0, le=1_000_000)


@router.get("")
async def show_list(
    request: Request, session: Session, me: Me, rendering: TheRendering, asked: Annotated[Asked, Query()]
) -> Response:
    today = clock.now().astimezone(rendering.site.zone).date()
    if asked.state not in listing.STATES or not me.may(Permission.WRITE_KNOWLEDGE):
        asked = asked.model_copy(update={"state": "published"})
    side = await side_values(session, asked, rendering)
    below = next((node.below for node in side["nodes"] if node.category_id == asked.category), ())
    hits = await search(
        session, asked.q, on=today, language=me.language, limit=FOUND, category_ids=below, model=asked.model
    )
    listed = await listing.articles(
        session,
        state=asked.state,
        on=today,
        kind=asked.kind or ("article" if asked.state == "published" else ""),
        category_ids=below,
        model=asked.model,
        language=me.language,
        offset=(asked.page - 1) * listing.PAGE,
    )
    places = {node.category_id: node.name(me.language) for node in side["nodes"]}
    return page(
        request, "knowledge/list.html", "results", hits=hits, listed=listed, places=places, size=listing.PAGE, **side
    )


@router.get("/{article_id:int}")
async def show_article(
    edit: Edit, rendering: TheRendering, article_id: int, shown: Annotated[Shown, Query()]
) -> Response:
    """Readers see what is published; authors also a draft, and any version by its number."""
    session, me = edit.session, edit.me
    writes = me.may(Permission.WRITE_KNOWLEDGE)
    number = shown.version if writes and shown.version else None
    read = await read_article(session, article_id, shown.lang or me.language, number)
    hidden = read.article.status in ("draft", "review", "retired")
    if hidden and not writes:
        raise NotFound("There is no such article.")
    mine = select(ArticleVote.useful).where(
        ArticleVote.article_id == article_id, ArticleVote.agent == me.number, ArticleVote.contact_id == ""
    )
    (line,) = await listing.by_ids(session, [article_id], me.language)
    nodes = await categories.tree(session)
    return page(
        edit.request,
        "knowledge/article.html",
        read=read,
        line=line,
        place=_place(nodes, read.article.category_id, me.language),
        related=await listing.by_ids(session, read.article.related, me.language),
        working=await _working(session, read.article.id, read.article.working),
        voted=await session.scalar(mine),
        writes=writes,
        today=clock.now().astimezone(rendering.site.zone).date(),
        **await word_values(session, edit.request),
    )


@router.post("/{article_id:int}/vote")
async def vote(edit: Edit, article_id: int) -> Response:
    form = await edit.form()
    useful, reason = form.get("useful") == "1", str(form.get("reason", ""))
    await edit.save(lambda session: usage.vote(session, article_id, useful, reason=reason, **edit.by), tell=False)
    return RedirectResponse(f"/knowledge/{article_id}", status_code=303)


@router.get("/{article_id:int}/versions", dependencies=[needs(Permission.WRITE_KNOWLEDGE)])
async def show_versions(edit: Edit, article_id: int, a: int = 0, b: int = 0) -> Response:
    """All versions; what changed from version `a` to `b` (by default, the last change)."""
    session = edit.session
    versions = await listing.versions_of(session, article_id)
    if not versions:
        raise NotFound("There is no such article.")
    known = {one.number: one for one in versions}
    after = known.get(b, versions[0])
    before = known.get(a) or known.get(after.number - 1)
    (line,) = await listing.by_ids(session, [article_id], edit.me.language)
    return page(
        edit.request,
        "knowledge/versions.html",
        line=line,
        versions=versions,
        before=before,
        after=after,
        changes=differences(content_of(before), content_of(after)) if before else {},
        **await word_values(session, edit.request),
    )


async def side_values(session: AsyncSession, asked: Asked, rendering: TheRendering) -> dict[str, Any]:
    """What the left column of every knowledge page shows."""
    today = clock.now().astimezone(rendering.site.zone).date()
    return {
        "asked": asked,
        "nodes": await categories.tree(session),
        "counts": await listing.counts(session, today),
        "open_questions": len(await questions.questions(session)),
        "models": await listing.models_named(session),
        "words": knowledge_words,
    }


async def word_values(session: AsyncSession, request: Request) -> dict[str, Any]:
    """Names of people and queues in the reader's language, and the words of states."""
    named = names_for(language_of(request), await names(session), await queues(session))
    return {"words": knowledge_words, "named": named}


async def _working(session: AsyncSession, article_id: int, number: int) -> ArticleVersion | None:
    return await session.scalar(
        select(ArticleVersion).where(ArticleVersion.article_id == article_id, ArticleVersion.number == number)
    )


def _place(nodes: list[categories.Node], category_id: int | None, language: str) -> list[tuple[int, str]]:
    """The way from the top to the category."""
    known = {node.category_id: node for node in nodes}
    way: list[tuple[int, str]] = []
    at = known.get(category_id or 0)
    while at is not None:
        way.insert(0, (at.category_id, at.name(language)))
        at = known.get(at.parent_id or 0)
    return way
