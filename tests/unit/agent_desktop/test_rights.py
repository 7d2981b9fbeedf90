"""Every route x every role and nobody, against the table in crm_core/access/rights.py.

Nothing here names a page: a route that somebody adds is found, and fails until it has its row. Whose objects:
test_rights_foreign.py.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from httpx2 import Response

from agent_desktop.admin import chain_watch
from crm_core.access.anchors import read_anchors
from crm_core.access.rights import RIGHTS, Objects, allowed, as_text, right_of
from crm_core.access.roles import Role
from crm_core.integration.scopes import Scope
from tests.unit.agent_desktop.rights_site import RightsSite, rights_site, routes
from tests.unit.agent_desktop.rights_things import IDS, OWN, SAME, UNKNOWN

pytestmark = pytest.mark.asyncio(loop_scope="module")
SCRIPTED = ("/api/call/", "/api/phone/", "/api/state/", "/api/floor/")  # its refusals are bare


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RightsSite]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    async with rights_site(tmp_path_factory.mktemp("rights")) as made:
        yield made
    structlog.reset_defaults()


def filled(path: str, which: int) -> str:
    """The path with ids that exist, or that nobody has."""
    numbers = ("1", "2", "999999")
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda gap: SAME.get(gap[1]) or IDS.get(gap[1], numbers)[which], path)


def refused(answer: Response) -> bool:
    return answer.status_code in (401, 403) or answer.headers.get("location", "").startswith("/login")


async def test_every_route_has_a_row_that_says_what_the_route_declares(site: RightsSite):
    wrong = [
        f"{asked.name}: declares {asked.declares}, the table says {right.needs if right else 'nothing'}"
        for asked in routes(site.app)
        if (right := right_of(asked.method, asked.path)) is None or right.needs != asked.declares
    ]
    assert not wrong, "add or mend rows of crm_core/access/rights.py:\n" + "\n".join(wrong)


async def test_no_row_is_left_over(site: RightsSite):
    used = {right_of(asked.method, asked.path) for asked in routes(site.app)}
    assert not [right for right in RIGHTS if right not in used]


async def test_nobody_gets_in_where_the_table_does_not_say_anyone(site: RightsSite):
    for asked in routes(site.app):
        right = right_of(asked.method, asked.path)
        if right is None or right.needs == "anyone" or asked.method == "WS":
            continue
        answer = await site.ask(asked, filled(asked.path, OWN))
        assert refused(answer), f"{asked.name} answered {answer.status_code} to nobody"


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_is_let_in_exactly_where_the_table_says(site: RightsSite, role: Role):
    for asked in routes(site.app):
        right = right_of(asked.method, asked.path)
        if right is None or right.needs == "anyone" or asked.method == "WS":
            continue
        may = allowed(right.needs, (role,))
        for which in (OWN, UNKNOWN) if may and asked.gaps else (OWN,):
            path = filled(asked.path, which)
            # Refusals are short; who is let in gets the page that a browser gets.
            kind = {"headers": {"Accept": "text/html"}} if may else {}
            answer = await site.ask(asked, path, role, **kind)
            told = f"{role}: {asked.method} {path} answered {answer.status_code}"
            assert may or refused(answer), told
            assert not may or right.objects not in (Objects.ANY, Objects.NONE) or not refused(answer), told
            assert answer.status_code < 500 or path.startswith(SCRIPTED), told


async def test_scopes_of_keys_open_no_page_to_a_person():
    assert not any(allowed(scope.value, tuple(Role)) for scope in Scope)


async def test_the_page_of_the_documentation_is_made_of_the_table():
    page = Path(__file__).parents[3] / "docs" / "rights.md"
    assert page.read_text(encoding="utf-8") == as_text(), "run: python -m crm_core.access.rights"


async def test_what_one_request_leaves_running_stands_in_no_others_way(
    site: RightsSite, monkeypatch: pytest.MonkeyPatch
):
    """A check of the audit chain once met the next requests on this site's one connection: a page answered 500."""

    def slowly(path: Path) -> dict[int, str]:
        time.sleep(0.02)  # as on a busy machine
        return read_anchors(path)

    monkeypatch.setattr(chain_watch, "read_anchors", slowly)
    asked = {one.name: one for one in routes(site.app)}
    for _ in range(10):
        await site.ask(asked["POST /admin/audit/check"], "/admin/audit/check", Role.SUPERVISOR)
        for _ in range(3):
            assert (await site.ask(asked["GET /dealer/station"], "/dealer/station", Role.SUPERVISOR)).status_code == 403
    assert not site.app.state.chain.failed
