"""Calls out by a telephone company, as it sees them: which number is shown, what a saved trunk does to a talk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from crm_core.history import events as feed
from crm_core.lines.limits import DialLimits, Limits
from crm_core.lines.outgoing import OutgoingRules
from cti.dial_caps import TooManyOutsideLegs
from cti.outgoing import ColleaguesNumber, NumberNotAllowed
from cti.views import Target
from tests.integration import scenarios
from tests.integration.carrier import Carrier
from tests.integration.carrier_lines import MOBILE, NUMBERS, Records, connected, registered
from tests.integration.platform import Platform
from tests.integration.site import DESK_PHONES, SiteUnderTest
from tests.integration.test_campaign_line import order
from tests.integration.test_recordings_of_transfers import AGENTS_SIDE, FIRST, OTHER_SIDE, heard, sounds
from tests.integration.voices import Voice

BRAND, OF_BRAND, OF_CAMPAIGN = "远辰", "043188883318", "4008001234"
ECHOES = "+8613900000006"


async def test_the_carrier_sees_the_number_of_the_customers_brand_and_that_of_the_campaign(
    telephone_site: SiteUnderTest, tmp_path: Path, carrier: Carrier
) -> None:
    records = Records(telephone_site, carrier)
    records.rules = OutgoingRules(by_brand={BRAND: OF_BRAND}, by_campaign={"7": OF_CAMPAIGN})
    telephone_site.phone("1001", scenarios.phone_answers(), calls=2)
    async with connected(telephone_site, tmp_path, records) as running:
        await registered(running)
        desk, before = running.bridge.desk, len(carrier.heard())
        await desk.sign_in("1001", ready=False)
        for customer, brand in ((1, BRAND), (2, "")):
            records.brand = brand
            await desk.dial("1001", MOBILE, customer)
            await running.until(lambda: len(running.of(feed.ContactAnswered)) == customer)  # noqa: B023
            await desk.hang_up("1001")
            await running.until_ended(customer)
        await running.bridge.campaign_line.place(order(digits="8613900000001", queue=""))
        await running.until(lambda: len(carrier.heard()) - before == 3)
        shown = [line.split(" from ")[1].split(" ")[0] for line in carrier.heard()[before:]]
        assert shown == [OF_BRAND, NUMBERS[0], OF_CAMPAIGN]


async def test_lines_that_are_saved_in_a_talk_leave_it_alone_even_when_its_own_trunk_goes(
    telephone_site: SiteUnderTest, tmp_path: Path, carrier: Carrier
) -> None:
    """The customer's telephone echoes the agent, so the tone is on both sides of the file as long as both hear."""
    records = Records(telephone_site, carrier)
    with Voice(DESK_PHONES, FIRST) as agent:
        telephone_site.phone("1001", agent.spoken(scenarios.phone_answers()))
        async with connected(telephone_site, tmp_path, records) as running:
            await registered(running)
            desk = running.bridge.desk
            await desk.sign_in("1001", ready=False)
            await desk.dial("1001", ECHOES)
            await running.until(lambda: bool(running.of(feed.RecordingStarted)))
            await asyncio.sleep(0.6)
            for records.trunk, records.second in (
                ({"dtmf": "info"}, False),
                ({"codecs": ("ulaw",), "caller_id": "pai"}, True),
                ({"endpoint": "trunk-another"}, False),
            ):
                await desk.lines_changed()
                await asyncio.sleep(0.4)
            await asyncio.sleep(0.6)
            assert not running.of(feed.ContactEnded)
            await desk.hang_up("1001")
            (sound,) = await sounds(telephone_site, running)
    seconds = len(sound) / 8000
    assert seconds > 2
    for side in (AGENTS_SIDE, OTHER_SIDE):
        assert heard(sound, side, FIRST) > seconds - 0.4, f"a hole on side {side}"


async def test_transfers_and_consults_ask_the_same_limits_and_a_colleagues_number_never_goes_to_a_carrier(
    telephone_site: SiteUnderTest, tmp_path: Path, carrier: Carrier
) -> None:
    records = Records(telephone_site, carrier)
    records.limits = DialLimits(allowed=("861",), agent=Limits(at_once=1))
    telephone_site.phone("1001", scenarios.phone_answers())
    async with connected(telephone_site, tmp_path, records) as running:
        await registered(running)
        desk = running.bridge.desk
        await desk.sign_in("1001", ready=False)
        with pytest.raises(ColleaguesNumber):
            await desk.dial("1001", "1002")
        await desk.dial("1001", MOBILE)
        await running.until(lambda: bool(running.of(feed.RecordingStarted)))
        before = len(carrier.heard())
        for act in (desk.calls.consult, desk.calls.transfer):
            with pytest.raises(TooManyOutsideLegs):
                await act("1001", Target(kind="number", value=MOBILE))
            with pytest.raises(NumberNotAllowed):
                await act("1001", Target(kind="number", value="+4930123456"))
        assert told(running) == {"TooManyOutsideLegs", "NumberNotAllowed"}
        assert carrier.heard()[before:] == []
        await desk.hang_up("1001")


def told(running: Platform) -> set[str]:
    return {hit.refusal for hit in running.bridge.lines.seen().hits}
