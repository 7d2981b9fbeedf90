"""From an agent freed to the INVITE at the same agent's phone while callers wait: ours against `Queue()` (P1, P2).

Both run on the same Asterisk, over the same phones, in turn (A B B A ...). The clock is sipp's message log at the
phones: BYE sent by the phone until the next INVITE there. `Queue()` gets its best settings: autofill, retry 1.
"""

from __future__ import annotations

import asyncio
import socket
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jinja2 import Template

from asterisk_conf.process import AsteriskProcess
from benchmarks.bare_site import CALLERS, OURS, PEER, PHONES, asterisk, free_port, sipp, telephone_side
from benchmarks.siplog import cancelled_to_next_invite, freed_to_next_invite

HERE = Path(__file__).parent
FILL_SECONDS = 3.0  # until all agents talk and the queue is full; not counted
RING_SECONDS = 1  # of the phones that nobody answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    agents: int
    waiting: int
    talk_ms: int
    phase_seconds: float
    order: str  # a letter per phase: A ours, B the peer
    silent_callers: int
    silent_seconds: float


SHORT = Size(agents=20, waiting=20, talk_ms=1500, phase_seconds=8, order="ABBA", silent_callers=6, silent_seconds=8)
FULL = Size(
    agents=50, waiting=50, talk_ms=2500, phase_seconds=20, order="ABBAABBAAB", silent_callers=10, silent_seconds=30
)


def run(full: bool) -> dict[str, Any]:
    return asyncio.run(_run(FULL if full else SHORT))


async def _run(size: Size) -> dict[str, Any]:
    agents = tuple(str(1000 + index) for index in range(1, size.agents + 1))
    waits: dict[str, list[float]] = {"A": [], "B": []}
    with TemporaryDirectory(prefix="hotline-bench-") as name:
        folder, phone_port = Path(name), free_port(socket.SOCK_DGRAM, PHONES)
        with asterisk(folder, agents, phone_port) as process:
            for turn, who in enumerate(size.order):
                phase = folder / f"{turn}-{who}"
                phase.mkdir()
                if who == "A":
                    async with telephone_side(process, phase, agents, 20):
                        waits["A"] += await _phase(size, process, phase, phone_port, OURS)
                else:
                    waits["B"] += await _phase(size, process, phase, phone_port, PEER)
            silent = folder / "silent"
            silent.mkdir()
            after_no_answer = await _no_answer(size, process, silent, phone_port)
    return _result(size, waits["A"], waits["B"], after_no_answer)


async def _phase(size: Size, process: AsteriskProcess, folder: Path, phone_port: int, number: str) -> list[float]:
    """All agents talk, the queue is full; every agent who hangs up is wanted again at once."""
    log = folder / "phones.log"
    phones = render_scenario("phones", folder, talk_ms=size.talk_ms)
    at_phones = ("-sf", phones, "-i", PHONES, "-p", str(phone_port))
    with (
        sipp(folder, *at_phones, log=log),
        sipp(folder, *_callers(process, folder, size.agents + size.waiting, number)),
    ):
        await asyncio.sleep(FILL_SECONDS)
        start = time.time()
        await asyncio.sleep(size.phase_seconds)
        end = time.time() - 1
    await _hang_up_all(process)
    return freed_to_next_invite(log, start, end)


async def _no_answer(size: Size, process: AsteriskProcess, folder: Path, phone_port: int) -> list[float]:
    """Nobody answers: from the CANCEL at one phone to the same caller's INVITE at the next free one."""
    agents = tuple(str(1000 + index) for index in range(1, size.agents + 1))
    log = folder / "phones.log"
    at_phones = ("-sf", render_scenario("silent", folder), "-i", PHONES, "-p", str(phone_port))
    async with telephone_side(process, folder, agents, RING_SECONDS):
        with sipp(folder, *at_phones, log=log), sipp(folder, *_callers(process, folder, size.silent_callers, OURS)):
            await asyncio.sleep(size.silent_seconds)
        await _hang_up_all(process)
    return cancelled_to_next_invite(log)


def _callers(process: AsteriskProcess, folder: Path, calls: int, number: str) -> tuple[str, ...]:
    port = str(free_port(socket.SOCK_DGRAM, CALLERS))
    where = ("-i", CALLERS, "-p", port, f"{process.site.host}:{process.site.sip_port}")
    return ("-sf", render_scenario("callers", folder), "-s", number, "-l", str(calls), "-r", "60", *where)


def render_scenario(scenario: str, folder: Path, **values: object) -> str:
    """Write one of the sipp scenarios beside this file; gives its path."""
    text = Template((HERE / f"{scenario}.xml.j2").read_text(), autoescape=True).render(**values)
    path = folder / f"{scenario}.xml"
    path.write_text(text)
    return str(path)


async def _hang_up_all(process: AsteriskProcess) -> None:
    """The callers were cut off; their channels end before the next phase begins."""
    await asyncio.to_thread(process.rx, "channel request hangup all")
    async with asyncio.timeout(20):
        # Asterisk is asked again and again: it tells nobody when its last channel is gone.
        while "0 active channels" not in await asyncio.to_thread(process.rx, "core show channels count"):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


def _result(size: Size, ours: list[float], peer: list[float], after_no_answer: list[float]) -> dict[str, Any]:
    figures = {
        "p50_ms": statistics.median(ours),
        "p99_ms": percentile(ours, 99),
        "peer_p50_ms": statistics.median(peer),
        "peer_p99_ms": percentile(peer, 99),
        "after_no_answer_p99_ms": percentile(after_no_answer, 99),
    }
    return {
        "name": "offer",
        "figures": figures,
        "ratios": {
            "p50": figures["peer_p50_ms"] / figures["p50_ms"],
            "p99": figures["peer_p99_ms"] / figures["p99_ms"],
        },
        "runs": len(size.order),
        "conditions": (
            f"{size.agents} agents, {size.waiting} waiting, talks of {size.talk_ms}-{2 * size.talk_ms} ms, "
            f"{len(ours)} offers of ours, {len(peer)} of Queue(), {len(after_no_answer)} after no answer"
        ),
    }


def percentile(values: list[float], percent: int) -> float:
    """The smallest value that at least `percent` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
