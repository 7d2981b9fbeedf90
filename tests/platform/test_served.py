"""`hotline serve`: a browser on another machine has its pages and its telephone by one encrypted port."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page

from tests.browser import people
from tests.integration.site import wait_until
from tests.platform.desk_browser import desk_browser, heard, sign_in, voice
from tests.platform.people import disabled
from tests.platform.served_site import OWN_ADDRESS, ServedCentre
from tests.platform.site import ROOT, at_rest
from tests.platform.test_end_to_end import AGENT_HERTZ, each_on_their_side, hears_the_customer, recording_of, ring
from tests.platform.test_upgrade import another_version, upgrade, version_of

OPEN_SOCKETS = """() => window.sockets.filter((socket) => socket.readyState === 1)
  .map((socket) => new URL(socket.url).pathname).sort()"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(cache: Path) -> Iterator[ServedCentre]:
    with closing(ServedCentre(cache)) as centre:
        centre.up()
        yield centre


@pytest.fixture
def open_site(served: ServedCentre) -> Iterator[ServedCentre]:
    with at_rest(served) as centre:
        yield centre


def test_pages_and_phone_come_by_one_port_and_both_sides_hear_while_the_certificate_is_renewed(
    open_site: ServedCentre, tmp_path: Path
) -> None:
    microphone = voice(tmp_path / "agent.wav", AGENT_HERTZ)
    with desk_browser(microphone, more_flags=open_site.browser_flags) as page:
        sign_in(page, open_site.address, people.AGENT)
        sockets = page.evaluate("window.sockets.map((socket) => socket.url)")
        port = f"wss://{open_site.address.removeprefix('https://')}"
        assert {socket.removeprefix(port) for socket in sockets} == {"/live", "/desk/text", "/sip"}
        [cookie] = [one for one in page.context.cookies() if one["name"] == "hl_session"]
        assert (cookie["secure"], cookie["httpOnly"]) == (True, True)
        customer = ring(open_site, page)
        page.keyboard.press("F2")
        page.wait_for_selector("body[data-call=talking]")
        hears_the_customer(page)
        before = certificate_shown(open_site)
        open_site.authority.sign([OWN_ADDRESS])
        open_site.supervisors[-1].send_signal(signal.SIGHUP)
        wait_until(lambda: certificate_shown(open_site) != before, 10, "the new certificate")
        hears_the_customer(page)
        assert page.evaluate("window.sockets.map((socket) => socket.readyState)") == [1, 1, 1]
        ends_well(open_site, page, customer)


def ends_well(site: ServedCentre, page: Page, customer: Any) -> None:
    """The agent hangs up; both sides of the talk are in its recording."""
    page.keyboard.press("Shift+F2")
    page.keyboard.press("Shift+F2")
    assert customer.wait(20) == 0, customer.complaints()
    each_on_their_side(recording_of(site, site.contact(people.CHEN_NUMBER.removeprefix("+86"))["id"]))


@pytest.mark.full
@pytest.mark.timeout(300)
def test_a_desk_and_its_phone_come_back_by_themselves_after_an_upgrade_and_the_talk_never_stopped(
    open_site: ServedCentre, tmp_path: Path
) -> None:
    microphone = voice(tmp_path / "agent.wav", AGENT_HERTZ)
    with desk_browser(microphone, more_flags=open_site.browser_flags) as page:
        sign_in(page, open_site.address, people.AGENT)
        customer = ring(open_site, page)
        page.keyboard.press("F2")
        page.wait_for_selector("body[data-call=talking]")
        before, opened = heard(page), len(page.evaluate("window.sockets"))
        for version in (another_version(tmp_path / "next"), ROOT):
            done = upgrade(open_site, version)
            assert done.returncode == 0, done.stdout + done.stderr + open_site.said()
            assert version_of(open_site) == version
            wait_until(
                lambda: page.evaluate(OPEN_SOCKETS) == ["/desk/text", "/live", "/sip"], 45, "the sockets are back"
            )
            page.wait_for_selector("body.live[data-phone=ok][data-call=talking]")
            hears_the_customer(page)
        assert len(page.evaluate("window.sockets")) >= opened + 6, "each was opened anew, twice"
        assert heard(page)["lost"] == before["lost"]
        ends_well(open_site, page, customer)


def certificate_shown(site: ServedCentre) -> str:
    host, port = site.address.removeprefix("https://").split(":")
    plain = socket.create_connection((host, int(port)), 5)
    with site.trust.wrap_socket(plain, server_hostname=host) as encrypted:
        found = encrypted.getpeercert()
        assert found
        return str(found["serialNumber"])


def test_browsers_are_told_to_stay_with_https_and_strangers_with_another_authority_get_nothing(
    open_site: ServedCentre,
) -> None:
    with open_site.web() as web:
        answer = web.get("/login")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert f"wss://{open_site.address.removeprefix('https://')}" in answer.headers["Content-Security-Policy"]
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(open_site.address, trust_env=False)


def test_a_person_whom_an_administrator_disables_has_no_phone_five_seconds_later(
    open_site: ServedCentre, tmp_path: Path
) -> None:
    def registered() -> bool:
        return f"{people.AGENT}/sip:" in open_site.telephones.asterisk.rx("pjsip show contacts")

    microphone = voice(tmp_path / "agent.wav", AGENT_HERTZ)
    with desk_browser(microphone, more_flags=open_site.browser_flags) as page:
        sign_in(page, open_site.address, people.AGENT)
        assert registered()
        with open_site.web() as web, disabled(web, people.AGENT):
            wait_until(lambda: not registered(), 5, "the registration is gone")


def test_only_the_door_and_the_telephones_can_be_reached_from_elsewhere(open_site: ServedCentre) -> None:
    reached = open_site.command("status")
    assert reached.returncode == 0, reached.stdout
    assert f"{open_site.address} " in reached.stdout
    for port in ("WEB_PORT", "AMI_PORT", "AGI_PORT", "ASTERISK_HTTP_PORT"):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((OWN_ADDRESS, open_site.ports[port]), 2)
