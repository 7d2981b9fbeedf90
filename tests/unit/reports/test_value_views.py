"""The seven views: every figure is a plain count of customers, and few customers make no figure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from crm_core.campaigns.model import Campaign, CampaignEntry
from crm_core.cases.model import Case
from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.leads.model import Lead
from crm_core.questionnaires.model import Questionnaire, Response
from crm_core.segments.model import CustomerWorth, Segment, SegmentMember
from crm_core.vehicles.model import Delivery, Vehicle
from reports.periods import Period, Step
from reports.value_metrics import CONTENT, CONVERSION, REPEAT_PURCHASE, RETENTION, VALUE, VIEWS
from reports.value_queries import groups, products, promotions
from reports.value_views import Group, per_hundred, shown, value_share
from tests.unit.crm_core.conftest import database_url, db, migrated_postgres, postgres_url, sqlite_template

__all__ = ["database_url", "db", "migrated_postgres", "postgres_url", "sqlite_template"]

TODAY = date(2026, 7, 31)
AT = datetime(2026, 7, 10, 4, tzinfo=UTC)
JULY = Period(first=date(2026, 7, 1), last=TODAY, step=Step.DAY, zone=ZoneInfo("Asia/Shanghai"))


def test_a_rate_over_few_customers_is_not_shown():
    few, enough = Group(of="vip", buyers=19, again=10), Group(of="vip", buyers=20, again=10)
    assert shown(REPEAT_PURCHASE, few) is None
    assert shown(REPEAT_PURCHASE, enough) == 0.5
    assert per_hundred(3, 19) is None
    assert per_hundred(3, 60) == 5.0


def test_the_share_of_worth_is_of_everybodys():
    assert value_share(Group(of="vip", value_yuan=30.0), Group(of="", value_yuan=120.0)) == 0.25
    assert value_share(Group(of="vip"), Group(of="")) is None


def test_every_figure_says_in_both_languages_what_it_counts():
    for metrics in VIEWS.values():
        for metric in metrics:
            assert all((metric.name_zh, metric.name_en, metric.words_zh, metric.words_en))
            assert metric.of(Group(of="")).value is None


async def a_year(db: Database) -> None:
    """60 customers: 20 key accounts with two cars each, 40 standard ones; ten of these were silent for two years."""
    async with db.begin() as session:
        session.add_all([Customer(id=one, name=f"客户{one}", created_at=AT) for one in range(1, 61)])
        session.add(Segment(id=1, name="大客户", dimension="worth", definition={}, created_at=AT, changed_at=AT))
        session.add(Questionnaire(id=1, name_zh="回访", created_by="2001", created_at=AT))
        await session.flush()
        for one in range(1, 61):
            key = one <= 20
            session.add(
                CustomerWorth(
                    customer_id=one, kind="company" if key else "person", known_since=date(2024, 1, 1),
                    recency_on=date(2024, 2, 1) if one > 50 else TODAY, vehicles=2 if key else 1, value_yuan=1000,
                    customer_class="key_account" if key else "standard", computed_at=AT, birth_year=1986,
                )
            )  # fmt: skip
            if key:
                session.add(SegmentMember(segment_id=1, customer_id=one, left_on=TODAY if one > 15 else None))
            response = Response(call=f"c{one}", questionnaire_id=1, version=1, customer_id=one, how="key", low=one <= 5)
            response.began_at, response.result = AT, "complete"
            session.add(response)
        session.add(Case(number="GD-1", kind="complaint", title="异响", customer_id=1, model="远辰 E6", opened_at=AT))
        for number, status in enumerate(("won", "lost", "new", "invalid"), start=1):
            session.add(Lead(number=f"XS-{number}", customer_id=30, source="web", status=status, created_at=AT))
        session.add(Vehicle(id=1, vin="LYC00000000000001", model="远辰 E6", sold_on=date(2026, 7, 2)))
        await session.flush()
        session.add(Delivery(vehicle_id=1, customer_id=1, delivered_on=date(2026, 7, 2)))


async def test_groups_are_counted_by_class_and_by_segment(db: Database):
    await a_year(db)
    async with db.begin() as session:
        by_class = {one.of: one for one in await groups(session, "class", JULY, today=TODAY)}
        by_segment = {one.of: one for one in await groups(session, "segment", JULY, today=TODAY)}
    key, standard = by_class["key_account"], by_class["standard"]
    assert (key.customers, key.companies, key.complaints, key.answered) == (20, 20, 1, 20)
    assert shown(REPEAT_PURCHASE, key) == 1.0
    assert shown(RETENTION, standard) == 0.75
    assert shown(CONTENT, key) == 0.75
    assert (standard.with_age, standard.age_sum) == (40, 1600)
    assert CONVERSION.of(standard) == (1, 3)
    assert shown(VALUE, standard) == 1000
    assert by_segment["1"].customers == 15  # who left it counts no more


async def test_a_model_has_its_sales_and_its_complaints(db: Database):
    await a_year(db)
    async with db.begin() as session:
        (line,) = await products(session, JULY)
    assert (line.of, line.on_road, line.sold, line.sold_before, line.complaints) == ("远辰 E6", 1, 1, 0, 1)


async def test_a_lead_belongs_to_the_campaign_that_called_its_customer_in_the_month_before(db: Database):
    await a_year(db)
    async with db.begin() as session:
        row = Campaign(id=1, name="试驾邀请", mode="predictive", purpose="care", settings={})
        row.created_by, row.created_at, row.ended_why = "2001", AT, ""
        session.add(row)
        await session.flush()
        for customer, days in ((30, 5), (31, 5), (32, 60)):
            entry = CampaignEntry(campaign_id=1, customer_id=customer, due_at=AT, added_at=AT, attempts=1)
            entry.state, entry.result, entry.ended_at = "done", "answered", AT - timedelta(days=days)
            session.add(entry)
        await session.flush()
        (line,) = await promotions(session, JULY)
    assert (line.listed, line.called, line.reached, line.leads, line.won) == (3, 3, 3, 3, 1)
