"""From the INVITE at the agent's phone to the customer's card on the screen, in a real browser on the demo data (P7).

`--full` puts 300,000 more customers with 1,000,000 contacts behind the demo's.

The page marks three moments of its own clock: `hotline:invite`, `hotline:painted` (after the frame that shows the
card) and `hotline:tone`. The calls are real: customers of the demo dial, choose a repair, and hang up once it rings.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import statistics
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.async_api import Page, async_playwright
from sqlalchemy import make_url, select
from sqlalchemy.orm import aliased

from benchmarks.bare_site import CALLERS
from benchmarks.big_site import add_crowd
from benchmarks.offer import percentile
from benchmarks.own_site import platform, settings_in
from crm_core.cases.model import Case
from crm_core.clock import now
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.db import Database, make_engine
from crm_core.demo.load import load_demo
from crm_core.migrate import upgrade
from hotline.demo.caller import CustomerCall, TrunkSide
from hotline.demo.day import national
from hotline.demo.speech import demo_speech
from hotline.settings import Settings

AGENT = "1018"
CROWD = (300_000, 1_000_000)
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--use-fake-ui-for-media-stream"),
    *("--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required"),
)
MARKS = """() => ['invite', 'painted', 'tone'].map(
  (name) => performance.getEntriesByName('hotline:' + name).at(-1)?.startTime ?? 0)"""


def run(full: bool) -> dict[str, Any]:
    return asyncio.run(_run(100, CROWD) if full else _run(12, (0, 0)))


async def _run(calls: int, crowd: tuple[int, int]) -> dict[str, Any]:
    with TemporaryDirectory(prefix="hotline-pop-") as folder:
        settings = settings_in(Path(folder))
        logins = await asyncio.to_thread(prepare, settings, crowd)
        numbers = await known_numbers(settings, calls)
        async with platform(settings), desk(settings, logins[AGENT]) as page:
            moments = [await one_pop(settings, page, number) for number in numbers]
    delays = [painted - invite for invite, painted, _ in moments]
    before = [painted <= tone for _, painted, tone in moments]
    return {
        "name": "pop",
        "figures": {
            "p50_ms": statistics.median(delays),
            "p95_ms": percentile(delays, 95),
            "painted_before_ring_percent": 100 * sum(before) / len(before),
        },
        "ratios": {},
        "runs": calls,
        "conditions": f"demo data and {crowd[0]:,} more customers with {crowd[1]:,} contacts, headless Chromium, "
        "one agent, calls one after the other",
    }


def prepare(settings: Settings, crowd: tuple[int, int]) -> dict[str, str]:
    """The demo database, with a crowd if wished; gives passwords by number. What took minutes is kept in the cache."""
    settings.run_dir.mkdir()
    upgrade(settings.database)
    logins = {login.number: login.password for login in load_demo(settings.database, now())}
    if crowd[0]:
        file = Path(make_url(settings.database).database or "")
        kept = Settings().cache_dir / f"crowd-{crowd[0]}-{crowd[1]}-{now():%Y%m%d}.db"
        if not kept.exists():
            add_crowd(settings.database, *crowd)
            shutil.copy(file, kept)
        else:
            shutil.copy(kept, file)
    return logins


async def known_numbers(settings: Settings, calls: int) -> list[str]:
    """Of customers who speak the agent's language and wait for nothing, so that the menu asks one question only."""
    database = Database(make_engine(settings.database))
    other = aliased(CustomerPhone)
    shared = select(other.id).where(other.e164 == CustomerPhone.e164, other.customer_id != Customer.id)
    statement = (
        select(CustomerPhone.e164).join(Customer, Customer.id == CustomerPhone.customer_id)
        .where(Customer.language == "zh-CN", CustomerPhone.e164.like("+861%"))
        .where(~shared.exists())
        .where(~select(Case.id).where(Case.customer_id == Customer.id, Case.closed_at.is_(None)).exists())
    )  # fmt: skip
    try:
        async with database.begin() as session:
            numbers = sorted(set((await session.scalars(statement)).all()))
    finally:
        await database.close()
    return [national(number) for number in random.Random(7).sample(numbers, calls)]


@asynccontextmanager
async def desk(settings: Settings, password: str) -> AsyncIterator[Page]:
    """The agent's page, signed in, ready, its phone registered."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        try:
            context = await browser.new_context(
                viewport={"width": 1440, "height": 900}, permissions=["microphone"], locale="zh-CN"
            )
            page = await context.new_page()
            await page.goto(f"{settings.web_address}/login")
            await page.fill("#number", AGENT)
            await page.fill("#password", password)
            await page.check("input[name=after][value=ready]", force=True)
            await page.click("form[action='/login'] button.pri")
            await page.wait_for_selector("body.live[data-phone=ok]")
            yield page
        finally:
            await browser.close()


async def one_pop(settings: Settings, page: Page, number: str) -> tuple[float, float, float]:
    """One customer rings at the desk and hangs up; the page's three moments in milliseconds."""
    trunk = TrunkSide(
        local_host=CALLERS,
        asterisk_host=settings.host,
        asterisk_port=settings.sip_port,
        speech=demo_speech(settings.cache_dir),
    )
    call = CustomerCall(trunk, number, settings.hotline_numbers[0], "4")
    await call.dial()
    try:
        # Not wait_for_function: that is an eval in the page, which the page's own policy forbids.
        await page.wait_for_selector("body[data-tone=on]", timeout=60_000)
        invite, painted, tone = await page.evaluate(MARKS)
        call.hang_up()
        await call.ended()
        await page.wait_for_selector("body:not([data-tone=on])")
    finally:
        await call.stop()
    return invite, painted, tone
