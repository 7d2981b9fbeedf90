"""Which article was used in which contact, whether it helped, and what was searched for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.db import storable
from crm_core.errors import NotFound
from crm_core.knowledge.model import Article, ArticleUse, ArticleVote, KnowledgeSearch


async def used(
    session: AsyncSession,
    article_id: int,
    how: str,
    *,
    contact_id: str = "",
    customer_id: int | None = None,
    channel: str = "",
    actor: str,
    at: datetime,
) -> ArticleUse:
    """`how`: opened, inserted or sent. The version that was published then is kept with it."""
    article = await readable_article(session, article_id)
    use = ArticleUse(article_id=article_id, version=article.published, how=how, agent=actor, at=at)
    use.contact_id, use.customer_id, use.channel = storable(contact_id, 64), customer_id, channel
    session.add(use)
    if how != "opened":
        await session.execute(update(Article).where(Article.id == article_id).values(uses=Article.uses + 1))
    await session.flush()
    return use


async def vote(
    session: AsyncSession,
    article_id: int,
    useful: bool,
    *,
    reason: str = "",
    contact_id: str = "",
    actor: str,
    at: datetime,
) -> ArticleVote:
    """One person's answer for one contact; another one replaces it."""
    article = await readable_article(session, article_id)
    contact = storable(contact_id, 64)
    mine = (ArticleVote.article_id == article_id, ArticleVote.agent == actor, ArticleVote.contact_id == contact)
    await session.execute(delete(ArticleVote).where(*mine))
    given = ArticleVote(article_id=article_id, version=article.published, agent=actor, contact_id=contact, at=at)
    given.useful, given.reason = useful, storable(reason.strip(), 300)
    session.add(given)
    await session.flush()
    word = "article_useful" if useful else "article_not_useful"
    await audit(session, at=at, actor=actor, action=word, subject=f"article/{article_id}", detail=given.reason)
    return given


async def searched(session: AsyncSession, words: str, hits: int, *, actor: str, at: datetime) -> None:
    """What somebody looked for when they stopped typing; one sign alone tells nothing."""
    clean = " ".join(storable(words, 120).split())
    if len(clean) > 1:
        session.add(KnowledgeSearch(agent=actor, words=clean, hits=hits, at=at))
        await session.flush()


async def readable_article(session: AsyncSession, article_id: int) -> Article:
    """Raises NotFound for one that readers cannot see."""
    article = await session.scalar(select(Article).where(Article.id == article_id, Article.published > 0))
    if article is None or article.status == "retired":
        raise NotFound("There is no such article.")
    return article
