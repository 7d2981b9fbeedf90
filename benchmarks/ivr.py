"""Callers in a menu, all at once: ours against the same menu written as plain dialplan, on the same Asterisk, in turn.

Every caller hears a menu, presses its key while the prompt is still playing, hears the next, four times, and hangs up
after 20 s. The clock is the caller's telephone: the end of the key (RFC 4733) until the first frame of the next
prompt. What it costs is counted in the seconds of CPU that the kernel gave to Asterisk and to us.
"""

from __future__ import annotations

import asyncio
import socket
import statistics
import time
import wave
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from asterisk_conf.process import AsteriskProcess
from benchmarks.bare_site import CALLERS, OURS, PHONES, asterisk, free_port
from benchmarks.load import cpu_seconds, own_platform, wait_until
from benchmarks.offer import percentile
from benchmarks.telephone import FRAME_SAMPLES, CallFailed, Telephone

PLAIN = "7010"
MENUS = 5
TONES = (400, 500, 800, 1_000, 2_000)  # Hz; whole periods in a frame, so that each frame of a prompt is the same
PROMPT_SECONDS = 6
KEY_AFTER_SECONDS = 3.0  # in each menu
NEXT_PROMPT_SECONDS = 5.0  # the longest that is waited for
CALL_SECONDS = 20.0
FLOW = "name: measured\nlanguages: [zh-CN]\nstart: menu-1\ngive_up: agent\nnodes:\n" + "".join(
    f"  menu-{number}: {{kind: menu, prompts: [menu-{number}], keys: {{'1': "
    f"{f'menu-{number + 1}' if number < MENUS else 'agent'}}}, give_up: agent, seconds: 10}}\n"
    for number in range(1, MENUS + 1)
)
FLOW += "  agent: {kind: queue, queue: service, topic: ''}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    callers: int  # at once
    calls: int
    order: str  # A ours, B plain dialplan


SHORT = Size(callers=20, calls=20, order="AB")
FULL = Size(callers=100, calls=150, order="ABBAABBAAB")


@dataclass(slots=True)
class Turn:
    """Seconds from a key to the next prompt, for every key; seconds of CPU; calls in which a prompt did not come."""

    waits: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    broken: int = 0


def run(full: bool) -> dict[str, Any]:
    size = FULL if full else SHORT
    turns = {"A": Turn(), "B": Turn()}
    with TemporaryDirectory(prefix="hotline-ivr-") as name:
        folder = Path(name)
        with asterisk(folder, ("1001",), free_port(socket.SOCK_DGRAM, PHONES)) as process:
            prompts = _write_prompts(folder / "prompts" / "zh-CN")
            _add_plain_menu(process, folder / "prompts" / "zh-CN")
            with own_platform(process, folder, ("1001",), FLOW) as pid:
                for who in size.order:
                    _one_turn(size, process, pid, turns[who], (OURS if who == "A" else PLAIN, prompts))
    return _result(size, turns)


def _one_turn(size: Size, process: AsteriskProcess, pid: int, turn: Turn, menu: tuple[str, dict[bytes, int]]) -> None:
    def spent() -> float:  # ours is counted in both turns: without calls it is next to nothing
        return cpu_seconds(process.pid or 0) + cpu_seconds(pid)

    before = spent()
    asyncio.run(_calls(size, process, turn, menu))
    wait_until(process.at_rest)
    turn.cpu.append((spent() - before) / size.calls)


async def _calls(size: Size, process: AsteriskProcess, turn: Turn, menu: tuple[str, dict[bytes, int]]) -> None:
    """`calls` calls, started so that after 20 s `callers` are in the menu at once."""
    number, prompts = menu
    every = CALL_SECONDS / size.callers
    async with asyncio.TaskGroup() as group:
        for index in range(size.calls):
            caller = _Caller(process, number, index, prompts)
            group.create_task(caller.walk(turn))
            await asyncio.sleep(every)


