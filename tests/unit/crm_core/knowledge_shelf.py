"""A small shelf of articles for tests: put there as published, without the way through review."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.knowledge.indexing import index_article
from crm_core.knowledge.model import Article, ArticleVersion
from tests.unit.crm_core.builders import NOW

SHELF: tuple[dict[str, Any], ...] = (
    {
        "title_zh": "空调不制冷怎么处理",
        "body_zh": "先看温度设定，再看 **空调滤芯**。仍不制冷，请预约检测压缩机。",
        "title_en": "Air conditioning does not cool",
        "body_en": "Check the temperature first, then the cabin filter. Book a check of the compressor.",
        "topics": ["repair"],
        "sub_kinds": ["repair.fault"],
    },
    {
        "title_zh": "冬季充电慢的原因",
        "body_zh": "气温低时电池先加热，充电时间会变长。空调也会耗电。",
        "title_en": "Why charging is slow in winter",
        "body_en": "A cold battery is warmed up first, so charging takes longer.",
        "topics": ["enquiry"],
        "models": ["E6"],
    },
    {
        "title_zh": "三包与质保期限",
        "body_zh": "整车质保三年或十万公里，三电质保八年。",
        "title_en": "Warranty periods",
        "body_en": "Three years or 100,000 km; battery, motor and control eight years.",
        "topics": ["enquiry", "complaint"],
        "sub_kinds": ["enquiry.warranty"],
    },
    {
        "title_zh": "道路救援怎么叫",
        "body_zh": "质保期内每年三次免费拖车，先问位置和车牌。",
        "title_en": "How to call road rescue",
        "body_en": "Three free tows a year within the warranty.",
        "topics": ["rescue"],
    },
)


async def put_up(session: AsyncSession, *, title_zh: str, body_zh: str = "", **more: Any) -> Article:
    """A published article; `more` are columns of the article or of its version."""
    version = ArticleVersion(number=1, state="published", title_zh=title_zh, body_zh=body_zh, author="1018", at=NOW)
    article = Article(author="1018", created_at=NOW, published_at=NOW, published=1, status="published")
    for name, value in more.items():
        setattr(version if name.endswith(("_zh", "_en")) else article, name, value)
    session.add(article)
    await session.flush()
    version.article_id = article.id
    session.add(version)
    await session.flush()
    await index_article(session, article, version)
    return article


async def fill_shelf(session: AsyncSession) -> None:
    for book in SHELF:
        await put_up(session, **book)
