"""What is used, what does not help, what nobody opens, and what is searched for in vain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.knowledge.listing import Line, lines
from crm_core.knowledge.model import Article, ArticleUse, ArticleVote, KnowledgeSearch

SHOWN = 12
FEWEST_VOTES = 2  # one person's opinion is no figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    line: Line
    opened: int
    inserted: int
    sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Disliked:
    """`useful` of `votes` were a yes; `reasons` are the latest of those who said no."""

    line: Line
    useful: int
    votes: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InVain:
    """Words that found nothing, how often, by how many people, last when."""

    words: str
    times: int
    people: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """In the interval: `searches` of which `in_vain` found nothing, articles opened, inserted and sent, votes."""

    searches: int
    in_vain: int
    opened: int
    inserted: int
    sent: int
    useful: int
    votes: int


async def totals(session: AsyncSession, start: datetime, end: datetime) -> Totals:
    """All of [start, end)."""
    looked = select(func.count(), func.count().filter(KnowledgeSearch.hits == 0)).where(
        KnowledgeSearch.at >= start, KnowledgeSearch.at < end
    )
    searches, in_vain = (await session.execute(looked)).one()
    hows = select(ArticleUse.how, func.count().label("n")).where(ArticleUse.at >= start, ArticleUse.at < end)
    counts = {row.how: int(row.n) for row in await session.execute(hows.group_by(ArticleUse.how))}
    given = select(func.count(), func.count().filter(ArticleVote.useful)).where(
        ArticleVote.at >= start, ArticleVote.at < end
    )
    votes, useful = (await session.execute(given)).one()
    return Totals(
        searches=searches,
        in_vain=in_vain,
        opened=counts.get("opened", 0),
        inserted=counts.get("inserted", 0),
        sent=counts.get("sent", 0),
        useful=useful,
        votes=votes,
    )


async def most_used(session: AsyncSession, start: datetime, end: datetime, language: str) -> list[Used]:
    """By inserted and sent, then by opened."""
    opened, inserted, sent = (
        func.sum(case((ArticleUse.how == how, 1), else_=0)) for how in ("opened", "inserted", "sent")
    )
    statement = (
        select(Article, opened, inserted, sent)
        .join(ArticleUse, ArticleUse.article_id == Article.id)
        .where(ArticleUse.at >= start, ArticleUse.at < end)
        .group_by(Article.id)
        .order_by((inserted + sent).desc(), opened.desc(), Article.id)
        .limit(SHOWN)
    )
    rows = (await session.execute(statement)).all()
    shown = await lines(session, [row[0] for row in rows], language)
    return [
        Used(line=line, opened=int(row[1]), inserted=int(row[2]), sent=int(row[3]))
        for line, row in zip(shown, rows, strict=True)
    ]


async def least_useful(session: AsyncSession, start: datetime, end: datetime, language: str) -> list[Disliked]:
    """Published articles with the lowest share of yes, from two votes on."""
    count, useful = func.count(), func.sum(case((ArticleVote.useful, 1), else_=0))
    statement = (
        select(Article, useful, count)
        .join(ArticleVote, ArticleVote.article_id == Article.id)
        .where(ArticleVote.at >= start, ArticleVote.at < end, Article.status == "published")
        .group_by(Article.id)
        .having(count >= FEWEST_VOTES, useful < count)
        .order_by((useful * 1.0 / count), count.desc(), Article.id)
        .limit(SHOWN)
    )
    rows = (await session.execute(statement)).all()
    said = await _reasons(session, [row[0].id for row in rows], start, end)
    shown = await lines(session, [row[0] for row in rows], language)
    return [
        Disliked(line=line, useful=int(row[1]), votes=int(row[2]), reasons=tuple(said.get(line.article.id, ())[:3]))
        for line, row in zip(shown, rows, strict=True)
    ]


async def never_opened(session: AsyncSession, start: datetime, end: datetime, language: str) -> list[Line]:
    """Articles that were published before the interval and that nobody opened or used in it; the oldest first."""
    used = select(ArticleUse.id).where(ArticleUse.article_id == Article.id, ArticleUse.at >= start, ArticleUse.at < end)
    statement = (
        select(Article)
        .where(Article.status == "published", Article.kind == "article", Article.published_at < start, ~used.exists())
        .order_by(Article.published_at, Article.id)
        .limit(SHOWN)
    )
    return await lines(session, list(await session.scalars(statement)), language)


async def searched_in_vain(session: AsyncSession, start: datetime, end: datetime) -> list[InVain]:
    """The words that found nothing, most often first."""
    count = func.count()
    statement = (
        select(
            KnowledgeSearch.words,
            count,
            func.count(KnowledgeSearch.agent.distinct()),
            func.max(KnowledgeSearch.at),
        )
        .where(KnowledgeSearch.hits == 0, KnowledgeSearch.at >= start, KnowledgeSearch.at < end)
        .group_by(KnowledgeSearch.words)
        .order_by(count.desc(), func.max(KnowledgeSearch.at).desc())
        .limit(SHOWN)
    )
    return [
        InVain(words=words, times=times, people=people, last_at=last_at)
        for words, times, people, last_at in await session.execute(statement)
    ]


async def _reasons(
    session: AsyncSession, article_ids: list[int], start: datetime, end: datetime
) -> dict[int, list[str]]:
    rows = await session.execute(
        select(ArticleVote.article_id, ArticleVote.reason)
        .where(
            ArticleVote.article_id.in_(article_ids),
            ArticleVote.useful.is_(False),
            ArticleVote.reason != "",
            ArticleVote.at >= start,
            ArticleVote.at < end,
        )
        .order_by(ArticleVote.at.desc())
    )
    found: dict[int, list[str]] = {}
    for article_id, reason in rows:
        found.setdefault(article_id, []).append(reason)
    return found
