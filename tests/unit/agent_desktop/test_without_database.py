"""While the database is away, who was known lately goes on with the call and the own state, and with nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from httpx2 import Response
from sqlalchemy.exc import OperationalError

from agent_desktop.admin.sign_ins import KNOWN_SECONDS, SignIns
from agent_desktop.dependencies import WITHOUT_THE_DATABASE
from agent_desktop.security import SESSION_COOKIE
from crm_core import clock
from tests.browser import people
from tests.browser.desk_site import a_call
from tests.unit.agent_desktop.conftest import WebSite


class Talk:
    """林晓梅 talks with 陈建国, and has clicked something in it."""

    def __init__(self, web: WebSite, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.web, self.headers, self._patch = web, {"X-CSRF-Token": token}, monkeypatch

    async def click(self, path: str, **body: object) -> Response:
        return await self.web.client.post(path, json=body, headers=self.headers)

    def database_goes(self) -> None:
        def begin() -> None:
            raise OperationalError("SELECT", {}, ConnectionRefusedError())

        self._patch.setattr(self.web.db, "begin", begin)


@pytest.fixture
async def talk(web: WebSite, monkeypatch: pytest.MonkeyPatch) -> Talk:
    entered = await web.enter()
    await web.telephony.sign_in(people.AGENT, ready=True)
    web.telephony.ring(people.AGENT, a_call("c1", people.CHEN_NUMBER, matches=(people.CHEN,)))
    web.telephony.answer(people.AGENT)
    talk = Talk(web, entered.csrf, monkeypatch)
    assert (await talk.click("/api/state/next", state="break", reason="lunch")).status_code == 200
    web.telephony.wishes.clear()
    return talk


async def test_a_known_agent_parks_the_call_and_plans_a_break(talk: Talk):
    talk.database_goes()
    assert (await talk.click("/api/call/park")).status_code == 200
    assert (await talk.click("/api/state/next", state="break", reason="rest")).status_code == 200
    assert (await talk.click("/api/state/next", state="break", reason="holiday")).status_code == 422
    assert ("park", people.AGENT) in talk.web.telephony.wishes


async def test_another_sign_in_and_a_forged_request_are_refused(talk: Talk):
    talk.database_goes()
    talk.headers = {"X-CSRF-Token": "another"}
    assert (await talk.click("/api/call/park")).status_code == 403
    talk.web.client.cookies.set(SESSION_COOKIE, "somebody else's")
    assert (await talk.click("/api/call/park")).status_code == 503


async def test_nothing_but_the_call_and_the_own_state_goes_on(talk: Talk):
    talk.database_goes()
    assert (await talk.web.client.get("/desk")).status_code == 503
    assert (await talk.click("/api/call/dial", number="13800138000")).status_code == 503
    assert (await talk.click("/api/phone/account")).status_code == 503


async def test_every_way_that_goes_on_is_a_way_of_the_application(web: WebSite):
    ways = {getattr(route, "path", "") for route in web.app.router.routes}
    assert ways >= WITHOUT_THE_DATABASE


async def test_who_was_signed_out_by_somebody_is_not_known_any_more(talk: Talk):
    talk.web.app.state.sign_ins.ended()
    talk.database_goes()
    assert (await talk.click("/api/call/park")).status_code == 503


async def test_who_signed_out_is_not_known_any_more_and_a_colleague_still_is(talk: Talk):
    web, cookies = talk.web, talk.web.client.cookies
    mine, my_token = cookies[SESSION_COOKIE], talk.headers
    colleague = await web.enter(people.ENGLISH_AGENT)
    assert (await web.client.post("/logout", data={"csrf_token": colleague.user.csrf})).status_code == 303
    talk.database_goes()
    cookies.set(SESSION_COOKIE, colleague.token)
    talk.headers = {"X-CSRF-Token": colleague.user.csrf}
    assert (await talk.click("/api/call/park")).status_code == 503
    cookies.set(SESSION_COOKIE, mine)
    talk.headers = my_token
    assert (await talk.click("/api/call/park")).status_code == 200


async def test_a_sign_in_that_was_good_long_ago_is_not_enough(talk: Talk, monkeypatch: pytest.MonkeyPatch):
    talk.database_goes()
    later = clock.now() + timedelta(seconds=KNOWN_SECONDS + 1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert (await talk.click("/api/call/park")).status_code == 503


async def test_an_open_page_keeps_its_sign_in_known_through_a_long_talk(talk: Talk, monkeypatch: pytest.MonkeyPatch):
    sign_ins: SignIns = talk.web.app.state.sign_ins
    token = talk.web.client.cookies[SESSION_COOKIE]
    [session] = [user.session for user in [sign_ins.known(token)] if user]
    later = clock.now() + timedelta(seconds=KNOWN_SECONDS - 1)
    monkeypatch.setattr(clock, "now", lambda: later)
    sign_ins.confirmed({session}, {session})
    much_later = later + timedelta(seconds=KNOWN_SECONDS - 1)
    monkeypatch.setattr(clock, "now", lambda: much_later)
    assert sign_ins.known(token) is not None
    sign_ins.confirmed({session}, set())
    assert sign_ins.known(token) is None
