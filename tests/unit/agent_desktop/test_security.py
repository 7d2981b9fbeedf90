"""Nobody gets in without a right, and no other site's page can act for somebody who is in."""

from __future__ import annotations

import pytest
from fastapi import APIRouter, FastAPI

from agent_desktop.dependencies import UndeclaredRoute, declared_permissions, include
from agent_desktop.rate_limits import RateLimits
from agent_desktop.security import SESSION_COOKIE, SignInLimit, TooManyTries, comes_from_us, keep_session
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite


def test_a_route_that_declares_no_permission_does_not_start():
    router = APIRouter()
    router.add_api_route("/secret", lambda: "open")
    with pytest.raises(UndeclaredRoute, match="/secret"):
        include(FastAPI(), router)


def test_every_route_declares_what_it_needs(web: WebSite):
    declared = dict(declared_permissions(web.app.router))
    assert declared.pop("/static", "") is None  # scripts, styles and pictures: they are read before the sign-in
    assert declared["/healthz"] == "anyone"
    assert declared["/desk"] == "take_calls"
    assert declared["/live"] == "take_calls"
    assert declared["/api/phone/account"] == "take_calls"
    assert None not in declared.values()


async def test_a_stranger_is_led_to_the_sign_in_page_and_back(web: WebSite):
    answer = await web.client.get("/desk?tab=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/desk%3Ftab%3D1"


async def test_a_stranger_gets_no_telephone_account(web: WebSite):
    answer = await web.client.post("/api/phone/account")
    assert answer.status_code == 401
    assert web.telephony.wishes == []


async def test_an_administrator_has_no_desk(web: WebSite):
    await web.enter(people.ADMIN)
    answer = await web.client.get("/desk")
    assert answer.status_code == 403
    assert "您没有查看权限" in answer.text


async def test_the_secret_is_given_to_the_agents_own_page_only(web: WebSite):
    entered = await web.enter()
    without_token = await web.client.post("/api/phone/account")
    assert without_token.status_code == 403
    answer = await web.client.post("/api/phone/account", headers={"X-CSRF-Token": entered.csrf})
    assert answer.json()["secret"].startswith("secret-of-1018")
    assert answer.headers["cache-control"] == "no-store"
    page = await web.client.get("/desk")
    assert "secret-of" not in page.text


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
)
async def test_another_sites_page_changes_nothing_even_with_the_token(web: WebSite, headers: dict[str, str]):
    entered = await web.enter()
    answer = await web.client.post("/api/state/ready", headers={"X-CSRF-Token": entered.csrf, **headers})
    assert answer.status_code == 403
    assert web.telephony.wishes == []


def test_a_request_of_our_own_page_is_ours():
    assert comes_from_us({"host": "a.test:8000", "origin": "http://a.test:8000", "sec-fetch-site": "same-origin"})
    assert not comes_from_us({"host": "a.test:8000", "origin": "http://a.test:9000"})
    assert not comes_from_us({"host": "a.test", "origin": "null"})


async def test_pages_run_only_our_own_files(web: WebSite):
    await web.enter()
    answer = await web.client.get("/desk")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "connect-src 'self' ws://127.0.0.1:8188" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert " style=" not in answer.text
    assert " onclick=" not in answer.text


async def test_the_cookie_is_out_of_the_reach_of_scripts_and_other_sites(web: WebSite):
    from fastapi import Response

    entered = await web.enter()
    response = Response()
    keep_session(response, entered.token, entered.user.expires_at, secure=True)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(SESSION_COOKIE)
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Secure"))


async def test_sign_in_is_slowed_down_for_one_address():
    limit = SignInLimit(RateLimits(), tries=3)
    for _ in range(3):
        await limit.check("10.0.0.9")
    with pytest.raises(TooManyTries):
        await limit.check("10.0.0.9")
    await limit.check("10.0.0.10")


async def test_a_page_that_does_not_exist_is_said_in_the_readers_language(web: WebSite):
    answer = await web.client.get("/nothing", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert "This page does not exist." in answer.text


async def test_health_is_told_without_signing_in(web: WebSite):
    answer = await web.client.get("/healthz")
    assert answer.json() == {"web": "ok", "database": "ok", "telephony": "ok", "disk": "ok"}
