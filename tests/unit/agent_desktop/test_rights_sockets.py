"""Every WebSocket x every role and nobody, against the table of rights; what is told of whose floor; when it is closed.

The sockets come from the real application: one that is added is found, and fails until its row fits.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import structlog
from sqlalchemy import delete, select, update

from agent_desktop.floor.live import FloorHub
from agent_desktop.ports import CallView
from crm_core.access.model import AuditEntry, SignInSession, User
from crm_core.access.rights import allowed, right_of
from crm_core.access.roles import Role
from crm_core.campaigns.model import Campaign
from crm_core.clock import now
from crm_core.workforce.model import TeamLeader
from cti.talk_text import Side
from tests.browser.desk_site import a_call
from tests.unit.agent_desktop.rights_site import CSRF, RightsSite, number_of, rights_site, routes
from tests.unit.agent_desktop.rights_things import FOREIGN_AGENT, FOREIGN_QUEUE, FOREIGN_TEAM, MARK, OWN_TEAM
from tests.unit.agent_desktop.sockets import Socket, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")
REFUSED = 1008  # policy violation: the page then asks for the sign-in
FLOOR, DESK, WALL = "/floor/live", "/live", "/wallboard/live"
BOARD = "/campaigns/{campaign_id:int}/live"
LINES = "/admin/lines/live"
TEXT, OWN_TEXT = "/floor/text/{agent}", "/desk/text"
SCREEN = "/tv/live"  # no person opens it: tests/unit/agent_desktop/test_screens.py
# All that the foreign team has: its agent's row and name, its queue, its waiting caller, its agent's call.
FOREIGN_SIGNS = (f'"r-{FOREIGN_AGENT}"', f'"q-{FOREIGN_QUEUE}"', MARK, "w-secret", "their-call")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RightsSite]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    async with rights_site(tmp_path_factory.mktemp("sockets")) as made:
        made.settle_work()
        made.telephony.set_desk(FOREIGN_AGENT, state="talking", call=their_call())
        async with made.app.router.lifespan_context(made.app):
            async with made.db.begin() as session:
                campaign = Campaign(id=1, name="交车两周", mode="preview", purpose="survey", settings={})
                campaign.created_by, campaign.created_at, campaign.ended_why = "2001", now(), ""
                session.add(campaign)
            yield made
    structlog.reset_defaults()


def their_call() -> CallView:
    return a_call("their-call", "+8613900000002")


async def token_of(site: RightsSite, role: Role) -> str:
    """A session of its own, so that a test may end it."""
    token = f"socket-{role}-{now().timestamp()}"
    at = now()
    async with site.db.begin() as session:
        user_id = 100 + list(Role).index(role)
        digest = hashlib.sha256(token.encode()).hexdigest()
        row = SignInSession(id=digest, user_id=user_id, csrf_token=CSRF, created_at=at, seen_at=at)
        row.expires_at = at.replace(year=at.year + 1)
        session.add(row)
    return token


def sockets(site: RightsSite) -> list[str]:
    return [asked.path for asked in routes(site.app) if asked.method == "WS" and asked.path != SCREEN]


def address(path: str) -> str:
    return path.replace("{campaign_id:int}", "1").replace("{agent}", "1018")


def needed(path: str) -> str:
    right = right_of("WS", path)
    assert right is not None, f"{path} has no row in crm_core/access/rights.py"
    return right.needs


async def test_these_are_all_sockets_there_are(site: RightsSite):
    assert sorted(sockets(site)) == [LINES, BOARD, OWN_TEXT, FLOOR, TEXT, DESK, WALL], (
        "a new one needs its place in these tests"
    )


@pytest.mark.parametrize("role", list(Role))
async def test_a_socket_opens_for_exactly_the_roles_of_its_row(site: RightsSite, role: Role):
    for path in sockets(site):
        async with opened(site.app, address(path), token=f"token-{role}") as socket:
            if allowed(needed(path), (role,)):
                assert await socket.told(), f"{role} {path}"
            else:
                assert await socket.closed() == REFUSED, f"{role} {path}"
                assert not socket.accepted, f"{role} {path}"


@pytest.mark.parametrize("token", ["", "nobody's", "token-"])
async def test_who_is_not_signed_in_is_closed_with_a_code_and_told_nothing(site: RightsSite, token: str):
    for path in sockets(site):
        async with opened(site.app, address(path), token=token) as socket:
            assert await socket.closed() == REFUSED, path
            assert not socket.accepted, path


async def test_a_page_of_another_site_opens_no_socket_with_the_persons_cookie(site: RightsSite):
    for path in sockets(site):
        async with opened(
            site.app, address(path), token=f"token-{Role.SUPERVISOR}", origin="https://evil.test"
        ) as socket:
            assert await socket.closed() == REFUSED, path
            assert not socket.accepted, path


async def test_the_board_of_a_campaign_that_is_not_there_is_closed_and_told_nothing(site: RightsSite):
    path = BOARD.replace("{campaign_id:int}", "999999")
    async with opened(site.app, path, token=f"token-{Role.SUPERVISOR}") as socket:
        assert await socket.closed() == REFUSED
        assert not socket.accepted


@pytest.mark.parametrize("agent", [FOREIGN_AGENT, "9999"])
async def test_a_leader_reads_no_talk_of_another_leaders_team_along(site: RightsSite, agent: str):
    site.telephony.texts.begin(FOREIGN_AGENT, "their-call", "their-call-1")
    path = TEXT.replace("{agent}", agent)
    async with opened(site.app, path, token=f"token-{Role.TEAM_LEADER}") as socket:
        assert await socket.closed() == REFUSED
        assert not socket.accepted


async def test_a_talk_that_is_read_along_is_on_the_audit_log(site: RightsSite):
    site.telephony.texts.begin("1018", "own-call", "own-call-1")
    site.telephony.texts.say("1018", Side.CUSTOMER, "我的车还没修好")
    async with opened(site.app, address(TEXT), token=f"token-{Role.TEAM_LEADER}") as socket:
        assert "我的车还没修好" in await socket.told()
    async with site.db.begin() as session:
        [entry] = await session.scalars(select(AuditEntry).where(AuditEntry.action == "floor_read"))
    assert entry.subject == "1018"
    assert "own-call" in entry.detail


@pytest.mark.parametrize("team", ["", OWN_TEAM, FOREIGN_TEAM, "no-such-team"])
async def test_a_leader_is_told_nothing_of_another_leaders_team_whatever_the_address_says(site: RightsSite, team: str):
    async with opened(site.app, FLOOR, token=f"token-{Role.TEAM_LEADER}", query=f"team={team}") as socket:
        told = await socket.told()
        site.telephony.set_desk(FOREIGN_AGENT, state="talking", call=their_call())
        await site.telephony.take_break("1018", "rest")
        told += await socket.told()
    assert "r-1018" in told
    assert not [sign for sign in FOREIGN_SIGNS if sign.replace('"', '\\"') in told or sign in told]


async def test_a_supervisor_is_told_of_all_teams_or_of_the_one_that_was_chosen(site: RightsSite):
    async with opened(site.app, FLOOR, token=f"token-{Role.SUPERVISOR}") as socket:
        told = await socket.told()
    assert "r-1018" in told
    assert f"r-{FOREIGN_AGENT}" in told
    assert "w-secret" in told
    async with opened(site.app, FLOOR, token=f"token-{Role.SUPERVISOR}", query=f"team={FOREIGN_TEAM}") as socket:
        told = await socket.told()
    assert "r-1018" not in told
    assert f"r-{FOREIGN_AGENT}" in told


async def test_a_desk_is_told_its_own_calls_only(site: RightsSite):
    mine = number_of(Role.EXPERT)
    async with opened(site.app, DESK, token=f"token-{Role.EXPERT}") as socket:
        told = await socket.told()
        site.telephony.ring(FOREIGN_AGENT, their_call())
        site.telephony.ring(mine, a_call("my-call", "+8613900000009"))
        while "my-call" not in told:
            told += await socket.told()
    assert "their-call" not in told


async def test_the_wallboard_names_no_person_and_no_number(site: RightsSite):
    async with opened(site.app, WALL, token=f"token-{Role.AGENT}") as socket:
        told = await socket.told()
    assert "+86139" not in told


@pytest.mark.parametrize("path", [FLOOR, DESK, WALL])
async def test_a_session_that_ends_closes_its_sockets_and_no_others(site: RightsSite, path: str):
    token = await token_of(site, Role.SUPERVISOR)
    async with (
        opened(site.app, address(path), token=token) as ending,
        opened(site.app, address(path), token=f"token-{Role.SUPERVISOR}") as staying,
    ):
        await ending.told()
        await staying.told()
        async with site.db.begin() as session:
            digest = hashlib.sha256(token.encode()).hexdigest()
            await session.execute(delete(SignInSession).where(SignInSession.id == digest))
        site.app.state.sign_ins.ended()
        assert await ending.closed()
        assert not staying.code
    async with opened(site.app, address(path), token=token) as again:
        assert await again.closed() == REFUSED


@pytest.mark.parametrize("path", [FLOOR, DESK, WALL])
async def test_somebody_who_is_disabled_opens_no_socket(site: RightsSite, path: str):
    disabled = update(User).where(User.number == number_of(Role.SUPERVISOR))
    async with site.db.begin() as session:
        await session.execute(disabled.values(disabled_at=now()))
    try:
        async with opened(site.app, address(path), token=f"token-{Role.SUPERVISOR}") as socket:
            assert await socket.closed() == REFUSED
    finally:
        async with site.db.begin() as session:
            await session.execute(disabled.values(disabled_at=None))


async def test_a_leader_who_leads_another_team_now_is_sent_away_from_the_old_one(site: RightsSite):
    """Both leaders share one picture; only the one whose teams changed must come back to another."""
    hub: FloorHub = site.app.state.floor
    leader = 100 + list(Role).index(Role.TEAM_LEADER)
    async with opened(site.app, FLOOR, token=f"token-{Role.TEAM_LEADER}") as socket:
        await socket.told()
        async with site.db.begin() as session:
            await session.execute(update(TeamLeader).where(TeamLeader.user_id == leader).values(team=FOREIGN_TEAM))
        hub.forget()
        assert await socket.closed() == 1013  # the page comes back by itself
    try:
        async with opened(site.app, FLOOR, token=f"token-{Role.TEAM_LEADER}") as again:
            told = await again.told()
    finally:
        async with site.db.begin() as session:
            await session.execute(update(TeamLeader).where(TeamLeader.user_id == leader).values(team=OWN_TEAM))
    assert f"r-{FOREIGN_AGENT}" in told
    assert "r-1018" not in told


async def test_two_leaders_of_one_team_share_a_picture_until_one_of_them_loses_it(site: RightsSite):
    second = 100 + list(Role).index(Role.SUPERVISOR)
    async with site.db.begin() as session:
        await session.execute(update(User).where(User.id == second).values(roles=Role.TEAM_LEADER.value))
        session.add(TeamLeader(user_id=second, team=OWN_TEAM))
    try:
        async with (
            opened(site.app, FLOOR, token=f"token-{Role.TEAM_LEADER}") as first,
            opened(site.app, FLOOR, token=f"token-{Role.SUPERVISOR}") as other,
        ):
            await _both_told(first, other)
            async with site.db.begin() as session:
                await session.execute(delete(TeamLeader).where(TeamLeader.user_id == second))
            site.app.state.floor.forget()
            assert await other.closed() == 1013
            assert not first.code
    finally:
        async with site.db.begin() as session:
            await session.execute(update(User).where(User.id == second).values(roles=Role.SUPERVISOR.value))


async def _both_told(*sockets: Socket) -> None:
    for socket in sockets:
        assert "r-1018" in await socket.told()
