"""What a recording's page says of its file and its text: as sealed just now, kept until, written down by now."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update

from crm_core.access.model import User
from crm_core.history.model import Recording
from crm_core.notices.model import WorkNotice
from crm_core.retention.holds import hold
from crm_core.retention.model import RecordingWish
from crm_core.retention.settings import save_retention
from crm_core.transcripts.model import Transcript
from crm_core.workforce.model import AgentRow, Team, TeamLeader
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.leading import enter_as_supervisor
from tests.unit.agent_desktop.test_keywords import a_written_talk
from tests.unit.recording.calls import BEGAN
from tests.unit.recording.stored_talks import a_kept_talk


async def a_sealed_talk(web: WebSite, folder: Path) -> tuple[int, Path]:
    """Its number and its file; a supervisor is signed in."""
    web.app.state.vault.folder = folder
    number = await a_kept_talk(web.db, folder)
    async with web.db.begin() as session:
        file = (await session.get_one(Recording, number)).file
    await enter_as_supervisor(web)
    return number, folder / file


async def test_the_page_says_of_its_file_what_was_found_when_it_was_opened(web: WebSite, tmp_path: Path):
    number, file = await a_sealed_talk(web, tmp_path)
    assert "已封存" in (await web.client.get(f"/recordings/{number}")).text
    assert "校验一致" in (await web.client.get(f"/recordings/{number}/seal")).text
    sound = bytearray(file.read_bytes())
    sound[len(sound) // 2] ^= 1
    file.chmod(0o640)
    file.write_bytes(sound)
    assert "与封存不符" in (await web.client.get(f"/recordings/{number}/seal")).text
    file.unlink()
    assert "与封存不符" in (await web.client.get(f"/recordings/{number}/seal")).text


async def test_the_page_says_until_when_it_is_kept_and_what_keeps_it_longer(web: WebSite, tmp_path: Path):
    number, _ = await a_sealed_talk(web, tmp_path)
    page = f"/recordings/{number}"
    assert "不限期保留" in (await web.client.get(page)).text
    async with web.db.begin() as session:
        await save_retention(session, {"days": 365, "short": False}, base=None, actor="9001", at=BEGAN)
    assert f"保留至 {BEGAN + timedelta(days=365):%Y}" in (await web.client.get(page)).text
    async with web.db.begin() as session:
        contact = (await session.get_one(Recording, number)).contact_id
        await hold(session, contact, "法院来函", actor="2001", at=BEGAN)
    told = (await web.client.get(page)).text
    assert "因诉讼保留" in told
    assert "法院来函" in told


async def test_a_page_that_waits_for_its_text_gets_it_without_the_rest(web: WebSite):
    await enter_as_supervisor(web)
    number = await a_written_talk(web)
    told = (await web.client.get(f"/recordings/{number}/text")).text
    assert 'data-transcript="done"' in told
    assert "<nav" not in told
    async with web.db.begin() as session:
        await session.execute(update(Transcript).values(status="waiting"))
    assert 'data-transcript="waiting"' in (await web.client.get(f"/recordings/{number}/text")).text


async def test_a_leader_is_told_of_words_in_the_own_agents_talks_and_of_no_others(web: WebSite):
    async with web.db.begin() as session:
        ana, bo = await session.scalars(select(User).where(User.number.in_((people.AGENT, people.ENGLISH_AGENT))))
        session.add(User(number="2011", name="何静", roles="team_leader", password_hash=ana.password_hash))
        session.add(User(number="2012", name="于欢", roles="team_leader", password_hash=bo.password_hash))
        await session.flush()
        leaders = list(
            await session.scalars(select(User).where(User.number.in_(("2011", "2012"))).order_by(User.number))
        )
        for team, agent, leader in (("one", ana, leaders[0]), ("two", bo, leaders[1])):
            row = await session.get(AgentRow, agent.id) or AgentRow(user_id=agent.id)
            row.team = team
            session.add_all([row, Team(id=team, name_zh=team, name_en=team)])
            await session.flush()
            session.add(TeamLeader(team=team, user_id=leader.id))
        await session.execute(update(Recording).values(agent=people.AGENT))
    number = await a_written_talk(web)
    async with web.db.begin() as session:
        told = set(await session.scalars(select(WorkNotice.number).where(WorkNotice.subject == str(number))))
    assert "2011" in told
    assert "2012" not in told
    await web.enter("2011")
    shown = (await web.client.get("/alerts")).text
    assert f'href="/recordings/{number}?at=8.0"' in shown
    assert 'href="/alerts" aria-current="page"' in shown, "it is on the rail"
    await web.enter("2012")
    assert "没有新提醒" in (await web.client.get("/alerts")).text
    await web.enter(people.AGENT)
    assert (await web.client.get("/alerts")).status_code == 403


async def test_a_customers_page_leads_who_may_erase_to_the_request(web: WebSite):
    async with web.db.begin() as session:
        known = await session.scalar(select(RecordingWish.customer_id)) or 1
    await enter_as_supervisor(web)
    assert f'href="/admin/erasure/customer/{known}"' in (await web.client.get(f"/customers/{known}")).text
    await web.enter(people.AGENT)
    assert "/admin/erasure" not in (await web.client.get(f"/customers/{known}")).text
