"""Which station can help: open when, how far, for what."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.db import Database
from crm_core.dealers.model import Dealer
from crm_core.dealers.nearest import nearest_open
from crm_core.dealers.stations import distance_km, hours_of
from crm_core.errors import Invalid

ZONE = ZoneInfo("Asia/Shanghai")
THURSDAY_NOON = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
THURSDAY_NIGHT = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
CHANGCHUN = (43.8171, 125.3235)
places = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def a_dealer(number: int, latitude: float, longitude: float, **more: object) -> Dealer:
    dealer = Dealer(id=number, code=f"D{number}", name=f"站 {number}", short_name=f"站 {number}", province="吉林")
    dealer.city, dealer.address, dealer.phone = "长春", "某路 1 号", "0431-88880000"
    dealer.latitude, dealer.longitude = latitude, longitude
    for name, value in more.items():
        setattr(dealer, name, value)
    return dealer


def test_a_day_that_the_week_closes_and_a_day_closed_for_once():
    weekdays_only = [[[510, 1080]]] * 5 + [[], []]
    hours = hours_of(weekdays_only, "08:30", "18:00", ["2026-11-26"])
    assert hours.open_until(THURSDAY_NOON, ZONE) is None
    assert hours.opens_next(THURSDAY_NOON, ZONE) == datetime(2026, 11, 27, 8, 30, tzinfo=ZONE)
    assert hours.on(date(2026, 11, 28)) == ()


def test_without_a_week_the_usual_hours_hold_and_the_closing_minute_is_closed():
    hours = hours_of([], "08:30", "18:00", [])
    assert hours.open_until(THURSDAY_NOON, ZONE) == datetime(2026, 11, 26, 18, 0, tzinfo=ZONE)
    assert hours.open_until(datetime(2026, 11, 26, 18, 0, tzinfo=ZONE), ZONE) is None


def test_open_over_midnight_is_one_opening():
    hours = hours_of([[[0, 120], [1200, 1440]]] * 7, "", "", [])
    assert hours.open_until(THURSDAY_NIGHT, ZONE) == datetime(2026, 11, 27, 2, 0, tzinfo=ZONE)


def test_a_station_closed_for_months_is_not_waited_for():
    assert hours_of([[]] * 7, "", "", []).opens_next(THURSDAY_NOON, ZONE) is None


def test_changchun_to_shenyang_is_about_270_km():
    # 43.8171 N 125.3235 E to 41.8057 N 123.4315 E; great circle by an independent calculator: 271.5 km
    assert distance_km(43.8171, 125.3235, 41.8057, 123.4315) == pytest.approx(271.5, abs=1)


@given(places, places)
def test_a_distance_is_the_same_both_ways_and_at_most_half_the_globe(here, there):
    there_and_back = distance_km(*here, *there), distance_km(*there, *here)
    assert there_and_back[0] == pytest.approx(there_and_back[1], abs=1e-6)
    assert 0 <= there_and_back[0] <= 20016


async def test_the_nearest_open_station_comes_first_and_a_closed_one_says_when_it_opens(db: Database):
    async with db.begin() as session:
        session.add_all(
            [
                a_dealer(1, 43.83, 125.33, week=[[]] * 5 + [[[540, 1020]]] * 2, station_at=THURSDAY_NOON),
                a_dealer(2, 43.88, 125.26),
                a_dealer(3, 43.80, 125.32, active=False),
            ]
        )
    async with db.begin() as session:
        found = await nearest_open(session, *CHANGCHUN, at=THURSDAY_NOON, zone=ZONE)
        all_of_them = await nearest_open(session, *CHANGCHUN, at=THURSDAY_NOON, zone=ZONE, closed_too=True)
    assert [one.dealer_id for one in found] == [2]
    assert found[0].open_until == datetime(2026, 11, 26, 18, 0, tzinfo=ZONE)
    assert [one.dealer_id for one in all_of_them] == [2, 1]
    assert all_of_them[1].opens_at == datetime(2026, 11, 28, 9, 0, tzinfo=ZONE)


async def test_rescue_at_night_goes_to_the_station_with_a_rescue_phone(db: Database):
    async with db.begin() as session:
        session.add_all(
            [
                a_dealer(1, 43.82, 125.33, services=["sales", "rescue"]),
                a_dealer(2, 43.95, 125.33, services=["rescue"], rescue_phone="+8613804310000"),
                a_dealer(3, 43.81, 125.32, services=["sales"], rescue_phone="+8613804310001"),
                a_dealer(4, 44.10, 125.32, rescue_phone="+8613804310002"),
            ]
        )
    async with db.begin() as session:
        found = await nearest_open(session, *CHANGCHUN, "rescue", at=THURSDAY_NIGHT, zone=ZONE)
    assert [one.dealer_id for one in found] == [2, 4]
    assert all(one.round_the_clock for one in found)


@pytest.mark.parametrize("place", [(91.0, 0.0), (0.0, 181.0), (float("nan"), 0.0)])
async def test_a_place_that_is_none_is_refused(db: Database, place):
    async with db.begin() as session:
        with pytest.raises(Invalid):
            await nearest_open(session, *place, at=THURSDAY_NOON, zone=ZONE)
