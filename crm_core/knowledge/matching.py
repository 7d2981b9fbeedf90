"""Asking the database for candidates: by words (FTS5 or tsvector), by sound, by kind of contact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
    text,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.knowledge import ranking
from crm_core.knowledge.model import Article, ArticleText
from crm_core.knowledge.spelling import like_titles, sounds_of
from crm_core.knowledge.words import Term, is_chinese

_FTS5 = table("fts_article", column("rowid"))
CANDIDATES = 60  # texts that the database ranks best; the final order is made by knowledge.ranking


async def matching(
    session: AsyncSession, terms: Sequence[Term], where: Sequence[ColumnElement[bool]], *, every: bool
) -> list[tuple[Article, ArticleText]]:
    """Texts with all, or with any, of the terms; the database's best."""
    # Ids first: sorting whole texts by rank took most of the time.
    ranked = select(ArticleText.id).join(Article, Article.id == ArticleText.article_id).where(*where)
    if session.get_bind().dialect.name == "sqlite":
        ranked = _by_fts5(ranked, terms, " AND " if every else " OR ")
    else:
        ranked = _by_tsvector(ranked, terms, " & " if every else " | ")
    ids = list(await session.scalars(ranked.limit(CANDIDATES)))
    statement = select(Article, ArticleText).join(ArticleText, ArticleText.article_id == Article.id)
    rows = await session.execute(statement.where(ArticleText.id.in_(ids)))
    place = {text_id: number for number, text_id in enumerate(ids)}
    return sorted(((article, row) for article, row in rows), key=lambda pair: place[pair[1].id])


# Terms hold letters and digits only, and are quoted: nothing that was typed becomes an operator of the search.


def _by_fts5(statement: Select[int], terms: Sequence[Term], joined_by: str) -> Select[int]:
    asked = joined_by.join(f'"{term.text}"{"*" if term.prefix else ""}' for term in terms)
    return (
        statement.join(_FTS5, _FTS5.c.rowid == ArticleText.id)
        .where(text("fts_article MATCH :asked").bindparams(asked=asked))
        .order_by(literal_column(f"bm25(fts_article, {ranking.TITLE_WEIGHT}, 1.0)"))
    )


def _by_tsvector(statement: Select[int], terms: Sequence[Term], joined_by: str) -> Select[int]:
    asked = joined_by.join(f"'{term.text}'{':*' if term.prefix else ''}" for term in terms)
    document: ColumnElement[Any] = literal_column("article_text.fts_document")
    query = func.to_tsquery("simple", asked)
    return statement.where(document.op("@@")(query)).order_by(func.ts_rank(document, query).desc())


async def alike(
    session: AsyncSession, asked: str, where: Sequence[ColumnElement[bool]]
) -> list[tuple[Article, ArticleText]]:
    """Titles that sound like what was typed, or look very like it."""
    sounds = sounds_of(asked)
    joined = select(Article, ArticleText).join(ArticleText, ArticleText.article_id == Article.id).where(*where)
    if sounds:
        heard = joined.where(or_(*(ArticleText.title_pinyin.contains(sound, autoescape=True) for sound in sounds)))
        rows = [(article, row) for article, row in await session.execute(heard.limit(CANDIDATES))]
        if rows:
            return rows
    if is_chinese(asked):
        return []
    titles = (
        await session.execute(
            select(ArticleText.id, ArticleText.title)
            .join(Article, Article.id == ArticleText.article_id)
            .where(*where, ArticleText.language == "en")
        )
    ).all()
    like = [titles[place].id for place in like_titles(asked, [row.title.casefold() for row in titles], 5)]
    if not like:
        return []
    return [(article, row) for article, row in await session.execute(joined.where(ArticleText.id.in_(like)))]


async def of_topic(
    session: AsyncSession, topic: str, where: Sequence[ColumnElement[bool]]
) -> list[tuple[Article, ArticleText]]:
    """The most used articles for a kind of contact."""
    for_topic = type_coerce(Article.topics, Text).contains(f"|{topic}|", autoescape=True)
    best = select(Article.id).where(*where, for_topic).order_by(Article.uses.desc(), Article.id).limit(CANDIDATES)
    statement = select(Article, ArticleText).join(ArticleText, ArticleText.article_id == Article.id)
    return [(article, row) for article, row in await session.execute(statement.where(Article.id.in_(best)))]
