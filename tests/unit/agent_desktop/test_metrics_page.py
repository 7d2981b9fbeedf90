"""The page that says what each figure means, and counts earlier days again."""

from __future__ import annotations

from datetime import timedelta

from crm_core.clock import now
from crm_core.history.model import Contact, QueueVisit
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

YESTERDAY = now().date() - timedelta(days=2)  # whatever the zone, a day that is over
WISH = {"queue": "repair", "first": str(YESTERDAY), "last": str(YESTERDAY), "service": "60", "short": "0"}


async def a_late_answer(web: WebSite) -> None:
    entered = now().replace(hour=6) - timedelta(days=2)
    async with web.db.begin() as session:
        session.add(Contact(id="c1", direction="inbound", started_at=entered))
        answered = {"left_at": entered + timedelta(seconds=40), "wait_seconds": 40.0, "result": "answered"}
        session.add(QueueVisit(contact_id="c1", queue="repair", entered_at=entered, **answered))


async def post(web: WebSite, path: str, csrf: str, **fields: str) -> str:
    told = await web.client.post(path, data={"csrf_token": csrf, **fields}, follow_redirects=True)
    assert told.status_code in (200, 422), told.text[:500]
    return told.text


async def test_the_page_says_what_each_figure_means(web: WebSite) -> None:
    await web.enter(people.ADMIN)
    shown = (await web.client.get("/admin/metrics")).text
    assert "T 秒内接起 ÷（接起 + 放弃 − 短放弃）" in shown
    assert "(A − A&gt;T) ÷ (A + B − B&lt;s + F)" in shown


async def test_an_administrator_sees_the_change_then_makes_it_and_takes_it_back(web: WebSite) -> None:
    await a_late_answer(web)
    entered = await web.enter(people.ADMIN)
    seen = (await web.client.get("/admin/metrics", params=WISH)).text
    assert "0.0%" in seen
    assert "<b>100.0%</b>" in seen
    done = await post(web, "/admin/metrics/again", entered.csrf, **WISH)
    assert "已按新阈值重新统计" in done
    assert "历次重新统计" in done
    back = await post(web, "/admin/metrics/acts/1/back", entered.csrf)
    assert "已恢复原统计" in back
    assert "已撤回" in back


async def test_days_that_are_none_are_refused_beside_their_fields(web: WebSite) -> None:
    await web.enter(people.ADMIN)
    wrong = WISH | {"first": "yesterday", "last": str(now().date() + timedelta(days=3)), "service": "many"}
    told = await web.client.get("/admin/metrics", params=wrong)
    assert told.status_code == 422
    assert "请选择日期。" in told.text
    assert "请填写整数。" in told.text
    assert "many" in told.text
