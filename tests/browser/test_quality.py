"""Quality in a browser: a reviewer scores a drawn talk, the agent appeals, the leader coaches and looks at trends."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select, update

from crm_core.access.model import User
from crm_core.clock import now
from crm_core.history.model import Recording
from crm_core.quality import rule_actions
from crm_core.quality.model import QualityReview
from crm_core.quality.review_actions import Judgement, submit
from crm_core.quality.rule_actions import Settings
from crm_core.quality.scoring import Marks
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, enter
from tests.browser.shots import SHOTS, shot
from tests.browser.two_voices import two_voices
from tests.unit.agent_desktop import quality_site
from tests.unit.agent_desktop.quality_site import FULL, HALF, LEADER, REVIEWER, SECOND

pytestmark = pytest.mark.browser
TALK = 9101
ZONE = ZoneInfo("Asia/Shanghai")


async def settled(site: DeskSite, folder: Path) -> None:
    """Talks of last week with their sound; a rule that has drawn; some reviews of the weeks before."""
    begin = now() - timedelta(days=7)
    async with site.db.begin() as session:
        using = await quality_site.settle(session, at=begin)
        quality_site.add_talks(session, begin - timedelta(days=9), tuple(range(9201, 9213)))
        await session.flush()
        for number in (*quality_site.TALKS, *range(9201, 9213)):
            row = await session.get_one(Recording, number)
            row.seconds = 48.0
        for place, number in enumerate(range(9201, 9213)):
            points = {name: (FULL if (place + n) % 3 else HALF)[name] for n, name in enumerate(FULL)}
            row = await session.get_one(Recording, number)
            knocked = frozenset({"k3"}) if place == 5 else frozenset()
            marks = Marks(points=points, knocked=knocked)
            said = Judgement(form=using.form, version=using.version, marks=marks, comment="语气诚恳", revision=0)
            await submit(session, row, said, actor=REVIEWER, at=now())
            if place < 5:
                again = {name: (FULL if (place + n) % 2 else HALF)[name] for n, name in enumerate(FULL)}
                twice = Judgement(form=using.form, version=1, marks=Marks(points=again), comment="", revision=0)
                await submit(session, row, twice, actor=SECOND, at=now())
        rule = Settings(name="每周随机", kind="random", form_id=using.form, most=2, second_percent=40)
        made = await rule_actions.save(session, None, rule, actor=REVIEWER, at=now())
        await rule_actions.draw_rule(session, made, now() + timedelta(days=7), ZONE)
    two_voices(folder / f"recordings/20261126/judged-{TALK}.flac", 48.0)


async def test_a_reviewer_scores_a_drawn_talk_by_mouse_and_keys(browser: Browser, site: DeskSite, tmp_path: Path):
    await settled(site, tmp_path)
    async with a_tab(browser) as page:
        await enter(page, site, REVIEWER, "/quality")
        await expect(page.locator("#list tbody tr").first).to_contain_text("随机")
        await shot(page, "inbox-zh")
        await page.goto(f"{site.address}/recordings/{TALK}")
        score = page.locator("#judge-score b")
        await expect(score).to_have_text("—")
        await shot(page, "panel-zh")
        for name, points in FULL.items():
            await page.locator(f"[data-criterion={name}] label", has_text=str(points)).last.click()
        await expect(score).to_have_text("100")
        await page.locator("[data-criterion=k2] label.bad").click()
        await expect(score).to_have_text("0")
        await page.locator("[data-criterion=k2] label").first.click()
        await page.locator("[data-criterion=c2] label").first.click()
        await expect(score).to_have_text("80")
        await page.locator(".wave").click(position={"x": 400, "y": 80})
        await page.locator("[data-criterion=c2] .segs input:checked").focus()
        await page.keyboard.press("m")
        await expect(page.locator("[data-criterion=c2] .place .at")).to_have_count(1)
        await page.locator("[data-criterion=c2] .words").fill("客户说明时抢话")
        await expect(page.locator("#judge-told")).to_contain_text("已保存", timeout=8000)
        await shot(page, "panel-filled-zh")
        await page.reload()
        await expect(page.locator("#judge-score b")).to_have_text("80")
        await expect(page.locator("[data-criterion=c2] .words")).to_have_value("客户说明时抢话")
        await page.get_by_role("button", name="提交并通知").click()
        await expect(page.locator(".given")).to_contain_text("客户说明时抢话")
        await shot(page, "panel-given-zh")
    async with site.db.begin() as session:
        row = (await session.scalars(select(QualityReview).where(QualityReview.recording_id == TALK))).one()
        assert (row.tenths, row.state) == (800, "submitted")


async def test_an_agent_appeals_and_a_leader_coaches_and_looks_at_the_trend(
    browser: Browser, site: DeskSite, tmp_path: Path
):
    await settled(site, tmp_path)
    async with a_tab(browser) as page:
        await enter(page, site, people.AGENT, "/my-quality")
        await shot(page, "own-zh")
        await page.locator("table.list a.t").first.click()
        await page.locator("textarea[name=words]").fill("客户先同意了保持")
        await shot(page, "own-review-zh")
        await page.get_by_role("button", name="申诉").click()
        await expect(page.locator(".given")).to_contain_text("客户先同意了保持")
    async with a_tab(browser) as page:
        await enter(page, site, LEADER, "/quality/coaching")
        await page.locator("textarea[name=text]").fill("客户说完再接话，先复述再安抚。")
        await page.locator("input[name=follow_up_on]").fill((now() + timedelta(days=9)).date().isoformat())
        await page.get_by_role("button", name="保存并通知坐席").click()
        await expect(page.locator(".note").first).to_contain_text("先复述再安抚")
        await shot(page, "coaching-zh")
        await page.goto(f"{site.address}/quality/trend")
        await expect(page.locator(".trend tr.all")).to_contain_text("全部")
        await shot(page, "trend-zh")


async def test_forms_sampling_calibration_and_the_library_work_in_a_browser(
    browser: Browser, site: DeskSite, tmp_path: Path
):
    await settled(site, tmp_path)
    async with a_tab(browser) as page:
        await enter(page, site, REVIEWER, "/quality/forms")
        await page.locator("button.start").nth(1).click()
        await page.locator("#sheet .part").first.locator("input").first.fill("问候")
        await expect(page.locator("#saved")).to_contain_text("已保存", timeout=8000)
        await shot(page, "form-zh")
        await page.locator("#publish").click()
        await expect(page.locator("#state")).to_contain_text("v1")
        await page.goto(f"{site.address}/quality/sampling?rule=1")
        await shot(page, "sampling-zh")
        await page.goto(f"{site.address}/quality/calibration")
        await expect(page.locator(".sums")).to_contain_text("Kappa")
        await shot(page, "calibration-zh")
        await page.goto(f"{site.address}/recordings/{TALK}")
        await page.locator("#excerpt summary").click()
        for name, text in (("began", "0:03"), ("ended", "0:12"), ("title", "先安抚再处理"), ("tags", "共情 投诉")):
            await page.locator(f"#excerpt [name={name}]").fill(text)
        await shot(page, "excerpt-zh")
        await page.locator("#excerpt button.pri").click()
        await expect(page.locator("#excerpt-told")).to_contain_text("已收入培训库")
        await page.goto(f"{site.address}/quality/library")
        await page.locator("[data-excerpt]").click()
        await expect(page.locator("[data-excerpt]")).to_have_class("ib playing")
        await shot(page, "library-zh")
    if SHOTS:
        await _english_and_dark(browser, site)


async def _english_and_dark(browser: Browser, site: DeskSite) -> None:
    async with site.db.begin() as session:
        await session.execute(update(User).values(language="en"))
    pages = (
        "",
        "?view=all",
        "/trend",
        "/calibration",
        "/coaching",
        "/library",
        "/forms",
        "/forms/1",
        "/sampling?rule=1",
    )
    async with a_tab(browser) as page:
        await enter(page, site, REVIEWER, "/quality")
        for path in pages:
            await page.goto(f"{site.address}/quality{path}")
            await shot(page, f"en-{path.strip('/?').replace('/', '-').replace('=', '-') or 'inbox'}")
        await page.goto(f"{site.address}/recordings/{TALK}")
        await shot(page, "en-panel")
        async with site.db.begin() as session:
            await session.execute(update(User).values(theme="dark"))
        for path in ("/trend", "/sampling?rule=1"):
            await page.goto(f"{site.address}/quality{path}")
            await shot(page, f"dark-{path.split('?')[0].strip('/')}")
        await page.goto(f"{site.address}/recordings/{TALK}")
        await shot(page, "dark-panel")
