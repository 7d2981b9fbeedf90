"""Every route x every role and nobody x own, foreign and unknown ids, against the table in crm_core/access/rights.py.

Nothing here names a page: a route that somebody adds is found, and fails until it has its row.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from fastapi.routing import APIRoute, APIWebSocketRoute
from httpx2 import ASGITransport, AsyncClient, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.dependencies import declared
from agent_desktop.security import CSRF_HEADER, SESSION_COOKIE
from crm_core.access.actions import _digest
from crm_core.access.model import SignInSession, User
from crm_core.access.reach import reach_of
from crm_core.access.rights import RIGHTS, Objects, allowed, as_text, right_of
from crm_core.access.roles import Role
from crm_core.cases.model import Case
from crm_core.clock import now
from crm_core.dealers.model import CareTask, DealerStaff
from crm_core.integration.scopes import Scope
from crm_core.leads.model import Lead
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

TOKEN, CSRF = "token-of-the-test", "csrf-of-the-test"
OWN_DEALER, FOREIGN_DEALER = 1, 3
PERSON = 1  # the agent, who has a desk in the scripted telephony
SCRIPTED = ("/api/call/", "/api/phone/", "/api/state/", "/api/floor/")  # its refusals are bare
# A value for each gap of a path: (own or existing, foreign, unknown). Numbers are what goes without saying.
IDS: dict[str, tuple[str, str, str]] = {
    "vin": ("LFV3A23C9P0012847", "LFV2A21K5N3098123", "LFV9A99C9P9999999"),
    "number": ("GD-0713-0183", "GD-0714-0001", "GD-0101-9999"),
    "contact": ("old-1", "old-2", "none"),
    "person": ("1019", "1018", "8888"),
    "agent": ("1019", "1018", "8888"),
    "queue": ("repair", "enquiry", "none"),
    # not ids: the same in all three
    "step": ("accept",) * 3,
    "act": ("feedback",) * 3,
    "what": ("visit",) * 3,
    "day": ("2026-07-01",) * 3,
}
LEADS = ("XS-0714-0001", "XS-0714-0002", "XS-0101-9999")


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    declares: str | None


def routes(web: WebSite) -> Iterator[Asked]:
    for included in web.app.routes:
        router = getattr(included, "original_router", None)
        for route in router.routes if router else ():
            if isinstance(route, APIWebSocketRoute):
                yield Asked("WS", route.path, declared(route.dependant))
            elif isinstance(route, APIRoute):
                for method in sorted(route.methods):
                    yield Asked(method, route.path, declared(route.dependant))


def filled(path: str, which: int) -> str:
    """The path with ids: 0 = own or existing, 1 = foreign, 2 = unknown."""
    numbers = ("1", "2", "999999")
    ids = {**IDS, "number": LEADS} if "/leads/" in path else IDS
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda gap: ids.get(gap[1], numbers)[which], path)


@pytest.fixture
async def site(web: WebSite) -> AsyncIterator[WebSite]:
    """A fault of ours is an answer (500) here, and is not logged at length."""
    async with web.db.begin() as session:
        await _things_of_two_dealers(session)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    transport = ASGITransport(app=web.app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://hotline.test") as client:
        yield replace(web, client=client)
    structlog.reset_defaults()


async def _things_of_two_dealers(session: AsyncSession) -> None:
    """A lead, a task and a person of the own dealer, and the same and a complaint of a foreign one."""
    at = now()
    foreign = Case(number="GD-0714-0001", kind="complaint", title="异响", customer_id=people.WANG, opened_at=at)
    foreign.dealer_id, foreign.stage = FOREIGN_DEALER, "accept"
    session.add(foreign)
    for place, dealer in enumerate((OWN_DEALER, FOREIGN_DEALER)):
        lead = Lead(number=LEADS[place], customer_id=place + 1, source="web", status="sent", created_at=at)
        lead.dealer_id, lead.sent_at = dealer, at
        task = CareTask(kind="birthday", subject=f"test/{place}", purpose="care", customer_id=place + 1)
        task.dealer_id, task.due_on = dealer, at.date()
        session.add_all([lead, task, DealerStaff(dealer_id=dealer, name="周伟", role="service_adviser")])
        await session.flush()


async def ask(web: WebSite, asked: Asked, path: str) -> Response:
    headers = {CSRF_HEADER: CSRF, "Accept": "text/html", "Accept-Language": "en"}
    return await web.client.request(asked.method, path, headers=headers)


async def come_in(web: WebSite, role: Role) -> None:
    """The test's person has this role and a fresh session, whatever the last request did to it."""
    async with web.db.begin() as session:
        user = await session.get_one(User, PERSON)
        user.roles, user.dealer_id, user.region, user.disabled_at = role.value, OWN_DEALER, "", None
        user.language, user.must_change = "en", False
        if await session.get(SignInSession, _digest(TOKEN)) is None:
            at = now()
            row = SignInSession(id=_digest(TOKEN), user_id=PERSON, csrf_token=CSRF, created_at=at, seen_at=at)
            row.expires_at = at + timedelta(hours=1)
            session.add(row)
    web.client.cookies.clear()
    web.client.cookies.set(SESSION_COOKIE, TOKEN)


