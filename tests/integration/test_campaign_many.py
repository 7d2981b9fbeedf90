"""Many customers at once, each with a fate of its own, on a real Asterisk: every attempt gets the right result."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from benchmarks.korean_speech import mu_law, quiet, spoken
from crm_core.history import campaign_events as told
from crm_core.history import events as feed
from cti.campaign_ports import DialOrder
from ivr.telephone_audio import write_sound
from tests.integration import scenarios
from tests.integration.platform import Platform, platform
from tests.integration.site import SiteUnderTest
from tests.integration.test_campaign_line import order
from tests.integration.test_campaign_machines import GREETING
from tests.integration.test_recovery import each_contact_once

AGENTS = ("1001", "1002", "1003", "1004")
AT_ONCE = 16
FATES = {  # the customer's number begins with: what becomes of the attempt, and how many of a hundred there are
    "861390": ("answered", 46),
    "861391": ("busy", 12),
    "861392": ("no_answer", 10),
    "861393": ("refused", 8),
    "861394": ("machine", 8),
    "861395": ("hung_up", 8),
    "861396": ("failed", 8),
}


@dataclass(frozen=True, slots=True)
class Customer:
    """`expected` is the result of an attempt to reach this one."""

    order: DialOrder
    expected: str

    @property
    def answers(self) -> bool:
        """And wants an agent, if only for a moment."""
        return self.expected in ("answered", "hung_up")


def customers(count: int) -> list[Customer]:
    chance = random.Random(20261126)  # the same customers in each run
    made: list[Customer] = []
    for number in range(count):
        prefix = chance.choices(list(FATES), [share for _, share in FATES.values()])[0]
        digits = f"{prefix}{number:07d}"
        machine = FATES[prefix][0] == "machine"
        made.append(
            Customer(order(digits=digits, ring=15, detect_machines=machine, customer_id=number), FATES[prefix][0])
        )
    return made


class Dialer:
    """Places calls as a progressive dialer does: a person who will answer only when an agent is free for it."""

    def __init__(self, running: Platform) -> None:
        self._running = running
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._agents = asyncio.Semaphore(len(AGENTS))

    async def run(self, everybody: list[Customer]) -> None:
        async with asyncio.TaskGroup() as group:
            for one in everybody:
                await self._slots.acquire()
                if one.answers:
                    await self._agents.acquire()
                group.create_task(self._reach(one))

    async def _reach(self, one: Customer) -> None:
        try:
            await self._running.bridge.campaign_line.place(one.order)
            await self._running.until(lambda: self._is_over(one), 60)
            if one.answers:
                await asyncio.sleep(1.1)  # the agent's after-call work
        finally:
            self._slots.release()
            if one.answers:
                self._agents.release()

    def _is_over(self, one: Customer) -> bool:
        recent = reversed(self._running.records[-2_000:])
        return any(isinstance(event, told.AttemptEnded) and event.call == one.order.call for event in recent)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "prompts" / "zh-CN").mkdir(parents=True)
    hum = 0.2 * np.sin(2 * np.pi * 440 * np.arange(8_000) / 8_000)
    write_sound(tmp_path / "prompts" / "zh-CN" / "campaign-machine.wav", hum)
    return tmp_path


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("count", [50, pytest.param(500, marks=pytest.mark.full)])
async def test_every_attempt_gets_the_result_of_what_its_customer_did(
    telephone_site: SiteUnderTest, folder: Path, count: int
) -> None:
    speech = folder / "machine.ul"
    speech.write_bytes(mu_law(quiet(0.3) + spoken(GREETING, "en") + quiet(20)))
    everybody = customers(count)
    telephone_site.outside_phone(scenarios.fates(speech), calls=10 * count)
    for agent in AGENTS:
        telephone_site.phone(agent, scenarios.phone_answers(ring=0.0, hang_up_after=0.8), calls=10 * count)
    async with platform(telephone_site, folder) as running:
        for agent in AGENTS:
            await running.bridge.desk.sign_in(agent, ready=True)
        await Dialer(running).run(everybody)
        await running.until_ended(count)
        results = {end.call: end.result for end in running.of(told.AttemptEnded)}
        assert len(running.of(told.AttemptEnded)) == count
        wrong = [(one.order.digits, one.expected, results[one.order.call]) for one in everybody
                 if results[one.order.call] != one.expected]  # fmt: skip
        assert not wrong
        each_contact_once(running.records)
        figures = waits(running)
        print(f"{count} calls: {dict(Counter(results.values()))}; answer to agent: {figures}")
        assert figures["p99"] < 0.4
    assert telephone_site.log_trouble() == []


def waits(running: Platform) -> dict[str, float]:
    """Seconds from the customer's answer to the bridge with the agent, of calls without machine detection."""
    answered = {event.call: event.at for event in running.of(feed.ContactAnswered)}
    took = sorted(talk.at - answered[talk.call] for talk in running.of(feed.TalkBegan))
    return {
        "n": len(took),
        "median": round(float(np.percentile(took, 50)), 3),
        "p99": round(float(np.percentile(took, 99)), 3),
        "worst": round(took[-1], 3),
    }
