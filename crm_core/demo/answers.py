"""The demo's questionnaires, and two months of believable answers: good on the whole, two dealers that are not."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta, tzinfo
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.cases.model import Case
from crm_core.customers.model import Customer
from crm_core.db import Database, make_engine
from crm_core.numbering import add_numbered
from crm_core.questionnaires import actions
from crm_core.questionnaires.model import Answer, Response
from crm_core.questionnaires.questions import Content, Given, Kind, Question, low_answers, next_question
from crm_core.questionnaires.templates import TEMPLATES
from crm_core.vehicles.model import Vehicle, VehicleRole
from crm_core.workforce.model import AgentRow

DAYS = 60
ROUNDS = {"two_weeks": 260, "four_weeks": 150, "after_service": 210, "complaint": 40}
FRESH = timedelta(days=2)
"""Low answers of the last days have no case yet: the platform opens them when it starts, as it does every day."""
_WEAK = (3, 7)  # dealers that customers are less content with
_HARD = {"problems": -0.3, "time": -0.35, "speed": -0.2, "care": -0.1, "vehicle": 0.15}
"""What customers judge more or less severely than the whole."""
_SAID = (
    ("交车时充电线没给，说了两次没人理。", "The charging cable was missing at delivery, and nobody reacted."),
    ("上牌拖了十天，销售不接电话。", "Registration took ten days, and sales did not answer the phone."),
    ("车身有划痕，说好补漆没有下文。", "There is a scratch. They promised to mend it and nothing happened."),
    ("等了三个小时才拿到车。", "I waited three hours for my car."),
    ("空调还是有异响，要再来一次。", "The air conditioning still makes a noise. I have to come back."),
    ("讲解很仔细，下次还来。", "Everything was explained well. I will come again."),
)


def settle_answers(url: str, now: datetime, zone: tzinfo) -> None:
    """Blocks for a few seconds; from a thread of its own, whether or not a loop runs here."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, _settle(url, now, zone)).result()


async def _settle(url: str, now: datetime, zone: tzinfo) -> None:
    database = Database(make_engine(url))
    try:
        async with database.begin() as session:
            random, owners = Random("yuanchen answers"), await _owners(session)
            agents = await _agents(session)
            for name, content in TEMPLATES.items():
                by: dict[str, Any] = {"actor": "2001", "at": now - timedelta(days=DAYS + 5)}
                row = await actions.create(session, content, **by)
                await actions.publish(session, row.id, **by)
                for number in range(ROUNDS[name]):
                    began = _moment(random, now, zone)
                    response = _response(random, f"demo-{name}-{number}", row.id, random.choice(owners), began)
                    response.agent = random.choice(agents) if response.how == "agent" else ""
                    session.add(response)
                    await session.flush()
                    await _answer(session, random, response, content, now=now, zone=zone)
    finally:
        await database.close()


async def _owners(session: AsyncSession) -> list[tuple[Customer, int, str]]:
    rows = await session.execute(
        select(Customer, Vehicle.id, Vehicle.model)
        .join(VehicleRole, VehicleRole.customer_id == Customer.id)
        .join(Vehicle, Vehicle.id == VehicleRole.vehicle_id)
        .where(VehicleRole.role == "buyer", Customer.dealer_id.is_not(None), Customer.merged_into_id.is_(None))
        .order_by(Vehicle.id)
    )
    return [(customer, vehicle, model) for customer, vehicle, model in rows]


async def _agents(session: AsyncSession) -> list[str]:
    numbers = select(User.number).join(AgentRow, AgentRow.user_id == User.id).order_by(User.number).limit(6)
    return list(await session.scalars(numbers))


def _moment(random: Random, now: datetime, zone: tzinfo) -> datetime:
    """In the hours in which people are called, more of them lately."""
    day = now.astimezone(zone).date() - timedelta(days=int(DAYS * random.random() ** 1.6))
    at = datetime.combine(day, time(random.choice((9, 10, 11, 14, 15, 16, 17, 18, 19)), random.randrange(60)), zone)
    return min(at.astimezone(UTC), now - timedelta(minutes=random.randrange(20, 300)))


def _response(
    random: Random, call: str, questionnaire: int, owner: tuple[Customer, int, str], began: datetime
) -> Response:
    customer, vehicle, model = owner
    return Response(
        call=call, questionnaire_id=questionnaire, version=1, customer_id=customer.id, vehicle_id=vehicle,
        dealer_id=customer.dealer_id, model=model[:60], adviser=customer.service_adviser,
        how=random.choices(("key", "agent", "voice", "link"), (5, 3, 1, 2))[0],
        language="en" if random.random() < 0.06 else "zh-CN", began_at=began, result="", low=False,
    )  # fmt: skip


async def _answer(
    session: AsyncSession, random: Random, response: Response, content: Content, *, now: datetime, zone: tzinfo
) -> None:
    """Some refuse, some hang up midway, most answer all."""
    mood = random.gauss(3.7 if response.dealer_id in _WEAK else 4.5, 0.75)
    leaves = random.random()
    answers: dict[str, Given] = {}
    at = response.began_at
    while leaves > 0.04 and (question := next_question(content, answers)) is not None:
        if leaves < 0.17 and len(answers) >= 2:
            break
        at += timedelta(seconds=random.randrange(6, 14))
        given = _given(random, question, mood, response.language)
        answers[question.id] = given
        session.add(
            Answer(response_id=response.id, question=question.id, questionnaire_id=response.questionnaire_id,
                   value=given.value, choice=given.choice, text=given.text, at=at)
        )  # fmt: skip
    if leaves <= 0.04:
        response.result = "declined"
    elif next_question(content, answers) is None:
        response.result = "complete"
    response.ended_at = at if response.result else None
    low = low_answers(content, answers)
    if not low or response.began_at < now - FRESH:
        response.looked_at, response.low = at + timedelta(seconds=10), bool(low)
    if low and response.looked_at is not None:
        response.case_id = await _closed_case(session, response, content, low[0], at=at, zone=zone)


def _given(random: Random, question: Question, mood: float, language: str) -> Given:
    felt = mood + _HARD.get(question.id, 0.0) + random.gauss(0, 0.45)
    match question.kind:
        case Kind.RATING:
            return Given(value=max(1, min(5, round(felt))))
        case Kind.NPS:
            return Given(value=max(0, min(10, round(felt * 1.95 + random.gauss(0, 0.7)))))
        case Kind.YES_NO:
            good = question.no_is_low or question.id == "booking"
            return Given(value=int((felt > 3.6) if good else (felt < 3.5)))
        case Kind.CHOICE:
            return Given(choice=random.choice([one.id for one in question.options]))
    said = random.choice(_SAID[:5] if mood < 4 else _SAID)
    return Given(text=said[language == "en"])


async def _closed_case(
    session: AsyncSession, response: Response, content: Content, question: Question, *, at: datetime, zone: tzinfo
) -> int:
    """What was done about an older low answer."""
    closed = at + timedelta(hours=30)
    case = Case(
        kind="complaint", title=f"{content.title.zh} · {question.topic.zh}", detail="", status="closed",
        customer_id=response.customer_id, vehicle_id=response.vehicle_id, dealer_id=response.dealer_id, opened_at=at,
        due_at=at + timedelta(days=1), closed_at=closed, opened_by="system", result="solved", model=response.model,
    )  # fmt: skip
    await add_numbered(session, case, Case.number, f"TS-{at.astimezone(zone):%m%d}-")
    return case.id
