"""A running site with the day of calls that one can count by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.browser import people
from tests.browser.desk_site import DeskSite, running_site
from tests.scripted_telephony import ScriptedTelephony
from tests.unit.agent_desktop.report_day import SUPERVISOR, settle_day


@asynccontextmanager
async def site_of_the_day(folder: Path) -> AsyncIterator[DeskSite]:
    telephony = ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT, SUPERVISOR)
    async with running_site(folder, telephony) as running:
        async with running.db.begin() as session:
            await settle_day(session)
        yield running
