"""A nuisance is what several people say, lately; it fades, it is taken back, and it never silences an open case."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crm_core.access.model import AuditEntry
from crm_core.access.roles import Role
from crm_core.customers.actions import block
from crm_core.db import Database
from crm_core.errors import Invalid, NotFound
from crm_core.nuisance.actions import mark, release, take_back, weight_of
from crm_core.nuisance.queries import marked_numbers, marks_of, nuisance_score
from crm_core.nuisance.scoring import (
    AGENT,
    HALF_LIFE,
    LEADER,
    LOW_PRIORITY,
    SHORT_MESSAGE,
    SUPERVISOR,
    Counted,
    effective,
    score,
)
from tests.unit.crm_core.builders import NOW, a_customer, an_open_case

CALLER = "+8613900000001"
MARKS = st.lists(
    st.builds(
        Counted,
        by=st.sampled_from(["1001", "1002", "1003", "2001"]),
        weight=st.sampled_from([AGENT, LEADER, SUPERVISOR]),
        at=st.integers(0, 400).map(lambda days: NOW - timedelta(days=days)),
    ),
    max_size=8,
)


@given(MARKS, st.integers(0, 400))
def test_a_score_is_between_0_and_100_and_never_grows_by_waiting(marks, days):
    first, later = score(marks, NOW), score(marks, NOW + timedelta(days=days))
    assert 0 <= later <= first <= 100


@given(MARKS)
def test_one_more_mark_never_makes_a_number_better(marks):
    assert score([*marks, Counted("9", AGENT, NOW)], NOW) >= score(marks, NOW)


@given(MARKS)
def test_a_customer_with_an_open_case_is_heard_unless_a_supervisor_has_said_otherwise(marks):
    told = effective(marks, NOW, has_open_case=True)
    assert told == (score(marks, NOW) if any(one.weight == SUPERVISOR for one in marks) else 0)


def test_one_agent_alone_puts_nobody_off_and_three_do():
    alone = [Counted("1001", AGENT, NOW - timedelta(minutes=minute)) for minute in range(20)]
    assert LOW_PRIORITY <= score(alone, NOW) < SHORT_MESSAGE
    assert score([Counted(str(agent), AGENT, NOW) for agent in range(3)], NOW) >= SHORT_MESSAGE
    assert score([Counted("2001", SUPERVISOR, NOW)], NOW) >= SHORT_MESSAGE


def test_after_a_month_a_mark_counts_half():
    marks = [Counted("2001", SUPERVISOR, NOW)]
    assert score(marks, NOW + HALF_LIFE) == score(marks, NOW) // 2


@pytest.mark.parametrize(
    ("roles", "weight"),
    [((Role.AGENT,), AGENT), ((Role.AGENT, Role.TEAM_LEADER), LEADER), ((Role.SUPERVISOR,), SUPERVISOR), ((), AGENT)],
)
def test_the_word_counts_by_who_says_it(roles, weight):
    assert weight_of(roles) == weight


async def test_marks_of_three_agents_become_the_score_of_the_number_and_are_on_record(db: Database):
    async with db.begin() as session:
        for agent in ("1001", "1002", "1003"):
            await mark(
                session, "13900000001", reason="silent", contact_id=f"c{agent}", weight=AGENT, actor=agent, at=NOW
            )
    async with db.begin() as session:
        assert await nuisance_score(session, CALLER, NOW) == 60
        assert await nuisance_score(session, "+8613900000002", NOW) == 0
        assert len(list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "nuisance_marked")))) == 3
        (line,) = await marked_numbers(session, NOW)
        assert (line.e164, line.score, line.acts_as, len(line.marks), line.blocked) == (CALLER, 60, 60, 3, False)


async def test_a_second_mark_of_the_same_call_changes_the_first(db: Database):
    async with db.begin() as session:
        for reason in ("silent", "abusive"):
            await mark(session, CALLER, reason=reason, contact_id="c1", weight=AGENT, actor="1001", at=NOW)
        (kept,) = await marks_of(session, CALLER)
        assert kept.reason == "abusive"


async def test_the_own_mark_is_taken_back_and_a_colleagues_is_answered_as_unknown(db: Database):
    async with db.begin() as session:
        made = await mark(session, CALLER, reason="prank", contact_id="c1", weight=AGENT, actor="1001", at=NOW)
    async with db.begin() as session:
        for number, actor in ((made.id, "1002"), (99_999, "1001")):
            with pytest.raises(NotFound) as refused:
                await take_back(session, number, actor=actor, at=NOW)
            assert str(refused.value) == "There is no such mark."
        await take_back(session, made.id, actor="1001", at=NOW)
    async with db.begin() as session:
        assert await nuisance_score(session, CALLER, NOW) == 0


async def test_a_supervisor_releases_a_number_whoever_marked_it(db: Database):
    async with db.begin() as session:
        for agent in ("1001", "1002"):
            await mark(session, CALLER, reason="other", weight=LEADER, actor=agent, at=NOW)
        assert await release(session, CALLER, actor="2001", at=NOW) == 2
        assert await release(session, CALLER, actor="2001", at=NOW) == 0
        assert await marked_numbers(session, NOW) == []


async def test_an_open_case_of_anybody_with_the_number_keeps_it_out_of_the_short_message(db: Database):
    async with db.begin() as session:
        customer = await a_customer(session, "陈建国", CALLER)
        for agent in ("1001", "1002", "1003"):
            await mark(session, CALLER, reason="abusive", weight=AGENT, actor=agent, at=NOW)
        assert await nuisance_score(session, CALLER, NOW) == 60
        await an_open_case(session, customer, "GD-0716-0001")
        assert await nuisance_score(session, CALLER, NOW) == 0
        (line,) = await marked_numbers(session, NOW)
        assert (line.score, line.acts_as, line.open_cases, line.customer) == (60, 0, 1, "陈建国")
        await mark(session, CALLER, reason="abusive", weight=SUPERVISOR, actor="2001", at=NOW)
        assert await nuisance_score(session, CALLER, NOW) == 100


async def test_the_list_tells_which_numbers_are_blocked_besides(db: Database):
    async with db.begin() as session:
        await mark(session, CALLER, reason="prank", weight=AGENT, actor="1001", at=NOW)
        await block(session, CALLER, reason="", actor="2001", at=NOW)
        (line,) = await marked_numbers(session, NOW)
        assert line.blocked


@pytest.mark.parametrize(("number", "reason"), [("110", "prank"), ("", "prank"), (CALLER, ""), (CALLER, "x" * 99)])
async def test_what_is_no_number_or_no_reason_is_refused(db: Database, number: str, reason: str):
    async with db.begin() as session:
        with pytest.raises(Invalid):
            await mark(session, number, reason=reason, weight=AGENT, actor="1001", at=NOW)
