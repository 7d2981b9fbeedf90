"""A pause on a real Asterisk: what is said in it is never in the file, whatever becomes of our process meanwhile."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from crm_core.history import events as feed
from cti.desk import Desk
from tests.integration import scenarios
from tests.integration.platform import platform
from tests.integration.site import CUSTOMERS, DESK_PHONES, SiteUnderTest, wait_until
from tests.integration.test_recovery import HOTLINE, happened, platform_process
from tests.integration.voices import Voice, spans, strength

CUSTOMER, AGENT = 500, 900
SECRETS = {CUSTOMER: 1400, AGENT: 2100}  # what each says in a pause
EDGES_SECONDS, FRAME_SECONDS = 0.1, 0.02  # of both edges of a pause
Sound = npt.NDArray[np.int16]
HEARD = 0.02  # a tenth of a voice: what is left of a tone in a window of which most is something else


@dataclass
class Said:
    """From when on the two said each secret, and when the agent then ended the pause, by the clock of this process."""

    secrets: list[tuple[float, float]] = field(default_factory=list)


def says(voices: tuple[Voice, Voice], *, secret: bool) -> float:
    """When they began to."""
    began = time.time()
    for voice, hertz in zip(voices, (CUSTOMER, AGENT), strict=True):
        voice.say(SECRETS[hertz] if secret else hertz)
    return began


async def a_secret(desk: Desk, voices: tuple[Voice, Voice], said: Said, seconds: float) -> None:
    """Paused, said, and over: the secret is on the line until the very moment at which the agent ends the pause."""
    await desk.recordings.pause("1001", "button")
    began = says(voices, secret=True)
    await asyncio.sleep(seconds)
    says(voices, secret=False)
    await asyncio.sleep(FRAME_SECONDS)  # what was said last is on its way
    said.secrets.append((began, time.time()))
    await desk.recordings.resume("1001", "button")
    await asyncio.sleep(0.25)


@asynccontextmanager
async def talk(site: SiteUnderTest, folder: Path) -> AsyncIterator[tuple[Voice, Voice]]:
    """1001 and a customer, each with a voice; the platform is the caller's."""
    with Voice(CUSTOMERS, CUSTOMER) as customer, Voice(DESK_PHONES, AGENT) as agent:
        site.phone("1001", agent.spoken(scenarios.phone_answers()))
        site.call(HOTLINE, customer.spoken(scenarios.caller("13900000007")))
        yield customer, agent


def recorded(site: SiteUnderTest, file: str) -> Sound:
    """Left the agent, right the customer."""
    path = site.site.recordings / file
    wait_until(site.asterisk.at_rest, what="the end of the call")
    raw = path.read_bytes()
    return np.frombuffer(raw[: len(raw) // 4 * 4], np.int16).reshape(-1, 2)


def pauses_in(sound: Sound) -> list[tuple[float, float]]:
    """Where neither side is heard, for at least 60 ms, between the first and the last word."""
    told = (strength(sound[:, 0], AGENT) > HEARD) | (strength(sound[:, 1], CUSTOMER) > HEARD)
    talks = spans(told, gap=0.045)
    return [(one[1], two[0]) for one, two in pairwise(talks) if two[0] - one[1] > 0.06]


def secrets_in(sound: Sound) -> list[tuple[float, float]]:
    """Where a secret is heard on any side."""
    return [
        span
        for side in (0, 1)
        for secret in SECRETS.values()
        for span in spans(strength(sound[:, side], secret) > HEARD)
    ]


def check(sound: Sound, said: Said) -> None:
    """No secret is in the file, and the pauses took nothing else: together they are no longer than the secrets.

    The secret is on the line to its very end, so a pause that ended early would be heard. How long each one looks in
    the file tells nothing: on a busy machine a telephone falls behind the clock, and a short pause with it.
    """
    assert secrets_in(sound) == []
    silent = sum(end - began for began, end in pauses_in(sound))
    secret = sum(end - began for began, end in said.secrets)
    print(f"\n{len(said.secrets)} pauses, {(silent - secret) / len(said.secrets) * 1000:.0f} ms of edges each")
    assert silent <= secret + EDGES_SECONDS * len(said.secrets)


async def pauses(site: SiteUnderTest, folder: Path, runs: int) -> None:
    """One talk with so many pauses of 0.1 to 0.4 s."""
    dice, said = random.Random(runs), Said()
    async with platform(site, folder) as running, talk(site, folder) as voices:
        desk = running.bridge.desk
        await desk.sign_in("1001", ready=True)
        await running.until(lambda: bool(running.of(feed.RecordingStarted)))
        await asyncio.sleep(0.5)
        for _ in range(runs):
            await a_secret(desk, voices, said, dice.uniform(0.1, 0.4))
        (started,) = running.of(feed.RecordingStarted)
        await desk.hang_up("1001")
        await running.until_ended(1)
    check(await asyncio.to_thread(recorded, site, started.file), said)


async def crashes(site: SiteUnderTest, folder: Path, runs: int) -> None:
    """One talk in which our process is killed in each of so many pauses; the next process ends it."""
    said = Said()
    async with talk(site, folder) as voices:
        for run in range(1, runs + 1):
            with platform_process(site, folder, "1001", "1002", "--act", "pause") as process:
                await asyncio.to_thread(happened, folder, feed.RecordingPaused, run)
                began = says(voices, secret=True)
                process.kill()
                process.wait()
            await asyncio.sleep(0.2)
            async with platform(site, folder) as running:
                desk = running.bridge.desk
                call = desk.desk("1001").call
                assert call is not None
                assert (call.recording.state, call.recording.by) == ("paused", "1001")
                says(voices, secret=False)
                await asyncio.sleep(FRAME_SECONDS)
                said.secrets.append((began, time.time()))
                await desk.recordings.resume("1001", "button")
                await asyncio.sleep(0.3)
                if run == runs:
                    await desk.hang_up("1001")
                    await running.until_ended(1)
                told = running
        (started,) = told.of(feed.RecordingStarted)
        assert len(told.of(feed.RecordingPaused)) == len(told.of(feed.RecordingResumed)) == runs
    check(await asyncio.to_thread(recorded, site, started.file), said)


async def test_what_is_said_in_seventeen_pauses_is_not_in_the_file(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    await pauses(telephone_site, tmp_path, 17)


async def test_a_pause_outlives_our_process_three_times(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    await crashes(telephone_site, tmp_path, 3)


@pytest.mark.full
async def test_what_is_said_in_eighty_pauses_is_not_in_the_file(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    await pauses(telephone_site, tmp_path, 80)


@pytest.mark.full
@pytest.mark.timeout(600)
async def test_a_pause_outlives_our_process_twenty_times(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    await crashes(telephone_site, tmp_path, 20)
