"""Until when a recording is kept is what the night's list goes by, whichever rule decides."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.history.model import Contact, Recording
from crm_core.retention.kept import kept
from crm_core.retention.listing import due
from crm_core.retention.model import RecordingWish
from crm_core.retention.rules import Retention
from tests.empty_databases import sqlite_database
from tests.unit.recording.calls import BEGAN, rows_of_talk

RULES = Retention(days=100, messages=60, surveys=0, queues={"repair": 200, "enquiry": 0})
MOMENT = timedelta(seconds=1)


@pytest.fixture
async def database(tmp_path: Path):
    database = sqlite_database(tmp_path / "hotline.db")
    yield database
    await database.close()


async def a_talk(database: Database, talk: tuple[str, str, str], wish: int | None) -> None:
    """Of this leg, queue and agent."""
    leg, queue, agent = talk
    contact, row, recording = rows_of_talk(leg, agent=agent, ended=BEGAN)
    recording.status, contact.queue = "ready", queue
    async with database.begin() as session:
        if wish is not None:
            customer = Customer(name="李国栋", created_at=BEGAN, updated_at=BEGAN)
            session.add(customer)
            await session.flush()
            contact.customer_id = customer.id
            session.add(RecordingWish(customer_id=customer.id, days=wish, by="1018", at=BEGAN))
        session.add(contact)
        await session.flush()
        session.add_all([row, recording])


@pytest.mark.parametrize(
    ("talk", "wish", "days"),
    [
        (("c1-1", "", "1018"), None, 100),
        (("c1-1", "repair", "1018"), None, 200),
        (("c1-1", "enquiry", "1018"), None, None),
        (("c1-m", "", ""), None, 60),
        (("c1-m", "repair", ""), None, 200),
        (("c1-q", "", "survey"), None, None),
        (("c1-1", "repair", "1018"), 40, 40),
        (("c1-1", "repair", "1018"), 0, 0),
    ],
)
async def test_the_page_and_the_nights_list_agree(
    database: Database, talk: tuple[str, str, str], wish: int | None, days: int | None
):
    await a_talk(database, talk, wish)
    wished = [] if wish is None else [wish]
    async with database.begin() as session:
        recording = (await session.scalars(select(Recording))).one()
        told = await kept(session, recording, await session.get_one(Contact, recording.contact_id), RULES)
        assert told.until == (None if days is None else BEGAN + timedelta(days=days))
        after = BEGAN + timedelta(days=3_000 if days is None else days)
        listed = [
            bool(await session.scalar(select(Recording.id).where(*due(RULES, wished, at))))
            for at in (after, after + MOMENT)
        ]
    assert listed == ([False, False] if days is None else [False, True])
