"""Who is dialled next: once, allowed at this very moment, written down before the call; and what comes of the call."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from crm_core.campaigns.actions import pause, start, start_sample
from crm_core.campaigns.claiming import NOT_DIALABLE, Claimed, Site, claim, claim_entry
from crm_core.campaigns.entries import add_entry, choose_sample
from crm_core.campaigns.model import CampaignAttempt, CampaignEntry
from crm_core.campaigns.queries import live_answers, window
from crm_core.campaigns.settling import leave_unsettled, open_attempts
from crm_core.clock import instant
from crm_core.consent import decision
from crm_core.consent.actions import answer, stop_contact
from crm_core.consent.gate import may_contact
from crm_core.consent.model import Touch
from crm_core.consent.purposes import Channel, Purpose
from crm_core.customers.model import CustomerPhone
from crm_core.db import Database
from crm_core.history import campaign_events as told
from crm_core.history.events import HistoryEvent
from crm_core.history.writer import apply_all
from tests.unit.crm_core.builders import a_customer, numbered
from tests.unit.crm_core.campaign_site import (
    BOSS,
    NOON,
    NUMBER,
    ZONE,
    a_campaign,
    a_running_campaign,
    a_willing_customer,
)

SITE = Site(zone=ZONE)


async def claimed_of(
    db: Database, campaign_id: int, most: int = 10, *, after: timedelta = timedelta()
) -> list[Claimed]:
    async with db.begin() as session:
        return (await claim(session, campaign_id, most, at=NOON + after, site=SITE))[0]


async def told_of(db: Database, *happened: HistoryEvent, first: int = 1) -> None:
    async with db.begin() as session:
        await apply_all(session, numbered(*happened, first=first))


def ended(call: str, result: str, *, seconds: float = 30, **more: object) -> told.AttemptEnded:
    return told.AttemptEnded(at=instant(NOON) + seconds, call=call, campaign=1, result=result, **more)  # type: ignore[arg-type]


async def entries(db: Database) -> Sequence[CampaignEntry]:
    async with db.begin() as session:
        return list(await session.scalars(select(CampaignEntry).order_by(CampaignEntry.id)))


async def test_each_customer_is_claimed_once_with_the_proof_written_before_the_call(db: Database):
    async with db.begin() as session:
        row = await a_running_campaign(session, 3)
    first, rest, none = [await claimed_of(db, row.id, most) for most in (2, 5, 5)]
    assert (len(first), len(rest), len(none)) == (2, 1, 0)
    async with db.begin() as session:
        attempt = (await session.scalars(select(CampaignAttempt).order_by(CampaignAttempt.id))).first()
        assert attempt is not None
        assert (attempt.result, attempt.e164, attempt.call) == ("", NUMBER.format(1), first[0].call)
        assert attempt.evidence["consent"]["words"] == "可以回访"
        assert attempt.evidence["local_time"] == "2026-11-18T12:00:00+08:00"
        assert await session.scalar(select(func.count()).select_from(Touch)) == 3


async def test_many_who_claim_at_the_same_moment_never_get_the_same_customer(db: Database):
    async with db.begin() as session:
        row = await a_running_campaign(session, 12)
    found = await asyncio.gather(*(claimed_of(db, row.id, 4) for _ in range(6)))
    customers = [one.customer_id for some in found for one in some]
    assert len(customers) == len(set(customers)) == 12


async def test_one_customer_on_two_lists_has_one_open_call(db: Database):
    async with db.begin() as session:
        customer = await a_willing_customer(session)
        lists = [await a_campaign(session, name=name) for name in ("第一个", "第二个")]
        for row in lists:
            await add_entry(session, row.id, customer.id, at=NOON)
            await start(session, row.id, actor=BOSS, at=NOON)
    found = await asyncio.gather(*(claimed_of(db, row.id) for row in lists))
    assert sorted(len(some) for some in found) == [0, 1]
    waiting = next(one for one in await entries(db) if one.state == "waiting")
    assert "on the telephone" in waiting.reason
    assert waiting.due_at > NOON


async def test_who_said_no_meanwhile_is_refused_with_the_reason_and_not_dialled(db: Database):
    async with db.begin() as session:
        row = await a_running_campaign(session, 2)
        first = (await session.scalars(select(CampaignEntry).order_by(CampaignEntry.id))).first()
        assert first is not None
        said = {"contact_id": "", "words": "别再打了", "actor": BOSS, "at": NOON}
        await answer(session, first.customer_id, Purpose.SURVEY, Channel.PHONE, False, **said)  # type: ignore[arg-type]
    assert len(await claimed_of(db, row.id)) == 1
    refused = (await entries(db))[0]
    assert (refused.state, refused.reason, refused.attempts) == ("refused", decision.REFUSED, 0)


async def test_nobody_is_dialled_in_quiet_hours_or_outside_the_campaigns_windows(db: Database):
    async with db.begin() as session:
        row = await a_running_campaign(session, 1, settings={"windows": [[14 * 60, 15 * 60]]})
    assert await claimed_of(db, row.id) == []
    assert await claimed_of(db, row.id, after=timedelta(hours=9, minutes=30)) == []
    assert len(await claimed_of(db, row.id, after=timedelta(hours=2))) == 1


async def test_a_paused_campaign_dials_nobody_and_no_lines_are_no_calls(db: Database):
    async with db.begin() as session:
        row = await a_running_campaign(session)
    assert await claimed_of(db, row.id, 0) == []
    async with db.begin() as session:
        await pause(session, row.id, actor=BOSS, at=NOON)
    assert await claimed_of(db, row.id) == []


async def test_the_contact_cap_postpones_until_it_ends(db: Database):
    async with db.begin() as session:
        row = await a_running_campaign(session)
        customer = (await session.scalars(select(CampaignEntry.customer_id))).one()
        session.add_all(
            Touch(customer_id=customer, purpose="care", channel="phone", at=NOON - timedelta(days=29), by="x")
            for _ in range(3)
        )
    assert await claimed_of(db, row.id) == []
    postponed = (await entries(db))[0]
    assert (postponed.state, postponed.reason) == ("waiting", decision.TOO_OFTEN)
    assert postponed.due_at == NOON + timedelta(days=1)


async def test_a_stopped_number_gives_way_to_the_customers_next_one(db: Database):
    async with db.begin() as session:
        row = await a_running_campaign(session)
        customer = (await session.scalars(select(CampaignEntry.customer_id))).one()
        session.add(CustomerPhone(customer_id=customer, e164="+8613900000000", position=1))
        await stop_contact(session, NUMBER.format(1), reason="家人要求", actor=BOSS, at=NOON)
    assert [one.e164 for one in await claimed_of(db, row.id)] == ["+8613900000000"]


async def test_a_number_that_this_site_does_not_call_is_refused(db: Database):
    async with db.begin() as session:
        row = await a_running_campaign(session)
    async with db.begin() as session:
        site = Site(zone=ZONE, dialable=lambda number: number.startswith("+49"))
        assert (await claim(session, row.id, 5, at=NOON, site=site))[0] == []
    assert [(one.state, one.reason) for one in await entries(db)] == [("refused", NOT_DIALABLE)]


async def test_only_the_sample_is_dialled_while_it_is_tried(db: Database):
    async with db.begin() as session:
        row = await a_running_campaign(session, 4)
        await pause(session, row.id, actor=BOSS, at=NOON)
        await choose_sample(session, row.id, 2, actor=BOSS, at=NOON)
        await start_sample(session, row.id, actor=BOSS, at=NOON)
        chosen = set(await session.scalars(select(CampaignEntry.id).where(CampaignEntry.sample.is_(True))))
    assert {one.entry_id for one in await claimed_of(db, row.id)} == chosen


async def test_an_agent_who_looked_first_gets_this_customer_and_nobody_a_second_time(db: Database):
    async with db.begin() as session:
        row = await a_running_campaign(session, 1, mode="preview")
        entry = (await session.scalars(select(CampaignEntry.id))).one()
    found = []
    for _ in range(2):
        async with db.begin() as session:
            found.append(await claim_entry(session, row.id, entry, agent="1018", at=NOON, site=SITE))
    assert found[0] is not None
    assert (found[0].agent, found[1]) == ("1018", None)


async def test_a_busy_customer_is_called_again_and_one_who_talked_is_done(db: Database):
    async with db.begin() as session:
        row = await a_running_campaign(session, 2)
    busy, talked = await claimed_of(db, row.id)
    at = instant(NOON)
    await told_of(
        db,
        told.AttemptPlaced(at=at, call=busy.call, campaign=row.id, entry=busy.entry_id, e164=busy.e164),
        ended(busy.call, "busy", cause=17, sip_code=486),
        told.AttemptAnswered(at=at + 5, call=talked.call, campaign=row.id, machine="human"),
        told.AttemptConnected(at=at + 6, call=talked.call, campaign=row.id, agent="1018"),
        ended(talked.call, "answered", seconds=90),
        ended(talked.call, "dropped", seconds=99),
    )
    first, second = await entries(db)
    assert (first.state, first.result, first.due_at) == ("waiting", "busy", NOON + timedelta(minutes=20, seconds=30))
    assert (second.state, second.result) == ("done", "answered")
    async with db.begin() as session:
        shown = await window(session, row.id, NOON + timedelta(hours=1))
        assert (shown.answered, shown.dropped) == (1, 0)
        assert await live_answers(session, row.id, NOON + timedelta(hours=1)) == [(NOON + timedelta(seconds=5), False)]
    assert [one.call for one in await claimed_of(db, row.id, after=timedelta(minutes=21))] == [busy.call[:-1] + "2"]


async def test_who_was_dropped_is_left_alone_for_three_days_by_every_campaign(db: Database):
    async with db.begin() as session:
        row = await a_running_campaign(session)
    (first,) = await claimed_of(db, row.id)
    await told_of(
        db,
        told.AttemptAnswered(at=instant(NOON) + 5, call=first.call, campaign=row.id),
        ended(first.call, "dropped"),
    )
    async with db.begin() as session:
        other = await a_campaign(session, name="另一个")
        await add_entry(session, other.id, first.customer_id, at=NOON)
        await start(session, other.id, actor=BOSS, at=NOON)
    for days in (1, 2):
        assert await claimed_of(db, other.id, after=timedelta(days=days)) == []
        assert await claimed_of(db, row.id, after=timedelta(days=days)) == []
    assert len(await claimed_of(db, other.id, after=timedelta(days=5))) == 1


async def test_a_call_that_never_reached_the_line_is_no_touch_and_is_made_again(db: Database):
    async with db.begin() as session:
        row = await a_running_campaign(session)
    (first,) = await claimed_of(db, row.id)
    await told_of(db, ended(first.call, "not_placed", settled_by="cel"))
    async with db.begin() as session:
        assert await session.scalar(select(func.count()).select_from(Touch)) == 0
    (second,) = await claimed_of(db, row.id, after=timedelta(minutes=2))
    assert (second.customer_id, second.call) == (first.customer_id, first.call[:-1] + "2")


async def test_what_nobody_knows_waits_for_a_person_unless_the_truth_comes_late(db: Database):
    async with db.begin() as session:
        row = await a_running_campaign(session, 2)
    first, second = await claimed_of(db, row.id)
    async with db.begin() as session:
        assert len(await open_attempts(session)) == 2
        assert await leave_unsettled(session, [first.call, second.call], at=NOON) == 2
        assert await open_attempts(session) == []
    assert {one.state for one in await entries(db)} == {"unsettled"}
    assert await claimed_of(db, row.id, after=timedelta(days=1)) == []
    await told_of(db, ended(second.call, "answered"))
    assert [one.state for one in await entries(db)] == ["unsettled", "done"]


async def test_no_more_calls_said_in_a_survey_holds_for_every_purpose_and_the_number(db: Database):
    async with db.begin() as session:
        row = await a_running_campaign(session)
    (first,) = await claimed_of(db, row.id)
    await told_of(
        db,
        told.ResponseEnded(at=instant(NOON) + 20, call=first.call, result="declined", opted_out=True),
        ended(first.call, "answered_by_voice"),
    )
    async with db.begin() as session:
        for purpose in (Purpose.SURVEY, Purpose.CARE, Purpose.NEWS):
            later = {"at": NOON + timedelta(days=60), "zone": ZONE}
            verdict = await may_contact(session, first.customer_id, purpose, Channel.PHONE, **later)  # type: ignore[arg-type]
            assert verdict.reason == decision.REFUSED
        stranger = await a_customer(session, "家人", first.e164)
        verdict = await may_contact(session, stranger.id, Purpose.CARE, Channel.PHONE, **later)  # type: ignore[arg-type]
        assert verdict.reason == decision.STOPPED
