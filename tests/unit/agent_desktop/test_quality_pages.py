"""The pages of quality: forms, sampling, the agent's own reviews, calibration, trend, coaching, the library."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import numpy as np
import soundfile
from sqlalchemy import select, update

from crm_core.access.model import AuditEntry, User
from crm_core.cases.model import Case
from crm_core.clock import now
from crm_core.erasure.texts import erase_text
from crm_core.history.model import Contact, Recording
from crm_core.notices.actions import unread
from crm_core.quality.erasing import has_words
from crm_core.quality.model import QualityCoaching, QualityExcerpt, QualityFormVersion, QualityReview, QualityRule
from crm_core.retention.model import RecordingHold
from recording.vault import Vault
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

TALK = 9101
RATE = 8000


async def settled(web: WebSite, who: str = REVIEWER) -> None:
    async with web.db.begin() as session:
        await quality_site.settle(session)
    await web.enter(who)


async def given(web: WebSite, who: str, points: dict[str, int], talk: int = TALK) -> int:
    await web.enter(who)
    answered = await web.client.post(f"/quality/talks/{talk}/submit", json=sent(points), headers=await headers(web))
    assert answered.status_code == 200, answered.text
    async with web.db.begin() as session:
        mine = select(QualityReview.id).where(QualityReview.recording_id == talk, QualityReview.reviewer == who)
        return (await session.scalars(mine)).one()


async def post(web: WebSite, path: str, at: str = "/quality", **fields: str) -> int:
    answered = await web.client.post(path, data={"csrf_token": await token(web, at), **fields})
    return answered.status_code


async def test_an_agent_reads_the_own_review_beside_the_talk_and_appeals_once(web: WebSite):
    await settled(web)
    review = await given(web, REVIEWER, HALF)
    await web.enter(people.AGENT)
    listed = (await web.client.get("/my-quality")).text
    assert "您有一通通话被评分" in listed
    opened = await web.client.get(f"/my-quality/{review}")
    assert opened.headers["location"] == f"/recordings/{TALK}"
    page = (await web.client.get(f"/recordings/{TALK}")).text
    assert "您的答复（一次）" in page
    own = "/my-quality"
    assert await post(web, f"/my-quality/{review}/answer", own, how="appeal", words=" ") == 422
    assert await post(web, f"/my-quality/{review}/answer", own, how="appeal", words="客户先同意了") == 303
    assert await post(web, f"/my-quality/{review}/answer", own, how="agree") == 409
    async with web.db.begin() as session:
        assert [one.kind for one in await unread(session, REVIEWER, "review")] == ["appealed"]


async def test_an_agent_finds_neither_a_colleagues_review_nor_a_second_one_nor_a_draft(web: WebSite):
    await settled(web)
    foreign = await given(web, REVIEWER, HALF, talk=9104)
    await web.client.post("/quality/talks/9102/draft", json=sent({"c1": 5}), headers=await headers(web))
    await web.enter(people.AGENT)
    assert (await web.client.get(f"/my-quality/{foreign}")).status_code == 404
    assert (await web.client.get(f"/my-quality/{foreign + 1}")).status_code == 404
    assert (
        "judge" not in (await web.client.get("/recordings/9102")).text.split('<aside class="q"')[1].split("</aside>")[0]
    )


async def test_the_time_to_answer_ends(web: WebSite):
    await settled(web)
    review = await given(web, REVIEWER, HALF)
    async with web.db.begin() as session:
        await session.execute(update(QualityReview).values(answer_until=now() - timedelta(minutes=1)))
    await web.enter(people.AGENT)
    assert "答复时间已过" in (await web.client.get(f"/recordings/{TALK}")).text
    assert await post(web, f"/my-quality/{review}/answer", "/my-quality", how="agree") == 409


async def test_a_form_is_made_from_a_template_bettered_published_and_an_old_review_keeps_its_version(web: WebSite):
    await settled(web)
    review = await given(web, REVIEWER, FULL)
    assert await post(web, "/quality/forms/new", template="service") == 303
    page = (await web.client.get("/quality/forms")).text
    assert "服务通话评分" in page
    head = await headers(web)
    async with web.db.begin() as session:
        version = (await session.scalars(select(QualityFormVersion).where(QualityFormVersion.form_id == 1))).one()
    content = {**version.content, "knockouts": []}
    kept = await web.client.post("/quality/forms/1/draft", json={"content": content, "base": 0}, headers=head)
    assert (kept.json()["revision"], kept.json()["problems"]) == (1, [])
    assert await post(web, "/quality/forms/1/publish", base="1") == 303
    wrong = {**content, "sections": []}
    await web.client.post("/quality/forms/1/draft", json={"content": wrong, "base": 0}, headers=head)
    assert await post(web, "/quality/forms/1/publish", base="1") == 409
    assert "草稿 v3" in (await web.client.get("/quality/forms/1")).text
    async with web.db.begin() as session:
        row = await session.get_one(QualityReview, review)
        assert row.version == 1
    assert "v2" in (await web.client.get("/recordings/9102")).text
    assert "v1" in (await web.client.get(f"/recordings/{TALK}")).text


async def test_a_rule_is_seen_before_it_is_saved_and_refused_with_what_is_wrong(web: WebSite):
    await settled(web)
    fields = {"name": "每周随机", "kind": "random", "form_id": "1", "most": "2", "shortest": "30", "threshold": "0"}
    fields |= {"second_percent": "0", "due_days": "5"}
    seen = await web.client.post("/quality/sampling/preview", data={"csrf_token": await token(web), **fields})
    assert (seen.status_code, "那一周会抽中" in seen.text) == (200, True)
    bad = await web.client.post("/quality/sampling/save", data={"csrf_token": await token(web), **fields, "most": "0"})
    assert (bad.status_code, "请填 1 到 50 的数字" in bad.text) == (422, True)
    assert await post(web, "/quality/sampling/save", **fields) == 303
    assert "每周随机" in (await web.client.get("/quality/sampling?rule=1")).text
    for act in ("pause", "resume", "draw", "remove"):
        assert await post(web, f"/quality/sampling/1/{act}") == 303
    async with web.db.begin() as session:
        assert (await session.get_one(QualityRule, 1)).removed_at is not None


async def test_two_blind_reviews_are_compared_by_criterion_and_the_trend_counts_the_first_only(web: WebSite):
    await settled(web)
    await given(web, REVIEWER, FULL)
    await post(web, f"/quality/talks/{TALK}/second", reviewer=SECOND)
    await given(web, SECOND, HALF)
    page = (await web.client.get("/quality/calibration")).text
    assert "-55.0" in page
    assert "加权 Kappa" in page
    trend = (await web.client.get("/quality/trend")).text
    assert "100.0" in trend
    assert "72.5" not in trend
    assert "一组" in (await web.client.get("/quality/trend?by=team")).text
    heads, everybody, agent = (await web.client.get("/quality/trend.csv")).text.splitlines()
    assert heads.startswith("\ufeff号码,坐席或班组,评分,均分,")
    assert everybody.startswith(",全部,1,100.0,0,,0,")
    assert agent.startswith(f"{people.AGENT},")
    await web.enter(FOREIGN_LEADER)
    assert len((await web.client.get("/quality/trend.csv")).text.splitlines()) == 2
    assert "这段时间没有评分" in (await web.client.get("/quality/trend")).text
    assert "这段时间没有评过两次" in (await web.client.get("/quality/calibration")).text
    await web.enter(LEADER)
    by_team = (await web.client.get("/quality/trend?by=team")).text
    assert "一组" in by_team


async def test_a_coaching_note_reaches_the_agent_is_read_and_looked_at_again(web: WebSite):
    await settled(web, LEADER)
    day = (now() + timedelta(days=7)).date().isoformat()
    note = {"agent": people.AGENT, "text": "先听完再说", "follow_up_on": day, "review": ""}
    assert await post(web, "/quality/coaching", **{**note, "follow_up_on": "2020-01-01"}) == 422
    assert await post(web, "/quality/coaching", **note) == 303
    await web.enter(FOREIGN_LEADER)
    assert await post(web, "/quality/coaching", **note) == 422
    assert await post(web, "/quality/coaching/1/done", result="x") == 404
    assert "先听完再说" not in (await web.client.get("/quality/coaching")).text
    await web.enter(people.ENGLISH_AGENT)
    assert await post(web, "/my-quality/notes/1/seen", "/my-quality") == 404
    await web.enter(people.AGENT)
    assert "先听完再说" in (await web.client.get("/my-quality")).text
    assert await post(web, "/my-quality/notes/1/seen", "/my-quality") == 303
    await web.enter(LEADER)
    assert await post(web, "/quality/coaching/1/done", result="好多了") == 303
    async with web.db.begin() as session:
        row = await session.get_one(QualityCoaching, 1)
        assert (row.seen_at is not None, row.result, row.done_by) == (True, "好多了", LEADER)


def record(web: WebSite, folder: Path) -> None:
    """Ten seconds: silence, a tone on the customer's side from 4 to 6 s, silence."""
    web.app.state.vault = Vault(folder)
    path = folder / f"20261126/judged-{TALK}.flac"
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = np.zeros((10 * RATE, 2), dtype=np.int16)
    frames[4 * RATE : 6 * RATE, 0] = (8000 * np.sin(np.arange(2 * RATE) / 4)).astype(np.int16)
    soundfile.write(path, frames, RATE, subtype="PCM_16", format="FLAC")


