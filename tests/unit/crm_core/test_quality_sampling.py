"""Drawing talks: fair, seeded, explainable; never an own talk, never one without sound, never twice."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from crm_core.db import Database
from crm_core.history.model import Contact, Leg, Recording
from crm_core.quality import rule_actions
from crm_core.quality.candidates import week_of
from crm_core.quality.draw_actions import let_go
from crm_core.quality.model import QualityDraw
from crm_core.quality.rule_actions import Settings
from crm_core.quality.sampling import Kind, Rule, Talk, draw, fits, shared_out, ticket
from crm_core.workforce.fields import Unusable
from tests.browser import people
from tests.empty_databases import sqlite_database
from tests.unit.agent_desktop import quality_site

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 16, tzinfo=ZONE)
AT = datetime(2026, 11, 25, 2, 30, tzinfo=ZONE)
AGENTS = ("1001", "1002", "1003")

talks = st.lists(
    st.builds(
        Talk,
        recording=st.integers(1, 60),
        agent=st.sampled_from(AGENTS),
        seconds=st.floats(0, 600),
        rating=st.none() | st.integers(1, 5),
        hold_seconds=st.floats(0, 300),
        complaint=st.booleans(),
        topics=st.lists(st.sampled_from(["media", "safety"]), max_size=2, unique=True).map(tuple),
    ),
    max_size=40,
    unique_by=lambda one: one.recording,
)
rules = st.builds(
    Rule,
    id=st.just(1),
    kind=st.sampled_from(Kind),
    seed=st.text("abcdef0123456789", min_size=4, max_size=16),
    most=st.integers(1, 5),
    limit=st.sampled_from([2.0, 90.0]),
    second_percent=st.integers(0, 100),
)


@given(rules, talks, st.randoms())
def test_a_draw_depends_on_the_talks_and_the_seed_and_not_on_their_order(rule: Rule, found: list[Talk], rng):
    mixed = list(found)
    rng.shuffle(mixed)
    assert draw(rule, "2026-W47", found) == draw(rule, "2026-W47", mixed)


@given(rules, talks)
def test_no_agent_has_more_than_the_limit_and_each_drawn_talk_fits_and_is_drawn_once(rule: Rule, found: list[Talk]):
    drawn = draw(rule, "2026-W47", found)
    by_number = {one.recording: one for one in found}
    assert len({one.recording for one in drawn}) == len(drawn)
    assert all(fits(rule, by_number[one.recording]) for one in drawn)
    counts = Counter(one.agent for one in drawn)
    able = Counter(one.agent for one in found if fits(rule, one))
    assert all(counts[agent] == min(rule.most, able[agent]) for agent in able)


@given(rules, talks)
def test_each_draw_can_be_counted_again_from_its_ticket_and_place(rule: Rule, found: list[Talk]):
    for one in draw(rule, "2026-W47", found):
        own = [talk for talk in found if talk.agent == one.agent and fits(rule, talk)]
        tickets = sorted(ticket(rule.seed, "2026-W47", talk.recording) for talk in own)
        assert (tickets.index(one.ticket) + 1, len(own)) == (one.place, one.of)


@given(rules, talks)
def test_what_was_drawn_before_counts_and_comes_no_second_time(rule: Rule, found: list[Talk]):
    first = draw(rule, "2026-W47", found)
    assert draw(rule, "2026-W47", found, had={one.recording for one in first}) == []


@given(rules, talks, st.lists(st.sampled_from([*AGENTS, "3001", "3002"]), max_size=5))
def test_nobody_is_given_an_own_talk_and_work_is_shared_alike(rule: Rule, found: list[Talk], reviewers: list[str]):
    drawn = draw(rule, "2026-W47", found)
    shared = shared_out(drawn, reviewers)
    assert [one.recording for one in shared] == [one.recording for one in drawn]
    assert all(one.reviewer != one.agent for one in shared)
    others = [who for who in set(reviewers) if who not in AGENTS]
    if len(others) == len(set(reviewers)) and others:
        counts = Counter(one.reviewer for one in shared)
        assert max(counts[who] for who in others) - min(counts[who] for who in others) <= 1


def test_over_many_seeds_each_talk_is_drawn_equally_often():
    found = [Talk(recording=number, agent="1001", seconds=60) for number in range(20)]
    rounds = 4000
    counts = Counter(
        one.recording
        for n in range(rounds)
        for one in draw(Rule(id=1, kind=Kind.RANDOM, seed=f"s{n}", most=3), "2026-W47", found)
    )
    expected = rounds * 3 / 20
    # Chi-square with 19 degrees of freedom: 43.8 is exceeded once in a thousand times by chance; the seeds are fixed.
    assert sum((counts[number] - expected) ** 2 / expected for number in range(20)) < 43.8


@pytest.fixture
async def site(tmp_path: Path):
    db = sqlite_database(tmp_path / "sampling.db")
    async with db.begin() as session:
        await people.settle(session)
        await quality_site.settle(session, at=MONDAY + timedelta(hours=9))
        quality_site.add_talks(session, MONDAY + timedelta(days=1), tuple(range(9201, 9221)))
    yield db
    await db.close()


async def saved(db: Database, **more: object) -> int:
    settings = Settings(**{"name": "每周随机", "kind": "random", "form_id": 1, "most": 3, **more})  # type: ignore[arg-type]
    async with db.begin() as session:
        return (await rule_actions.save(session, None, settings, actor="3001", at=AT)).id


async def night(db: Database, rule: int, at: datetime = AT) -> list[QualityDraw]:
    async with db.begin() as session:
        row = await rule_actions.rule_of(session, rule)
        return await rule_actions.draw_rule(session, row, at, ZONE)


async def test_a_random_rule_draws_once_of_the_week_that_is_over(site: Database):
    rule = await saved(site)
    drawn = await night(site, rule)
    assert Counter(one.agent for one in drawn) == {people.AGENT: 3, people.ENGLISH_AGENT: 2}
    assert {one.period for one in drawn} == {"2026-W47"}
    assert await night(site, rule, AT + timedelta(days=1)) == []


async def test_the_preview_is_what_the_night_draws(site: Database):
    rule = await saved(site, second_percent=40)
    async with site.begin() as session:
        row = await rule_actions.rule_of(session, rule)
        _, seen, _, _ = await rule_actions.preview(session, rule_actions.as_rule(row), AT, ZONE)
    drawn = await night(site, rule)
    assert [one.recording for one in seen] == [one.recording_id for one in drawn if not one.second]
    assert {one.recording for one in seen if one.second} == {one.recording_id for one in drawn if one.second}


async def test_a_deleted_or_judged_talk_or_one_of_another_rule_is_not_drawn(site: Database):
    async with site.begin() as session:
        await session.execute(update(Recording).where(Recording.id < 9218).values(status="deleted"))
    first = await night(site, await saved(site, most=50))
    assert {one.recording_id for one in first} == {9218, 9219, 9220}
    assert await night(site, await saved(site, most=50)) == []


async def test_a_drawn_talk_whose_sound_is_deleted_waits_for_nobody(site: Database):
    drawn = await night(site, await saved(site))
    async with site.begin() as session:
        await session.execute(update(Recording).where(Recording.id == drawn[0].recording_id).values(status="deleted"))
        assert await let_go(session) == 1
        states = Counter(await session.scalars(select(QualityDraw.state)))
    assert states == {"gone": 1, "open": len(drawn) - 1}


async def test_long_holds_and_complaints_of_the_last_days_are_found(site: Database):
    async with site.begin() as session:
        quality_site.add_talks(session, AT - timedelta(days=1), (9301, 9302, 9303))
        await session.flush()
        await session.execute(update(Leg).where(Leg.id == "judged-9301-1").values(hold_seconds=120.0))
        await session.execute(update(Contact).where(Contact.id == "judged-9302").values(kind="complaint"))
    held = await night(site, await saved(site, kind="long_hold", threshold=90.0))
    assert [(one.recording_id, one.found) for one in held] == [(9301, "120")]
    complaint = await saved(site, kind="complaint")
    assert [one.recording_id for one in await night(site, complaint)] == [9302]
    assert await night(site, complaint, AT + timedelta(days=1)) == []


async def test_a_rule_that_cannot_be_used_names_every_wrong_field(site: Database):
    with pytest.raises(Unusable) as wrong:
        await saved(site, name=" ", form_id=99, most=0, reviewers=(people.AGENT,))
    assert set(wrong.value.by_field) == {"name", "form_id", "most", "reviewers"}


async def test_the_talks_of_a_rule_with_reviewers_are_shared_out_and_a_second_one_is_another_person(site: Database):
    drawn = await night(site, await saved(site, reviewers=("3001", "3002"), second_percent=100, most=4))
    first = {one.recording_id: one.reviewer for one in drawn if not one.second}
    second = {one.recording_id: one.reviewer for one in drawn if one.second}
    assert first.keys() == second.keys()
    assert all(first[number] != second[number] for number in first)
    assert set(first.values()) == {"3001", "3002"}


def test_the_week_is_the_sites(site: Database):
    assert week_of(datetime(2026, 11, 22, 16, 30, tzinfo=UTC), ZONE) == "2026-W48"
