"""A floor for the supervisor's page: two teams with their leaders, talks, breaks, a lost phone, callers who wait."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.ports import CallbackView, WaitingView
from crm_core.access.model import User
from crm_core.access.passwords import hashed_now
from crm_core.clock import now
from crm_core.history.model import Leg
from crm_core.workforce.model import AgentRow, AgentSkill, QueueRow, Team, TeamLeader
from tests.browser import people
from tests.browser.desk_site import DeskSite, running_site
from tests.browser.sip_peer import SipExchange
from tests.scripted_telephony import ScriptedTelephony

SUPERVISOR, LEADER, ENGLISH_LEADER = "2001", "2011", "2012"
TEAM_ONE, TEAM_TWO = "team_one", "team_two"
FIRST = (
    ("1021", "孙悦", "Sun Yue"),
    ("1032", "何俊", "He Jun"),
    ("1015", "刘洋", "Liu Yang"),
    ("1029", "郭婷", "Guo Ting"),
)
SECOND = (("1040", "邓飞", "Deng Fei"), ("1026", "周琳", "Zhou Lin"))
AGENTS = (people.AGENT, people.ENGLISH_AGENT, *(number for number, _, _ in (*FIRST, *SECOND)))


async def settle_floor(session: AsyncSession) -> None:
    """Beside `people.settle`."""
    session.add(Team(id=TEAM_ONE, name_zh="售后一组", name_en="After-sales one", position=1))
    session.add(Team(id=TEAM_TWO, name_zh="投诉组", name_en="Complaints", position=2))
    await session.execute(update(AgentRow).values(team=TEAM_ONE))
    secret = hashed_now(people.PASSWORD)
    leaders = (
        (21, SUPERVISOR, "高海燕", "Gao Haiyan", "supervisor", "zh-CN"),
        (22, LEADER, "高峰", "Gao Feng", "team_leader", "zh-CN"),
        (23, ENGLISH_LEADER, "许晴", "Xu Qing", "team_leader", "en"),
    )
    for user_id, number, name, name_en, roles, language in leaders:
        session.add(
            User(
                id=user_id,
                number=number,
                name=name,
                name_en=name_en,
                roles=roles,
                language=language,
                password_hash=secret,
            )
        )
    await session.flush()
    for user_id, *_ in leaders:
        session.add(AgentRow(user_id=user_id, team=""))
    session.add(TeamLeader(user_id=22, team=TEAM_ONE))
    session.add(TeamLeader(user_id=23, team=TEAM_ONE))
    for user_id, (number, name, name_en) in enumerate((*FIRST, *SECOND), start=31):
        session.add(User(id=user_id, number=number, name=name, name_en=name_en, roles="agent", password_hash=secret))
        await session.flush()
        first = number in {one for one, _, _ in FIRST}
        session.add(AgentRow(user_id=user_id, team=TEAM_ONE if first else TEAM_TWO))
        await session.flush()
        session.add(AgentSkill(user_id=user_id, skill="repair" if first else "complaint", level=6))
    session.add(
        QueueRow(id="complaint", name_zh="投诉专线", name_en="Complaints", skill="complaint", position=3, priority=3)
    )
    repair = (await session.scalars(select(QueueRow).where(QueueRow.id == "repair"))).one()
    repair.overflow = [{"to": "enquiry", "after_seconds": 90, "expected_over_seconds": 0}]
    repair.service_seconds = 20


async def busy_floor(site: DeskSite) -> None:
    """Everybody of `AGENTS` at work, four callers who wait, and four places kept for callers who hung up."""
    telephony, at = site.telephony, time.time()
    calls = {
        people.AGENT: await site.caller("c1", people.CHEN_NUMBER, matches=(people.CHEN,)),
        "1015": await site.caller("c2", "+8613704320099", topic="complaint", matches=(people.WANG,)),
        "1029": await site.caller("c3", people.NEW_NUMBER),
        "1032": await site.caller("c4", people.SHARED_NUMBER, matches=(people.LI_MIN, people.LI_QIANG)),
    }
    talk = replace(calls[people.AGENT], phase="talking", answered_at=at - 198)
    held = replace(calls["1015"], phase="hold", answered_at=at - 552, hold_since=at - 51)
    long = replace(calls["1029"], phase="talking", answered_at=at - 1120)
    telephony.set_desk(people.AGENT, state="talking", since=at - 198, call=talk)
    telephony.set_desk("1015", state="hold", since=at - 51, call=held)
    telephony.set_desk("1029", state="talking", since=at - 1120, call=long)
    telephony.set_desk("1032", state="ringing", since=at - 4, call=calls["1032"])
    telephony.set_desk("1021", state="wrap_up", since=at - 185, wrap_up_until=at + 60)
    telephony.set_desk(people.ENGLISH_AGENT, state="ready", since=at - 72)
    telephony.set_desk("1026", state="break", since=at - 860, reason="lunch")
    telephony.set_desk("1040", state="ready", since=at - 128, reachable=False)
    async with site.db.begin() as session:
        verdicts = ["1018|level|8", "1018|idle|135", "1029|talking|980", "1021|wrap_up|120"]
        session.add(leg_with(talk.leg, "c1", verdicts))
    callers = (
        ("w1", "repair", 161, "+8613704320099", 0, "repair", (people.WANG,)),
        ("w2", "repair", 45, "+8613944120077", 0, "rescue", ()),
        ("w3", "enquiry", 20, people.CHEN_NUMBER, 2, "enquiry", (people.CHEN,)),
        ("w4", "complaint", 12, "+8613944120078", 3, "complaint", ()),
    )
    telephony.waiting = [
        WaitingView(
            call=call,
            queue=queue,
            since=at - waited,
            caller=caller,
            priority=priority,
            topic=topic,
            matches=matches,
            position=place,
        )
        for place, (call, queue, waited, caller, priority, topic, matches) in enumerate(callers, start=1)
    ]
    kept = (
        ("k1", "repair", 610, people.CHEN_NUMBER, 0, 0.0, 2, (people.CHEN,)),
        ("k2", "enquiry", 1900, "+8613944120079", 2, at + 240, 0, ()),
        ("k3", "repair", 1200, "+8613944120080", 1, 0.0, 0, ()),
        ("k4", "complaint", 300, "+8613944120081", 0, 0.0, 1, ()),
    )
    telephony.places = [
        CallbackView(
            callback=one,
            call=one,
            number=number,
            queue=queue,
            since=at - waited,
            attempts=tries,
            due=due,
            position=place,
            matches=matches,
        )
        for one, queue, waited, number, tries, due, place, matches in kept
    ]


def leg_with(leg: str, contact: str, verdicts: list[str]) -> Leg:
    told = json.dumps(verdicts)
    return Leg(
        id=leg,
        contact_id=contact,
        agent=people.AGENT,
        queue="repair",
        why="longest_idle",
        offered_at=now(),
        verdicts=told,
    )


@asynccontextmanager
async def floor_site(folder: Path, exchange: SipExchange) -> AsyncIterator[DeskSite]:
    """A running site with a busy floor, whose phones register with this exchange."""
    telephony = ScriptedTelephony(*AGENTS, websocket_url=f"ws://127.0.0.1:{exchange.port}/ws")
    async with running_site(folder, telephony, phone_port=exchange.port) as running:
        async with running.db.begin() as session:
            await settle_floor(session)
        await busy_floor(running)
        yield running
