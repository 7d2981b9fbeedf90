"""Which stations a record proposes: those that do what the kind needs, open before closed, near before far."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from agent_desktop.desk.stations import NEEDED, NearbyDealer, stations_for
from crm_core.dealers.services import SERVICES
from crm_core.dealers.stations import hours_of

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
ALWAYS, NEVER = [[[0, 1440]]] * 7, [[]] * 7


def dealer(
    number: int, km: float, *, services: tuple[str, ...] = SERVICES, open_now: bool = True, rescue_phone: str = ""
) -> NearbyDealer:
    return NearbyDealer(
        dealer_id=number,
        name=f"dealer {number}",
        short_name=f"{number}",
        address="",
        phone="+8643188880001",
        rescue_phone=rescue_phone,
        opens="08:30",
        closes="18:00",
        relations_manager="",
        services=services,
        hours=hours_of(ALWAYS if open_now else NEVER, "08:30", "18:00", []),
        own=number == 1,
        kilometres=km,
    )


def test_a_closed_station_comes_after_an_open_one_that_is_farther():
    found = stations_for([dealer(1, 0.0, open_now=False), dealer(2, 40.0)], NOON, UTC)["repair"]
    assert [one.dealer.dealer_id for one in found] == [2, 1]
    assert not found[1].helps_now


def test_a_rescue_telephone_answers_when_the_station_is_closed():
    found = stations_for([dealer(1, 0.0, open_now=False, rescue_phone="+8643188889999")], NOON, UTC)
    assert found["rescue"][0].round_the_clock
    assert not found["repair"][0].round_the_clock


def test_a_showroom_is_proposed_for_nothing():
    assert stations_for([dealer(1, 0.0, services=("sales",))], NOON, UTC) == {"repair": (), "rescue": ()}


@given(
    st.lists(
        st.builds(
            dealer,
            st.integers(1, 99),
            st.floats(0, 300),
            services=st.sets(st.sampled_from(SERVICES)).map(tuple),
            open_now=st.booleans(),
            rescue_phone=st.sampled_from(["", "+8643188889999"]),
        ),
        max_size=12,
        unique_by=lambda one: one.dealer_id,
    )
)
def test_nobody_able_and_open_is_passed_over_for_a_farther_or_closed_one(dealers: list[NearbyDealer]):
    for kind, shown in stations_for(dealers, NOON, UTC, limit=3).items():
        able = [one for one in dealers if NEEDED[kind] in one.services]
        assert len(shown) == min(3, len(able))
        keys = [(not one.helps_now, one.dealer.kilometres) for one in shown]
        assert keys == sorted(keys)
        everybody = stations_for(dealers, NOON, UTC, limit=99)[kind]
        assert [one.dealer for one in everybody[:3]] == [one.dealer for one in shown]
        assert {one.dealer.dealer_id for one in everybody} == {one.dealer_id for one in able}
