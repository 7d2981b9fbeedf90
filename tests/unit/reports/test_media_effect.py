"""What a media action brought: only what the weekday and the season do not explain, and only when it is sure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.dealers.model import DailyFigures, Dealer
from crm_core.demo.places import dealer_rows
from crm_core.history.model import Contact
from crm_core.media.actions import Wanted, media_actions, remove_media_action, save_media_action
from crm_core.workforce.fields import Unusable
from reports.media_effect import Ran, cost_each, effect
from reports.media_queries import calls_by_region, days_needed, showrooms_by_region
from tests.unit.crm_core.conftest import database_url, db, migrated_postgres, postgres_url, sqlite_template

__all__ = ["database_url", "db", "migrated_postgres", "postgres_url", "sqlite_template"]

MONDAY = date(2026, 7, 6)
TODAY = date(2026, 7, 31)
ZONE = ZoneInfo("Asia/Shanghai")
WEEK = Ran(MONDAY, MONDAY + timedelta(days=6), ["north"])


def counts(**factor: float) -> dict[tuple[str, date], int]:
    """40 a day, 80 at weekends, for seven weeks; in the week of WEEK times the region's factor."""
    days = [MONDAY - timedelta(weeks=5) + timedelta(days=n) for n in range(49)]
    return {
        (region, day): round((80 if day.weekday() >= 5 else 40) * (by if WEEK.first <= day <= WEEK.last else 1))
        for region, by in factor.items()
        for day in days
    }


def test_a_busy_weekend_is_no_effect():
    found = effect("calls", counts(north=1, south=1), WEEK, ["north", "south"], today=TODAY)
    assert (found.seen, found.expected, found.season) == (360, 360.0, 1.0)
    assert found.lift == 0
    assert not found.sure


def test_what_moved_the_other_regions_too_is_no_effect():
    found = effect("calls", counts(north=1.5, south=1.5), WEEK, ["north", "south"], today=TODAY)
    assert (found.season, found.extra) == (1.5, 0.0)


def test_the_rest_is_the_effect_and_has_a_price():
    found = effect("calls", counts(north=1.5, south=1), WEEK, ["north", "south"], today=TODAY)
    assert (found.lift, found.extra, found.sure) == (0.5, 180.0, True)
    assert cost_each(90_000, found.extra, sure=found.sure) == 500.0
    assert cost_each(0, found.extra, sure=True) is None


def test_nothing_is_claimed_of_few_calls_or_of_days_without_history():
    few = {key: count // 40 for key, count in counts(north=3, south=1).items()}
    assert effect("calls", few, WEEK, ["north", "south"], today=TODAY).lift is None
    no_past = {key: count for key, count in counts(north=2).items() if key[1] >= WEEK.first}
    assert effect("calls", no_past, WEEK, ["north"], today=TODAY).extra is None


def test_an_action_that_still_runs_is_measured_up_to_yesterday():
    found = effect("calls", counts(north=1.5), WEEK, ["north"], today=MONDAY + timedelta(days=3))
    assert (found.days, found.seen, found.season) == (3, 180, None)


async def test_calls_and_reports_are_counted_by_the_dealers_region_on_days_of_the_site(db: Database):
    async with db.begin() as session:
        rows = dealer_rows()
        for place, row in enumerate(rows):
            row["region"] = "north" if place < 2 else "south"
        await session.execute(insert(Dealer), rows)
        await session.flush()
        session.add_all([Customer(id=1, name="一", created_at=datetime.now(UTC), dealer_id=1)])
        await session.flush()
        late = datetime(2026, 7, 6, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
        for number, (at, customer) in enumerate(((late, 1), (late + timedelta(minutes=2), 1), (late, None)), start=1):
            session.add(Contact(id=f"c{number}", direction="inbound", started_at=at, customer_id=customer))
        for dealer, visitors in ((1, 10), (2, 20), (3, 5)):
            day = DailyFigures(dealer_id=dealer, day=MONDAY, visitors=visitors, enquiries=visitors // 5)
            day.reported_at, day.reported_by = late, "5101"
            session.add(day)
        await session.flush()
        calls = await calls_by_region(session, MONDAY, MONDAY + timedelta(days=1), ZONE)
        showrooms = await showrooms_by_region(session, MONDAY, MONDAY)
    assert calls == {("north", MONDAY): 1, ("north", MONDAY + timedelta(days=1)): 1,
                     ("", MONDAY): 1, ("", MONDAY + timedelta(days=1)): 0}  # fmt: skip
    assert showrooms["visitors"] == {("north", MONDAY): 30, ("south", MONDAY): 5}
    assert days_needed(*WEEK[:2])[0] <= MONDAY - timedelta(weeks=4)


async def test_an_action_is_entered_changed_removed_and_brought_back(db: Database):
    by = {"actor": "2001", "at": datetime(2026, 7, 1, tzinfo=UTC)}
    wanted = Wanted(name="车展", medium="event", regions=["north"], first_day=MONDAY, last_day=TODAY, cost_yuan=90)
    async with db.begin() as session:
        row = await save_media_action(session, 0, wanted, known_regions=["north"], **by)  # type: ignore[arg-type]
        assert [one.name for one in await media_actions(session, TODAY, TODAY)] == ["车展"]
        assert await media_actions(session, TODAY + timedelta(days=1)) == []
        await remove_media_action(session, row.id, back=False, **by)  # type: ignore[arg-type]
        assert await media_actions(session) == []
        await remove_media_action(session, row.id, back=True, **by)  # type: ignore[arg-type]
        assert len(await media_actions(session)) == 1


async def test_what_cannot_be_is_said_at_its_field(db: Database):
    by = {"actor": "2001", "at": datetime(2026, 7, 1, tzinfo=UTC)}
    wrong = Wanted(name="", medium="moon", regions=["x"], first_day=TODAY, last_day=MONDAY, cost_yuan=-1)
    async with db.begin() as session:
        with pytest.raises(Unusable) as refused:
            await save_media_action(session, 0, wrong, known_regions=["north"], **by)  # type: ignore[arg-type]
        await session.rollback()
    assert set(refused.value.by_field) == {"name", "medium", "regions", "last_day", "cost_yuan"}
