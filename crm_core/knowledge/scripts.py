"""The talk guide of a call: the script that fits its queue, kind and brand best, with the names filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.knowledge.markdown import html
from crm_core.knowledge.model import Article, ArticleVersion
from crm_core.knowledge.queries import readable

GAPS = ("customer", "agent", "site", "vehicle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """`opening` is the first sentence, `guide` safe HTML of what follows; `gaps` as {customer} are still in both."""

    article_id: int
    title: str
    opening: str
    guide: str
    language: str

    def filled(self, values: Mapping[str, str]) -> Script:
        """With the names in; a value is text and can neither be markup nor open another gap."""
        opening, guide = self.opening, self.guide
        for gap in GAPS:
            name = values.get(gap, "").replace("{", "(")
            opening = opening.replace(f"{{{gap}}}", name)
            guide = guide.replace(f"{{{gap}}}", escape(name))
        return Script(
            article_id=self.article_id,
            title=self.title,
            opening=opening,
            guide=guide,
            language=self.language,
        )


async def script_for(
    session: AsyncSession, *, queue: str, topic: str, brand: str, language: str, on: date
) -> Script | None:
    """The published script that names most of queue, kind and brand and contradicts none; None = there is none."""
    rows = await session.scalars(select(Article).where(*readable(on, ()), Article.kind == "script"))
    best = best_fit(list(rows), queue=queue, topic=topic, brand=brand)
    return await _published(session, best, language) if best else None


async def script_of(session: AsyncSession, article_id: int, *, language: str, on: date) -> Script | None:
    """This script as it is published; None for one that is gone, or an article of another kind."""
    wanted = select(Article).where(*readable(on, ()), Article.kind == "script", Article.id == article_id)
    found = await session.scalar(wanted)
    return await _published(session, found, language) if found else None


async def _published(session: AsyncSession, best: Article, language: str) -> Script | None:
    version = await session.scalar(
        select(ArticleVersion).where(ArticleVersion.article_id == best.id, ArticleVersion.number == best.published)
    )
    if version is None:
        return None
    english = (language == "en" and bool(version.title_en)) or not version.title_zh
    return Script(
        article_id=best.id,
        title=version.title_en if english else version.title_zh,
        opening=version.answer_en if english else version.answer_zh,
        guide=html(version.body_en if english else version.body_zh),
        language="en" if english else "zh-CN",
    )


def best_fit(scripts: Sequence[Article], *, queue: str, topic: str, brand: str) -> Article | None:
    """A queue tells more than a kind, a kind more than a brand; of equals the newest."""
    ranked = []
    for script in scripts:
        asked = ((script.queues, queue, 4), (script.topics, topic, 2), (script.brands, brand, 1))
        if any(words and word not in words for words, word, _ in asked):
            continue
        worth = sum(weight for words, _, weight in asked if words)
        ranked.append((worth, script.published_at.timestamp() if script.published_at else 0.0, script.id, script))
    return max(ranked, key=lambda one: one[:3])[3] if ranked else None
