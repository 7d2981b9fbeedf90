"""Agents who sit elsewhere, behind a firewall without UDP or on IPv6, hear and are heard by what the site offers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import people
from tests.hosts import HostsUnavailable
from tests.platform.desk_browser import sign_in, sign_out, voice
from tests.platform.far_desks import EXCHANGE, RELAY, FarCentre, way_of_the_sound
from tests.platform.site import at_rest
from tests.platform.test_end_to_end import AGENT_HERTZ, hears_the_customer, ring
from tests.platform.test_served import ends_well

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def far(cache: Path) -> Iterator[FarCentre]:
    try:
        centre = FarCentre(cache)
    except HostsUnavailable as missing:
        pytest.skip(str(missing))
    with closing(centre), centre.relaying():
        centre.up()
        yield centre


@pytest.fixture
def far_site(far: FarCentre) -> Iterator[FarCentre]:
    with at_rest(far) as centre:
        yield centre


def talk(site: FarCentre, page: Page, address: str) -> dict[str, str]:
    """A customer and the agent of this page hear each other; the way that the sound took."""
    with site.exchange.inside():
        sign_in(page, address, people.AGENT)
        customer = ring(site, page)
        page.keyboard.press("F2")
        page.wait_for_selector("body[data-call=talking]")
        hears_the_customer(page)
        way = way_of_the_sound(page)
        ends_well(site, page, customer)
        sign_out(page)
    return way


@pytest.mark.parametrize(("by", "network"), [("udp", "198.51.100.0/25"), ("tcp", "198.51.100.128/25")])
def test_an_agent_whom_a_firewall_keeps_from_the_exchange_talks_through_the_relay(
    far_site: FarCentre, tmp_path: Path, by: str, network: str
) -> None:
    office = far_site.office(by, network)
    far_site.relay.refuse_udp(by)
    if by == "tcp":
        office.without_udp()
    with closing(office), far_site.desk(office, voice(tmp_path / "agent.wav", AGENT_HERTZ)) as page:
        way = talk(far_site, page, far_site.address)
    assert way == {"kind": "relay", "by": by, "from": RELAY, "to": EXCHANGE}


def test_a_desk_that_is_opened_by_an_ipv6_address_talks_by_ipv4_without_a_relay(
    far_site: FarCentre, tmp_path: Path
) -> None:
    office = far_site.office("both", "192.0.2.0/24", "2001:db8:2::/64")
    with closing(office), far_site.desk(office, voice(tmp_path / "agent.wav", AGENT_HERTZ)) as page:
        way = talk(far_site, page, far_site.address_6)
    assert (way["kind"], way["from"], way["to"]) == ("host", "192.0.2.2", EXCHANGE)


def test_an_agent_who_has_ipv6_alone_talks_through_the_relay_that_has_both(far_site: FarCentre, tmp_path: Path) -> None:
    office = far_site.office("six", "2001:db8:6::/64")
    with closing(office), far_site.desk(office, voice(tmp_path / "agent.wav", AGENT_HERTZ)) as page:
        way = talk(far_site, page, far_site.address_6)
    assert (way["kind"], way["from"], way["to"]) == ("relay", RELAY, EXCHANGE)
