"""Writing: a draft beside what readers see, sent to a colleague for approval, given back or taken up again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.knowledge.content import TEXTS, Content, content_of, problems, publishing_problems
from crm_core.knowledge.indexing import index_article
from crm_core.knowledge.model import Article, ArticleCategory, ArticleVersion
from crm_core.workforce.fields import Unusable


class SavedByAnother(Refused):
    def __init__(self) -> None:
        super().__init__("Somebody else saved this article meanwhile. Your text is still here: copy it, then reload.")


async def write(
    session: AsyncSession,
    article_id: int | None,
    content: Content,
    *,
    base: str = "",
    change: str = "",
    source: str = "",
    actor: str,
    at: datetime,
) -> ArticleVersion:
    """Save a draft: of a new article (`article_id` None), or the one beside what readers see.

    `base` is `stamp` of the version the author began with; "" = whatever is there. Raises Unusable, SavedByAnother.
    """
    wrong = problems(content)
    if wrong:
        raise Unusable(wrong)
    await _require_places(session, content)
    article = await existing(session, article_id) if article_id else await _new(session, content, source, actor, at)
    latest = await latest_version(session, article.id)
    if latest is not None and base and base != stamp(latest):
        raise SavedByAnother
    draft = latest
    if draft is None or draft.state in ("published", "replaced"):
        draft = ArticleVersion(article_id=article.id, number=(latest.number if latest else 0) + 1, author=actor, at=at)
        session.add(draft)
    for name, value in content.texts.items():
        setattr(draft, name, storable(value, 60_000).strip())
    draft.details, draft.state, draft.author, draft.at = content.details, "draft", actor, at
    draft.change = storable(change, 160).strip()
    article.working = draft.number
    if not article.published:
        await _show_unpublished(session, article, draft, content)
    await session.flush()
    await audit(session, at=at, actor=actor, action="article_written", subject=f"article/{article.id}", detail=change)
    return draft


async def send_to_review(session: AsyncSession, article_id: int, *, actor: str, at: datetime) -> ArticleVersion:
    """Ask a colleague to approve the draft. Raises Unusable for what readers would miss."""
    article = await existing(session, article_id)
    draft = await working_version(session, article, "draft")
    wrong = publishing_problems(content_of(draft))
    if wrong:
        raise Unusable(wrong)
    draft.state, draft.remark = "review", ""
    if not article.published:
        article.status = "review"
    await session.flush()
    await audit(session, at=at, actor=actor, action="article_to_review", subject=f"article/{article_id}")
    return draft


async def give_back(session: AsyncSession, article_id: int, *, remark: str, actor: str, at: datetime) -> ArticleVersion:
    """The draft goes back to its author, with what is to be mended."""
    article = await existing(session, article_id)
    draft = await working_version(session, article, "review")
    if not remark.strip():
        raise Invalid("Write what is to be mended.", field="remark")
    draft.state, draft.remark = "draft", storable(remark.strip(), 300)
    if not article.published:
        article.status = "draft"
    await session.flush()
    await audit(session, at=at, actor=actor, action="article_given_back", subject=f"article/{article_id}")
    return draft


async def restore(session: AsyncSession, article_id: int, number: int, *, actor: str, at: datetime) -> ArticleVersion:
    """An older version becomes the draft; it goes through review like any other."""
    old = await session.scalar(
        select(ArticleVersion).where(ArticleVersion.article_id == article_id, ArticleVersion.number == number)
    )
    if old is None:
        raise NotFound("There is no such version.")
    kept = replace(content_of(old), kind=(await existing(session, article_id)).kind)
    return await write(session, article_id, kept, change=f"← {number}", actor=actor, at=at)


async def discard(session: AsyncSession, article_id: int, *, actor: str, at: datetime) -> None:
    """Throw the draft away; readers go on seeing what is published. Raises Refused where nothing is."""
    article = await existing(session, article_id)
    draft = await working_version(session, article)
    if not article.published:
        raise Refused("Nothing else of this article exists. Retire it instead.")
    await session.delete(draft)
    article.working = 0
    await session.flush()
    await audit(session, at=at, actor=actor, action="article_draft_discarded", subject=f"article/{article_id}")


async def existing(session: AsyncSession, article_id: int) -> Article:
    """Raises NotFound. The row is locked until the transaction ends, so that two do not approve at once."""
    article = await session.get(Article, article_id, with_for_update=True)
    if article is None:
        raise NotFound("There is no such article.")
    return article


async def latest_version(session: AsyncSession, article_id: int) -> ArticleVersion | None:
    return await session.scalar(
        select(ArticleVersion)
        .where(ArticleVersion.article_id == article_id)
        .order_by(ArticleVersion.number.desc())
        .limit(1)
    )


async def working_version(session: AsyncSession, article: Article, state: str = "") -> ArticleVersion:
    """The version in work; raises Refused when there is none, or it is in another state."""
    found = await session.scalar(
        select(ArticleVersion).where(ArticleVersion.article_id == article.id, ArticleVersion.number == article.working)
    )
    if found is None or (state and found.state != state):
        raise Refused("A colleague was faster: this article is in another state now. Reload the page.")
    return found


def stamp(version: ArticleVersion) -> str:
    """Names a version as it was saved, for `base`."""
    return f"{version.number}-{version.at.timestamp():.6f}"


async def _new(session: AsyncSession, content: Content, source: str, actor: str, at: datetime) -> Article:
    article = Article(author=actor, created_at=at, kind=content.kind, source=storable(source, 120))
    session.add(article)
    await session.flush()
    return article


async def _show_unpublished(session: AsyncSession, article: Article, draft: ArticleVersion, content: Content) -> None:
    """Authors find what is not published yet by its draft."""
    article.status, article.kind = "draft", content.kind
    show(article, content)
    await session.flush()
    await index_article(session, article, draft)


def show(article: Article, content: Content) -> None:
    """What is filtered by follows from what the author decided."""
    for name, value in content.details.items():
        if name not in TEXTS and name != "kind":
            setattr(article, name, getattr(content, name))
        elif name == "kind":
            article.kind = value


async def _require_places(session: AsyncSession, content: Content) -> None:
    if content.category_id and await session.get(ArticleCategory, content.category_id) is None:
        raise Unusable([Invalid("Choose a category from the list.", field="category_id")])
    if content.related:
        known = await session.scalar(select(func.count()).select_from(Article).where(Article.id.in_(content.related)))
        if known != len(set(content.related)):
            raise Unusable([Invalid("A related article does not exist.", field="related")])
