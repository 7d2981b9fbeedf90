"""Questions after the call on the screen: their settings, the figures, the contact, the agent's own."""

from __future__ import annotations

from datetime import timedelta

from crm_core.access.model import User
from crm_core.access.roles import Role
from crm_core.clock import now
from crm_core.history.model import Contact, Leg
from crm_core.notices.actions import notify
from crm_core.surveys.model import SurveyRound, SurveyScore
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

CHIEF = "3001"


async def settle(web: WebSite) -> None:
    """A supervisor, and a call of the agent that was rated 1."""
    at = now() - timedelta(hours=1)
    async with web.db.begin() as session:
        known = await session.get_one(User, 1)
        chief = User(number=CHIEF, name="主管", name_en="Chief", roles=Role.SUPERVISOR.value, language="zh-CN")
        chief.password_hash = known.password_hash
        session.add(chief)
        session.add(
            Contact(
                id="s-1", direction="inbound", caller=people.CHEN_NUMBER, customer_id=people.CHEN, queue="repair",
                agent=people.AGENT, started_at=at, ended_at=at, outcome="answered",
            )
        )  # fmt: skip
        await session.flush()
        session.add(Leg(id="s-1-1", contact_id="s-1", agent=people.AGENT, offered_at=at, answered_at=at, ended_at=at))
        same = {"contact_id": "s-1", "agent": people.AGENT, "queue": "repair", "language": "zh-CN", "version": 1}
        session.add(SurveyRound(leg_id="s-1-1", asked=1, offered_at=at, result="complete", **same))
        await session.flush()
        session.add(SurveyScore(leg_id="s-1-1", question="q1", value=1, at=at, low=True, **same))
        notify(session, [CHIEF], "score", "s-1", "low", at=at)


async def save(web: WebSite, csrf: str, **changed: object) -> int:
    form = {
        "csrf_token": csrf, "base": "0", "on": "1", "share": "30", "low": "2", "id": ["", ""],
        "zh": ["您满意吗？", ""], "en": ["Were you satisfied?", ""], **changed,
    }  # fmt: skip
    return (await web.client.post("/admin/surveys/repair", data=form)).status_code


async def test_a_supervisor_writes_the_questions_of_a_queue(web: WebSite):
    await settle(web)
    entered = await web.enter(CHIEF)
    assert await save(web, entered.user.csrf, share="101") == 422
    assert await save(web, entered.user.csrf, en=["", ""]) == 422
    assert await save(web, entered.user.csrf) == 303
    page = (await web.client.get("/admin/surveys/repair")).text
    assert 'value="您满意吗？"' in page
    assert 'name="id" value="q1"' in page
    assert "30%" in page
    assert (await web.client.get("/admin/surveys/no-such-queue")).status_code == 404


async def test_the_figures_show_the_low_score_until_it_is_read(web: WebSite):
    await settle(web)
    entered = await web.enter(CHIEF)
    page = (await web.client.get("/surveys")).text
    for shown in ("林晓梅", "1.0", "100.0%", "/contacts/s-1", "/surveys/s-1/seen"):
        assert shown in page, shown
    await web.client.post("/surveys/s-1/seen", data={"csrf_token": entered.user.csrf})
    page = (await web.client.get("/surveys?days=30")).text
    assert "/surveys/s-1/seen" not in page
    assert "/contacts/s-1" in page


async def test_an_agent_sees_the_own_mean_and_not_everybodys(web: WebSite):
    await settle(web)
    await web.enter()
    assert (await web.client.get("/surveys")).status_code == 403
    assert "近 30 天评分" in (await web.client.get("/desk")).text
    assert "通话后评价" in (await web.client.get("/contacts/s-1")).text
    assert "评分 1.0" in (await web.client.get(f"/customers/{people.CHEN}")).text
