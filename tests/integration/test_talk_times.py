"""A call that goes from hand to hand, in the database: each agent has their own time, the queue counts once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import select

from crm_core.db import Database, make_engine
from crm_core.history import events as feed
from crm_core.history.model import Leg, QueueVisit
from crm_core.history.writer import apply_all
from crm_core.migrate import upgrade
from tests.integration import scenarios
from tests.integration.site import SiteUnderTest
from tests.integration.test_call_control import a_talk, consulting


async def test_each_agent_has_their_own_talk_time_and_the_queue_counts_once(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1002", scenarios.phone_answers(hang_up_after=2.0))
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        await consulting(running, desk)
        await desk.calls.hand_over("1001")
        await running.until_ended(1)
        records = list(running.bridge.feed.since(0))
    url = f"sqlite+aiosqlite:///{tmp_path / 'history.sqlite3'}"
    await asyncio.to_thread(upgrade, url)
    database = Database(make_engine(url))
    async with database.begin() as session:
        await apply_all(session, records)
        first, second = await session.scalars(select(Leg).order_by(Leg.offered_at))
        (visit,) = await session.scalars(select(QueueVisit))
    await database.close()
    at = {type(record.event): record.event.at for record in records}
    assert (first.agent, second.agent, first.given_to, visit.result) == ("1001", "1002", "agent:1002", "answered")
    assert None not in (first.answered_at, first.ended_at, second.answered_at, second.ended_at)
    assert first.ended_at == second.answered_at
    asked = at[feed.ConsultBegan]
    began = min(record.event.at for record in records if isinstance(record.event, feed.TalkBegan))
    talk_of_first = first.ended_at.timestamp() - first.answered_at.timestamp() - first.hold_seconds
    assert abs(talk_of_first - (asked - began)) < 0.01
    talk_of_second = second.ended_at.timestamp() - second.answered_at.timestamp() - second.hold_seconds
    assert 1.0 < talk_of_second < at[feed.ContactEnded] - at[feed.CallTransferred] + 0.01
    assert abs(second.consult_seconds - (at[feed.CallTransferred] - at[feed.ConsultAnswered])) < 0.01
