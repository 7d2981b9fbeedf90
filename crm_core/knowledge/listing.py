"""Lists of articles by state, category, model and age; one article with all that belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Text, case, func, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.knowledge.model import Article, ArticleText, ArticleVersion, ArticleVote
from crm_core.knowledge.queries import readable

SOON = timedelta(days=14)  # before its day of review an article is on the list
PAGE = 50
STATES = ("published", "to_review", "review", "draft", "retired")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of a list. `title` is in the reader's language where there is one; `helped` is None without votes."""

    article: Article
    title: str
    answer: str
    useful: int
    votes: int

    @property
    def helped(self) -> float | None:
        return self.useful / self.votes if self.votes else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    lines: tuple[Line, ...]
    total: int


async def articles(
    session: AsyncSession,
    *,
    state: str,
    on: date,
    kind: str = "",
    category_ids: Sequence[int] = (),
    model: str = "",
    author: str = "",
    audience: Sequence[str] = (),
    language: str = "zh-CN",
    offset: int = 0,
    limit: int = PAGE,
) -> Listed:
    """`state` is a word of STATES: published = what readers find; to_review = due within 14 days or over.

    `audience` narrows to what is released to these readers; () = the centre, which reads everything.
    """
    where = [*_in_state(state, on)]
    if audience:
        where.append(Article.audience.in_(audience))
    if kind:
        where.append(Article.kind == kind)
    if category_ids:
        where.append(Article.category_id.in_(category_ids))
    if model:
        where.append(type_coerce(Article.models, Text).contains(f"|{model}|", autoescape=True))
    if author:
        where.append(Article.author == author)
    total = await session.scalar(select(func.count()).select_from(Article).where(*where)) or 0
    order = (
        (Article.review_on, Article.id) if state == "to_review" else (Article.published_at.desc(), Article.id.desc())
    )
    rows = await session.scalars(select(Article).where(*where).order_by(*order).offset(offset).limit(limit))
    return Listed(lines=tuple(await lines(session, list(rows), language)), total=total)


async def is_readable(session: AsyncSession, article_id: int, *, on: date, audience: Sequence[str]) -> bool:
    """Whether these readers may see it on that day: published, valid, released to them, and no script."""
    where = (*readable(on, audience), Article.kind == "article", Article.id == article_id)
    return await session.scalar(select(Article.id).where(*where)) is not None


async def counts(session: AsyncSession, on: date) -> dict[str, int]:
    """How many articles each state has."""
    found = {}
    for state in STATES:
        found[state] = await session.scalar(select(func.count()).select_from(Article).where(*_in_state(state, on))) or 0
    return found


async def lines(session: AsyncSession, rows: Sequence[Article], language: str) -> list[Line]:
    """The rows with their titles and votes, in the same order."""
    ids = [row.id for row in rows]
    texts = {
        (text.article_id, text.language): text
        for text in await session.scalars(select(ArticleText).where(ArticleText.article_id.in_(ids)))
    }
    useful = func.sum(case((ArticleVote.useful, 1), else_=0))
    votes = {
        article_id: (int(yes or 0), int(count))
        for article_id, yes, count in await session.execute(
            select(ArticleVote.article_id, useful, func.count())
            .where(ArticleVote.article_id.in_(ids))
            .group_by(ArticleVote.article_id)
        )
    }
    found = []
    for row in rows:
        text = texts.get((row.id, language)) or texts.get((row.id, "zh-CN")) or texts.get((row.id, "en"))
        yes, count = votes.get(row.id, (0, 0))
        found.append(
            Line(
                article=row,
                title=text.title if text else "",
                answer=text.answer if text else "",
                useful=yes,
                votes=count,
            )
        )
    return found


async def by_ids(session: AsyncSession, ids: Sequence[int], language: str) -> list[Line]:
    """These articles in this order; unknown ones are left out."""
    rows = {row.id: row for row in await session.scalars(select(Article).where(Article.id.in_(ids)))}
    return await lines(session, [rows[one] for one in ids if one in rows], language)


async def versions_of(session: AsyncSession, article_id: int) -> list[ArticleVersion]:
    """The newest first."""
    statement = select(ArticleVersion).where(ArticleVersion.article_id == article_id)
    return list(await session.scalars(statement.order_by(ArticleVersion.number.desc())))


async def models_named(session: AsyncSession) -> list[str]:
    """Every vehicle model that some article is for, in order."""
    rows = await session.scalars(select(Article.models).where(type_coerce(Article.models, Text) != "").distinct())
    return sorted({model for models in rows for model in models})


def _in_state(state: str, on: date) -> list[ColumnElement[bool]]:
    if state == "to_review":
        return [Article.status == "published", Article.review_on.is_not(None), Article.review_on <= on + SOON]
    if state == "published":
        return readable(on, ())
    if state == "retired":
        over = (Article.status == "published") & (Article.valid_until < on)
        return [or_(Article.status == "retired", over)]
    waiting = select(ArticleVersion.id).where(
        ArticleVersion.article_id == Article.id, ArticleVersion.number == Article.working, ArticleVersion.state == state
    )
    return [Article.working > 0, Article.status != "retired", waiting.exists()]
