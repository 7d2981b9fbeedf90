"""A real call is recorded, and the kept file has the customer left and the agent right."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import soundfile

from recording.raw_audio import Frames, discard, keep
from tests.integration import scenarios
from tests.integration.menu import menu_that_enqueues
from tests.integration.site import SiteUnderTest, wait_until

RATE = 8000


def tone(path: Path, hertz: int) -> Path:
    """One second of a tone as a headerless mu-law file."""
    samples = 0.3 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)
    soundfile.write(path, samples, RATE, format="RAW", subtype="ULAW")
    return path


def loudness(side: Frames, hertz: int) -> float:
    """How much of a tone is in one side, in dB below the loudest of all frequencies."""
    spectrum = np.abs(np.fft.rfft(side * np.hanning(len(side))))
    at = round(hertz * len(side) / RATE)
    return float(20 * np.log10(spectrum[at - 3 : at + 4].max() / spectrum.max()))


def redirect(telephone_site: SiteUnderTest, channel: str, context: str, exten: str) -> None:
    site, lines = telephone_site.site, "Action: {}\r\n{}\r\n\r\n"
    login = f"Username: {telephone_site.ami_user}\r\nSecret: {telephone_site.ami_secret}\r\nEvents: off"
    with socket.create_connection((site.host, site.ami_port), timeout=5) as link, link.makefile("r") as answers:
        link.sendall(lines.format("Login", login).encode())
        target = f"Channel: {channel}\r\nContext: {context}\r\nExten: {exten}\r\nPriority: 1"
        link.sendall(lines.format("Redirect", target).encode())
        link.sendall(lines.format("Logoff", "ActionID: end").encode())
        assert "Redirect successful" in answers.read()


def offer(telephone_site: SiteUnderTest, agent: str) -> str:
    """Give the waiting customer to this agent, as the platform does; gives the leg's id."""
    asterisk = telephone_site.asterisk
    wait_until(lambda: bool(telephone_site.channel_in("hl-wait")), what="a waiting customer")
    customer = telephone_site.channel_in("hl-wait")
    asterisk.rx(f"dialplan set chanvar {customer} HL_LEG test-1")
    redirect(telephone_site, customer, "hl-offer", agent)
    return "test-1"


def test_the_customers_tone_is_left_and_the_agents_right(telephone_site: SiteUnderTest) -> None:
    asterisk, folder = telephone_site.asterisk, telephone_site.folder
    phone = telephone_site.phone(
        "1002", scenarios.phone_answers(audio=tone(folder / "agent.ul", 440), hang_up_after=3.0)
    )
    with menu_that_enqueues(telephone_site.site, "repair"):
        customer = telephone_site.call("4001718888", scenarios.caller(audio=tone(folder / "customer.ul", 880)))
        leg = offer(telephone_site, "1002")
    assert phone.wait() == 0, phone.complaints()
    assert customer.wait() == 0, customer.complaints()
    [raw] = telephone_site.site.recordings.glob(f"*/{leg}.raw")
    wait_until(asterisk.at_rest, what="the end of the leg")

    kept = keep(raw)
    assert kept is not None
    discard(raw)
    assert 2.0 < kept.seconds < 4.5
    samples, _ = soundfile.read(kept.path)
    left, right = samples[RATE // 2 : RATE * 2].T
    assert loudness(left, 880) == 0.0
    assert loudness(right, 440) == 0.0
    assert loudness(left, 440) < -40
    assert loudness(right, 880) < -40
