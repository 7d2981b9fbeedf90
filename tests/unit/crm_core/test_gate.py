"""Whom we may contact: the rules as sentences, their order, and that no refusal ever opens the gate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop import catalogues
from crm_core.callbacks.model import Callback
from crm_core.cases.model import Case
from crm_core.consent import decision
from crm_core.consent.actions import allow_contact, answer, stop_contact
from crm_core.consent.counting import attempts
from crm_core.consent.decision import ContactFacts, NumberFacts, decide
from crm_core.consent.gate import claim, may_contact, may_contact_many
from crm_core.consent.model import Consent, Touch
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.queries import matrix, proofs
from crm_core.consent.rules import FIRST_RULES, ContactRules, state_of
from crm_core.consent.settings import contact_rules, save_contact_rules
from crm_core.consent.verdict import Answer, Verdict
from crm_core.customers.actions import block
from crm_core.customers.model import CustomerHandle
from crm_core.db import Database
from crm_core.errors import Invalid, NotFound
from crm_core.history.model import Contact
from crm_core.workforce.fields import Unusable
from crm_core.workforce.hours_model import CalendarDay, CalendarRow
from tests.unit.crm_core.builders import a_customer

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 18, 4, tzinfo=UTC)  # a Wednesday, 12:00 in Shanghai
CHEN = "+8613804317706"
WILLING = ContactFacts(
    purpose=Purpose.NEWS, channel=Channel.PHONE, zone=ZONE, numbers=(NumberFacts(e164=CHEN),), consent=True
)


def asked(at: datetime = NOON, rules: ContactRules = FIRST_RULES, **facts: Any) -> Verdict:
    return decide(replace(WILLING, **facts), rules, at)


def test_who_agreed_may_be_called_by_day():
    assert asked().yes
    assert asked(purpose=Purpose.SERVICE, consent=None, at=NOON + timedelta(hours=10)).yes


def test_who_was_never_asked_is_not_called():
    verdict = asked(consent=None)
    assert (verdict.answer, verdict.reason) == (Answer.NO, decision.NOT_ASKED)


def test_a_refusal_names_its_day_and_outweighs_everything_that_passes():
    verdict = asked(consent=False, answered_at=NOON, complaint="TS-1", touches=(NOON,) * 9)
    assert verdict.reason == decision.REFUSED
    assert verdict.values == {"day": "2026-11-18"}


def test_a_stopped_number_is_no_but_not_for_what_the_customer_asked_for():
    stopped = (NumberFacts(e164=CHEN, stopped="家人来电要求"),)
    assert asked(numbers=stopped).values == {"why": "家人来电要求"}
    assert asked(numbers=stopped, purpose=Purpose.SERVICE).yes
    assert asked(numbers=(*stopped, NumberFacts(e164="+8613900000000"))).yes


def test_a_blocked_number_and_a_missing_one_are_no_for_any_purpose():
    for purpose in Purpose:
        assert asked(purpose=purpose, numbers=(NumberFacts(e164=CHEN, blocked=True),)).reason == decision.BLOCKED
        assert asked(purpose=purpose, numbers=()).reason == decision.NO_ADDRESS
    assert asked(channel=Channel.EMAIL, numbers=(), reachable=False).reason == decision.NO_ADDRESS


def test_an_open_complaint_stops_surveys_and_news_but_not_care():
    assert asked(complaint="TS-0710-0176").values == {"number": "TS-0710-0176"}
    assert asked(purpose=Purpose.SURVEY, complaint="TS-0710-0176").answer is Answer.NOT_NOW
    assert asked(purpose=Purpose.CARE, complaint="TS-0710-0176").yes


def test_the_fourth_touch_in_thirty_days_waits_until_the_oldest_is_thirty_days_old():
    touches = tuple(NOON - timedelta(days=days) for days in (29, 5, 3))
    verdict = asked(purpose=Purpose.CARE, touches=touches)
    assert (verdict.answer, verdict.reason) == (Answer.NOT_NOW, decision.TOO_OFTEN)
    assert verdict.until == NOON + timedelta(days=1)
    assert asked(purpose=Purpose.CARE, touches=touches[1:]).yes


def test_at_night_a_call_waits_for_the_morning_and_a_letter_does_not():
    night = datetime(2026, 11, 18, 15, tzinfo=UTC)  # 23:00
    assert asked(at=night).until == datetime(2026, 11, 19, 1, tzinfo=UTC)  # 09:00
    assert asked(at=night, channel=Channel.POST, numbers=()).yes


def test_weekends_begin_later_and_holidays_are_quiet_all_day():
    saturday = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)  # 09:30
    assert asked(at=saturday).until == datetime(2026, 11, 21, 2, tzinfo=UTC)
    swapped = {date(2026, 11, 21): "workday"}
    assert asked(at=saturday, special=swapped).yes
    holiday = {date(2026, 11, 18): "holiday", date(2026, 11, 19): "holiday"}
    assert asked(special=holiday).until == datetime(2026, 11, 20, 1, tzinfo=UTC)


def test_each_class_has_its_own_rhythm_of_promotions():
    twenty_days_ago = NOON - timedelta(days=20)
    assert asked(promoted_at=twenty_days_ago).reason == decision.PROMOTED
    assert asked(promoted_at=twenty_days_ago, customer_class="vip").yes
    assert asked(promoted_at=twenty_days_ago, purpose=Purpose.CARE).yes


def test_the_end_of_a_wait_is_a_moment_when_the_call_is_allowed():
    late = datetime(2026, 10, 20, 15, tzinfo=UTC)  # 23:00, thirty days before a Thursday
    verdict = asked(at=NOON, purpose=Purpose.CARE, touches=(late, NOON, NOON))
    assert verdict.until is not None
    assert asked(at=verdict.until, purpose=Purpose.CARE, touches=(late, NOON, NOON)).yes


def test_an_attempt_that_was_claimed_and_then_dialled_counts_once():
    claimed = [NOON]
    calls = [NOON + timedelta(minutes=3), NOON + timedelta(minutes=40)]
    assert len(attempts(claimed, [], calls)) == 2  # the second call has no claim of its own
    assert len(attempts(claimed, [NOON], calls[:1])) == 2
    assert len(attempts(claimed, [], [NOON + timedelta(hours=3)])) == 2


numbers = st.lists(
    st.builds(NumberFacts, e164=st.just(CHEN), blocked=st.booleans(), stopped=st.none() | st.just("x")), max_size=3
)
facts = st.builds(
    ContactFacts,
    purpose=st.sampled_from(Purpose),
    channel=st.sampled_from(Channel),
    zone=st.just(ZONE),
    known=st.booleans(),
    merged=st.booleans(),
    customer_class=st.sampled_from(["standard", "vip", "key_account"]),
    numbers=numbers.map(tuple),
    reachable=st.booleans(),
    consent=st.none() | st.booleans(),
    answered_at=st.just(NOON),
    complaint=st.sampled_from(["", "TS-1"]),
    touches=st.lists(st.integers(0, 60).map(lambda days: NOON - timedelta(days=days)), max_size=6).map(tuple),
    promoted_at=st.none() | st.integers(0, 90).map(lambda days: NOON - timedelta(days=days)),
)
moments = st.integers(0, 24 * 14).map(lambda hours: NOON + timedelta(hours=hours))
STRICTNESS = {Answer.YES: 0, Answer.NOT_NOW: 1, Answer.NO: 2}


@given(facts, moments)
def test_one_more_refusal_never_opens_the_gate(known: ContactFacts, at: datetime):
    before = STRICTNESS[decide(known, FIRST_RULES, at).answer]
    stopped = tuple(replace(one, stopped="x") for one in known.numbers)
    worse = (
        {"consent": False}, {"merged": True}, {"known": False}, {"complaint": "TS-2"}, {"reachable": False},
        {"numbers": stopped}, {"numbers": tuple(replace(one, blocked=True) for one in known.numbers)},
        {"promoted_at": at},
    )  # fmt: skip
    for change in worse:
        assert STRICTNESS[decide(replace(known, **change), FIRST_RULES, at).answer] >= before, change


@given(facts, moments, st.integers(0, 40))
def test_one_more_touch_never_opens_the_gate(known: ContactFacts, at: datetime, days: int):
    more = replace(known, touches=(*known.touches, at - timedelta(days=days)))
    assert STRICTNESS[decide(more, FIRST_RULES, at).answer] >= STRICTNESS[decide(known, FIRST_RULES, at).answer]


@given(facts, moments)
def test_a_not_now_with_an_end_is_over_then_and_a_no_has_none(known: ContactFacts, at: datetime):
    verdict = decide(known, FIRST_RULES, at)
    if verdict.answer is Answer.NOT_NOW and verdict.until is not None:
        assert verdict.until > at
        assert decide(known, FIRST_RULES, verdict.until).yes
    if verdict.answer is not Answer.NOT_NOW:
        assert verdict.until is None


def test_every_reason_is_a_sentence_in_chinese_too():
    chinese = catalogues.merged("zh-CN")
    reasons = [value for name, value in vars(decision).items() if name.isupper() and isinstance(value, str)]
    reasons = [reason for reason in reasons if " " in reason]
    assert len(reasons) == 11
    assert all((found := chinese.get(reason)) and found.string for reason in reasons)


# with the database


async def willing(session, *more: str, purpose: Purpose = Purpose.CARE) -> int:
    customer = await a_customer(session, "陈建国", CHEN, *more)
    await answer(
        session, customer.id, purpose, Channel.PHONE, True, contact_id="c-1", words="可以", actor="1018", at=NOON
    )
    return customer.id


async def verdict_of(db: Database, customer_id: int, purpose: Purpose = Purpose.CARE, **more) -> Verdict:
    async with db.begin() as session:
        question = {"channel": Channel.PHONE, "at": NOON, "zone": ZONE, **more}
        channel = question.pop("channel")
        return await may_contact(session, customer_id, purpose, channel, **question)


async def test_consent_is_kept_with_its_proof_and_withdrawn_at_any_time(db: Database):
    async with db.begin() as session:
        chen = await willing(session)
    assert (await verdict_of(db, chen)).yes
    async with db.begin() as session:
        later = NOON + timedelta(minutes=1)
        await answer(session, chen, Purpose.CARE, Channel.PHONE, False, contact_id="", words="", actor="1019", at=later)
        assert await session.scalar(select(func.count()).select_from(Consent)) == 2
        told = await proofs(session, chen)
        allowed = await matrix(session, chen)
    assert [(one.given, one.holds, one.contact_id) for one in told] == [(False, True, ""), (True, False, "c-1")]
    assert allowed[Purpose.CARE, Channel.PHONE].given is False
    assert allowed[Purpose.NEWS, Channel.SMS].given is None
    assert (await verdict_of(db, chen, at=NOON + timedelta(hours=1))).reason == decision.REFUSED


async def test_a_consent_without_a_proof_is_refused(db: Database):
    async with db.begin() as session:
        chen = (await a_customer(session, "陈建国", CHEN)).id
        by: dict[str, Any] = {"actor": "1018", "at": NOON}
        with pytest.raises(Invalid, match="proof"):
            await answer(session, chen, Purpose.NEWS, Channel.SMS, True, contact_id="", words="  ", **by)
        with pytest.raises(Invalid, match="200"):
            await answer(session, chen, Purpose.NEWS, Channel.SMS, True, contact_id="", words="好" * 201, **by)
        with pytest.raises(Invalid, match="list"):
            await answer(session, chen, "'; DROP TABLE consent", "phone", True, contact_id="c", words="", **by)
        with pytest.raises(Invalid, match="needs no consent"):
            await answer(session, chen, Purpose.SERVICE, Channel.SMS, True, contact_id="c", words="", **by)
        with pytest.raises(NotFound):
            await answer(session, 999, Purpose.NEWS, Channel.SMS, True, contact_id="c", words="好\0", **by)


async def test_a_number_that_was_stopped_is_not_used_whoever_has_it(db: Database):
    async with db.begin() as session:
        chen = await willing(session)
        await stop_contact(session, "138 0431 7706", reason="家人来电要求", actor="1018", at=NOON)
    assert (await verdict_of(db, chen)).reason == decision.STOPPED
    assert (await verdict_of(db, chen, e164="+8613900000001")).yes
    async with db.begin() as session:
        await allow_contact(session, CHEN, actor="1018", at=NOON)
        await block(session, CHEN, reason="骚扰", actor="1018", at=NOON)
    assert (await verdict_of(db, chen)).reason == decision.BLOCKED


async def test_an_open_complaint_and_a_merged_record_are_found(db: Database):
    async with db.begin() as session:
        chen = await willing(session, purpose=Purpose.SURVEY)
        case = Case(number="TS-1", kind="complaint", title="车机黑屏", customer_id=chen, opened_at=NOON)
        session.add(case)
    assert (await verdict_of(db, chen, Purpose.SURVEY)).values == {"number": "TS-1"}
    async with db.begin() as session:
        (await session.get_one(Case, case.id)).closed_at = NOON
    assert (await verdict_of(db, chen, Purpose.SURVEY)).yes
    async with db.begin() as session:
        other = await a_customer(session, "陈建", merged_into_id=chen)
    assert (await verdict_of(db, other.id)).reason == decision.MERGED
    assert (await verdict_of(db, 4711)).reason == decision.UNKNOWN


async def test_calls_of_the_history_and_claims_count_together_and_callbacks_do_not(db: Database):
    async with db.begin() as session:
        chen = await willing(session)
        for place, hours in enumerate((1, 30)):
            at = NOON - timedelta(hours=hours)
            session.add(Contact(id=f"o-{place}", direction="outbound", customer_id=chen, started_at=at))
        session.add(Contact(id="in", direction="inbound", customer_id=chen, started_at=NOON - timedelta(hours=1)))
        session.add(Contact(id="cb-in-1", direction="outbound", customer_id=chen, started_at=NOON))
        await session.flush()
        session.add(Callback(id="in", contact_id="in", number=CHEN, queue="repair", since=NOON, booked_at=NOON))
    async with db.begin() as session:
        assert (await claim(session, chen, Purpose.CARE, Channel.PHONE, by="1018", at=NOON, zone=ZONE)).yes
    verdict = await verdict_of(db, chen)
    assert verdict.values == {"count": 3, "days": 30, "most": 3}
    async with db.begin() as session:
        assert (await claim(session, chen, Purpose.SERVICE, Channel.PHONE, by="1018", at=NOON, zone=ZONE)).yes
        assert await session.scalar(select(func.count()).select_from(Touch)) == 2
    assert (await verdict_of(db, chen)).values["count"] == 3


async def test_of_two_departments_that_ask_for_the_last_touch_only_one_gets_it(db: Database):
    async with db.begin() as session:
        chen = await willing(session)
        for hours in (20, 30):
            at = NOON - timedelta(hours=hours)
            session.add(Touch(customer_id=chen, purpose="care", channel="sms", at=at))

    async def one(by: str) -> Verdict:
        async with db.begin() as session:
            return await claim(session, chen, Purpose.CARE, Channel.PHONE, by=by, at=NOON, zone=ZONE)

    verdicts = await asyncio.gather(*(one(f"team-{number}") for number in range(4)))
    assert sum(verdict.yes for verdict in verdicts) == 1
    assert {verdict.reason for verdict in verdicts} == {"", decision.TOO_OFTEN}


async def test_the_calendars_holidays_are_quiet(db: Database):
    async with db.begin() as session:
        chen = await willing(session)
        session.add(CalendarRow(id="general", name_zh="总", name_en="All", week=[[]] * 7))
        await session.flush()
        session.add(CalendarDay(calendar="general", day=date(2026, 11, 18), kind="holiday"))
    assert (await verdict_of(db, chen)).reason == decision.QUIET


async def test_a_written_channel_needs_an_address_of_its_kind(db: Database):
    async with db.begin() as session:
        chen = await willing(session)
        for channel in (Channel.EMAIL, Channel.POST):
            await answer(session, chen, Purpose.NEWS, channel, True, contact_id="c", words="", actor="1", at=NOON)
        session.add(CustomerHandle(customer_id=chen, kind="email", value="chen@example.cn"))
    assert (await verdict_of(db, chen, Purpose.NEWS, channel=Channel.EMAIL)).yes
    assert (await verdict_of(db, chen, Purpose.NEWS, channel=Channel.POST)).reason == decision.NO_ADDRESS


async def test_new_rules_hold_from_the_next_question_on_and_wrong_ones_are_told_by_field(db: Database):
    async with db.begin() as session:
        chen = await willing(session)
        state = state_of(FIRST_RULES) | {"hours_workday": [[600, 660]]}
        saved = await save_contact_rules(session, state, base=0, actor="9001", at=NOON)
        assert saved is not None
        assert await contact_rules(session) == replace(
            FIRST_RULES, hours={**FIRST_RULES.hours, "workday": ((600, 660),)}
        )
        wrong = state | {"most_touches": "drei", "hours_weekend": [[700, 600]], "consent_needed": ["service"]}
        with pytest.raises(Unusable) as refused:
            await save_contact_rules(session, wrong, base=1, actor="9001", at=NOON)
    assert set(refused.value.by_field) == {"most_touches", "hours_weekend", "consent_needed"}
    assert (await verdict_of(db, chen)).reason == decision.QUIET


NUMBERS = tuple(f"+86138043177{place:02}" for place in range(6))


@given(st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_many_are_answered_exactly_as_each_alone(db: Database, data: st.DataObject):
    """Customers with drawn answers, numbers, complaints, touches and calls; one of them does not exist."""
    draw = data.draw
    async with db.begin() as session:
        people = [await _somebody(session, draw) for _ in range(draw(st.integers(1, 5)))]
        purpose, channel = draw(st.sampled_from(list(Purpose))), draw(st.sampled_from(list(Channel)))
        at = NOON + timedelta(hours=draw(st.integers(0, 23)))
        named = {one: draw(st.sampled_from(("", *NUMBERS))) for one in (*people, 10**9)}
        together = await may_contact_many(session, named, purpose, channel, at=at, zone=ZONE)
        for one, number in named.items():
            alone = await may_contact(session, one, purpose, channel, at=at, zone=ZONE, e164=number)
            assert together[one] == alone
        await session.rollback()


async def _somebody(session: AsyncSession, draw: Callable[..., Any]) -> int:
    flags = st.booleans()
    numbers = draw(st.lists(st.sampled_from(NUMBERS), unique=True, max_size=2))
    classes = draw(st.sampled_from(("standard", "vip", "loyal")))
    customer = await a_customer(session, "某人", *numbers, customer_class=classes)
    for purpose in draw(st.lists(st.sampled_from(list(Purpose)), max_size=3)):
        row = Consent(customer_id=customer.id, purpose=purpose, channel=draw(st.sampled_from(list(Channel))), words="")
        row.given, row.by, row.at = draw(flags), "1", NOON - timedelta(days=draw(st.integers(0, 3)))
        session.add(row)
    for days in draw(st.lists(st.integers(0, 40), max_size=4)):
        touch = Touch(customer_id=customer.id, purpose=draw(st.sampled_from(list(Purpose))), by="1", subject="")
        touch.channel, touch.at = draw(st.sampled_from(list(Channel))), NOON - timedelta(days=days)
        session.add(touch)
    for days in draw(st.lists(st.integers(0, 40), max_size=2)):
        call = f"out-{customer.id}-{days}-{draw(st.integers(0, 10**9))}"
        contact = Contact(
            id=call, direction="outbound", customer_id=customer.id, started_at=NOON - timedelta(days=days)
        )
        session.add(contact)
    if draw(flags):
        case = Case(number=f"TS-{customer.id}", kind="complaint", title="异响", customer_id=customer.id, opened_at=NOON)
        case.closed_at = NOON if draw(flags) else None
        session.add(case)
    if draw(flags):
        session.add(CustomerHandle(customer_id=customer.id, kind="email", value=f"{customer.id}@example.com"))
    if numbers and draw(flags):
        await stop_contact(session, numbers[0], reason="家人来电要求", actor="1", at=NOON)
    if numbers and draw(flags):
        await block(session, numbers[-1], reason="骚扰", actor="1", at=NOON)
    await session.flush()
    return customer.id
