"""Results of a questionnaire: every figure with its numerator and denominator, the list behind, the file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from crm_core.access.model import AuditEntry
from crm_core.clock import now
from crm_core.questionnaires import actions
from crm_core.questionnaires.answering import begin, finish, give
from crm_core.questionnaires.model import Answer
from crm_core.questionnaires.questions import Given
from crm_core.questionnaires.templates import FOUR_WEEKS
from recording.vault import Vault
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.leading import enter_as_supervisor

Answers = dict[str, Given]
GOOD: Answers = {
    "overall": Given(value=5), "fault": Given(value=0), "reached": Given(value=4), "booking": Given(value=1),
    "recommend": Given(value=10),
}  # fmt: skip
BAD: Answers = {
    "overall": Given(value=1), "fault": Given(value=1), "tell": Given(text="=冷风不冷"), "reached": Given(value=2),
    "booking": Given(value=0), "recommend": Given(value=3),
}  # fmt: skip


async def answered(web: WebSite, *rounds: Answers, broken: int = 0) -> None:
    """Each round complete; then so many of which nobody answered a question."""
    who: dict[str, Any] = {"actor": "2001", "at": now() - timedelta(hours=2)}
    async with web.db.begin() as session:
        row = await actions.create(session, FOUR_WEEKS, **who)
        await actions.publish(session, row.id, **who)
        for place, answers in enumerate([*rounds, *([{}] * broken)]):
            call, at = f"desk/{place}", who["at"] + timedelta(minutes=place)
            await begin(
                session, call, questionnaire=row.id, how="agent", language="zh-CN", customer_id=people.CHEN,
                agent=people.AGENT, at=at,
            )  # fmt: skip
            for question, given in answers.items():
                await give(session, call, question, given, at=at)
            if answers:
                await finish(session, call, at=at)


async def test_every_figure_tells_of_how_many(web: WebSite):
    await enter_as_supervisor(web)
    await answered(web, GOOD, GOOD, BAD, broken=1)
    page = (await web.client.get("/questionnaires/1/results")).text
    assert "66.7%" in page  # two of three are satisfied
    assert "2 / 3" in page
    assert "75.0%" in page  # three of four answered to the end
    assert "3 / 4" in page
    assert "推荐 2 · 贬损 1" in page
    assert "“=冷风不冷”" in page


async def test_a_period_without_a_response_says_so_and_shows_no_zero_percent(web: WebSite):
    await enter_as_supervisor(web)
    await answered(web)
    page = (await web.client.get("/questionnaires/1/results?days=7&how=link")).text
    assert "这段时间没有询问过客户" in page
    assert "0.0%" not in page


async def test_the_file_has_a_line_for_each_response_and_no_formula(web: WebSite):
    await enter_as_supervisor(web)
    await answered(web, GOOD, BAD)
    file = await web.client.get("/questionnaires/1/results.csv?which=all")
    lines = file.content.decode("utf-8").splitlines()
    assert lines[0].startswith("\ufeff询问时间,客户,经销商")
    assert len(lines) == 3
    assert "'=冷风不冷" in file.text


async def test_filters_that_are_none_read_as_all_and_break_nothing(web: WebSite):
    await enter_as_supervisor(web)
    await answered(web, GOOD)
    for query in ("days=-1&by=x&which=y&how=z", "dealer=99999999999999&campaign=-3", "dealer=7"):
        assert (await web.client.get(f"/questionnaires/1/results?{query}")).status_code == 200
    for by in ("dealer", "adviser", "agent", "model"):
        assert (await web.client.get(f"/questionnaires/1/results?by={by}&which=all")).status_code == 200
    assert (await web.client.get("/questionnaires/99/results")).status_code == 404


async def test_a_spoken_comment_is_heard_by_who_may_and_each_listening_is_audited(web: WebSite, tmp_path: Path):
    await enter_as_supervisor(web)
    await answered(web, BAD)
    web.app.state.vault = Vault(tmp_path)
    (tmp_path / "20261126").mkdir()
    (tmp_path / "20261126/ob-1-1-1-tell-1.sln").write_bytes(b"\1\0" * 800)
    async with web.db.begin() as session:
        said = (await session.scalars(select(Answer).where(Answer.question == "tell"))).one()
        said.sound, where = "20261126/ob-1-1-1-tell-1.sln", f"/questionnaires/comments/{said.response_id}/tell"
    heard = await web.client.get(where)
    assert (heard.status_code, heard.content[:4], len(heard.content)) == (200, b"RIFF", 44 + 1600)
    assert (await web.client.get(where.replace("tell", "overall"))).status_code == 404
    async with web.db.begin() as session:
        said = (await session.scalars(select(Answer).where(Answer.question == "tell"))).one()
        said.sound = "../hotline.db"
        acts = list(await session.scalars(select(AuditEntry.action).where(AuditEntry.action == "comment_listen")))
    assert acts == ["comment_listen"]
    assert (await web.client.get(where)).status_code == 404
    await web.enter(people.AGENT)
    assert (await web.client.get(where)).status_code == 403
