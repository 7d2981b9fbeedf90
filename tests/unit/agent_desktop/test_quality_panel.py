"""Judging a talk on its page: the draft, what is missing, giving it, the blind second review, the appeal's decision."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from crm_core.access.model import AuditEntry
from crm_core.history.model import Recording
from crm_core.notices.actions import unread
from crm_core.quality.model import QualityDraw, QualityReview
from crm_core.quality.review_actions import answer
from tests.browser import people
from tests.unit.agent_desktop import quality_site
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.quality_site import (
    FOREIGN_LEADER,
    FULL,
    HALF,
    LEADER,
    REVIEWER,
    SECOND,
    headers,
    sent,
    token,
)

TALK, ENGLISH_TALK = 9101, 9104


async def settled(web: WebSite, who: str = REVIEWER) -> None:
    async with web.db.begin() as session:
        await quality_site.settle(session)
    await web.enter(who)


async def give(web: WebSite, who: str, points: dict[str, int], talk: int = TALK) -> None:
    await web.enter(who)
    answered = await web.client.post(f"/quality/talks/{talk}/submit", json=sent(points), headers=await headers(web))
    assert answered.status_code == 200, answered.text


async def reviews(web: WebSite) -> list[QualityReview]:
    async with web.db.begin() as session:
        return list(await session.scalars(select(QualityReview).order_by(QualityReview.id)))


async def test_a_reviewer_marks_a_talk_step_by_step_and_the_draft_is_there_again(web: WebSite):
    await settled(web)
    page = (await web.client.get(f"/recordings/{TALK}")).text
    assert "投诉通话评分" in page
    assert "一票否决：泄露客户资料" in page
    send: dict[str, Any] = {"evidence": {"c2": {"note": "抢话 5 次", "at": [68.0, 91.04]}}}
    kept = await web.client.post(
        f"/quality/talks/{TALK}/draft", json=sent({"c1": 10, "c2": 15}, **send), headers=await headers(web)
    )
    assert (kept.json()["revision"], kept.json()["score"]) == (1, 83.3)
    page = (await web.client.get(f"/recordings/{TALK}")).text
    assert "抢话 5 次" in page
    assert 'data-seek="91.0"' in page


async def test_what_is_not_marked_is_named_and_nothing_is_given(web: WebSite):
    await settled(web)
    refused = await web.client.post(f"/quality/talks/{TALK}/submit", json=sent({"c1": 10}), headers=await headers(web))
    assert (refused.status_code, refused.json()["missing"]) == (422, ["c2", "c3", "c4", "c5"])
    assert await reviews(web) == []


async def test_a_given_review_is_the_agents_and_cannot_be_changed_any_more(web: WebSite):
    await settled(web)
    await give(web, REVIEWER, FULL)
    again = await web.client.post(
        f"/quality/talks/{TALK}/draft", json=sent(HALF, revision=1), headers=await headers(web)
    )
    assert again.status_code == 409
    async with web.db.begin() as session:
        told = await unread(session, people.AGENT, "review")
        actions = list(await session.scalars(select(AuditEntry.action)))
    assert [one.kind for one in told] == ["reviewed"]
    assert "review_given" in actions
    [row] = await reviews(web)
    assert (row.tenths, row.state, row.team, row.second) == (1000, "submitted", "一组", False)


async def test_of_two_windows_the_second_is_told_so(web: WebSite):
    await settled(web)
    head = await headers(web)
    await web.client.post(f"/quality/talks/{TALK}/draft", json=sent({"c1": 10}), headers=head)
    other = await web.client.post(f"/quality/talks/{TALK}/draft", json=sent({"c1": 0}), headers=head)
    assert other.status_code == 409


async def test_a_leader_judges_the_own_teams_talks_only_and_nobody_an_own_one(web: WebSite):
    await settled(web, FOREIGN_LEADER)
    foreign = await web.client.get(f"/recordings/{TALK}")
    unknown = await web.client.get("/recordings/999999")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    await web.enter(LEADER)
    assert (await web.client.get(f"/recordings/{TALK}")).status_code == 200
    async with web.db.begin() as session:
        await session.execute(update(Recording).where(Recording.id == TALK).values(agent=REVIEWER))
    await web.enter(REVIEWER)
    own = await web.client.post(f"/quality/talks/{TALK}/draft", json=sent(FULL), headers=await headers(web))
    assert own.status_code == 409


async def test_a_second_reviewer_sees_nothing_of_the_first_until_both_have_judged(web: WebSite):
    await settled(web)
    await give(web, REVIEWER, FULL)
    asked = await web.client.post(
        f"/quality/talks/{TALK}/second", data={"csrf_token": await token(web), "reviewer": SECOND}
    )
    assert asked.status_code == 303
    await web.enter(SECOND)
    inbox = (await web.client.get("/quality")).text
    assert "田雨 请求复评" in inbox
    page = (await web.client.get(f"/recordings/{TALK}")).text
    assert "盲评，您是第 2 位" in page
    assert 'class="given"' not in page
    assert f"/recordings/{TALK}" not in (await web.client.get("/quality?view=all")).text
    await give(web, SECOND, HALF)
    both = (await web.client.get(f"/recordings/{TALK}")).text
    assert both.count('class="given"') == 2
    rows = await reviews(web)
    assert [(row.reviewer, row.second, row.tenths) for row in rows] == [(REVIEWER, False, 1000), (SECOND, True, 450)]
    async with web.db.begin() as session:
        assert [one.subject for one in await unread(session, people.AGENT, "review")] == [str(rows[0].id)]
        assert set(await session.scalars(select(QualityDraw.state))) == {"done"}


async def test_of_two_who_judge_a_talk_without_knowing_the_first_to_give_it_counts(web: WebSite):
    await settled(web)
    await web.client.post(f"/quality/talks/{TALK}/draft", json=sent({"c1": 10}), headers=await headers(web))
    await give(web, SECOND, HALF)
    await web.enter(REVIEWER)
    assert 'class="given"' not in (await web.client.get(f"/recordings/{TALK}")).text
    late = await web.client.post(
        f"/quality/talks/{TALK}/submit", json=sent(FULL, revision=1), headers=await headers(web)
    )
    assert late.status_code == 200
    assert [(row.reviewer, row.second) for row in await reviews(web)] == [(REVIEWER, True), (SECOND, False)]


async def test_an_appeal_is_decided_once_with_words_and_the_score_before_is_kept(web: WebSite):
    await settled(web)
    await give(web, REVIEWER, HALF)
    [row] = await reviews(web)
    async with web.db.begin() as session:
        await answer(session, row.id, words="客户同意了", appeal=True, actor=people.AGENT, at=row.saved_at)
    await web.enter(REVIEWER)
    csrf = await token(web)
    page = (await web.client.get(f"/recordings/{TALK}")).text
    assert "客户同意了" in page
    path = f"/quality/reviews/{row.id}/decide"
    assert (await web.client.post(path, data={"csrf_token": csrf, "words": " ", "marks": "same"})).status_code == 422
    changed = {f"c-{name}": str(points) for name, points in FULL.items()}
    put = {"csrf_token": csrf, "words": "您说得对", "marks": "new", **changed}
    assert (await web.client.post(path, data=put)).status_code == 303
    assert (await web.client.post(path, data=put)).status_code == 409
    [row] = await reviews(web)
    assert (row.state, row.tenths, row.first_tenths, row.decided_by) == ("decided", 1000, 450, REVIEWER)


async def test_the_inbox_shows_what_waits_and_one_who_takes_a_talk_has_it_alone(web: WebSite):
    await settled(web)
    async with web.db.begin() as session:
        draw = QualityDraw(recording_id=TALK, agent=people.AGENT, kind="long_hold", found="94", form_id=1, by="system")
        draw.drawn_at = draw.due_at = (await session.get_one(Recording, TALK)).started_at
        session.add(draw)
    assert "保持 94 秒" in (await web.client.get("/quality")).text
    taken = await web.client.post("/quality/draws/1/take", data={"csrf_token": await token(web)})
    assert taken.headers["location"].endswith(f"/{TALK}")
    await web.enter(SECOND)
    assert "保持 94 秒" not in (await web.client.get("/quality")).text
    other = await web.client.post("/quality/draws/1/take", data={"csrf_token": await token(web)})
    assert other.status_code == 409
