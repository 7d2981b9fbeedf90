"""The second step of signing in as people meet it: set up on their own page, asked for at the door, reset when lost."""

from __future__ import annotations

import base64
import html
import re

import pytest
from httpx2 import Response

from agent_desktop.security import SESSION_COOKIE, STEP_COOKIE
from crm_core.access import totp
from crm_core.clock import instant, now
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

PASSWORD_FORM = {"number": people.AGENT, "password": people.PASSWORD}


def code_of(secret: bytes, steps_ahead: int = 0) -> str:
    return totp.code_of(secret, int(instant(now()) // totp.STEP_SECONDS) + steps_ahead)


async def set_up(web: WebSite, number: str = people.AGENT) -> tuple[bytes, list[str]]:
    """On the person's own page, as a browser does; gives what only the person has."""
    entered = await web.enter(number)
    form = {"csrf_token": entered.csrf}
    shown = await web.client.post("/second-step/begin", data=form)
    secret = base64.b32decode(re.findall(r'secret">([A-Z2-7]{32})<', shown.text)[0])
    assert 'src="data:image/svg+xml' in shown.text
    done = await web.client.post("/second-step/confirm", data={**form, "code": code_of(secret)})
    codes = re.findall(r"<li>((?:[a-z2-9]{4}-){3}[a-z2-9]{4})</li>", done.text)
    assert (done.status_code, len(codes)) == (200, 10)
    return secret, codes


async def csrf(web: WebSite) -> str:
    page = (await web.client.get("/second-step")).text
    return page.split('name="csrf-token" content="')[1].split('"')[0]


async def with_password(web: WebSite, **more: str) -> Response:
    web.client.cookies.clear()
    return await web.client.post("/login", data={**PASSWORD_FORM, **more})


async def test_whoever_set_it_up_comes_in_by_password_and_code_and_by_neither_alone(web: WebSite):
    secret, _ = await set_up(web)
    answer = await with_password(web, after="ready", next="/contacts?agent=1018")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login/code")
    assert SESSION_COOKIE not in answer.cookies
    assert (await web.client.get("/desk")).headers["location"].startswith("/login"), "the step is no session"
    assert (
        "第二步" in (await web.client.get("/login/code")).text
        or "两步验证" in (await web.client.get("/login/code")).text
    )
    wrong = await web.client.post("/login/code", data={"code": "000000"})
    assert (wrong.status_code, "验证码不对" in wrong.text) == (401, True)
    right = await web.client.post("/login/code", data={"code": code_of(secret, 1)})
    assert (right.status_code, right.headers["location"]) == (303, "/contacts?agent=1018")
    assert SESSION_COOKIE in right.cookies
    assert web.telephony.desk(people.AGENT).state == "ready"
    assert (await web.client.get("/desk")).status_code == 200


async def test_the_step_is_bound_to_its_browser_and_taken_once(web: WebSite):
    secret, _ = await set_up(web)
    await with_password(web)
    token = web.client.cookies[STEP_COOKIE]
    await web.client.post("/login/code", data={"code": code_of(secret, 1)})
    web.client.cookies.clear()
    assert (await web.client.post("/login/code", data={"code": code_of(secret, 1)})).headers["location"] == "/login"
    web.client.cookies.set(STEP_COOKIE, token)
    assert (await web.client.post("/login/code", data={"code": code_of(secret, 1)})).headers["location"] == "/login"


async def test_a_recovery_code_opens_when_the_telephone_is_lost(web: WebSite):
    _, codes = await set_up(web)
    await with_password(web)
    assert (await web.client.post("/login/code", data={"code": codes[3]})).headers["location"] == "/desk"
    assert "9 个" in (await web.client.get("/second-step")).text


async def test_setting_it_up_signs_out_everywhere_but_here(web: WebSite):
    elsewhere = (await web.enter()).token
    await set_up(web)
    assert (await web.client.get("/desk")).status_code == 200
    web.client.cookies.clear()
    web.client.cookies.set(SESSION_COOKIE, elsewhere)
    assert (await web.client.get("/desk")).headers["location"].startswith("/login")


async def test_a_wrong_first_code_is_told_beside_the_same_picture(web: WebSite):
    entered = await web.enter()
    form = {"csrf_token": entered.csrf}
    shown = await web.client.post("/second-step/begin", data=form)
    again = await web.client.post("/second-step/confirm", data={**form, "code": "12"})
    assert again.status_code == 422
    secret = re.findall(r'secret">([A-Z2-7]{32})<', shown.text)
    assert re.findall(r'secret">([A-Z2-7]{32})<', again.text) == secret
    assert "手机时间" in again.text


async def test_new_codes_and_the_removal_ask_for_a_code(web: WebSite):
    _, codes = await set_up(web)
    form = {"csrf_token": await csrf(web)}
    for act in ("codes", "remove"):
        assert (await web.client.post(f"/second-step/{act}", data={**form, "code": "nonsense"})).status_code == 401
    fresh = await web.client.post("/second-step/codes", data={**form, "code": codes[0]})
    assert codes[1] not in fresh.text
    new = re.findall(r"<li>((?:[a-z2-9]{4}-){3}[a-z2-9]{4})</li>", fresh.text)
    removed = await web.client.post("/second-step/remove", data={**form, "code": new[0]})
    assert (removed.status_code, "已取消" in removed.text) == (200, True)
    assert (await with_password(web)).headers["location"] == "/desk"


async def test_a_role_that_must_have_it_sets_it_up_before_anything_else(web: WebSite):
    admin = await web.enter(people.ADMIN)
    saved = await web.client.post("/admin/sign-in", data={"csrf_token": admin.csrf, "roles": ["agent"]})
    assert saved.headers["location"] == "/admin/sign-in?done=1"
    page = html.unescape((await web.client.get("/admin/sign-in")).text)
    assert 'value="agent" checked' in page
    await with_password(web)
    assert (await web.client.get("/desk")).headers["location"] == "/second-step"
    assert (await web.client.post("/api/phone/account")).status_code == 403
    assert "先设置" in (await web.client.get("/second-step")).text
    form = {"csrf_token": await csrf(web)}
    shown = await web.client.post("/second-step/begin", data=form)
    secret = base64.b32decode(re.findall(r'secret">([A-Z2-7]{32})<', shown.text)[0])
    assert (await web.client.post("/second-step/confirm", data={**form, "code": code_of(secret)})).status_code == 200
    assert (await web.client.get("/desk")).status_code == 200


async def test_an_administrator_resets_a_lost_telephone_and_nobody_else_does(web: WebSite):
    await set_up(web)
    path = f"/admin/people/{people.AGENT}/second-step"
    agent = {"csrf_token": await csrf(web)}
    assert (await web.client.post(path, data=agent)).status_code == 403
    web.client.cookies.clear()
    admin = await web.enter(people.ADMIN)
    shown = (await web.client.get(f"/admin/people/{people.AGENT}?part=account")).text
    assert "重置两步验证" in shown
    assert (await web.client.post(path, data={"csrf_token": admin.csrf})).status_code == 303
    assert ("revoke_phone", people.AGENT) in web.telephony.wishes
    assert (await with_password(web)).headers["location"] == "/desk"


async def test_a_locked_account_is_seen_and_unlocked_by_an_administrator(web: WebSite):
    for _ in range(5):
        await web.client.post("/login", data={**PASSWORD_FORM, "password": "wrong-wrong"})
    assert (await with_password(web)).status_code == 429
    admin = await web.enter(people.ADMIN)
    assert "锁定至" in (await web.client.get("/admin/people")).text
    assert "立即解锁" in (await web.client.get(f"/admin/people/{people.AGENT}?part=account")).text
    path = f"/admin/people/{people.AGENT}/unlock"
    assert (await web.client.post(path, data={"csrf_token": admin.csrf})).status_code == 303
    assert "锁定至" not in (await web.client.get("/admin/people")).text
    log = (await web.client.get("/admin/audit")).text
    assert "多次输错，账号锁定" in log
    assert "账号解锁" in log
    assert (await with_password(web)).headers["location"] == "/desk"


@pytest.mark.parametrize("cookie", ["", "x" * 43, "\x7f"])
async def test_the_page_for_the_code_is_for_who_typed_the_password(web: WebSite, cookie: str):
    if cookie.isprintable() and cookie:
        web.client.cookies.set(STEP_COOKIE, cookie)
    assert (await web.client.get("/login/code")).headers["location"] == "/login"
    assert (await web.client.post("/login/code", data={"code": "1"})).headers["location"] == "/login"