EXCERPT = {"title": "先安抚再处理", "note": "语速", "tags": "共情 投诉", "began": "0:03", "ended": "0:07.5"}


async def put_in(web: WebSite, **more: str) -> tuple[int, str]:
    fields = {"csrf_token": await token(web), "hushed": "", "audience": "agents", **EXCERPT, **more}
    answered = await web.client.post(
        f"/quality/talks/{TALK}/excerpt", data=fields, headers={"accept": "application/json"}
    )
    return answered.status_code, answered.text


async def listen(web: WebSite, excerpt: int = 1) -> np.ndarray | None:
    head = await headers(web, "/quality/library")
    answered = await web.client.post(f"/quality/library/{excerpt}/listen", headers=head)
    if answered.status_code == 404:
        return None
    assert answered.status_code == 200
    frames, _ = soundfile.read(io.BytesIO(answered.content), dtype="int16", always_2d=True)
    return np.asarray(frames)


async def test_only_the_excerpt_is_heard_with_its_silenced_part_and_each_listening_is_logged(
    web: WebSite, tmp_path: Path
):
    await settled(web)
    record(web, tmp_path)
    assert (await put_in(web, hushed="0:05-0:06"))[0] == 200
    await web.enter(people.AGENT)
    page = (await web.client.get("/quality/library")).text
    assert "先安抚再处理" in page
    assert "judged-9101" not in page
    frames = await listen(web)
    assert frames is not None
    assert len(frames) == int(4.5 * RATE)
    loud = np.abs(frames[:, 0].astype(int)) > 500
    assert not loud[: RATE - 80].any()
    assert loud[RATE : 2 * RATE].any()
    assert not loud[2 * RATE :].any()
    async with web.db.begin() as session:
        heard = list(await session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "excerpt_heard")))
    assert heard == [people.AGENT]


