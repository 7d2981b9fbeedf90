"""Search as you type and suggestions over 5,000 articles in two languages: p50, p95 and processor time in milliseconds.

python -m benchmarks.knowledge [database URL]      an empty, migrated database; none = SQLite in a new folder
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import quantiles
from time import perf_counter, process_time

from sqlalchemy import insert

from crm_core.db import Database, make_engine
from crm_core.demo.knowledge import FOLDER
from crm_core.knowledge.exchange import read_sheet
from crm_core.knowledge.indexing import EN, ZH, fill
from crm_core.knowledge.model import Article, ArticleText
from crm_core.knowledge.queries import search, suggest
from crm_core.knowledge.spelling import pinyin_of
from crm_core.migrate import upgrade

ARTICLES = 5_000
TYPED = (
    "空调",
    "质保",
    "冬季充电",
    "请问电池掉电怎么办",
    "charg",
    "warranty per",
    "kongtiao",
    "控调",
    "chrging",
    "拖",
    "E6 异响",
)
NOTE = "客户反映空调不制冷，压缩机有异响，冬季充电也慢，想问三电质保和代步车，配件什么时候到"
ROUNDS = 20


async def fill_shelf(database: Database) -> None:
    """The demo's articles, varied: each copy has other sentences of other articles in its body."""
    random = Random("benchmark")
    sheets = [
        sheet.content
        for path in sorted(FOLDER.glob("*.md"))
        if (sheet := read_sheet(path.name, path.read_bytes())).content
    ]
    now = datetime.now(UTC)
    articles, texts = [], []
    for number in range(1, ARTICLES + 1):
        content = sheets[number % len(sheets)]
        if content is None:
            continue
        articles.append(
            {"id": number, "status": "published", "published": 1, "topics": content.topics, "created_at": now}
        )
        others = [one for one in random.sample(sheets, 3) if one]
        for language, title, answer, body in (
            (ZH, content.title_zh, content.answer_zh, "\n\n".join(one.body_zh for one in others)),
            (EN, content.title_en, content.answer_en, "\n\n".join(one.body_en for one in others)),
        ):
            row = ArticleText(article_id=number, language=language)
            fill(row, f"{title} {number}", answer, body, content.words)
            names = ("article_id", "language", "title", "answer", "body", "title_words", "body_words")
            texts.append({name: getattr(row, name) for name in names} | {"title_pinyin": pinyin_of(title)})
    async with database.begin() as session:
        await session.execute(insert(Article), articles)
        await session.execute(insert(ArticleText), texts)


async def measure(database: Database) -> None:
    today = datetime.now(UTC).date()
    took: dict[str, list[float]] = {}
    busy = process_time()
    for _ in range(ROUNDS):
        for typed in TYPED:
            async with database.begin() as session:
                began = perf_counter()
                await search(session, typed, on=today)
                took.setdefault(typed, []).append((perf_counter() - began) * 1000)
        async with database.begin() as session:
            began = perf_counter()
            await suggest(session, words=NOTE, topic="repair", on=today)
            took.setdefault("(suggest)", []).append((perf_counter() - began) * 1000)
    for typed, times in took.items():
        cuts = quantiles(times, n=20)
        print(f"{typed:<24} p50 {cuts[9]:6.1f}   p95 {cuts[18]:6.1f}")
    print(f"{'busy, each':<24} {(process_time() - busy) * 1000 / sum(map(len, took.values())):10.1f}")
    every = quantiles([one for times in took.values() for one in times], n=20)
    print(f"{'all':<24} p50 {every[9]:6.1f}   p95 {every[18]:6.1f}")


async def main(url: str) -> None:
    database = Database(make_engine(url))
    await fill_shelf(database)
    await measure(database)
    await database.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        chosen = sys.argv[1] if len(sys.argv) > 1 else f"sqlite+aiosqlite:///{Path(folder) / 'knowledge.db'}"
        upgrade(chosen)
        asyncio.run(main(chosen))
