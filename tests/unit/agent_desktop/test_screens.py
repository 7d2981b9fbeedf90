"""A screen on the wall reads one wallboard with its link and nothing else, until it is revoked."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import structlog

from agent_desktop.security import SCREEN_COOKIE, SESSION_COOKIE
from crm_core.boards import actions, screens
from crm_core.boards.settings import PRESETS
from crm_core.clock import now
from tests.unit.agent_desktop.rights_site import RightsSite, rights_site, routes
from tests.unit.agent_desktop.sockets import opened

pytestmark = pytest.mark.asyncio(loop_scope="module")
HERE = "198.51.100.7"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RightsSite]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    async with rights_site(tmp_path_factory.mktemp("screens")) as made, made.app.router.lifespan_context(made.app):
        yield made
    structlog.reset_defaults()


async def a_screen(site: RightsSite, board: bool = False, networks: tuple[str, ...] = ()) -> tuple[str, int, int]:
    """Token, screen and board (0 = the standard one)."""
    async with site.db.begin() as session:
        row = await actions.make_board(session, "一组", PRESETS["team"], actor="2001", at=now()) if board else None
        made = await screens.make_screen(
            session, name="大厅", board_id=row.id if row else None, networks=networks, actor="2001", at=now()
        )
        return made.token, made.screen.id, row.id if row else 0


async def ask(site: RightsSite, path: str, cookies: dict[str, str] | None = None, method: str = "GET") -> Any:
    site.client.cookies.clear()
    for name, value in (cookies or {}).items():
        site.client.cookies.set(name, value)
    return await site.client.request(method, path, headers={"Accept": "text/html"}, follow_redirects=False)


async def test_the_link_becomes_a_cookie_for_the_wall_only_and_leaves_the_address(site: RightsSite):
    token, _, _ = await a_screen(site)
    answer = await ask(site, f"/tv/{token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/tv")
    cookie = answer.headers["set-cookie"]
    assert f"{SCREEN_COOKIE}={token}" in cookie
    assert "Path=/tv" in cookie
    assert "HttpOnly" in cookie
    shown = await ask(site, "/tv", {SCREEN_COOKIE: token})
    assert shown.status_code == 200
    assert token not in shown.text
    assert 'data-live="/tv/live"' in shown.text


async def test_a_screens_token_opens_no_other_page_under_any_cookies_name(site: RightsSite):
    token, _, _ = await a_screen(site)
    for asked in routes(site.app):
        if asked.method != "GET" or asked.declares == "anyone":
            continue
        path = re.sub(r"\{[^}]*\}", "1", asked.path)
        for name in (SCREEN_COOKIE, SESSION_COOKIE):
            answer = await ask(site, path, {name: token})
            refused = answer.status_code in (401, 403, 404, 422) or (
                answer.status_code == 303 and "/login" in answer.headers["location"]
            )
            assert refused, f"{asked.name} {answer.status_code}"


@pytest.mark.parametrize("token", ["", "hlw_", "hlw_unknown", "x" * 500, "hlw_\x00"])
async def test_an_unknown_link_shows_a_sentence_and_no_board(site: RightsSite, token: str):
    answer = await ask(site, "/tv", {SCREEN_COOKIE: token.replace("\x00", "")})
    assert answer.status_code == 403
    assert "board-data" not in answer.text


async def test_a_link_for_one_network_works_there_only(site: RightsSite):
    far, _, _ = await a_screen(site, networks=("10.0.0.0/8",))
    near, _, _ = await a_screen(site, networks=(f"{HERE}/32",))
    assert (await ask(site, "/tv", {SCREEN_COOKIE: far})).status_code == 403
    assert (await ask(site, "/tv", {SCREEN_COOKIE: near})).status_code == 200


async def test_a_revoked_screen_goes_dark_at_once_and_the_others_go_on(site: RightsSite):
    token, screen, _ = await a_screen(site)
    other, _, _ = await a_screen(site)
    async with (
        opened(site.app, "/tv/live", token=token, cookie=SCREEN_COOKIE) as ending,
        opened(site.app, "/tv/live", token=other, cookie=SCREEN_COOKIE) as staying,
    ):
        assert json.loads(await ending.told())["waiting"] == 0
        await staying.told()
        async with site.db.begin() as session:
            await screens.revoke_screen(session, screen, actor="2001", at=now())
        site.app.state.sign_ins.ended()
        assert await ending.closed()
        assert not staying.code
    assert (await ask(site, "/tv", {SCREEN_COOKIE: token})).status_code == 403
    async with opened(site.app, "/tv/live", token=token, cookie=SCREEN_COOKIE) as again:
        assert await again.closed()
        assert not again.accepted


async def test_a_persons_session_opens_no_screens_socket(site: RightsSite):
    async with opened(site.app, "/tv/live", token="token-supervisor") as socket:
        assert await socket.closed()
        assert not socket.accepted


async def test_a_changed_board_is_told_to_its_watchers_by_its_revision(site: RightsSite):
    token, _, board = await a_screen(site, board=True)
    async with opened(site.app, "/tv/live", token=token, cookie=SCREEN_COOKIE) as socket:
        before = json.loads(await socket.told())["revision"]
        async with site.db.begin() as session:
            await actions.save_board(session, board, "二组", PRESETS["outreach"], actor="2001", at=now())
        await site.app.state.board.saved(board)
        told = json.loads(await socket.told())
        assert told["revision"] == before + 1
        assert "outreach" in told


async def test_the_screen_of_a_removed_board_says_so(site: RightsSite):
    token, _, board = await a_screen(site, board=True)
    async with site.db.begin() as session:
        await actions.remove_board(session, board, actor="2001", at=now())
    answer = await ask(site, "/tv", {SCREEN_COOKIE: token})
    assert answer.status_code == 404
    async with site.db.begin() as session:
        await actions.take_back(session, board, actor="2001", at=now())
    assert (await ask(site, "/tv", {SCREEN_COOKIE: token})).status_code == 200
