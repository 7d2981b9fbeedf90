"""The list of recordings: only what one may hear, narrowed by the address, in pages that nothing shifts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from crm_core.access.model import User
from crm_core.access.roles import Role
from crm_core.clock import now
from crm_core.history.model import Contact, Recording
from crm_core.workforce.model import AgentRow, Team, TeamLeader
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

LEADER, CHIEF = "2011", "2001"


async def hired(web: WebSite, number: str, role: Role, user_id: int) -> None:
    async with web.db.begin() as session:
        known = await session.get_one(User, 1)
        session.add(User(id=user_id, number=number, name=number, roles=role.value, password_hash=known.password_hash))
        if role is Role.TEAM_LEADER:
            await session.flush()
            (await session.get_one(AgentRow, 2)).team = "二组"
            session.add_all([Team(id=one, name_zh=one, name_en=one) for one in ("一组", "二组")])
            await session.flush()
            session.add(TeamLeader(user_id=user_id, team="二组"))


async def talks(web: WebSite, *rows: dict[str, object]) -> None:
    """Recordings of calls of nobody known, the first the oldest."""
    async with web.db.begin() as session:
        for place, facts in enumerate(rows):
            at = now() - timedelta(hours=len(rows) - place)
            call = f"r-{place}"
            session.add(Contact(id=call, direction="inbound", started_at=at, caller=str(facts.pop("caller", ""))))
            await session.flush()
            row = {"agent": people.AGENT, "status": "ready", "seconds": 60.0, "queue": "repair"} | facts
            session.add(Recording(contact_id=call, leg_id=f"{call}-1", file="x", started_at=at, **row))


async def numbers(web: WebSite, query: str = "") -> list[str]:
    text = (await web.client.get(f"/recordings?{query}")).text
    return re.findall(r'<a href="/recordings/(\d+)">', text)


async def test_a_reviewer_finds_all_an_agent_the_own_and_messages(web: WebSite):
    await talks(web, {}, {"agent": people.ENGLISH_AGENT}, {"agent": ""}, {"agent": "survey"})
    await hired(web, "3001", Role.QUALITY, 50)
    await web.enter("3001")
    assert len(await numbers(web)) == 5
    await web.enter(people.ENGLISH_AGENT)
    assert await numbers(web) == ["4", "3"]
    assert await numbers(web, f"agent={people.AGENT}") == []


async def test_a_leader_finds_the_talks_of_the_own_teams_only(web: WebSite):
    await talks(web, {}, {"agent": people.ENGLISH_AGENT}, {"agent": ""}, {"agent": "survey"})
    await hired(web, LEADER, Role.TEAM_LEADER, 51)
    await web.enter(LEADER)
    assert await numbers(web) == ["5", "4", "3"]
    assert (await web.client.get("/recordings/3")).status_code == 200
    assert (await web.client.get("/recordings/2")).status_code == 404


@pytest.mark.parametrize("number", [people.ADMIN])
async def test_who_hears_nothing_has_no_list(web: WebSite, number: str):
    await web.enter(number)
    assert (await web.client.get("/recordings")).status_code == 403


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("queue=rescue", ["3"]),
        ("kind=message", ["4"]),
        ("kind=survey", ["5"]),
        ("kind=talk&length=over15m", ["3"]),
        ("length=under30s", ["4"]),
        ("status=missing", ["6"]),
        ("direction=outbound", ["5"]),
        ("agent=1019", ["6"]),
        ("first=2020-01-01&last=2020-12-31", []),
        ("q=13900001111", ["5"]),
        ("q=陈建国", ["1"]),
        ("customer=1", ["1"]),
        ("q=nobody+at+all", []),
        ("first=rubbish", ["6", "5", "4", "3", "2", "1"]),
    ],
)
async def test_each_filter_narrows(web: WebSite, query: str, fits: list[str]):
    await talks(
        web,
        {},
        {"queue": "rescue", "seconds": 1000.0},
        {"agent": "", "seconds": 12.0},
        {"agent": "survey", "direction": "outbound", "caller": "+8613900001111"},
        {"agent": "1019", "status": "missing", "seconds": None},
    )
    await hired(web, CHIEF, Role.SUPERVISOR, 52)
    await web.enter(CHIEF)
    assert await numbers(web, query) == fits


async def test_pages_follow_each_other_without_a_gap_whatever_comes_meanwhile(web: WebSite):
    await talks(web, *({} for _ in range(60)))
    await hired(web, CHIEF, Role.SUPERVISOR, 52)
    await web.enter(CHIEF)
    first = (await web.client.get("/recordings")).text
    older = re.search(r'href="(/recordings\?cursor=[^"]+)"', first)
    assert older
    async with web.db.begin() as session:
        session.add(Recording(contact_id="old-1", leg_id="new", agent="1018", file="x", started_at=now()))
    seen = re.findall(r'<a href="/recordings/(\d+)">', first)
    seen += re.findall(r'<a href="/recordings/(\d+)">', (await web.client.get(older[1])).text)
    assert len(seen) == len(set(seen)) == 61


@pytest.mark.parametrize("cursor", ["x", "1~", "~1", "9" * 40 + "~1", "1~99999999999", "1~-1", "nan~1"])
async def test_a_place_that_is_none_is_refused(web: WebSite, cursor: str):
    await web.enter()
    assert (await web.client.get("/recordings", params={"cursor": cursor})).status_code == 422


async def test_hostile_filters_find_nothing_and_are_shown_as_text(web: WebSite):
    await web.enter()
    for name in ("q", "queue", "agent", "status", "direction", "first"):
        answer = await web.client.get("/recordings", params={name: "'\"><script>alert(1)</script>\0"})
        assert answer.status_code == 200
        assert "<script>alert(1)" not in answer.text
