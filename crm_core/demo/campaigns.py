"""The demo's campaigns: one that has called for five days and goes on tomorrow, and one that was paused."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.campaigns.actions import save_campaign
from crm_core.campaigns.claiming import call_of
from crm_core.campaigns.model import Campaign, CampaignAttempt, CampaignEntry
from crm_core.campaigns.projection import end_entry
from crm_core.campaigns.rules import FIRST_SETTINGS, settings_from, state_of
from crm_core.cases.model import Case
from crm_core.consent.decision import NOT_ASKED, REFUSED
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.db import Database, make_engine
from crm_core.demo.campaign_calls import write_calls
from crm_core.questionnaires.model import Answer, Questionnaire, Response
from crm_core.workforce.model import AgentSkill

QUEUE, DAYS = "suggestion", 5
CALLED, NOT_YET = 260, 60
BOSS = "2001"
_SHARES = {
    "answered": 138,
    "no_answer": 72,
    "busy": 27,
    "machine": 21,
    "hung_up": 18,
    "refused": 12,
    "failed": 9,
    "dropped": 1,
}
_RESULTS = [result for result, share in _SHARES.items() for _ in range(share)]
_CAUSES = {"busy": 17, "no_answer": 19, "refused": 21, "failed": 38}


def settle_campaigns(url: str, now: datetime, zone: tzinfo) -> None:
    """Blocks until they are there; from a thread of its own, whether or not a loop runs here."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, _settle(url, now, zone)).result()


async def _settle(url: str, now: datetime, zone: tzinfo) -> None:
    database = Database(make_engine(url))
    try:
        async with database.begin() as session:
            await _make(session, now, zone)
    finally:
        await database.close()


async def _make(session: AsyncSession, now: datetime, zone: tzinfo) -> None:
    random = Random("yuanchen campaigns")
    began = (now.astimezone(zone) - timedelta(days=DAYS)).replace(hour=9, minute=0, second=0, microsecond=0)
    two_weeks = await session.scalar(select(Questionnaire.id).order_by(Questionnaire.id).limit(1))
    running = await _campaign(session, "交车两周满意度调查", "progressive", two_weeks, began)
    running.status, running.started_at = "running", began
    paused = await _campaign(session, "冬季用车关怀", "preview", None, began + timedelta(days=2))
    paused.status, paused.started_at = "paused", began + timedelta(days=3)
    people = await _people(session, CALLED + 2 * NOT_YET)
    able = select(User.number).join(AgentSkill, AgentSkill.user_id == User.id).where(AgentSkill.skill == QUEUE)
    agents = list(await session.scalars(able.order_by(User.number).limit(8))) or [BOSS]
    for number, (customer, e164) in enumerate(people):
        row = paused if number >= CALLED + NOT_YET else running
        entry = CampaignEntry(campaign_id=row.id, customer_id=customer.id, dealer_id=customer.dealer_id, attempts=0)
        entry.state, entry.added_at = "waiting", began
        entry.due_at = now + timedelta(days=1, minutes=number)
        session.add(entry)
        await session.flush()
        if number < CALLED:
            session.add_all(_Past(random, row, agents).calls(entry, e164, _moment(random, began, now)))
        elif random.random() < 0.3:
            _refused(random, entry, now)
    await session.flush()
    for row in (running, paused):
        await write_calls(session, row)
    if two_weeks is not None:
        await _answered(session, running, two_weeks)


async def _answered(session: AsyncSession, running: Campaign, questionnaire: int) -> None:
    """Answers of the same dealer's customers become those of the campaign's talks; a low one's case comes along."""
    free: dict[int | None, list[Response]] = {}
    open_ones = (Response.questionnaire_id == questionnaire, Response.how != "link")
    for one in await session.scalars(select(Response).where(*open_ones).order_by(Response.id)):
        free.setdefault(one.dealer_id, []).append(one)
    talks = await session.execute(
        select(CampaignAttempt, CampaignEntry.dealer_id)
        .join(CampaignEntry, CampaignEntry.id == CampaignAttempt.entry_id)
        .where(CampaignAttempt.campaign_id == running.id, CampaignAttempt.result == "answered")
        .order_by(CampaignAttempt.placed_at.desc())
    )
    for talk, dealer in talks.all():
        if talk.connected_at is None or not free.get(dealer):
            continue
        response = free[dealer].pop()
        later = talk.connected_at - response.began_at
        response.call, response.campaign_id, response.entry_id = talk.call, running.id, talk.entry_id
        response.customer_id, response.vehicle_id, response.model = talk.customer_id, None, ""
        if response.case_id is not None:
            case = await session.get_one(Case, response.case_id)
            case.customer_id, case.vehicle_id = talk.customer_id, None
        response.how, response.agent, response.began_at = "agent", talk.agent, response.began_at + later
        response.ended_at = response.ended_at + later if response.ended_at else None
        response.looked_at = response.looked_at + later if response.looked_at else None
        for answer in await session.scalars(select(Answer).where(Answer.response_id == response.id)):
            answer.at += later


