"""Short ways to say what happened on the telephone, and to fill a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.model import Case
from crm_core.clock import instant
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.dealers.model import Dealer
from crm_core.history import events
from crm_core.history.events import EndedBy, FeedRecord, HistoryEvent, Outcome
from crm_core.history.model import Contact, Leg
from crm_core.vehicles.model import Vehicle, VehicleRole

NOW = datetime(2026, 7, 16, 2, 40, tzinfo=UTC)
START = instant(NOW)


def numbered(*happened: HistoryEvent, first: int = 1) -> list[FeedRecord]:
    return [FeedRecord(number, event) for number, event in enumerate(happened, start=first)]


def an_answered_call(call: str = "c1", agent: str = "1018", at: float = START) -> list[HistoryEvent]:
    """A menu of 20 s, a wait of 10 s of which 4 s ringing, a talk of 100 s with 15 s on hold."""
    leg = f"{call}-1"
    return [
        events.ContactStarted(at=at, call=call, direction=events.Direction.INBOUND, caller="13843107706", entry="400"),
        events.ContactAnswered(at=at + 1, call=call),
        events.MenuLeft(at=at + 20, call=call, path=("main", "repair"), topic="repair", language="zh-CN"),
        events.CallQueued(at=at + 20, call=call, queue="repair"),
        events.CallOffered(at=at + 26, call=call, leg=leg, agent=agent, queue="repair", why="longest_idle"),
        events.TalkBegan(at=at + 30, call=call, leg=leg, agent=agent),
        events.CallLeftQueue(at=at + 30, call=call, queue="repair", result="answered"),
        events.RecordingStarted(at=at + 30, call=call, leg=leg, agent=agent, file=f"20260716/{leg}.raw"),
        events.HoldBegan(at=at + 60, call=call, leg=leg, agent=agent),
        events.HoldEnded(at=at + 75, call=call, leg=leg, agent=agent),
        events.TalkEnded(at=at + 130, call=call, leg=leg, agent=agent, by=EndedBy.CUSTOMER),
        events.ContactEnded(at=at + 130, call=call, outcome=Outcome.ANSWERED, by=EndedBy.CUSTOMER),
    ]


async def a_customer(session: AsyncSession, name: str = "陈建国", *numbers: str, **more: Any) -> Customer:
    """A customer with mobile numbers; a number after "family:" is shared."""
    customer = Customer(name=name, created_at=NOW, **more)
    session.add(customer)
    await session.flush()
    for position, number in enumerate(numbers):
        label, _, e164 = number.rpartition(":")
        phone = CustomerPhone(customer_id=customer.id, e164=e164, label=label or "mobile", position=position)
        session.add(phone)
    await session.flush()
    return customer


async def a_vehicle(session: AsyncSession, owner: Customer, plate: str = "吉AD30618", **more: Any) -> Vehicle:
    facts = {"vin": f"LYH0000000{owner.id:07d}", "model": "远辰 E6 四驱", "sold_on": date(2025, 3, 1), **more}
    vehicle = Vehicle(plate=plate, **facts)
    session.add(vehicle)
    await session.flush()
    session.add_all(VehicleRole(vehicle_id=vehicle.id, customer_id=owner.id, role=role) for role in ("buyer", "user"))
    await session.flush()
    return vehicle


async def a_dealer(session: AsyncSession, **more: Any) -> Dealer:
    facts = {
        "code": "YC1001",
        "name": "长春金达远辰 4S 店",
        "short_name": "金达远辰",
        "province": "吉林",
        "city": "长春",
        "address": "硅谷大街 1188 号",
        "phone": "+8643186001111",
        "latitude": 43.8,
        "longitude": 125.3,
        **more,
    }
    dealer = Dealer(**facts)
    session.add(dealer)
    await session.flush()
    return dealer


async def a_contact(
    session: AsyncSession, contact_id: str, customer: Customer | None, *, days_ago: float, agent: str = "", **more: Any
) -> Contact:
    """A finished contact; with an agent it has a leg with 60 s of talk."""
    at = NOW - timedelta(days=days_ago)
    contact = Contact(
        id=contact_id,
        direction="inbound",
        customer_id=customer.id if customer else None,
        agent=agent,
        started_at=at,
        ended_at=at + timedelta(seconds=90),
        outcome="answered" if agent else "menu_only",
        **more,
    )
    session.add(contact)
    await session.flush()
    if agent:
        answered = at + timedelta(seconds=30)
        leg = Leg(id=f"{contact_id}-1", contact_id=contact_id, agent=agent, offered_at=at, answered_at=answered)
        leg.ended_at, leg.result = answered + timedelta(seconds=60), "answered"
        session.add(leg)
        await session.flush()
    return contact


async def an_open_case(session: AsyncSession, customer: Customer, number: str, **more: Any) -> Case:
    facts = {"kind": "repair", "title": "空调压缩机异响，等配件", "opened_at": NOW - timedelta(days=3), **more}
    case = Case(number=number, customer_id=customer.id, **facts)
    session.add(case)
    await session.flush()
    return case
