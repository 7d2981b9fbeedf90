"""The demo's forms and rules of quality: talks of the day can be drawn and judged at once."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from crm_core.db import Database, make_engine
from crm_core.quality import rule_actions
from crm_core.quality.form_actions import create, publish
from crm_core.quality.rule_actions import Settings
from crm_core.quality.sampling import Kind
from crm_core.quality.templates import TEMPLATES

_SINCE = timedelta(days=60)


def settle_quality(url: str, now: datetime) -> None:
    """Blocks; from a thread of its own, whether or not a loop runs here."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, _settle(url, now - _SINCE)).result()


async def _settle(url: str, at: datetime) -> None:
    database = Database(make_engine(url))
    by: dict[str, Any] = {"actor": "3001", "at": at}
    try:
        async with database.begin() as session:
            forms = {}
            for name, content in TEMPLATES.items():
                forms[name] = (await create(session, content, **by)).id
                await publish(session, forms[name], **by)
            for rule in (
                Settings(name="每人每周随机 2 通", kind=Kind.RANDOM, form_id=forms["service"], most=2),
                Settings(name="投诉通话", kind=Kind.COMPLAINT, form_id=forms["complaint"], second_percent=20),
                Settings(name="满意度低", kind=Kind.LOW_SCORE, form_id=forms["service"], threshold=2),
            ):
                await rule_actions.save(session, None, rule, **by)
    finally:
        await database.close()
