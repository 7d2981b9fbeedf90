"""What the dialplan alone does for a caller who waits: music that a key can leave, announcements, messages."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tests.integration import scenarios
from tests.integration.ami import AmiSession, ami_session
from tests.integration.menu import menu_that_enqueues
from tests.integration.site import SiteUnderTest, wait_until
from tests.integration.test_dialplan import CUSTOMER_TONE, loudest, tone, waiting_customer

HOTLINE = "4001718888"


@pytest.fixture
def ami(telephone_site: SiteUnderTest) -> Iterator[AmiSession]:
    with ami_session(telephone_site) as session:
        yield session


@pytest.mark.parametrize(("key", "choice"), [("1", "callback"), ("2", "message")])
def test_a_key_leaves_the_music_at_any_moment(
    telephone_site: SiteUnderTest, ami: AmiSession, key: str, choice: str
) -> None:
    with menu_that_enqueues(telephone_site.site, "repair"):
        telephone_site.call(HOTLINE, scenarios.caller(keys=((1.0, key),)))
        ami.event("Event: MusicOnHoldStart")
        chosen = ami.event("UserEvent: HLChoose")
    assert chosen["Choice"] == choice


def test_a_key_without_a_meaning_leaves_the_caller_in_the_music(telephone_site: SiteUnderTest, ami: AmiSession) -> None:
    with menu_that_enqueues(telephone_site.site, "repair"):
        telephone_site.call(HOTLINE, scenarios.caller(keys=((0.6, "7"), (0.6, "1"))))
        ami.event("UserEvent: HLChoose")
    before_the_choice = ami.heard().partition("UserEvent: HLChoose")[0]
    assert before_the_choice.count("Event: MusicOnHoldStart") == 2
    assert telephone_site.log_trouble() == []


def test_a_key_leaves_an_announcement_too(telephone_site: SiteUnderTest, ami: AmiSession) -> None:
    """The announcement of this test is ten seconds long: the key comes into its middle."""
    spoken = telephone_site.folder / "long-announcement.sln"
    spoken.write_bytes(np.zeros(80_000, np.int16).tobytes())
    with menu_that_enqueues(telephone_site.site, "repair"):
        telephone_site.call(HOTLINE, scenarios.caller(keys=((4.0, "7"), (1.0, "2"))))
        ami.event("Event: MusicOnHoldStart")
        customer = telephone_site.channel_in("hl-wait")
        ami.send("Setvar", Channel=customer, Variable="HL_PROMPT", Value=str(spoken.with_suffix("")))
        ami.send("Redirect", Channel=customer, Context="hl-announce", Exten="position", Priority="1")
        wait_until(lambda: telephone_site.channel_in("hl-announce") == customer, what="the announcement")
        chosen = ami.event("UserEvent: HLChoose")
    assert chosen["Choice"] == "message"
    assert ami.heard().count("Event: MusicOnHoldStart") == 1


def leave_message(site: SiteUnderTest, ami: AmiSession, customer: str) -> None:
    ami.send("Redirect", Channel=customer, Context="hl-message", Exten="s", Priority="1")
    wait_until(lambda: site.channel_in("hl-message") == customer, what="the recording")


def test_a_message_is_kept_when_the_caller_just_hangs_up(telephone_site: SiteUnderTest, ami: AmiSession) -> None:
    audio = tone(telephone_site.folder, CUSTOMER_TONE)
    with menu_that_enqueues(telephone_site.site, "repair"):
        telephone_site.call(HOTLINE, scenarios.caller("13912345678", audio=audio, hang_up_after=4.0))
        ami.event("Event: MusicOnHoldStart")
        leave_message(telephone_site, ami, telephone_site.channel_in("hl-wait"))
        ended = ami.event("UserEvent: HLEnd")
    assert ended["State"] == "message"
    assert int(ended["Spoken"]) >= 2
    sound = np.frombuffer((telephone_site.site.recordings / ended["Message"]).read_bytes(), np.int16)
    assert len(sound) > 16_000
    assert loudest(sound[8_000:16_000]) == pytest.approx(CUSTOMER_TONE, abs=10)
    assert telephone_site.log_trouble() == []


def test_silence_ends_a_message(telephone_site: SiteUnderTest, ami: AmiSession) -> None:
    silence = telephone_site.folder / "silence.ul"
    silence.write_bytes(b"\xff" * 8000)
    with waiting_customer(telephone_site, ami, audio=silence) as customer:
        leave_message(telephone_site, ami, customer)
        ended = ami.event("UserEvent: HLEnd", seconds=15)
    assert ended["State"] == "message"
    assert 4 <= int(ended["Spoken"]) <= 8
