"""The demo's segments: everybody computed, the ready-made segments counted, and a quarter of counts behind them."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, tzinfo
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import Database, make_engine
from crm_core.segments.actions import add_ready, save_segment
from crm_core.segments.conditions import Condition, Definition, Group
from crm_core.segments.model import Segment, SegmentCount, SegmentMember, WorthCount, WorthRun
from crm_core.segments.nightly import step

DAYS = 90
_OWN = (
    (
        "东北电车家庭",
        "冬季用车关怀",
        "who",
        Definition(
            "all",
            (
                Group("any", (Condition("city", "is", ("长春", "吉林", "沈阳", "哈尔滨", "大连")),)),
                Group("all", (Condition("energy", "in", ("electric",)), Condition("kind", "in", ("person",)))),
            ),
        ),
    ),
    (
        "常来电的车主",
        "一年联系 10 次以上，请顾问主动致电",
        "behaviour",
        Definition("all", (Group("all", (Condition("contacts", "least", 10), Condition("vehicles", "least", 1))),)),
    ),
)


def settle_worth(url: str, now: datetime, zone: tzinfo) -> None:
    """Blocks until everybody is computed; from a thread of its own, whether or not a loop runs here."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, _settle(url, now, zone)).result()


async def _settle(url: str, now: datetime, zone: tzinfo) -> None:
    database = Database(make_engine(url))
    try:
        async with database.begin() as session:
            await _make_segments(session, now, zone)
        for _ in range(1_000):
            async with database.begin() as session:
                await step(session, now, zone)
                done = await session.scalar(select(WorthRun.id).where(WorthRun.finished_at.is_not(None)))
            if done:
                break
        async with database.begin() as session:
            await _tell_the_past(session, now, zone)
    finally:
        await database.close()


async def _make_segments(session: AsyncSession, now: datetime, zone: tzinfo) -> None:
    by: dict[str, Any] = {"actor": "2001", "at": now - timedelta(days=DAYS), "zone": zone}
    await add_ready(session, **by)
    for name, note, dimension, definition in _OWN:
        typed = {"name": name, "note": note, "dimension": dimension, "definition": definition.written()}
        await save_segment(session, None, typed, **by)
    for row in await session.scalars(select(Segment)):
        row.counted_at = None  # so that nobody "enters" at the first count
    for count in await session.scalars(select(SegmentCount)):
        await session.delete(count)


async def _tell_the_past(session: AsyncSession, now: datetime, zone: tzinfo) -> None:
    """Counts of the last quarter that lead to today's, and a few who came today."""
    random = Random("yuanchen segments")
    today = now.astimezone(zone).date()
    counts = list(await session.scalars(select(SegmentCount).where(SegmentCount.day == today)))
    for count in sorted(counts, key=lambda one: one.segment_id):
        await _mark_fresh(session, count, random, today)
        members = count.members - count.entered + count.left
        for ago in range(1, DAYS):
            came, went = random.randint(0, 1 + members // 40), random.randint(0, 1 + members // 45)
            day = today - timedelta(days=ago)
            session.add(SegmentCount(segment_id=count.segment_id, day=day, members=members, entered=came, left=went))
            members = max(0, members - came + went)
    words = list(await session.scalars(select(WorthCount).where(WorthCount.day == today)))
    for word in sorted(words, key=lambda one: (one.measure, one.word)):
        customers = word.customers
        for ago in range(1, 31):
            customers = max(0, customers - random.choice((-1, 0, 0, 0, 1)) * (1 + customers // 120))
            day = today - timedelta(days=ago)
            session.add(WorthCount(day=day, measure=word.measure, word=word.word, customers=customers))


async def _mark_fresh(session: AsyncSession, count: SegmentCount, random: Random, today: Any) -> None:
    few = random.randint(0, min(4, count.members // 12))
    newest = select(SegmentMember).where(SegmentMember.segment_id == count.segment_id)
    for member in await session.scalars(newest.order_by(SegmentMember.customer_id.desc()).limit(few)):
        member.entered_on = today
    count.entered = few
