"""Signing in by the organisation's account, with a real OpenID provider that checks what RFC 7636 asks for."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import flask
import httpx2
import pytest
import werkzeug.serving
from sqlalchemy import select, update

from agent_desktop.openid import OpenIdProvider, OpenIdSettings, ProviderRefused, insecure
from agent_desktop.security import SESSION_COOKIE
from crm_core.access.model import AuditEntry, User
from crm_core.clock import now
from tests.browser import people
from tests.ports import free_port
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.test_second_step import code_of, set_up

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the provider's own, of the library below it
    from oidc_provider_mock import app as provider_app

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config")


@dataclass
class Provider:
    issuer: str
    challenges: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    port = free_port()
    found = Provider(f"http://localhost:{port}")
    app = provider_app(require_nonce=True)

    @app.before_request
    def proof_key() -> flask.Response | None:
        """The package knows no PKCE: whoever redeems a code without the verifier of its challenge is refused here."""
        if flask.request.path == "/oauth2/token":
            digest = hashlib.sha256(flask.request.form.get("code_verifier", "").encode()).digest()
            made = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            if found.challenges.get(flask.request.form["code"]) != made:
                found.refused.append(made)
                return flask.Response("{}", 400)
        return None

    @app.after_request
    def remember(answer: flask.Response) -> flask.Response:
        code = parse_qs(urlsplit(answer.headers.get("Location", "")).query).get("code")
        if code and flask.request.args.get("code_challenge_method") == "S256":
            found.challenges[code[0]] = flask.request.args["code_challenge"]
        return answer

    server = werkzeug.serving.make_server("localhost", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.fixture
def site(web: WebSite, provider: Provider) -> WebSite:
    settings = OpenIdSettings(
        issuer=provider.issuer, client_id="hotline", client_secret="secret", claim="sub", name="远辰账号"
    )
    web.app.state.openid = OpenIdProvider(settings)
    return web


async def at_provider(address: str, number: str) -> str:
    """The person types who they are there; gives the path to which they are sent back."""
    async with httpx2.AsyncClient(trust_env=False) as browser:
        answer = await browser.post(address, data={"sub": number})
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == "http://hotline.test/login/openid/back"
    return f"{back.path}?{back.query}"


async def leave(site: WebSite, path: str = "/login/openid") -> str:
    answer = await site.client.get(path)
    assert answer.status_code == 303
    return str(answer.headers["location"])


async def test_a_person_with_an_account_here_comes_in_by_the_organisations(site: WebSite):
    assert "用远辰账号登录" in (await site.client.get("/login")).text
    back = await at_provider(await leave(site, "/login/openid?next=/contacts"), people.AGENT)
    answer = await site.client.get(back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/contacts")
    assert (await site.client.get("/desk")).status_code == 200
    async with site.db.begin() as session:
        ways = list(await session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "sign_in")))
    assert ways == ["openid"]


async def test_who_has_no_account_here_gets_none_and_a_disabled_one_the_same_sentence(site: WebSite):
    async with site.db.begin() as session:
        await session.execute(update(User).where(User.number == people.ENGLISH_AGENT).values(disabled_at=now()))
        before = len(list(await session.scalars(select(User.id))))
    said = []
    for number in ("4711", people.ENGLISH_AGENT, "administrator", "' OR 1=1"):
        answer = await site.client.get(await at_provider(await leave(site), number))
        assert (answer.status_code, SESSION_COOKIE in answer.cookies) == (401, False)
        said.append(re.findall(r'role="alert">([^<]+)<', answer.text)[0])
    assert set(said) == {"企业账号已确认您的身份，但这里没有您的账号。请联系管理员。"}
    async with site.db.begin() as session:
        assert len(list(await session.scalars(select(User.id)))) == before


async def test_an_answer_that_this_browser_did_not_ask_for_is_refused(site: WebSite):
    stolen = await at_provider(await leave(site), people.AGENT)
    await leave(site)  # another way in has begun: the state before is worth nothing
    answer = await site.client.get(stolen)
    assert (answer.status_code, SESSION_COOKIE in answer.cookies) == (401, False)
    mine = await at_provider(await leave(site), people.AGENT)
    site.client.cookies.clear()
    assert (await site.client.get(mine)).status_code == 401
    for nonsense in ("?state=x", "?code=x", "?code=x&state=%00", "?error=access_denied&state=x"):
        assert (await site.client.get(f"/login/openid/back{nonsense}")).status_code == 401


async def test_an_answer_is_taken_once(site: WebSite):
    back = await at_provider(await leave(site), people.AGENT)
    assert (await site.client.get(back)).status_code == 303
    assert (await site.client.get(back)).status_code == 401


async def test_a_stolen_code_is_worth_nothing_without_its_verifier(site: WebSite, provider: Provider):
    address = await leave(site)
    code = parse_qs(urlsplit(await at_provider(address, people.AGENT)).query)["code"][0]
    ours = {"verifier": "guess" * 10, "nonce": parse_qs(urlsplit(address).query)["nonce"][0]}
    with pytest.raises(ProviderRefused):
        await site.app.state.openid.redeem(code, ours, "http://hotline.test/login/openid/back")
    assert provider.refused


async def test_a_token_for_another_way_in_is_refused(site: WebSite):
    ours = {"state": "s", "verifier": "v" * 43, "nonce": "n1"}
    address = await site.app.state.openid.leave_for(ours, "http://hotline.test/login/openid/back")
    code = parse_qs(urlsplit(await at_provider(address, people.AGENT)).query)["code"][0]
    with pytest.raises(ProviderRefused):
        await site.app.state.openid.redeem(code, {**ours, "nonce": "n2"}, "http://hotline.test/login/openid/back")


async def test_another_sites_token_is_refused(site: WebSite, provider: Provider):
    other = OpenIdProvider(OpenIdSettings(issuer=provider.issuer, client_id="other", claim="sub"))
    ours = {"state": "s", "verifier": "v" * 43, "nonce": "n3"}
    back = "http://hotline.test/login/openid/back"
    code = parse_qs(urlsplit(await at_provider(await other.leave_for(ours, back), people.AGENT)).query)["code"][0]
    with pytest.raises(ProviderRefused):
        await site.app.state.openid.redeem(code, ours, back)


async def test_the_second_step_is_asked_for_after_the_organisations_sign_in_too(site: WebSite):
    secret, _ = await set_up(site)
    site.client.cookies.clear()
    answer = await site.client.get(await at_provider(await leave(site), people.AGENT))
    assert (answer.headers["location"], SESSION_COOKIE in answer.cookies) == ("/login/code", False)
    assert (await site.client.post("/login/code", data={"code": code_of(secret, 1)})).headers["location"] == "/desk"


async def test_a_provider_that_is_away_leaves_the_password(site: WebSite):
    gone = OpenIdSettings(issuer=f"http://localhost:{free_port()}", client_id="hotline")
    site.app.state.openid = OpenIdProvider(gone)
    answer = await site.client.get("/login/openid")
    assert (answer.status_code, "请用密码登录" in answer.text) == (503, True)
    form = {"number": people.AGENT, "password": people.PASSWORD}
    assert (await site.client.post("/login", data=form)).status_code == 303


async def test_without_a_provider_there_is_neither_button_nor_page(web: WebSite):
    assert "/login/openid" not in (await web.client.get("/login")).text
    assert (await web.client.get("/login/openid")).status_code == 404


def test_only_this_machine_may_be_asked_without_encryption():
    assert not insecure("https://login.example.com")
    assert not insecure("http://localhost:9000")
    assert insecure("http://login.example.com")
    assert not insecure("")
