"""A Thursday of the hotline that one can count by hand, with the Thursday before, for the pages of reports."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.access.roles import Role
from crm_core.history.model import AgentStint, Contact, Leg, QueueVisit
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

DAY = "2026-07-16"
QUEUES = f"/reports/queues?from={DAY}&to={DAY}"
ZONE = ZoneInfo("Asia/Shanghai")
SUPERVISOR, LEADER, REVIEWER = "2001", "2011", "3001"
# Half past nine to ten: who waited how long and how it ended. Target 20 s, short below 5 s.
CALLS = (
    ("r-1", "repair", "10:02", 6.0, "answered", people.CHEN),
    ("r-2", "repair", "10:04", 72.0, "abandoned", people.LI_MIN),
    ("r-3", "repair", "10:07", 48.0, "abandoned", None),
    ("r-4", "repair", "10:09", 51.0, "answered", people.WANG),
    ("r-5", "enquiry", "10:11", 3.0, "abandoned", None),
    ("r-6", "enquiry", "10:13", 130.0, "callback", None),
    ("r-7", "repair", "10:21", 8.0, "answered", people.LI_MIN),
    ("r-8", "enquiry", "14:40", 12.0, "answered", people.CHEN),
)
"""At ten: offered 7, taken 3 (2 in time), abandoned 2 and 1 short: 40.0% (2 / (3 + 2)); abandon rate 2 / 6."""


def at(clock: str, day: str = DAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}:00").replace(tzinfo=ZONE)


async def settle_day(session: AsyncSession) -> None:
    """Everything above, four calls of the week before, and the agent's stints of the day."""
    known = await session.get_one(User, 1)
    for number, name, role in (
        (SUPERVISOR, "王海燕", Role.SUPERVISOR),
        (LEADER, "高峰", Role.TEAM_LEADER),
        (REVIEWER, "郑文静", Role.QUALITY),
    ):
        user = User(number=number, name=name, name_en=name, roles=role.value, password_hash=known.password_hash)
        session.add(user)
    before = [(f"w-{n}", "repair", "10:15", 5.0, "answered", None) for n in range(4)]
    for day, calls in ((DAY, CALLS), ("2026-07-09", before)):
        for call in calls:
            await _call(session, call, day)
    for state, begin, end in (
        ("ready", "09:00", "10:00"), ("talking", "10:00", "10:30"), ("wrap_up", "10:30", "10:40"),
        ("break", "10:40", "11:00"), ("ready", "11:00", "11:20"),
    ):  # fmt: skip
        session.add(AgentStint(agent=people.AGENT, state=state, began_at=at(begin), ended_at=at(end)))


async def _call(session: AsyncSession, call: tuple[str, str, str, float, str, int | None], day: str) -> None:
    name, queue, clock, wait, result, customer = call
    entered = at(clock, day)
    left = entered + timedelta(seconds=wait)
    answered = left if result == "answered" else None
    contact = Contact(
        id=name, direction="inbound", caller=f"+8613900000{name[-1] * 3}", queue=queue, started_at=entered
    )
    contact.customer_id, contact.outcome, contact.answered_at = customer, result, answered
    contact.ended_at, contact.agent = left + timedelta(minutes=3), people.AGENT if answered else ""
    contact.kind, contact.disposition = ("repair", "answered") if answered else ("", "")
    session.add(contact)
    await session.flush()
    visit = QueueVisit(contact_id=name, queue=queue, entered_at=entered, left_at=left, wait_seconds=wait, result=result)
    visit.answered_at = answered
    session.add(visit)
    if answered:
        leg = Leg(id=f"{name}-1", contact_id=name, agent=people.AGENT, queue=queue, result="answered", offered_at=left)
        leg.answered_at, leg.ended_at = answered, contact.ended_at
        session.add(leg)


async def settle(web: WebSite, who: str = SUPERVISOR) -> None:
    """The day, and who looks at it."""
    async with web.db.begin() as session:
        await settle_day(session)
    await web.enter(who)


def words(html: str) -> str:
    """What a reader sees of the page proper, in one line."""
    body = html.split("<main", 1)[1] if "<main" in html else html
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


async def seen(web: WebSite, path: str, status: int = 200, **headers: str) -> str:
    answer = await web.client.get(path, headers=headers)
    assert answer.status_code == status, answer.text
    return words(answer.text)
