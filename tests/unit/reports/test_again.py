"""Earlier days counted again with other thresholds: seen before, done on purpose, taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.errors import Refused
from crm_core.workforce.fields import Unusable
from reports.again import Wish, count_again, preview, take_back, with_stretch
from reports.counts import QueueCounts, Thresholds
from reports.intervals import queue_intervals
from reports.periods import Period, Step
from reports.thresholds import ThresholdHistory, ThresholdVersion
from tests.unit.reports.test_rollups import SUNDAY, Chance, a_site, count_everything, stored

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
ZONE = "Asia/Shanghai"
WISH = Wish("repair", SUNDAY - timedelta(days=1), SUNDAY, 4, 30)
BY: dict[str, Any] = {"actor": "2001", "at": NOW}
days = st.dates(date(2026, 1, 1), date(2026, 1, 12))


async def by_day(session: AsyncSession, chance: Chance) -> dict[date, QueueCounts]:
    period = Period(first=SUNDAY - timedelta(days=2), last=SUNDAY + timedelta(days=2), step=Step.DAY, zone=chance.zone)
    found = await queue_intervals(session, period, ["repair"])
    return {one.span.day: one.queues["repair"] for one in found if "repair" in one.queues}


async def test_days_counted_again_are_as_they_were_seen_and_other_days_stay() -> None:
    chance = Chance(21, ZONE)
    async with a_site(ZONE) as database:
        async with database.begin() as session:
            session.add_all(row for _ in range(120) for row in chance.rows())
        async with database.begin() as session:
            waiting = await preview(session, WISH, chance.zone)  # while nothing of it is stored yet
        await count_everything(database)
        before = await stored(database)
        async with database.begin() as session:
            seen, told = await preview(session, WISH, chance.zone), await by_day(session, chance)
        assert seen == waiting
        assert {one.day: one.before for one in seen} == {day: told[day] for day in (WISH.first, WISH.last)}
        assert any(one.before != one.after for one in seen)
        async with database.begin() as session:
            act = await count_again(session, WISH, zone=chance.zone, **BY)
        async with database.begin() as session:
            after = await by_day(session, chance)
        assert after == told | {one.day: one.after for one in seen}
        async with database.begin() as session:
            await take_back(session, act.id, zone=chance.zone, **BY)
        assert await stored(database) == before


async def test_only_the_newest_change_is_taken_back_first() -> None:
    async with a_site(ZONE) as database:
        async with database.begin() as session:
            first = await count_again(session, WISH, zone=Chance(1, ZONE).zone, **BY)
            second = await count_again(session, WISH._replace(service_seconds=9), zone=Chance(1, ZONE).zone, **BY)
        async with database.begin() as session:
            with pytest.raises(Refused, match="newest"):
                await take_back(session, first.id, zone=Chance(1, ZONE).zone, **BY)
            await take_back(session, second.id, zone=Chance(1, ZONE).zone, **BY)
            await take_back(session, first.id, zone=Chance(1, ZONE).zone, **BY)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (WISH._replace(last=NOW.date()), "last"),
        (WISH._replace(last=WISH.first - timedelta(days=1)), "last"),
        (WISH._replace(first=date(2020, 1, 1)), "first"),
        (WISH._replace(service_seconds=0), "service"),
        (WISH._replace(short_abandon_seconds=61), "short"),
    ],
)
async def test_what_cannot_be_counted_again_is_refused_at_its_field(wish: Wish, field: str) -> None:
    async with a_site(ZONE) as database, database.begin() as session:
        with pytest.raises(Unusable) as refused:
            await count_again(session, wish, zone=Chance(1, ZONE).zone, **BY)
        assert list(refused.value.by_field) == [field]


@given(st.dictionaries(days, st.integers(1, 90), min_size=1), days, days)
def test_a_stretch_changes_its_days_and_no_other(known: dict[date, int], one: date, other: date) -> None:
    first, last = sorted((one, other))
    versions = [ThresholdVersion(day, Thresholds(service_seconds=seconds)) for day, seconds in known.items()]
    before = ThresholdHistory({"repair": versions}, {})
    wish = Wish("repair", first, last, 600, 5)
    changed = with_stretch(versions, wish, before.on("repair", first), "2001")
    after = ThresholdHistory({"repair": changed}, {})
    assert len({version.valid_from for version in changed}) == len(changed)
    for place in range(-3, 20):
        day = date(2026, 1, 1) + timedelta(days=place)
        expected = 600 if first <= day <= last else before.on("repair", day).service_seconds
        assert after.on("repair", day).service_seconds == expected
