"""Every page of every role's rail and what it links to, in both languages and at both widths.

Nothing overflows, nothing stays English, no script complains, nothing that a page asks for is missing.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error, Page
from sqlalchemy import delete, select, update

from crm_core.access.model import User
from crm_core.dealers.model import Dealer
from crm_core.history.model import Recording
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, running_site
from tests.browser.sip_peer import sip_exchange
from tests.browser.test_pages import enter
from tests.scripted_telephony import ScriptedTelephony

pytestmark = pytest.mark.browser

# Roles with a rail (the dealers' tabs are one, too), each with the number of somebody who has it.
ROLES = {
    "agent": people.AGENT,
    "supervisor": "2001",
    "quality": "3001",
    "dealer_relations": "5101",
    "regional_manager": "5901",
    "administrator": people.ADMIN,
}
SIZES = ((1440, 900), (1920, 1080))
# Words of the trade that Chinese readers write in Latin letters, too.
LATIN = {"CSV", "XLSX", "XLS", "ODS", "xlsx", "Excel", "VIN", "VIP", "App", "API", "OTA", "RFM", "ERP", "DMS", "CRM"}
LATIN |= {"Erlang", "Shift"}  # the formulas' name, a key's
LATIN |= {"OpenID", "Connect"}  # the standard's name
LATIN |= {"Hotline", "UTF", "GBK", "SMS", "URL", "HTTP", "HTTPS", "ZIP", "Markdown", "customer"}
SETTING = re.compile(r"HOTLINE_[A-Z_]+")

FAULTS = """() => {
  const width = document.documentElement.clientWidth, faults = [];
  const told = e => `${e.tagName.toLowerCase()}.${e.className} "${(e.innerText || '').trim().slice(0, 40)}"`;
  const seen = e => e.checkVisibility({visibilityProperty: true}) && !e.closest('.vh, .skip');
  const scrolls = e => ['auto', 'scroll'].includes(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth;
  const root = document.documentElement;
  if (root.scrollWidth > width) faults.push(`the page is ${root.scrollWidth} px wide`);
  if (!location.pathname.startsWith('/dealer') && root.scrollHeight > innerHeight + 1)
    faults.push(`the page itself scrolls, ${root.scrollHeight} px`);
  for (const e of document.querySelectorAll('button, .btn, .tag, .segs > *, .rail a span, h1')) {
    const style = getComputedStyle(e);
    if (!seen(e) || style.display === 'inline' || style.textOverflow === 'ellipsis') continue;
    if (e.clientWidth && e.scrollWidth > e.clientWidth + 1) faults.push(`cut: ${told(e)}`);
  }
  for (const e of document.querySelectorAll('button, .btn, input, select, textarea')) {
    if (!seen(e) || e.getBoundingClientRect().right <= width + 1) continue;
    let above = e.parentElement;
    while (above && !scrolls(above)) above = above.parentElement;
    if (!above) faults.push(`outside: ${told(e)}`);
  }
  const rail = document.querySelector('.rail');
  if (rail && rail.scrollHeight > rail.clientHeight) faults.push('entries of the rail are hidden');
  return faults;
}"""
# What people typed or named is theirs; only the platform's own words are looked at.
LABELS = """() => [...document.querySelectorAll(
    'h1, h2, h3, th, button, .btn, label, legend, .rail span, .empty, option')]
  .filter(e => e.checkVisibility() && !e.closest('[lang=en], .mono, kbd, code'))
  .map(e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join(' ').trim())
  .filter(text => text)"""
PATHS = """() => [...document.querySelectorAll('.rail a:not(.home), header a[href^="/dealer"], nav a[href^="/dealer"]')]
  .map(a => a.getAttribute('href'))"""


# What is set up lies one page behind the rail and counts as of it.
TILES = "() => [...document.querySelectorAll('.tiles a')].map(a => a.getAttribute('href'))"

# What a link of the page proper leads to; files, the outside and the English documentation of the API are left out.
LINKS = """() => [...document.querySelectorAll('main a[href], header a[href], .menu a[href]')]
  .filter(a => !a.download && a.origin === location.origin && !a.closest('.rail'))
  .map(a => a.pathname + a.search)"""
NOT_PAGES = re.compile(
    r"^/(files|language|theme|logout|static|api/v1/)|/(export|download|template)|[./](csv|xlsx|json)\b"
)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with sip_exchange() as phones, furnished(tmp_path, phones.port) as running:
        yield running


@asynccontextmanager
async def furnished(folder: Path, port: int) -> AsyncIterator[DeskSite]:
    telephony = ScriptedTelephony(*ROLES.values(), websocket_url=f"ws://127.0.0.1:{port}/ws")
    async with running_site(folder, telephony, phone_port=port) as running:
        async with running.db.begin() as session:
            secret = (await session.scalars(select(User.password_hash).limit(1))).one()
            for role in ("supervisor", "quality", "dealer_relations", "regional_manager"):
                user = User(number=ROLES[role], name="孙丽", name_en="Sun Li", roles=role, password_hash=secret)
                user.region = "东北" if role == "regional_manager" else ""
                user.dealer_id = 1 if role == "dealer_relations" else None
                session.add(user)
            await session.execute(update(Dealer).values(region="东北"))
            await session.execute(delete(Recording))  # rows of the little site have no sound
        yield running


async def speak(page: Page, site: DeskSite, language: str) -> None:
    token = await page.get_attribute("meta[name=csrf-token]", "content") or ""
    form: dict[str, str | float | bool] = {"language": language, "csrf_token": token}
    answer = await page.request.post(f"{site.address}/language", form=form, headers={"x-csrf-token": token})
    assert answer.ok


async def faults_of(page: Page, language: str) -> list[str]:
    faults: list[str] = list(await page.evaluate(FAULTS))
    if await page.get_attribute("html", "lang") != language:
        faults.append("the language was not changed")
    if language == "zh-CN":
        for text in await page.evaluate(LABELS):
            faults += [
                f"English: {text}" for word in re.findall(r"[A-Za-z]{3,}", SETTING.sub("", text)) if word not in LATIN
            ]
    return faults


def shape(path: str) -> str:
    """Pages that differ by an id or by the value of a filter only are the same page."""
    place, _, query = path.partition("?")
    keys = sorted({pair.partition("=")[0] for pair in query.split("&") if pair})
    kept = re.sub(r"/(?=[^/]*\d)[^/]+", "/#", place)
    return f"{kept}?{'&'.join(keys)}" if keys else kept


def hear(page: Page, heard: list[str]) -> None:
    """Errors of scripts, of the console, and of everything that the page asks the site for."""
    page.on("pageerror", lambda error: heard.append(f"script: {error}"))
    page.on("console", lambda line: heard.append(f"console: {line.text}") if line.type == "error" else None)
    page.on("response", lambda answer: heard.append(f"{answer.status}: {answer.url}") if answer.status > 399 else None)
    page.on(
        "requestfailed",
        # Leaving a page ends what it still waited for.
        lambda asked: None if "ERR_ABORTED" in (asked.failure or "") else heard.append(f"failed: {asked.url}"),
    )


async def look(page: Page, site: DeskSite, path: str, language: str) -> list[str]:
    try:
        answer = await page.goto(f"{site.address}{path}", wait_until="load")
    except Error as refused:
        if "Download is starting" in str(refused):
            return []  # a file, whatever its address looks like
        raise
    faults = [] if answer and answer.ok else [f"answers {answer.status if answer else 0}"]
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        faults += await faults_of(page, language)
    return list(dict.fromkeys(faults))


async def walk(page: Page, site: DeskSite, language: str, heard: list[str]) -> dict[str, list[str]]:
    """The rail's pages and those one link further, one of each shape."""
    await page.goto(f"{site.address}/")
    first = list(dict.fromkeys(await page.evaluate(PATHS)))
    if "/admin" in first:
        await page.goto(f"{site.address}/admin")
        first += await page.evaluate(TILES)
    assert len(first) > 4, first
    found: dict[str, list[str]] = {}
    seen, ahead = {shape(path) for path in first}, [(path, True) for path in first]
    for path, follow in ahead:
        faults = await look(page, site, path, language)
        if faults or heard:
            found[f"{path} {language}"] = [*faults, *dict.fromkeys(heard)]
            heard.clear()
        for link in await page.evaluate(LINKS) if follow else ():
            if shape(link) not in seen and not NOT_PAGES.search(link):
                seen.add(shape(link))
                ahead.append((link, False))
    assert len(ahead) > len(first)
    return found


@pytest.mark.timeout(420)  # a supervisor has some seventy pages, each seen at two widths
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("role", ROLES)
async def test_each_page_of_the_rail_and_behind_it_is_whole(browser: Browser, site: DeskSite, role: str, language: str):
    heard: list[str] = []
    async with a_tab(browser) as page:
        await enter(page, site, ROLES[role], "/password")
        await speak(page, site, language)
        hear(page, heard)
        assert await walk(page, site, language, heard) == {}
