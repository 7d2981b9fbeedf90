"""Writing what an article is found by. The databases keep their indexes themselves: see knowledge.index."""

from __future__ import annotations

import asyncio

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.knowledge.markdown import first_sentences, plain
from crm_core.knowledge.model import Article, ArticleText, ArticleVersion
from crm_core.knowledge.spelling import pinyin_of
from crm_core.knowledge.words import index_words

ZH, EN = "zh-CN", "en"
LONGEST_INDEXED = 40_000  # signs of a body


async def index_article(session: AsyncSession, article: Article, version: ArticleVersion) -> None:
    """Find the article by this version's words from now on; a language without a title is not found."""
    rows = await session.scalars(select(ArticleText).where(ArticleText.article_id == article.id))
    known = {row.language: row for row in rows}
    texts = {
        ZH: (version.title_zh, version.answer_zh, version.body_zh),
        EN: (version.title_en, version.answer_en, version.body_en),
    }
    for language, (title, answer, body) in texts.items():
        row = known.get(language)
        if not title:
            if row is not None:
                await session.delete(row)
            continue
        if row is None:
            row = ArticleText(article_id=article.id, language=language)
            session.add(row)
        fill(row, title, answer, body, article.words)
        row.title_pinyin = await asyncio.to_thread(pinyin_of, title)
    await session.flush()


def fill(row: ArticleText, title: str, answer: str, body: str, words: list[str]) -> None:
    """`words` are the article's own search words; they count like the title."""
    text = plain(body)[:LONGEST_INDEXED]
    row.title, row.body = title, text
    row.answer = answer.strip() or first_sentences(body)
    row.title_words = index_words(f"{title} {' '.join(words)}")
    row.body_words = index_words(f"{answer}\n{text}")
