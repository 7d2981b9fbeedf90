"""The people of the call centre under test: those of the browser tests, and desk phones beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import httpx2
from sqlalchemy import update

from crm_core.access.roles import Role
from crm_core.clock import now
from crm_core.customers.actions import block
from crm_core.db import Database, make_engine
from crm_core.migrate import upgrade
from crm_core.workforce.actions import add_agent, add_queue
from crm_core.workforce.model import QueueRow
from tests.browser import people
from tests.integration.site import DESK_PHONES, wait_until

Row = TypeVar("Row")
SUPERVISOR = "2001"
"""Sees the whole floor, with a phone in the browser."""

BLOCKED_NUMBER = "+8613955550000"
SKILLS = {"repair": 5, "enquiry": 5, "complaint": 5, "suggestion": 5, "rescue": 5}
RING_SECONDS, WRAP_UP_SECONDS = 8, 2
_MORE_QUEUES = (("complaint", "投诉专线"), ("suggestion", "建议受理"), ("rescue", "道路救援"))


def first_of(look: Callable[[], list[Row]], seconds: float, what: str) -> Row:
    """Of the look that found something: what is there now may be over at the next look."""
    found: list[Row] = []

    def seen() -> bool:
        found[:] = look()
        return bool(found)

    wait_until(seen, seconds, what)
    return found[0]


@contextmanager
def disabled(web: httpx2.Client, agent: str) -> Iterator[None]:
    """By an administrator, on the pages; enabled again at the end."""
    web.post("/login", data={"number": people.ADMIN, "password": people.PASSWORD})
    token = web.get("/admin").text.split('name="csrf-token" content="')[1].split('"')[0]
    path, form = f"/admin/people/{agent}", {"csrf_token": token}
    assert web.post(f"{path}/disable", data=form).status_code == 303
    yield
    assert web.post(f"{path}/enable", data=form).status_code == 303


def settle(database_url: str, desk_phones: Mapping[str, int]) -> None:
    """Make the database of an empty run folder and fill it; `desk_phones` are agents with their phones' SIP ports."""
    upgrade(database_url)
    asyncio.run(_settle(database_url, desk_phones))


async def _settle(database_url: str, desk_phones: Mapping[str, int]) -> None:
    database = Database(make_engine(database_url))
    try:
        async with database.begin() as session:
            await people.settle(session)
            for position, (word, name) in enumerate(_MORE_QUEUES, start=3):
                queue = QueueRow(id=word, name_zh=name, name_en=word.capitalize(), skill=word, position=position)
                await add_queue(session, queue, actor="test", at=now())
            for number, port in desk_phones.items():
                await add_agent(
                    session,
                    number=number,
                    name=f"话务员{number}",
                    password=people.PASSWORD,
                    skills=SKILLS,
                    phone_contact=f"sip:{number}@{DESK_PHONES}:{port}",
                    actor="test",
                    at=now(),
                )
            await add_agent(
                session,
                number=SUPERVISOR,
                name="高海燕",
                password=people.PASSWORD,
                skills={},
                roles=(Role.SUPERVISOR,),
                actor="test",
                at=now(),
            )
            await block(session, BLOCKED_NUMBER, reason="骚扰", actor="test", at=now())
            await session.execute(update(QueueRow).values(ring_seconds=RING_SECONDS, wrap_up_seconds=WRAP_UP_SECONDS))
    finally:
        await database.close()