async def test_an_excerpt_outside_the_recording_or_without_a_title_is_refused_at_its_field(web: WebSite):
    await settled(web)
    for more, field in (
        ({"ended": "9:00"}, "ended"),
        ({"began": "x"}, "began"),
        ({"title": " "}, "title"),
        ({"hushed": "0:01-0:02"}, "hushed"),
        ({"audience": "everybody"}, "audience"),
    ):
        status, told = await put_in(web, **more)
        assert (status, f'"field":"{field}"' in told) == (422, True), more


async def test_who_may_hear_an_excerpt_is_chosen_when_it_is_put_in(web: WebSite, tmp_path: Path):
    await settled(web)
    record(web, tmp_path)
    await put_in(web, audience="reviewers")
    await put_in(web, audience="leaders")
    await web.enter(people.AGENT)
    assert await listen(web, 1) is None
    assert await listen(web, 2) is None
    await web.enter(LEADER)
    assert await listen(web, 1) is None
    assert await listen(web, 2) is not None
    assert await post(web, "/quality/library/2/remove") == 404


async def test_a_deleted_or_held_recording_or_a_customer_to_be_forgotten_leaves_the_library(
    web: WebSite, tmp_path: Path
):
    await settled(web)
    record(web, tmp_path)
    await put_in(web)
    steps = {
        "deleted": update(Recording).where(Recording.id == TALK).values(status="deleted"),
        "back": update(Recording).where(Recording.id == TALK).values(status="ready"),
    }
    async with web.db.begin() as session:
        await session.execute(steps["deleted"])
    assert await listen(web) is None
    async with web.db.begin() as session:
        await session.execute(steps["back"])
    assert await listen(web) is not None
    async with web.db.begin() as session:
        session.add(RecordingHold(contact_id=f"judged-{TALK}", why="诉讼", by="2001", at=now()))
    assert await listen(web) is None
    assert (await put_in(web))[0] == 409
    async with web.db.begin() as session:
        await session.delete(await session.get_one(RecordingHold, f"judged-{TALK}"))
        await session.execute(update(Contact).where(Contact.id == f"judged-{TALK}").values(customer_id=people.CHEN))
        case = Case(number="GD-0714-9001", kind="enquiry", sub_kind="privacy", title="删除", customer_id=people.CHEN)
        case.opened_at, case.status = now(), "open"
        session.add(case)
    assert await listen(web) is None
    async with web.db.begin() as session:
        assert await session.scalar(select(QualityExcerpt.id)) == 1


async def test_the_pages_read_in_english_too(web: WebSite):
    await settled(web)
    await given(web, REVIEWER, HALF)
    async with web.db.begin() as session:
        await session.execute(update(User).values(language="en"))
    await web.enter(REVIEWER)
    for path in (
        "",
        "?view=all",
        "/trend",
        "/calibration",
        "/coaching",
        "/library",
        "/forms",
        "/forms/1",
        "/sampling?kind=topic",
    ):
        answered = await web.client.get(f"/quality{path}")
        assert answered.status_code == 200, path


async def test_of_a_customer_who_is_forgotten_the_words_of_a_review_go_and_its_score_stays(web: WebSite):
    await settled(web)
    said = sent(FULL, evidence={"c2": {"note": "客户说名字", "at": [12.5]}})
    answered = await web.client.post(f"/quality/talks/{TALK}/submit", json=said, headers=await headers(web))
    assert answered.status_code == 200
    async with web.db.begin() as session:
        assert await session.scalar(select(has_words(Contact.id)).where(Contact.id == f"judged-{TALK}")) is True
        size, digest = await erase_text(session, "note", f"note:judged-{TALK}")
        assert (size > 0, len(digest)) == (True, 64)
    async with web.db.begin() as session:
        row = (await session.scalars(select(QualityReview))).one()
        assert (row.tenths, row.comment) == (1000, "")
        assert row.marks["evidence"] == {"c2": {"at": [12.5]}}
        assert await session.scalar(select(has_words(Contact.id)).where(Contact.id == f"judged-{TALK}")) is False