async def _campaign(session: AsyncSession, name: str, mode: str, asked: int | None, at: datetime) -> Campaign:
    typed: dict[str, Any] = {"name": name, "mode": mode, "queue": QUEUE, "questionnaire_id": asked}
    typed |= {"purpose": "survey" if asked else "care", "settings": state_of(FIRST_SETTINGS)}
    return await save_campaign(session, None, typed, actor=BOSS, at=at)


async def _people(session: AsyncSession, count: int) -> Sequence[tuple[Customer, str]]:
    """Customers with their first number; the first of the demo is left out, whom visitors know."""
    first = select(Customer, CustomerPhone.e164).join(CustomerPhone, CustomerPhone.customer_id == Customer.id)
    first = first.where(CustomerPhone.position == 0, Customer.id > 1, Customer.merged_into_id.is_(None))
    rows = await session.execute(first.order_by(Customer.id).limit(count))
    return [(customer, e164) for customer, e164 in rows]


def _moment(random: Random, began: datetime, now: datetime) -> datetime:
    """In the hours of calls of one of the days so far; never after now."""
    day = began + timedelta(days=random.randrange(DAYS + 1))
    at = day + timedelta(minutes=random.randrange(30, 600))
    return at if at < now - timedelta(minutes=10) else at - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Past:
    """The calls that one campaign has made."""

    random: Random
    row: Campaign
    agents: Sequence[str]

    def calls(self, entry: CampaignEntry, e164: str, at: datetime) -> list[CampaignAttempt]:
        """One call, or a second one after the first was not answered."""
        settings, made = settings_from(self.row.settings), []
        for _ in range(2):
            entry.attempts += 1
            entry.state = "dialling"
            made.append(self._attempt(entry, e164, at))
            ended = made[-1].ended_at or at
            end_entry(entry, [one.result for one in made], settings, cause=made[-1].cause, at=ended)
            at = entry.due_at
            if entry.state != "waiting" or self.random.random() < 0.5 or at > ended + timedelta(hours=3):
                break
        if entry.state == "waiting":  # the demo calls nobody on its first day
            entry.due_at = max(entry.due_at, ended + timedelta(days=DAYS + 2))
        return made

    def _attempt(self, entry: CampaignEntry, e164: str, at: datetime) -> CampaignAttempt:
        random, row, result = self.random, self.row, self.random.choice(_RESULTS)
        attempt = CampaignAttempt(call=call_of(row.id, entry.id, entry.attempts), campaign_id=row.id, entry_id=entry.id)
        attempt.customer_id, attempt.number, attempt.e164 = entry.customer_id, entry.attempts, e164
        attempt.placed_at, attempt.result, attempt.settled_by = at, result, "event"
        attempt.cause, attempt.agent = _CAUSES.get(result, 16), ""
        rang = at + timedelta(seconds=random.randrange(4, 26))
        attempt.ended_at = rang
        if result in ("answered", "dropped", "hung_up", "machine"):
            attempt.answered_at, attempt.machine = rang, "machine" if result == "machine" else "human"
            attempt.ended_at = rang + timedelta(seconds=random.randrange(2, 9))
        if result == "answered":
            attempt.connected_at, attempt.agent = rang + timedelta(seconds=1), random.choice(self.agents)
            attempt.ended_at = rang + timedelta(seconds=random.randrange(45, 320))
        attempt.evidence = {"purpose": row.purpose, "e164": e164, "local_time": at.isoformat(timespec="seconds")}
        return attempt


def _refused(random: Random, entry: CampaignEntry, now: datetime) -> None:
    entry.state, entry.ended_at = "refused", now - timedelta(days=1)
    entry.reason = random.choice((REFUSED, NOT_ASKED))
    day = (now - timedelta(days=random.randrange(20, 300))).date().isoformat()
    entry.reason_values = {"day": day} if entry.reason == REFUSED else {}
