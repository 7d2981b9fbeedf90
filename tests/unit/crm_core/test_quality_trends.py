"""The trend that the database counts is the one that a person would count review by review."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm_core.db import Database
from crm_core.history.model import Contact, Leg, Recording
from crm_core.quality import trends
from crm_core.quality.form_queries import given
from crm_core.quality.forms import Criterion
from crm_core.quality.model import QualityForm, QualityReview
from crm_core.quality.scoring import SKIPPED, Marks
from crm_core.quality.stored import store_marks
from crm_core.questionnaires.questions import Words

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2026, 10, 28), date(2026, 11, 24)
START, END = datetime(2026, 10, 28, tzinfo=ZONE), datetime(2026, 11, 25, tzinfo=ZONE)
CRITERIA = tuple(Criterion(id=f"c{n}", words=Words("问候", "Greeting"), steps=(0, 5, 10)) for n in range(3))
MORE = 500


@dataclass(frozen=True)
class Seen:
    agent: str
    team: str
    at: datetime
    tenths: int
    points: dict[str, int]
    knocked: bool
    counts: bool

    @property
    def monday(self) -> date:
        day = self.at.astimezone(ZONE).date()
        return day - timedelta(days=day.weekday())


def made_up(dice: random.Random) -> Seen:
    agent = dice.choice(("1001", "1002", "1003"))
    at = START + timedelta(seconds=dice.randrange(-86400, round((END - START).total_seconds()) + 86400))
    points = {one.id: dice.choice((0, 5, 10, 20, SKIPPED)) for one in CRITERIA if dice.random() < 0.8}
    team = {"1001": "one", "1002": "two", "1003": ""}[agent]
    return Seen(agent, team, at, dice.randrange(1001), points, dice.random() < 0.1, dice.random() < 0.8)


@pytest.fixture
async def seen(db: Database) -> list[Seen]:
    """Reviews of all kinds; those that do not count are second ones or drafts."""
    dice = random.Random(8)
    found = [made_up(dice) for _ in range(MORE)]
    async with db.begin() as session:
        form = QualityForm(name_zh="评分", name_en="", created_by="3001", created_at=START, published=1)
        session.add_all([form, Contact(id="c1", direction="inbound", started_at=START)])
        await session.flush()
        session.add(Leg(id="c1-1", contact_id="c1", agent="1001", offered_at=START))
        recording = Recording(contact_id="c1", leg_id="c1-1", agent="1001", file="", started_at=START)
        session.add(recording)
        await session.flush()
        for number, one in enumerate(found):
            marks = Marks(points=one.points, knocked=frozenset({"k1"} if one.knocked else ()))
            review = QualityReview(recording_id=recording.id, contact_id="c1", agent=one.agent, team=one.team)
            review.talk_at, review.form_id, review.version, review.tenths = (
                one.at.astimezone(UTC),
                form.id,
                1,
                one.tenths,
            )
            review.reviewer, review.marks, review.began_at, review.saved_at = (
                str(number),
                store_marks(marks),
                START,
                START,
            )
            review.second, review.state = not one.counts and number % 2 == 0, "submitted"
            if not one.counts and not review.second:
                review.state = "draft"
            session.add(review)
    return [one for one in found if one.counts and START <= one.at < END]


def mean_of(found: list[float]) -> tuple[int, float | None]:
    return len(found), pytest.approx(sum(found) / len(found)) if found else None


@pytest.mark.parametrize("teams", [False, True])
async def test_weeks_knock_outs_and_means_are_those_of_the_reviews(db: Database, seen: list[Seen], teams: bool):
    mondays = trends.weeks(FIRST, LAST)
    wanted = trends.Wanted(agents=None, start=START, end=END)
    async with db.begin() as session:
        told = await trends.tallies(session, wanted, ZONE, mondays, teams=teams)
    keys = {one.team or trends.NOBODY if teams else one.agent for one in seen} | {trends.EVERYBODY}
    assert set(told) == keys
    for key in keys:
        mine = [one for one in seen if key in {trends.EVERYBODY, one.team or trends.NOBODY if teams else one.agent}]
        assert (told[key].whole.count, told[key].whole.value) == mean_of([one.tenths / 10 for one in mine])
        assert told[key].knocked == sum(one.knocked for one in mine)
        for week, monday in zip(told[key].weeks, mondays, strict=True):
            assert (week.count, week.value) == mean_of([one.tenths / 10 for one in mine if one.monday == monday])


async def test_criteria_are_in_percent_of_their_weight_without_those_that_do_not_apply(db: Database, seen: list[Seen]):
    wanted = trends.Wanted(agents=frozenset({"1001", "1003"}), start=START, end=END)
    async with db.begin() as session:
        heat = await trends.heat(session, wanted, CRITERIA)
    for key, agents in (("1001", {"1001"}), ("1003", {"1003"}), (trends.EVERYBODY, {"1001", "1003"})):
        for place, one in enumerate(CRITERIA):
            given_points = [row.points.get(one.id) for row in seen if row.agent in agents]
            shares = [min(100.0, 10.0 * points) for points in given_points if points not in {None, SKIPPED}]
            assert (heat[key][place].count, heat[key][place].value) == mean_of(shares)
    assert "1002" not in heat


async def test_who_was_judged_before_only_comes_last(db: Database, seen: list[Seen]):
    late = max(one.at for one in seen if one.agent == "1002")
    now = trends.Wanted(agents=frozenset({"1001"}), start=START, end=END)
    earlier = trends.Wanted(agents=None, start=START, end=late + timedelta(seconds=1))
    async with db.begin() as session:
        lines = trends.compared(await trends.tallies(session, now, ZONE), await trends.tallies(session, earlier, ZONE))
        assert await trends.most_used_form(session, None, START, END) == await session.scalar(select(QualityForm.id))
        assert await given(session, 0) is None
    assert lines[0].key == "1001"
    assert [one.now.count for one in lines[1:]] == [0, 0]
    assert all(one.before.count for one in lines)
