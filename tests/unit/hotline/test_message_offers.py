"""Messages go to agents whom telephony shows as ready, and never without a link to Asterisk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crm_core.callbacks.model import VoiceMessage
from crm_core.callbacks.watch import set_due_times
from crm_core.clock import now
from crm_core.db import Database, make_engine
from crm_core.history.events import HistoryEvent, MessageOffered
from crm_core.history.model import Contact
from crm_core.tables import METADATA
from cti.views import DeskView, FloorView, WaitingView
from hotline.message_offers import MessageOffers
from tests.browser import people


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(make_engine(f"sqlite+aiosqlite:///{tmp_path / 'hotline.db'}"))
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    async with database.begin() as session:
        await people.settle(session)
        session.add(Contact(id="m-1", direction="inbound", started_at=now(), ended_at=now(), outcome="voicemail"))
        await session.flush()
        session.add(VoiceMessage(contact_id="m-1", queue="repair", left_at=now()))
        await session.flush()
        await set_due_times(session)
    yield database
    await database.close()


def floor(state: str = "ready", *, connected: bool = True, waiting: bool = False) -> FloorView:
    desk = DeskView(
        number=1, agent=people.AGENT, state=state, since=1.0, reason="", wrap_up_until=0.0, next_state="",
        next_reason="", missed=0, reachable=True, call=None, last_call="",
    )  # fmt: skip
    calls = (WaitingView(call="c-1", queue="repair", since=1.0, caller="", priority=0),) if waiting else ()
    return FloorView(number=1, at=1.0, connected=connected, agents=(desk,), waiting=calls)


@pytest.mark.parametrize(
    ("view", "offered"),
    [
        (floor(), 1),
        (floor("break"), 0),
        (floor("talking"), 0),
        (floor(connected=False), 0),
        (floor(waiting=True), 0),
    ],
)
async def test_only_a_ready_agent_for_whom_nobody_waits_is_offered_a_message(database, view: FloorView, offered: int):
    told: list[HistoryEvent] = []
    assert await MessageOffers(database, lambda: view, told.append).look() == offered
    assert [(one.agent, one.message) for one in told if isinstance(one, MessageOffered)] == [
        (people.AGENT, "m-1")
    ] * offered


async def test_an_agent_who_gets_a_call_hears_that_the_offer_is_gone(database):
    told: list[HistoryEvent] = []
    await MessageOffers(database, floor, told.append).look()
    await MessageOffers(database, lambda: floor("ringing"), told.append).look()
    assert [(one.agent, one.message) for one in told if isinstance(one, MessageOffered)] == [
        (people.AGENT, "m-1"),
        (people.AGENT, ""),
    ]