class _Caller:
    def __init__(self, process: AsteriskProcess, number: str, index: int, prompts: dict[bytes, int]) -> None:
        self._prompts = prompts
        self._began: dict[int, float] = {}
        self._site, self._number, self._name = process.site, number, f"139{index:08d}"
        self._next = asyncio.Event()

    def _hear(self, frame: bytes, at: float) -> None:
        menu = self._prompts.get(frame)
        if menu is not None and menu not in self._began:
            self._began[menu] = at
            self._next.set()

    async def walk(self, turn: Turn) -> None:
        began, server = time.monotonic(), (self._site.host, self._site.sip_port)
        try:
            telephone = await Telephone.dial(
                server, number=self._number, caller=self._name, host=CALLERS, hear=self._hear
            )
        except CallFailed:
            turn.broken += 1
            return
        try:
            await self._until(1)
            for menu in range(1, MENUS):
                await asyncio.sleep(KEY_AFTER_SECONDS)
                pressed = await telephone.press("1")
                await self._until(menu + 1)
                turn.waits.append(self._began[menu + 1] - pressed)
            await asyncio.sleep(max(0.0, began + CALL_SECONDS - time.monotonic()))
        except TimeoutError:
            turn.broken += 1
        finally:
            await telephone.hang_up()

    async def _until(self, menu: int) -> None:
        async with asyncio.timeout(NEXT_PROMPT_SECONDS):
            while menu not in self._began:
                self._next.clear()
                await self._next.wait()


def _write_prompts(folder: Path) -> dict[bytes, int]:
    """One tone for each menu; gives the frame by which a telephone knows it."""
    folder.mkdir(parents=True)
    frames = {}
    for number, hertz in enumerate(TONES, start=1):
        angle = 2 * np.pi * hertz * np.arange(PROMPT_SECONDS * 8_000) / 8_000
        samples = np.rint(8_000 * np.sin(angle)).astype("<i2")
        with wave.open(str(folder / f"menu-{number}.wav"), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(8_000)
            out.writeframes(samples.tobytes())
        frames[bytes(_mu_law(int(sample)) for sample in samples[:FRAME_SAMPLES])] = number
    return frames


def _mu_law(sample: int) -> int:
    """One sample as Asterisk sends it: ITU-T G.711, 14 bits of magnitude, bits inverted."""
    sign, size = (0x80, -sample) if sample < 0 else (0, sample)
    size = min(size, 32_635) + 0x84
    exponent = max(0, size.bit_length() - 8)
    return ~(sign | exponent << 4 | (size >> (exponent + 3)) & 0x0F) & 0xFF


def _add_plain_menu(process: AsteriskProcess, prompts: Path) -> None:
    text = f"\n[hl-in](+)\nexten => {PLAIN},1,Answer()\n same => n,Goto(plain-menu-1,s,1)\n"
    for number in range(1, MENUS + 1):
        after = f"plain-menu-{number + 1},s,1" if number < MENUS else "plain-menu-1,t,1"
        text += (
            f"[plain-menu-{number}]\nexten => s,1,Background({prompts}/menu-{number})\n same => n,WaitExten(10)\n"
            f"exten => 1,1,Goto({after})\nexten => t,1,Hangup()\nexten => i,1,Hangup()\n"
        )
    with (process.site.folder / "etc" / "extensions.conf").open("a") as dialplan:
        dialplan.write(text)
    process.rx("dialplan reload")


def _result(size: Size, turns: dict[str, Turn]) -> dict[str, Any]:
    def milliseconds(pick: Callable[[list[float]], float], who: str) -> float:
        return 1_000 * pick(turns[who].waits) if turns[who].waits else float("nan")

    ours, plain = (statistics.median(turns[who].cpu) for who in "AB")
    return {
        "name": "ivr",
        "figures": {
            "key_to_prompt_p50_ms": milliseconds(statistics.median, "A"),
            "key_to_prompt_p95_ms": milliseconds(lambda waits: percentile(waits, 95), "A"),
            "plain_key_to_prompt_p50_ms": milliseconds(statistics.median, "B"),
            "plain_key_to_prompt_p95_ms": milliseconds(lambda waits: percentile(waits, 95), "B"),
            "cpu_ms_per_call": 1_000 * ours,
            "plain_cpu_ms_per_call": 1_000 * plain,
            "broken_calls": turns["A"].broken,
            "plain_broken_calls": turns["B"].broken,
        },
        "ratios": {"cpu_per_call": ours / plain, "worst_cpu_per_call": max(turns["A"].cpu) / min(turns["B"].cpu)},
        "runs": len(size.order),
        "conditions": (
            f"{size.callers} callers in menus at once, {size.calls} calls of {CALL_SECONDS:.0f} s in each turn, "
            f"{MENUS - 1} keys each, order {size.order}; CPU of Asterisk and ours against Background/WaitExten; "
            f"keys {dict(Counter({who: len(turn.waits) for who, turn in turns.items()}))}"
        ),
    }
