"""Signing in: the message stands under its field, nothing typed is lost, and nobody is led elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from agent_desktop.rendering import LANGUAGE_COOKIE
from agent_desktop.security import SESSION_COOKIE
from agent_desktop.signing_in import own_page
from crm_core.clock import now
from crm_core.history.model import Contact
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite


async def test_an_agent_signs_in_and_stands_on_the_desk_in_the_chosen_state(web: WebSite):
    form = {"number": people.AGENT, "password": people.PASSWORD, "after": "ready"}
    answer = await web.client.post("/login", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    assert SESSION_COOKIE in answer.cookies
    assert web.telephony.desk(people.AGENT).state == "ready"


async def test_a_wrong_password_is_told_under_the_field_and_the_number_stays(web: WebSite):
    answer = await web.client.post("/login", data={"number": people.AGENT, "password": "wrong-wrong"})
    assert answer.status_code == 401
    assert 'id="password-error">工号或密码不对。</p>' in answer.text
    assert f'value="{people.AGENT}"' in answer.text


async def test_an_empty_field_is_asked_for(web: WebSite):
    answer = await web.client.post("/login", data={"number": " ", "password": "x"})
    assert answer.status_code == 422
    assert 'id="number-error">请输入工号。</p>' in answer.text


async def test_after_five_wrong_passwords_the_page_says_how_long_to_wait(web: WebSite):
    for _ in range(5):
        await web.client.post("/login", data={"number": people.AGENT, "password": "wrong-wrong"})
    answer = await web.client.post("/login", data={"number": people.AGENT, "password": people.PASSWORD})
    assert answer.status_code == 429
    assert "秒后再试" in answer.text


async def test_before_the_first_call_the_page_promises_no_lines(web: WebSite):
    async with web.db.begin() as session:
        await session.execute(update(Contact).values(started_at=now() + timedelta(days=400)))
    page = (await web.client.get("/login")).text
    assert 'class="sign-in alone"' in page
    assert "每一根线" not in page


async def test_an_administrator_needs_no_telephone(web: WebSite):
    answer = await web.client.post("/login", data={"number": people.ADMIN, "password": people.PASSWORD})
    assert answer.headers["location"] == "/admin"
    assert web.telephony.wishes == []


async def test_the_language_chosen_before_sign_in_stays_with_the_person(web: WebSite):
    await web.client.post("/language", data={"language": "en"})
    assert web.client.cookies[LANGUAGE_COOKIE] == "en"
    await web.client.post("/login", data={"number": people.ADMIN, "password": people.PASSWORD})
    assert '<html lang="en"' in (await web.client.get("/wallboard")).text


async def test_signing_out_ends_the_session_the_phone_and_the_shift(web: WebSite):
    entered = await web.enter()
    answer = await web.client.post("/logout", data={"csrf_token": entered.csrf})
    assert answer.headers["location"] == "/login"
    assert ("sign_out", people.AGENT) in web.telephony.wishes
    web.client.cookies.set(SESSION_COOKIE, entered.token)
    assert (await web.client.get("/desk")).headers["location"].startswith("/login")


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/contacts?agent=1018", "/contacts?agent=1018"),
        ("//evil.example/x", "/x"),
        ("https://evil.example/desk", "/desk"),
        ("/\\evil.example", ""),
        ("javascript:alert(1)", ""),
        ("/desk\r\nSet-Cookie: a=b", "/deskSet-Cookie: a=b"),
        ("", ""),
    ],
)
def test_the_page_after_sign_in_is_always_one_of_ours(address: str, page: str):
    assert own_page(address) == page
