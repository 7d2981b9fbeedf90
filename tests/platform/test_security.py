"""What a browser, a stranger and a thief of the database get to see of a running platform."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Response

from tests.browser import people
from tests.integration.site import wait_until
from tests.platform.desk_browser import desk_browser, sign_in, sign_out, voice
from tests.platform.site import CallCentre


@pytest.mark.browser
def test_the_phones_secret_is_in_no_page_log_or_storage_and_dies_with_the_sign_out(
    call_centre: CallCentre, tmp_path: Path
) -> None:
    told: list[Response] = []
    with desk_browser(voice(tmp_path / "agent.wav", 880)) as page:
        page.on("response", lambda response: told.append(response) if "/api/phone/account" in response.url else None)
        sign_in(page, call_centre.address, people.AGENT)
        [answer] = told
        secret = answer.json()["secret"]
        assert len(secret) >= 20
        kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
        assert secret not in kept + page.content() + page.context.request.get(f"{call_centre.address}/desk").text()
        assert registered(call_centre)
        sign_out(page)
        wait_until(lambda: not registered(call_centre), 5, "the registration is gone")
    for path in call_centre.run_dir.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path


def registered(call_centre: CallCentre) -> bool:
    return f"{people.AGENT}/sip:" in call_centre.telephones.asterisk.rx("pjsip show contacts")


def test_a_password_is_kept_as_argon2_only(call_centre: CallCentre) -> None:
    kept = [row["password_hash"] for row in call_centre.rows("SELECT password_hash FROM user_account")]
    assert len(kept) >= 6
    assert all(hashed.startswith("$argon2id$") for hashed in kept)
    assert people.PASSWORD not in json.dumps(kept) + call_centre.platform_log()


def test_a_write_without_the_sessions_token_is_refused(call_centre: CallCentre) -> None:
    with call_centre.agent("1003", ready=False) as agent:
        body = {"reason": "rest"}
        assert agent.web.post("/api/state/ready", json=body).status_code == 403
        assert agent.web.post("/api/state/ready", headers={"X-CSRF-Token": "guess"}).status_code == 403
        foreign = {"X-CSRF-Token": agent.csrf, "Origin": "https://elsewhere.example"}
        assert agent.web.post("/api/state/ready", headers=foreign).status_code == 403
        assert agent.state() == "break"
        assert agent.ask("/api/state/ready").status_code == 200
        assert agent.state() == "ready"


def test_every_page_runs_our_own_scripts_only(call_centre: CallCentre) -> None:
    for path in ("/login", "/nowhere", "/wallboard"):
        policy = httpx2.get(call_centre.address + path, trust_env=False).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
