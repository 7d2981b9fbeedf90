"""How a trunk speaks to a telephone company, a real Asterisk: TCP, TLS, and whose word on the caller is believed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from crm_core.history import events as feed
from cti.trunk_watch import TrunkState
from tests.integration.carrier import USER, Carrier
from tests.integration.carrier_lines import NUMBERS, Records, connected, mobile, registered, until
from tests.integration.site import SiteUnderTest


@pytest.mark.parametrize("over", ["tcp", "tls"])
async def test_a_trunk_speaks_tcp_and_tls_both_ways(
    telephone_site: SiteUnderTest, tmp_path: Path, carrier: Carrier, over: str
) -> None:
    records = Records(telephone_site, carrier)
    records.trunk = {"transport": over, "port": carrier.tls_port if over == "tls" else carrier.port}
    async with connected(telephone_site, tmp_path, records) as running:
        await registered(running)
        assert f"transport={over}" in carrier.rx(f"pjsip show aor {USER}").lower()
        await asyncio.to_thread(carrier.call, NUMBERS[0])
        await running.until(lambda: len(running.of(feed.CallQueued)) == 1)
        await running.bridge.lines.test_call("9001", "13900000001", "mobile")
        await until(running, lambda: running.bridge.lines.tests.all()[-1].answered)


async def test_a_carrier_whose_certificate_is_nobodys_we_trust_is_not_spoken_to(
    telephone_site: SiteUnderTest, tmp_path: Path, carrier: Carrier
) -> None:
    records = Records(telephone_site, carrier)
    records.trunk = {"transport": "tls", "port": carrier.tls_port, "host": "localhost"}  # signed for its address only
    before = len(carrier.heard())
    async with connected(telephone_site, tmp_path, records) as running:
        await running.bridge.lines.test_call("9001", "13900000001", "mobile")
        await until(running, lambda: running.bridge.lines.tests.all()[-1].ended)
        assert not running.bridge.lines.tests.all()[-1].answered
        assert mobile(running).state is not TrunkState.REGISTERED
    assert len(carrier.heard()) == before


CALLER, REALLY = "13900000009", "13800000008"


@pytest.mark.parametrize(
    ("caller_id", "believed"), [("from", CALLER), ("pai", REALLY)], ids=["a stranger's word", "the carrier's word"]
)
async def test_who_calls_is_taken_from_the_asserted_header_only_on_a_trunk_that_says_so(
    telephone_site: SiteUnderTest, tmp_path: Path, carrier: Carrier, *, caller_id: str, believed: str
) -> None:
    records = Records(telephone_site, carrier)
    records.trunk = {"caller_id": caller_id}
    async with connected(telephone_site, tmp_path, records) as running:
        await registered(running)
        await asyncio.to_thread(carrier.call, NUMBERS[0], caller=CALLER, asserted=REALLY)
        await running.until(lambda: bool(running.of(feed.CallQueued)))
        [started] = running.of(feed.ContactStarted)
        assert started.caller == believed


async def test_an_asserted_header_that_would_forge_an_event_makes_no_call(
    telephone_site: SiteUnderTest, tmp_path: Path, carrier: Carrier
) -> None:
    records = Records(telephone_site, carrier)
    records.trunk = {"caller_id": "pai"}
    async with connected(telephone_site, tmp_path, records) as running:
        await registered(running)
        for hostile in ("138%0d%0aEvent:%20Hangup", "138%1b", "138%7f"):
            await asyncio.to_thread(carrier.call, NUMBERS[0], asserted=hostile)
        await asyncio.to_thread(carrier.call, NUMBERS[0], asserted=REALLY)
        await running.until(lambda: bool(running.of(feed.CallQueued)))
        assert [one.caller for one in running.of(feed.ContactStarted)] == [REALLY]


async def test_our_own_number_goes_out_in_the_asserted_header_where_the_trunk_says_so(
    telephone_site: SiteUnderTest, tmp_path: Path, carrier: Carrier
) -> None:
    records = Records(telephone_site, carrier)
    records.trunk = {"caller_id": "pai"}
    async with connected(telephone_site, tmp_path, records) as running:
        await registered(running)
        before = len(carrier.heard())
        await running.bridge.lines.test_call("9001", "13900000001", "mobile")
        await until(running, lambda: running.bridge.lines.tests.all()[-1].answered)
        [call] = carrier.heard()[before:]
        assert f" pai <sip:{NUMBERS[0]}@" in call
