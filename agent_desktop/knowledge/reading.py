"""One article as a reader sees it, in one language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.errors import NotFound
from crm_core.files.model import StoredFile
from crm_core.files.store import files_of
from crm_core.knowledge.markdown import first_sentences, html
from crm_core.knowledge.model import Article, ArticleVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`body` is safe HTML. `languages` are those the version has."""

    article: Article
    version: ArticleVersion
    language: str
    languages: tuple[str, ...]
    title: str
    answer: str
    body: str
    files: Sequence[StoredFile]

    @property
    def short(self) -> str:
        """What goes into a note: the short answer, else the first sentences."""
        text = self.version.body_en if self.language == "en" else self.version.body_zh
        return self.answer or first_sentences(text) or self.title


async def read_article(session: AsyncSession, article_id: int, language: str, number: int | None = None) -> Reading:
    """Version `number`; None = the published one, or the latest where nothing is published. Raises NotFound."""
    article = await session.get(Article, article_id)
    if article is None:
        raise NotFound("There is no such article.")
    wanted = number if number is not None else article.published or article.working
    version = await session.scalar(
        select(ArticleVersion).where(ArticleVersion.article_id == article_id, ArticleVersion.number == wanted)
    )
    if version is None:
        raise NotFound("There is no such version.")
    titles = {"zh-CN": version.title_zh, "en": version.title_en}
    languages = tuple(one for one, title in titles.items() if title)
    shown = language if language in languages else (languages or ("zh-CN",))[0]
    english = shown == "en"
    return Reading(
        article=article,
        version=version,
        language=shown,
        languages=languages,
        title=titles[shown],
        answer=version.answer_en if english else version.answer_zh,
        body=html(version.body_en if english else version.body_zh),
        files=await files_of(session, f"article/{article_id}"),
    )
