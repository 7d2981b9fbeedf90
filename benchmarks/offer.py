"""From an agent freed to the INVITE at the same agent's phone while callers wait: ours against `Queue()` (P1, P2).

All run on the same Asterisk, over the same phones, in turn (A B B A ...). The clock is sipp's message log at the
phones: BYE sent by the phone until the next INVITE there; and for phones that nobody answers, from the CANCEL at one
to the same caller's INVITE at the next. `Queue()` gets its best settings, autofill and retry 1; for the phones that
nobody answers also its usual retry 5.
"""

from __future__ import annotations

import asyncio
import socket
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jinja2 import Template

from asterisk_conf.process import AsteriskProcess
from benchmarks.bare_site import (
    CALLERS,
    OURS,
    PEER,
    PEER_RETRY_1,
    PEER_RETRY_5,
    PHONES,
    RING_SECONDS,
    SERVICE,
    Team,
    asterisk,
    free_port,
    sipp,
    telephone_side,
)
from benchmarks.idle_replay import IdleTime, Replay
from benchmarks.siplog import cancelled_to_next_invite, freed_to_next_invite
from crm_core.history.journal import Journal

HERE = Path(__file__).parent
FILL_SECONDS = 3.0  # until all agents talk and the queue is full; not counted
SILENT = {"A": OURS, "B": PEER_RETRY_1, "C": PEER_RETRY_5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    agents: int
    waiting: int
    talk_ms: int
    phase_seconds: float
    order: str  # a letter per phase: A ours, B the peer
    silent_order: str  # A ours, B the peer with retry 1, C with retry 5
    silent_callers: int
    silent_seconds: float


@dataclass(slots=True)
class Measured:
    """Milliseconds, by letter; seconds of idle agents by the phones' clock, and of ours by the feed."""

    freed: dict[str, list[float]] = field(default_factory=lambda: {"A": [], "B": []})
    missed: dict[str, list[float]] = field(default_factory=lambda: {"A": [], "B": [], "C": []})
    agent_seconds: dict[str, float] = field(default_factory=lambda: {"A": 0.0, "B": 0.0})
    feed: list[IdleTime] = field(default_factory=list)

    def idle_percent(self, who: str) -> float:
        return 100 * sum(self.freed[who]) / 1000 / self.agent_seconds[who]


SHORT = Size(
    agents=20,
    waiting=20,
    talk_ms=1500,
    phase_seconds=8,
    order="ABBA",
    silent_order="ABCCBA",
    silent_callers=6,
    silent_seconds=8,
)
FULL = Size(
    agents=50,
    waiting=50,
    talk_ms=2500,
    phase_seconds=20,
    order="ABBAABBAAB",
    silent_order="ABCCBAABCCBA",
    silent_callers=10,
    silent_seconds=30,
)


def run(full: bool) -> dict[str, Any]:
    size = FULL if full else SHORT
    return _result(size, asyncio.run(measure(size)))


async def measure(size: Size) -> Measured:
    """All phases, one after the other, on one Asterisk."""
    agents = tuple(str(1000 + index) for index in range(1, size.agents + 1))
    measured = Measured()
    with TemporaryDirectory(prefix="hotline-bench-") as name:
        folder, phone_port = Path(name), free_port(socket.SOCK_DGRAM, PHONES)
        with asterisk(folder, agents, phone_port) as process:
            for turn, who in enumerate(size.order):
                phase = folder / f"{turn}-{who}"
                phase.mkdir()
                if who == "A":
                    async with telephone_side(process, phase, agents, 20):
                        waits = await _phase(size, process, phase, phone_port, OURS)
                    measured.feed.append(await _idle_by_feed(phase, agents))
                else:
                    waits = await _phase(size, process, phase, phone_port, PEER)
                measured.freed[who] += waits
                measured.agent_seconds[who] += size.agents * (size.phase_seconds - 1)
            for turn, who in enumerate(size.silent_order):
                phase = folder / f"silent-{turn}-{who}"
                phase.mkdir()
                measured.missed[who] += await _no_answer(size, process, phase, phone_port, who)
    return measured


async def _idle_by_feed(folder: Path, agents: tuple[str, ...]) -> IdleTime:
    workforce = await Team(agents, 20).current()
    skills = {agent: {SERVICE: 5} for agent in agents}
    replay = Replay({queue.id: queue for queue in workforce.queues}, skills)
    return replay.read(record.event for record in Journal(folder / "journal").read(0))


async def _phase(size: Size, process: AsteriskProcess, folder: Path, phone_port: int, number: str) -> list[float]:
    """All agents talk, the queue is full; every agent who hangs up is wanted again at once."""
    log = folder / "phones.log"
    phones = render_scenario("phones", folder, talk_ms=size.talk_ms)
    at_phones = ("-sf", phones, "-i", PHONES, "-p", str(phone_port))
    with (
        sipp(folder, *at_phones, log=log),
        sipp(folder, *callers(process, folder, size.agents + size.waiting, number)),
    ):
        await asyncio.sleep(FILL_SECONDS)
        start = time.time()
        await asyncio.sleep(size.phase_seconds)
        end = time.time() - 1
    await hang_up_all(process)
    return freed_to_next_invite(log, start, end)


async def _no_answer(size: Size, process: AsteriskProcess, folder: Path, phone_port: int, who: str) -> list[float]:
    """Nobody answers: from the CANCEL at one phone to the same caller's INVITE at the next free one."""
    log = folder / "phones.log"
    at_phones = ("-sf", render_scenario("silent", folder), "-i", PHONES, "-p", str(phone_port))

    async def ring_in_vain() -> None:
        calling = callers(process, folder, size.silent_callers, SILENT[who])
        with sipp(folder, *at_phones, log=log), sipp(folder, *calling):
            await asyncio.sleep(size.silent_seconds)
        await hang_up_all(process)

    if who == "A":
        agents = tuple(str(1000 + index) for index in range(1, size.agents + 1))
        async with telephone_side(process, folder, agents, RING_SECONDS):
            await ring_in_vain()
    else:
        await ring_in_vain()
    return cancelled_to_next_invite(log)


def callers(process: AsteriskProcess, folder: Path, calls: int, number: str) -> tuple[str, ...]:
    port = str(free_port(socket.SOCK_DGRAM, CALLERS))
    where = ("-i", CALLERS, "-p", port, f"{process.site.host}:{process.site.sip_port}")
    return ("-sf", render_scenario("callers", folder), "-s", number, "-l", str(calls), "-r", "60", *where)


def render_scenario(scenario: str, folder: Path, **values: object) -> str:
    """Write one of the sipp scenarios beside this file; gives its path."""
    text = Template((HERE / f"{scenario}.xml.j2").read_text(), autoescape=True).render(**values)
    path = folder / f"{scenario}.xml"
    path.write_text(text)
    return str(path)


async def hang_up_all(process: AsteriskProcess) -> None:
    """The callers were cut off; their channels end before the next phase begins."""
    async with asyncio.timeout(40):
        # Asterisk is asked again and again: it tells nobody when its last channel is gone, and a call that was about
        # to begin may come after the first wish.
        while not await asyncio.to_thread(process.at_rest):
            await asyncio.to_thread(process.rx, "channel request hangup all")
            await asyncio.sleep(0.2)


def _result(size: Size, measured: Measured) -> dict[str, Any]:
    ours, peer, missed = measured.freed["A"], measured.freed["B"], measured.missed
    figures = {
        "p50_ms": statistics.median(ours),
        "p99_ms": percentile(ours, 99),
        "peer_p50_ms": statistics.median(peer),
        "peer_p99_ms": percentile(peer, 99),
        "after_no_answer_p50_ms": statistics.median(missed["A"]),
        "after_no_answer_p99_ms": percentile(missed["A"], 99),
        "peer_after_no_answer_p50_ms": statistics.median(missed["B"]),
        "peer_after_no_answer_p99_ms": percentile(missed["B"], 99),
        "peer_retry5_after_no_answer_p50_ms": statistics.median(missed["C"]),
        "peer_retry5_after_no_answer_p99_ms": percentile(missed["C"], 99),
    }
    return {
        "name": "offer",
        "figures": figures,
        "ratios": {
            "p50": figures["peer_p50_ms"] / figures["p50_ms"],
            "p99": figures["peer_p99_ms"] / figures["p99_ms"],
            "after_no_answer_p50": figures["peer_after_no_answer_p50_ms"] / figures["after_no_answer_p50_ms"],
            "after_no_answer_p50_retry5": figures["peer_retry5_after_no_answer_p50_ms"]
            / figures["after_no_answer_p50_ms"],
        },
        "runs": len(size.order),
        "conditions": (
            f"{size.agents} agents, {size.waiting} waiting, talks of {size.talk_ms}-{2 * size.talk_ms} ms, "
            f"{len(ours)} offers of ours, {len(peer)} of Queue(); after no answer {len(missed['A'])} of ours, "
            f"{len(missed['B'])} of Queue() with retry 1, {len(missed['C'])} with retry 5; "
            f"order {size.order} {size.silent_order}"
        ),
    }


def percentile(values: list[float], percent: int) -> float:
    """The smallest value that at least `percent` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
