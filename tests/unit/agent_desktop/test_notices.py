"""What a team leader puts on an agent's desk stays there until that agent has read it."""

from __future__ import annotations

from agent_desktop.desk.notices import MOST, Notices
from agent_desktop.live import DeskHub
from crm_core.history.events import AgentSteered, ContactAnswered, FeedRecord, TeamMessageSent
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

MESSAGE = TeamMessageSent(at=1.0, by=people.ADMIN, agents=(people.AGENT, people.ENGLISH_AGENT), text="16 点开会 <b>")


def test_each_reads_a_message_for_oneself():
    notices = Notices()
    assert notices.hear(FeedRecord(7, MESSAGE)) == (people.AGENT, people.ENGLISH_AGENT)
    assert notices.hear(FeedRecord(8, ContactAnswered(at=1.0, call="c1"))) == ()
    assert notices.read(people.AGENT, 7)
    assert not notices.read(people.AGENT, 7)
    assert notices.of(people.AGENT) == ()
    assert [notice.text for notice in notices.of(people.ENGLISH_AGENT)] == ["16 点开会 <b>"]


def test_the_oldest_unread_lines_go_first():
    notices = Notices()
    for number in range(MOST + 3):
        notices.hear(FeedRecord(number, MESSAGE))
    assert [notice.number for notice in notices.of(people.AGENT)] == list(range(3, MOST + 3))


async def test_a_message_and_a_set_state_stand_on_the_desk_until_they_are_read(web: WebSite):
    hub: DeskHub = web.app.state.hub
    entered = await web.enter()
    hub.notices.hear(FeedRecord(7, MESSAGE))
    hub.notices.hear(
        FeedRecord(8, AgentSteered(at=2.0, agent=people.AGENT, by=people.ADMIN, state="break", reason="meeting"))
    )
    _, regions = await hub.picture(entered.user)
    assert "管理员" in regions["notices"]
    assert "16 点开会 &lt;b&gt;" in regions["notices"]
    headers = {"X-CSRF-Token": entered.csrf}
    assert (await web.client.post("/api/notices/read", json={"number": 7}, headers=headers)).status_code == 200
    _, regions = await hub.picture(entered.user)
    assert "已为您设置：小休 · 会议" in regions["notices"]
    await web.client.post("/api/notices/read", json={"number": 8}, headers=headers)
    _, regions = await hub.picture(entered.user)
    assert regions["notices"].strip() == ""
