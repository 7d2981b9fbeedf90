"""A small call centre with a campaign: one queue, customers who agreed to be asked, a list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.actions import save_campaign, start
from crm_core.campaigns.entries import add_entry
from crm_core.campaigns.model import Campaign
from crm_core.campaigns.rules import FIRST_SETTINGS, state_of
from crm_core.consent.actions import answer
from crm_core.consent.purposes import Channel, Purpose
from crm_core.customers.model import Customer
from crm_core.workforce.model import QueueRow
from tests.unit.crm_core.builders import a_customer

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 18, 4, tzinfo=UTC)  # a Wednesday, 12:00 in Shanghai
BOSS = "1001"
NUMBER = "+861380431{:04d}"


def typed(**more: Any) -> dict[str, Any]:
    """What a form of a new campaign sends."""
    settings = {**state_of(FIRST_SETTINGS), **more.pop("settings", {})}
    return {
        "name": "交车两周回访",
        "mode": "progressive",
        "purpose": "survey",
        "queue": "care",
        "settings": settings,
        **more,
    }


async def a_campaign(session: AsyncSession, **more: Any) -> Campaign:
    if await session.get(QueueRow, "care") is None:
        session.add(QueueRow(id="care", name_zh="关怀", name_en="Care", skill="care"))
        await session.flush()
    return await save_campaign(session, None, typed(**more), actor=BOSS, at=NOON)


async def a_willing_customer(session: AsyncSession, number: int = 1, **more: Any) -> Customer:
    """Who agreed to surveys by telephone."""
    customer = await a_customer(session, f"客户{number}", NUMBER.format(number), **more)
    await answer(
        session,
        customer.id,
        Purpose.SURVEY,
        Channel.PHONE,
        True,
        contact_id="",
        words="可以回访",
        actor=BOSS,
        at=NOON,
    )
    return customer


async def a_running_campaign(session: AsyncSession, customers: int = 1, **more: Any) -> Campaign:
    """With so many willing customers on its list, each due at NOON."""
    row = await a_campaign(session, **more)
    for number in range(customers):
        customer = await a_willing_customer(session, number + 1)
        await add_entry(session, row.id, customer.id, at=NOON)
    return await start(session, row.id, actor=BOSS, at=NOON)
