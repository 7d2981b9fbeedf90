"""The figures of a campaign: equal to a plain recount of its calls, its list and its answers."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crm_core.campaigns.model import Campaign, CampaignAttempt, CampaignEntry
from crm_core.customers.model import Customer
from crm_core.db import Database
from reports import campaign_queries as queries
from reports.campaigns import (
    DAY,
    LIVE,
    AnswerCounts,
    DealerLine,
    LiveAnswer,
    MonthChange,
    QuestionBars,
    counts_between,
    drop_line,
    forecast_end,
    ranking,
    two_months,
)
from tests.unit.crm_core.conftest import database_url, db, migrated_postgres, postgres_url, sqlite_template

__all__ = ["database_url", "db", "migrated_postgres", "postgres_url", "sqlite_template"]

NOW = datetime(2026, 7, 16, 7, 32, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
RESULTS = ("answered", "answered_by_voice", "machine", "dropped", "hung_up", "no_answer", "busy", "not_placed", "")


async def two_busy_days(db: Database) -> None:
    """Two campaigns, 400 calls of each in the last 60 hours, with whatever can come of a call."""
    dice = random.Random(7)
    async with db.begin() as session:
        session.add_all([Customer(id=one, name=f"客户{one}", created_at=NOW) for one in range(1, 401)])
        for campaign in (1, 2):
            row = Campaign(id=campaign, name="交车两周", mode="predictive", purpose="survey", settings={})
            row.created_by, row.created_at, row.ended_why = "2001", NOW, ""
            session.add(row)
            await session.flush()
            made = [a_call(dice, campaign, one) for one in range(1, 401)]
            for place in (0, 1):
                session.add_all([pair[place] for pair in made])
                await session.flush()


def a_call(dice: random.Random, campaign: int, one: int) -> list[CampaignEntry | CampaignAttempt]:
    result = dice.choice(RESULTS)
    placed = NOW - timedelta(hours=dice.uniform(0, 60))
    answered = result in (*LIVE, "machine") or (result == "" and dice.random() < 0.5)
    entry = CampaignEntry(id=campaign * 1000 + one, campaign_id=campaign, customer_id=one, due_at=placed, added_at=NOW)
    entry.attempts, entry.state = 1, dice.choice(("waiting", "done", "refused", "removed", "unsettled"))
    entry.reason = "Quiet hours: no calls and texts now." if entry.state == "refused" else ""
    attempt = CampaignAttempt(call=f"ob-{campaign}-{one}-1", campaign_id=campaign, entry_id=entry.id, customer_id=one)
    attempt.number, attempt.e164, attempt.placed_at, attempt.result = 1, "+8613800000000", placed, result
    attempt.machine = "machine" if result == "machine" or (result == "" and dice.random() < 0.3) else "human"
    attempt.answered_at = placed + timedelta(seconds=dice.uniform(3, 40)) if answered else None
    if result == "answered" and attempt.answered_at:
        attempt.connected_at = attempt.answered_at + timedelta(seconds=0.3)
        attempt.ended_at = attempt.connected_at + timedelta(seconds=100)
    return [entry, attempt]


async def test_the_drop_rate_is_what_a_recount_of_every_call_gives(db: Database):
    await two_busy_days(db)
    async with db.begin() as session:
        for campaign in (1, 2):
            answers = await queries.live_answers(session, campaign, NOW)
            calls = list(await session.scalars(select(CampaignAttempt).where(CampaignAttempt.campaign_id == campaign)))
            live = [
                one
                for one in calls
                if one.answered_at
                and NOW - DAY < one.answered_at <= NOW
                and one.machine != "machine"
                and one.result in ("", "answered", "answered_by_voice", "dropped", "hung_up")
            ]
            dropped = sum(one.result == "dropped" for one in live)
            now = AnswerCounts(connected=len(live) - dropped, dropped=dropped)
            line = drop_line(answers, 3.0, NOW, now)
            assert sum(one.count for one in answers) >= len(live)
            assert (line.now.numerator, line.now.denominator) == (dropped, len(live))
            assert dropped > 0
            assert (await queries.drop_counts(session, [1, 2], NOW))[campaign] == (dropped, len(live))
            assert line.points[-1] == (NOW, dropped / len(live))


async def test_the_list_and_the_results_are_counted_once_each(db: Database):
    await two_busy_days(db)
    async with db.begin() as session:
        entries = list(await session.scalars(select(CampaignEntry).where(CampaignEntry.campaign_id == 1)))
        counts = (await queries.list_counts(session, [1, 2]))[1]
        assert counts.listed == sum(one.state != "removed" for one in entries)
        assert counts.may_call == counts.listed - sum(one.state == "refused" for one in entries)
        calls = list(await session.scalars(select(CampaignAttempt).where(CampaignAttempt.campaign_id == 1)))
        placed_ones = sum(one.result != "not_placed" for one in calls)
        assert (counts.called, counts.attempts) == (placed_ones, placed_ones)
        assert sum((await queries.results(session, [1]))[1].values()) == 400
        told = await queries.reasons(session, 1)
        assert told == {"Quiet hours: no calls and texts now.": sum(one.state == "refused" for one in entries)}
        hours = await queries.by_hour(session, 1, NOW - DAY, NOW, ZONE)
        placed = await session.scalars(select(CampaignAttempt).where(CampaignAttempt.campaign_id == 1))
        recent = [one for one in placed if NOW - DAY <= one.placed_at < NOW and one.result != "not_placed"]
        assert sum(one.placed for one in hours.values()) == len(recent)
        times = await queries.call_times(session, 1, NOW)
        assert times.to_agent == pytest.approx(0.3, abs=0.001)
        assert times.talk == pytest.approx(100, abs=0.001)


@given(
    st.lists(
        st.tuples(st.integers(0, 48 * 3600 - 1), st.booleans()).map(
            lambda told: LiveAnswer(NOW - 2 * DAY + timedelta(seconds=told[0] + 1), told[1])
        ),
        max_size=60,
    ),
    st.sampled_from([0.0, 1.0, 3.0, 5.0]),
)
def test_each_point_of_the_line_is_the_rate_of_the_day_before_it(answers: list[LiveAnswer], limit: float):
    answers.sort(key=lambda one: one.at)
    line = drop_line(answers, limit, NOW)
    for at, share in line.points:
        counts = counts_between(answers, at - DAY, at)
        both = counts.connected + counts.dropped
        assert share == (counts.dropped / both if both else None)
    if line.slowed_at is not None:
        assert any(one.at == line.slowed_at for one in answers)


def test_a_campaign_that_used_its_limit_says_since_when_it_is_slow():
    answers = [LiveAnswer(NOW - timedelta(hours=20) + timedelta(minutes=n), False) for n in range(100)]
    drops = [LiveAnswer(NOW - timedelta(hours=5) + timedelta(minutes=n), True) for n in range(3)]
    line = drop_line([*answers, *drops], 3.0, NOW)
    assert line.slowed_at == drops[-1].at
    assert line.left <= 0
    assert drop_line(answers, 3.0, NOW).slowed_at is None


def test_an_end_is_foretold_only_in_the_hours_in_which_calls_are_allowed():
    today = (NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    tomorrow = (NOW + timedelta(hours=20), NOW + timedelta(hours=30))
    assert forecast_end(NOW, 30, 30.0, [today, tomorrow]) == NOW + timedelta(hours=1)
    assert forecast_end(NOW, 60, 30.0, [today, tomorrow]) == NOW + timedelta(hours=21)
    assert forecast_end(NOW, 600, 30.0, [today, tomorrow]) is None
    assert forecast_end(NOW, 60, 0.0, [today]) is None
    assert forecast_end(NOW, 0, 0.0, []) == NOW


def test_dealers_with_few_answers_follow_the_ranked_ones():
    few = DealerLine(dealer_id=1, name="少", responses=9, rated=9, top=9, low=0)
    good = DealerLine(dealer_id=2, name="好", responses=10, rated=10, top=9, low=1)
    bad = DealerLine(dealer_id=3, name="差", responses=40, rated=40, top=20, low=9)
    assert ranking([bad, few, good]) == [good, bad, few]


def test_a_question_tells_its_mean_its_best_two_and_its_promoters():
    bars = QuestionBars(question="q1", values={1: 1, 3: 1, 4: 1, 5: 1}, choices={})
    assert (bars.answered, bars.mean, bars.top) == (4, 3.25, (2, 4))
    assert QuestionBars(question="q2", values={10: 3, 8: 1, 2: 1}, choices={}).nps == pytest.approx(40)
    assert QuestionBars(question="q3", values={}, choices={"a": 2}).nps is None


def bars(**values: int) -> QuestionBars:
    return QuestionBars(question="q1", values={int(key[1:]): count for key, count in values.items()}, choices={})


def test_a_month_is_compared_with_the_last_one_when_both_have_ten_answers():
    change = MonthChange(now=bars(v5=8, v1=2), before=bars(v5=14, v2=6))
    assert change.top == pytest.approx(10)
    assert change.nps == pytest.approx(0)  # fives are detractors of a question from 0 to 10
    assert MonthChange(now=bars(v5=8, v1=1), before=bars(v5=20)).top is None
    assert MonthChange(now=bars(v9=10), before=bars(v9=5, v6=5)).nps == pytest.approx(100)


def test_the_months_are_those_of_the_site():
    new_year = datetime(2025, 12, 31, 16, 30, tzinfo=UTC)  # half past midnight on the first of January in Shanghai
    last, this = two_months(new_year, ZoneInfo("Asia/Shanghai"))
    assert (last.isoformat(), this.isoformat()) == ("2025-12-01T00:00:00+08:00", "2026-01-01T00:00:00+08:00")
