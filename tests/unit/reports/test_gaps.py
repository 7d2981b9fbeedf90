"""Times without Asterisk's events are kept from what the feed tells, and a figure says how much of it they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from crm_core.clock import instant
from crm_core.figures.model import StreamGap
from crm_core.history.events import FeedRecord, TelephonyLinkChanged
from crm_core.history.writer import apply_all
from reports.gaps import gap_seconds, merged, overlap
from reports.periods import Span
from tests.empty_databases import sqlite_database

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 26)


def link(
    seconds: float, *, connected: bool, since: float | None = None, reason: str = "link_lost"
) -> TelephonyLinkChanged:
    told = 0.0 if since is None else instant(NOON) + since
    return TelephonyLinkChanged(at=instant(NOON) + seconds, connected=connected, since=told, reason=reason)


def quarters() -> list[Span]:
    return [Span(NOON + timedelta(minutes=15 * i), NOON + timedelta(minutes=15 * (i + 1)), DAY) for i in range(3)]


async def deaf(
    folder: Path, batches: Iterable[list[TelephonyLinkChanged]]
) -> tuple[list[tuple[str, bool]], list[float]]:
    """The reasons and whether each gap is over, and the seconds of three quarters of an hour from noon on."""
    database = sqlite_database(folder / "gaps.db")
    number = 0
    for batch in batches:
        async with database.begin() as session:
            records = [FeedRecord(number + i, event) for i, event in enumerate(batch, 1)]
            number += len(batch)
            await apply_all(session, records)
    async with database.begin() as session:
        rows = list(await session.scalars(select(StreamGap).order_by(StreamGap.id)))
        seconds = await gap_seconds(session, quarters())
    await database.close()
    return [(row.reason, row.ended_at is not None) for row in rows], seconds


async def test_a_link_that_was_away_ten_seconds_counts_from_its_last_sign_of_life(tmp_path: Path):
    away = [link(0, connected=True)], [link(103, connected=False, since=100)], [link(110, connected=True, since=100)]
    assert await deaf(tmp_path, away) == ([("link_lost", True)], [10.0, 0.0, 0.0])


async def test_a_platform_that_was_killed_was_deaf_from_its_last_moment_to_the_comparison(tmp_path: Path):
    killed = [[link(960, connected=True, since=840, reason="platform_down")]]
    assert await deaf(tmp_path, killed) == ([("platform_down", True)], [60.0, 60.0, 0.0])


async def test_who_is_killed_in_a_gap_goes_on_with_it(tmp_path: Path):
    both = [
        [link(100, connected=False, since=99), link(105, connected=False, since=99)],
        [link(160, connected=True, since=99, reason="platform_down")],
    ]
    assert await deaf(tmp_path, both) == ([("link_lost", True)], [61.0, 0.0, 0.0])


async def test_a_restart_of_asterisk_is_told_as_such(tmp_path: Path):
    restarted = [
        [link(100, connected=False, since=99), link(130, connected=True, since=99, reason="asterisk_restarted")]
    ]
    assert (await deaf(tmp_path, restarted))[0] == [("asterisk_restarted", True)]


async def test_of_a_link_that_comes_up_for_the_first_time_nothing_was_missed(tmp_path: Path):
    assert await deaf(tmp_path, [[link(0, connected=True)]]) == ([], [0.0, 0.0, 0.0])


def test_no_second_counts_twice():
    minute = timedelta(minutes=1)
    stretches = merged([(NOON + 2 * minute, NOON + 5 * minute), (NOON, NOON + 3 * minute)])
    assert overlap(stretches, NOON, NOON + 10 * minute) == 300.0