def refused(answer: Response) -> bool:
    return answer.status_code in (401, 403) or answer.headers.get("location", "").startswith("/login")


def test_every_route_has_a_row_that_says_what_the_route_declares(web: WebSite):
    wrong = [
        f"{asked.method} {asked.path}: declares {asked.declares}, the table says {right.needs if right else 'nothing'}"
        for asked in routes(web)
        if (right := right_of(asked.method, asked.path)) is None or right.needs != asked.declares
    ]
    assert not wrong, "add or mend rows of crm_core/access/rights.py:\n" + "\n".join(wrong)


def test_no_row_is_left_over(web: WebSite):
    used = {right_of(asked.method, asked.path) for asked in routes(web)}
    assert not [right for right in RIGHTS if right not in used]


async def test_nobody_gets_in_where_the_table_does_not_say_anyone(site: WebSite):
    for asked in routes(site):
        right = right_of(asked.method, asked.path)
        if right is None or right.needs == "anyone" or asked.method == "WS":
            continue
        answer = await ask(site, asked, filled(asked.path, 0))
        assert refused(answer), f"{asked.method} {asked.path} answered {answer.status_code} to nobody"


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_is_let_in_exactly_where_the_table_says(site: WebSite, role: Role):
    for asked in routes(site):
        right = right_of(asked.method, asked.path)
        if right is None or right.needs == "anyone" or asked.method == "WS":
            continue
        may = allowed(right.needs, (role,))
        for which in range(3 if may and "{" in asked.path else 1):
            await come_in(site, role)
            path = filled(asked.path, which)
            answer = await ask(site, asked, path)
            told = f"{role}: {asked.method} {path} answered {answer.status_code}"
            assert may or refused(answer), told
            assert not may or right.objects not in (Objects.ANY, Objects.NONE) or not refused(answer), told
            assert answer.status_code < 500 or path.startswith(SCRIPTED), told


@pytest.mark.parametrize("role", [Role.DEALER_MANAGER, Role.DEALER_RELATIONS, Role.REGIONAL_MANAGER])
async def test_a_foreign_dealers_id_is_answered_exactly_as_an_unknown_one(site: WebSite, role: Role):
    for asked in routes(site):
        right = right_of(asked.method, asked.path)
        if right is None or right.objects is not Objects.OWN_DEALER or "{" not in asked.path or asked.method == "WS":
            continue
        answers = []
        for which in (1, 2):
            await come_in(site, role)
            answer = await ask(site, asked, filled(asked.path, which))
            answers.append((answer.status_code, answer.text))
        foreign, unknown = (filled(asked.path, which).split("/") for which in (1, 2))
        for mine, theirs in zip(foreign, unknown, strict=True):  # the answer may repeat what was asked for
            if mine != theirs:
                answers[1] = (answers[1][0], answers[1][1].replace(theirs, mine))
        assert answers[0] == answers[1], f"{role}: {asked.method} {asked.path} tells foreign from unknown"


async def test_a_dealers_person_of_nothing_reaches_nothing(web: WebSite):
    await come_in(web, Role.DEALER_MANAGER)
    async with web.db.begin() as session:
        (await session.get_one(User, PERSON)).dealer_id = None
    async with web.db.begin() as session:
        assert (await reach_of(session, people.AGENT)).dealers == frozenset()


def test_scopes_of_keys_open_no_page_to_a_person():
    assert not any(allowed(scope.value, tuple(Role)) for scope in Scope)


def test_the_page_of_the_documentation_is_made_of_the_table():
    page = Path(__file__).parents[3] / "docs" / "rights.md"
    assert page.read_text(encoding="utf-8") == as_text(), "run: python -m crm_core.access.rights"
