"""The dialplan's own part of a call: offers, recordings, lost agents, outgoing calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.integration import scenarios
from tests.integration.ami import AmiSession, ami_session
from tests.integration.menu import menu_that_enqueues
from tests.integration.site import DESK_PHONES, SiteUnderTest, wait_until

CUSTOMER_TONE, AGENT_TONE = 440, 1000


@pytest.fixture
def ami(telephone_site: SiteUnderTest) -> Iterator[AmiSession]:
    with ami_session(telephone_site) as session:
        yield session


@contextmanager
def waiting_customer(
    site: SiteUnderTest, ami: AmiSession, number: str = "13912345678", audio: Path | None = None
) -> Iterator[str]:
    """The channel of a customer who waits in the queue "repair"."""
    with menu_that_enqueues(site.site, "repair"):
        site.call("4001718888", scenarios.caller(number, audio=audio))
        ami.event("Event: MusicOnHoldStart", f"CallerIDNum: {number}")
        yield site.channel_in("hl-wait")


def offer(ami: AmiSession, channel: str, agent: str, leg: str) -> None:
    ami.send("Setvar", Channel=channel, Variable="HL_LEG", Value=leg)
    ami.send("Redirect", Channel=channel, Context="hl-offer", Exten=agent, Priority="1")


def tone(folder: Path, hertz: int) -> Path:
    """A file of one second of this tone, mu-law at 8,000 Hz, whole periods."""
    time = np.arange(8000) / 8000
    samples = (np.sin(2 * np.pi * hertz * time) * 8000).astype(np.int32)
    magnitude = np.minimum(np.abs(samples), 32635) + 0x84
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    coded = ~(np.where(samples < 0, 0x80, 0) | exponent << 4 | (magnitude >> exponent + 3) & 0x0F) & 0xFF
    path = folder / f"tone-{hertz}.ul"
    path.write_bytes(coded.astype(np.uint8).tobytes())
    return path


def loudest(samples: npt.NDArray[np.int16]) -> float:
    """The frequency in hertz that dominates a recording at 8,000 Hz."""
    spectrum = np.abs(np.fft.rfft(samples - samples.mean()))
    return float(spectrum.argmax() * 8000 / len(samples))


def recorded_seconds(file: Path) -> float:
    return file.stat().st_size / (8000 * 2 * 2) if file.exists() else 0.0


def assert_agent_left_customer_right(file: Path) -> None:
    wait_until(lambda: recorded_seconds(file) > 1.5, what=f"recording {file}")
    stereo = np.frombuffer(file.read_bytes()[: 8000 * 4], np.int16).reshape(-1, 2)
    assert loudest(stereo[2000:, 0]) == pytest.approx(AGENT_TONE, abs=10)
    assert loudest(stereo[2000:, 1]) == pytest.approx(CUSTOMER_TONE, abs=10)


def test_an_answered_offer_joins_the_two_and_records_the_agent_left(
    telephone_site: SiteUnderTest, ami: AmiSession
) -> None:
    phone = scenarios.phone_answers(audio=tone(telephone_site.folder, AGENT_TONE))
    telephone_site.phone("1001", phone)
    audio = tone(telephone_site.folder, CUSTOMER_TONE)
    with waiting_customer(telephone_site, ami, audio=audio) as customer:
        offer(ami, customer, "1001", "call-1")
        entered = ami.event("Event: BridgeEnter", f"Channel: {customer}", "ChanVariable: HL_STATE=talking")
        assert entered["Linkedid"] == entered["Uniqueid"]
        files = [line for line in ami.heard().split("\r\n") if line.startswith("ChanVariable: HL_FILE=2")]
        name = files[0].removeprefix("ChanVariable: HL_FILE=")
        assert name.endswith("/call-1.raw")
        assert_agent_left_customer_right(telephone_site.site.recordings / name)


def test_nobody_answers_and_the_caller_waits_on(telephone_site: SiteUnderTest, ami: AmiSession) -> None:
    telephone_site.phone("1002", scenarios.phone_rejects())
    with waiting_customer(telephone_site, ami) as customer:
        offer(ami, customer, "1002", "call-1")
        ended = ami.event("UserEvent: HLOfferEnd")
        assert (ended["Agent"], ended["Leg"], ended["DialStatus"], ended["Cause"]) == ("1002", "call-1", "BUSY", "17")
        wait_until(lambda: telephone_site.channel_in("hl-wait") == customer, what="back in the music")


def test_the_platform_sets_how_long_a_phone_rings(telephone_site: SiteUnderTest, ami: AmiSession) -> None:
    telephone_site.phone("1002", scenarios.phone_rings())
    with waiting_customer(telephone_site, ami) as customer:
        ami.send("Setvar", Channel=customer, Variable="HL_RING", Value="1")
        offer(ami, customer, "1002", "call-1")
        assert ami.event("UserEvent: HLOfferEnd", seconds=4)["DialStatus"] == "NOANSWER"


def test_an_agent_who_hangs_up_ends_the_call(telephone_site: SiteUnderTest, ami: AmiSession) -> None:
    telephone_site.phone("1001", scenarios.phone_answers(hang_up_after=0.5))
    with waiting_customer(telephone_site, ami) as customer:
        offer(ami, customer, "1001", "call-1")
        ended = ami.event("UserEvent: HLOfferEnd", f"Channel: {customer}")
        assert ended["Source"].startswith("PJSIP/1001-")
        assert ami.event("UserEvent: HLEnd", f"Channel: {customer}")["State"] == "after"


def test_an_agent_whose_leg_just_vanishes_is_taken_for_lost_and_the_customer_is_kept(
    telephone_site: SiteUnderTest, ami: AmiSession
) -> None:
    telephone_site.phone("1001", scenarios.phone_answers())
    with waiting_customer(telephone_site, ami) as customer:
        offer(ami, customer, "1001", "call-1")
        agent = ami.event("Event: BridgeEnter", "ChanVariable: HL_ROLE=agent")["Channel"]
        ami.send("Hangup", Channel=agent)
        lost = ami.event("UserEvent: HLLost")
        assert (lost["Agent"], lost["Leg"]) == ("1001", "call-1")
        wait_until(lambda: telephone_site.channel_in("hl-lost") == customer, what="kept in music")


def test_the_platform_may_hang_up_for_the_agent(telephone_site: SiteUnderTest, ami: AmiSession) -> None:
    telephone_site.phone("1001", scenarios.phone_answers())
    with waiting_customer(telephone_site, ami) as customer:
        offer(ami, customer, "1001", "call-1")
        agent = ami.event("Event: BridgeEnter", "ChanVariable: HL_ROLE=agent")["Channel"]
        ami.send("Setvar", Channel=customer, Variable="HL_BYE", Value="1")
        ami.send("Hangup", Channel=agent)
        ami.event("UserEvent: HLEnd", f"Channel: {customer}")
        assert "HLLost" not in ami.heard()


def dial_out(ami: AmiSession, number: str, call: str) -> None:
    ami.send(
        "Originate",
        Channel="PJSIP/1001",
        ChannelId=call,
        Context="hl-out",
        Exten=number,
        Priority="1",
        Async="true",
        Variable=f"HL_CALL={call},HL_LEG={call}-1,HL_AGENT=1001,HL_ROLE=agent,HL_DIR=out,HL_STATE=dialling",
    )


def test_an_outgoing_call_is_recorded_with_the_agent_left(telephone_site: SiteUnderTest, ami: AmiSession) -> None:
    telephone_site.phone("1001", scenarios.phone_answers(audio=tone(telephone_site.folder, AGENT_TONE)))
    telephone_site.outside_phone(scenarios.phone_answers(audio=tone(telephone_site.folder, CUSTOMER_TONE)))
    dial_out(ami, "8613912345678", "out-a")
    joined = ami.event("Event: BridgeEnter", "ChanVariable: HL_ROLE=customer")
    assert joined["Linkedid"] == "out-a"
    wait_until(lambda: bool(list(telephone_site.site.recordings.glob("*/out-a-1.raw"))), what="the file")
    assert_agent_left_customer_right(next(telephone_site.site.recordings.glob("*/out-a-1.raw")))
    talk = next(row for row in telephone_site.cel() if row[10] == "HLTALK" and row[3] == "out-a")
    assert "agent=1001|leg=out-a-1" in talk[11]


def test_a_customer_who_is_busy_is_told_with_the_cause(telephone_site: SiteUnderTest, ami: AmiSession) -> None:
    telephone_site.phone("1001", scenarios.phone_answers())
    telephone_site.outside_phone(scenarios.phone_rejects())
    dial_out(ami, "8613912345678", "out-b")
    ended = ami.event("UserEvent: HLOutEnd")
    assert (ended["Call"], ended["DialStatus"], ended["Cause"]) == ("out-b", "BUSY", "17")
    assert ami.event("UserEvent: HLEnd", "Call: out-b")["State"] == "dialling"


def test_cel_alone_tells_the_story_of_a_call(telephone_site: SiteUnderTest, ami: AmiSession) -> None:
    telephone_site.phone("1002", scenarios.phone_rejects())
    phone = telephone_site.phone("1001", scenarios.phone_answers(hang_up_after=0.3))
    with waiting_customer(telephone_site, ami, number="13800000007") as customer:
        offer(ami, customer, "1002", "story-1")
        ami.event("UserEvent: HLOfferEnd", "Leg: story-1")
        wait_until(lambda: telephone_site.channel_in("hl-wait") == customer, what="waiting again")
        offer(ami, customer, "1001", "story-2")
        ami.event("UserEvent: HLEnd", f"Channel: {customer}")
    assert phone.wait() == 0, phone.complaints()
    call = next(row[3] for row in telephone_site.cel() if "caller=13800000007" in row[11])

    def ended() -> bool:
        return any(row[0] == "LINKEDID_END" and row[3] == call for row in telephone_site.cel())

    wait_until(ended, what="the call's last line")
    rows = [row for row in telephone_site.cel() if row[3] == call]
    assert all(len(row) == 12 for row in rows)
    assert all("." in row[1] and float(row[1]) > 1.7e9 for row in rows)
    told = [row[10] for row in rows if row[10]]
    assert told == ["HLSTART", "HLQUEUE", "HLOFFEREND", "HLTALK", "HLOFFEREND", "HLEND"]


@pytest.mark.parametrize("number", ["8613900000001", "00861390000", "911", "1001", "hl-out", "8613900000001%40trunk"])
def test_a_phone_that_dials_by_itself_reaches_nobody(
    telephone_site: SiteUnderTest, ami: AmiSession, number: str
) -> None:
    """A stolen desk phone is no way out: only the platform's own Originate dials."""
    outside = telephone_site.outside_phone(scenarios.phone_answers())
    thief = telephone_site.call(number, scenarios.raw_invite(expect=404), from_=DESK_PHONES)
    assert thief.wait() == 0, thief.complaints()
    assert "PJSIP/trunk-" not in ami.heard()
    assert outside.running
