"""`hotline bench words`: finding what was said in 100,000 talks, Mandarin and English, on SQLite and PostgreSQL.

Each question is a page of results with its sentences, as the page shows it. The peer is what a database can do
without an index of words: the newest lines LIKE what is asked, on the same rows.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from benchmarks.offer import percentile
from benchmarks.own_postgres import own_postgres, server_programs
from benchmarks.said import fill
from crm_core.db import Database, make_engine
from crm_core.migrate import upgrade
from crm_core.transcripts.model import TranscriptLine
from crm_core.transcripts.queries import Wanted, search

FULL, SHORT = 100_000, 5_000
ROUNDS = 10
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
QUESTIONS: dict[str, Wanted] = {
    "zh_frequent": Wanted(words="您好"),
    "zh_word": Wanted(words="媒体"),
    "zh_phrase": Wanted(words="再拖下去我就找媒体"),
    "zh_one_sign": Wanted(words="退"),
    "zh_two_words": Wanted(words="退车 媒体"),
    "zh_never_in_a_row": Wanted(words="您好的车"),
    "zh_never": Wanted(words="鲸鱼火箭"),
    "en_frequent": Wanted(words="the "),
    "en_beginning": Wanted(words="charg"),
    "en_two_words": Wanted(words="lawyer refund "),
    "frequent_of_one_agent": Wanted(words="您好", agents=["1007"]),
    "frequent_on_one_day": Wanted(
        words="您好", since=FIRST_DAY + timedelta(days=40), until=FIRST_DAY + timedelta(days=41)
    ),
    "word_of_agents_side_in_queue": Wanted(words="媒体", side="customer", queue="q3"),
    "topic": Wanted(topics=("media",)),
}


def run(full: bool) -> dict[str, Any]:
    return asyncio.run(measure(FULL if full else SHORT))


async def measure(talks: int) -> dict[str, Any]:
    figures: dict[str, float | str] = {}
    with tempfile.TemporaryDirectory() as folder:
        await _of(f"sqlite+aiosqlite:///{folder}/words.db", "sqlite", talks, figures)
        figures["sqlite_file_mb"] = (Path(folder) / "words.db").stat().st_size / 1e6
    programs = server_programs()
    if programs is None:
        figures["postgresql"] = "not measured: no server here"
    else:
        with own_postgres(programs, "shared_buffers=256MB", "max_wal_size=4GB") as url:
            await _of(url, "postgresql", talks, figures)
    worst = [value for key, value in figures.items() if key.endswith("_ms_p95") and isinstance(value, float)]
    least = [value for key, value in figures.items() if key.endswith("_ms_least") and isinstance(value, float)]
    ratios = {
        f"{name}_like_over_ours": float(figures[f"{name}_like_ms"]) / float(figures[f"{name}_zh_word_ms_p50"])
        for name in ("sqlite", "postgresql")
        if f"{name}_like_ms" in figures
    }
    return {
        "name": "words",
        "runs": ROUNDS,
        "conditions": (
            f"{talks:,} talks, {talks * 8:,} lines, 4 of 5 in Mandarin; a page of 25 with sentences, warm; "
            f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
        ),
        "figures": {"worst_p95_ms": max(worst), "worst_least_ms": max(least), **figures},
        "ratios": ratios,
    }


async def _of(url: str, name: str, talks: int, figures: dict[str, float | str]) -> None:
    await asyncio.to_thread(upgrade, url)
    began = time.perf_counter()
    await asyncio.to_thread(fill, url, talks, FIRST_DAY)
    figures[f"{name}_filled_s"] = time.perf_counter() - began
    database = Database(make_engine(url))
    try:
        for key, wanted in QUESTIONS.items():
            took, own, found = await _asked(database, wanted)
            figures[f"{name}_{key}_ms_least"] = min(took)
            figures[f"{name}_{key}_ms_p50"] = statistics.median(took)
            figures[f"{name}_{key}_ms_own_processor"] = own
            figures[f"{name}_{key}_ms_p95"] = percentile(took, 95)
            figures[f"{name}_{key}_found"] = float(found)
        figures[f"{name}_like_ms"] = await _like(database)
    finally:
        await database.close()


async def _asked(database: Database, wanted: Wanted) -> tuple[list[float], float, int]:
    """Milliseconds of each round; of this process's processor time per round (SQLite works in it); talks found."""
    took, found, busy = [], 0, 0.0
    for place in range(ROUNDS + 1):
        if place == 1:
            busy = time.process_time()
        began = time.perf_counter()
        async with database.begin() as session:
            found = len((await search(session, wanted)).talks)
        if place:  # the first fills the caches
            took.append((time.perf_counter() - began) * 1000)
    return took, (time.process_time() - busy) * 1000 / ROUNDS, found


async def _like(database: Database) -> float:
    """A word that few said, once: it reads every line."""
    began = time.perf_counter()
    lines = select(TranscriptLine.id).where(TranscriptLine.text.like("%鲸鱼火箭%"))
    async with database.begin() as session:
        await session.execute(lines.order_by(TranscriptLine.id.desc()).limit(25))
    return (time.perf_counter() - began) * 1000
