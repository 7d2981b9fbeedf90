"""The pure rules of leads: class by time of purchase, the dealer's clock, the choice of a dealer, what may follow."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.leads.choice import Seller, choose
from crm_core.leads.clock import Due, Tone, clock_of, due_now
from crm_core.leads.progress import STEPS, LeadStepRefused, after, horizon_of
from crm_core.leads.rules import FIRST_RULES, last_sending, next_sending, problems, state_of
from crm_core.leads.words import CLOSED, OPEN, Act, LeadStatus

TODAY = date(2026, 11, 18)
NOON = datetime(2026, 11, 18, 4, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


def horizon(days: int | None) -> str:
    buy_by = None if days is None else TODAY + timedelta(days=days)
    return horizon_of(buy_by, TODAY, hot_days=31, mid_days=183).value


def test_a_purchase_within_a_month_is_hot_within_six_mid_else_long():
    assert [horizon(days) for days in (0, 31, 32, 183, 184, None, -400)] == [
        "hot", "hot", "mid", "mid", "long", "long", "long",
    ]  # fmt: skip


@given(st.integers(-31, 2000), st.integers(1, 400))
def test_who_buys_later_is_never_hotter(days: int, more: int):
    order = ["hot", "mid", "long"]
    assert order.index(horizon(days)) <= order.index(horizon(days + more))


def test_seven_cells_are_grey_to_day_four_yellow_from_five_red_when_over():
    due = NOON + timedelta(days=7)
    clocks = [clock_of(NOON, due, NOON + timedelta(days=day)) for day in (0, 4, 5, 6, 8)]
    tones = [(clock.cells, clock.tone) for clock in clocks]
    assert tones == [(0, Tone.CALM), (4, Tone.CALM), (5, Tone.WARN), (6, Tone.WARN), (7, Tone.OVER)]


def test_the_dealer_is_reminded_on_day_five_and_seven_and_the_lead_goes_on_at_day_nine():
    due = NOON + timedelta(days=7)

    def at(days: float, reminders: int) -> tuple[Due, datetime | None]:
        return due_now(FIRST_RULES, due, reminders, NOON + timedelta(days=days))

    assert at(0, 0) == (Due.NOTHING, NOON + timedelta(days=5))
    assert at(5, 0) == (Due.REMIND, due)
    assert at(5.1, 1) == (Due.NOTHING, due)
    assert at(7, 1) == (Due.REMIND, NOON + timedelta(days=9))
    assert at(9, 2) == (Due.REASSIGN, None)
    assert at(30, 0) == (Due.REASSIGN, None)


HOME = Seller(dealer_id=1, city="长春", latitude=43.88, longitude=125.32)
ACROSS = Seller(dealer_id=2, city="长春", latitude=43.82, longitude=125.28)
JILIN = Seller(dealer_id=3, city="吉林", latitude=43.84, longitude=126.55)
SHENYANG = Seller(dealer_id=4, city="沈阳", latitude=41.80, longitude=123.43)
ALL = (SHENYANG, JILIN, ACROSS, HOME)


def chosen(sellers=ALL, **more) -> tuple[int, str] | None:
    found = choose(sellers, **{"wished": None, "own": None, "city": "", "tried": (), **more})
    return (found.dealer_id, found.why) if found else None


def test_the_wished_dealer_comes_first_then_the_customers_own_then_the_city():
    assert chosen(wished=3, own=1, city="沈阳") == (3, "wished")
    assert chosen(own=1, city="沈阳") == (1, "own")
    assert chosen(city="沈阳") == (4, "city")


def test_in_a_city_with_several_the_one_with_the_fewest_open_leads_gets_it():
    busy = Seller(dealer_id=1, city="长春", latitude=43.88, longitude=125.32, open_leads=5)
    assert chosen((busy, ACROSS, JILIN), city="长春") == (2, "city")


def test_an_unworked_lead_goes_to_the_nearest_that_did_not_have_it():
    assert chosen(own=1, tried=[1]) == (2, "nearest")
    assert chosen(own=1, tried=[1, 2]) == (3, "nearest")
    assert chosen(own=1, tried=[1, 2, 3, 4]) is None
    workshop = Seller(dealer_id=2, city="长春", latitude=43.82, longitude=125.28, sells=False)
    assert chosen((HOME, workshop, JILIN), own=1, tried=[1]) == (3, "nearest")


def test_a_closed_lead_can_only_be_opened_again_and_a_won_one_not_at_all():
    for status in CLOSED:
        acts = {act for (state, act) in STEPS if state is status}
        assert acts == (set() if status is LeadStatus.WON else {Act.REOPENED})


@given(st.lists(st.sampled_from(Act), max_size=40))
def test_whatever_is_tried_a_lead_reaches_a_dealer_only_verified(acts: list[Act]):
    status, verified = LeadStatus.NEW, False
    for act in acts:
        try:
            status = after(status, act, "XS-1")
        except LeadStepRefused:
            continue
        verified = verified or status in (LeadStatus.VERIFIED, LeadStatus.NURTURE)
        assert status not in (LeadStatus.SENT, LeadStatus.FOLLOWING, LeadStatus.WON) or verified
    assert status in (*OPEN, *CLOSED)


def test_leads_go_out_at_eight_of_the_sites_day():
    assert next_sending(FIRST_RULES, NOON, ZONE) == datetime(2026, 11, 19, 0, tzinfo=UTC)
    assert last_sending(FIRST_RULES, NOON, ZONE) == datetime(2026, 11, 18, 0, tzinfo=UTC)
    at_eight = datetime(2026, 11, 18, 0, tzinfo=UTC)
    assert last_sending(FIRST_RULES, at_eight, ZONE) == at_eight


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"mid_days": 20}, "mid_days"),
        ({"remind_days": 7}, "remind_days"),
        ({"reassign_days": 5}, "reassign_days"),
        ({"send_at": "acht"}, "send_at"),
        ({"most_dealers": 0}, "most_dealers"),
    ],
)
def test_rules_that_contradict_each_other_are_told_at_their_field(change: dict[str, object], field: str):
    assert problems(state_of(FIRST_RULES)) == []
    assert [one.values["field"] for one in problems(state_of(FIRST_RULES) | change)] == [field]
