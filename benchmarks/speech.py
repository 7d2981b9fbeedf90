"""Recognition of callers: what ours costs over the bare engine, and how soon words are there (P12).

The same sounds of calls, a second of listening, an answer, half a second of quiet, go through the whole of our way
(gate, process, phrases) and through the bare engine, in turn (A B B A ...); processor time is that of all processes.
Delays are measured at the pace of speech. Accuracy is told for each engine and language that is installed, on our own
prompts as the site's voices speak them: synthetic speech, so a comparison and no promise. The Korean model shows the
machinery; it says nothing of other languages.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.korean_speech import COMMANDS, OTHER_WORDS, SENTENCE, quiet, spoken
from benchmarks.offer import percentile
from benchmarks.speech_accuracy import NOT_MEASURED, accuracy, command_accuracy
from cti.audio_socket import Sound
from cti.listening import Listening, Question
from hotline.settings import Settings
from hotline.speech_packages import korean_model
from ivr.line import Heard
from ivr.recogniser_leg import RecogniserLeg
from ivr.recogniser_pool import Recognisers
from ivr.speech import FRAME_BYTES, FRAME_SECONDS

LISTENING, AFTER = 1.0, 0.5  # seconds of quiet before and after an answer
PIECE_BYTES = 1_600
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Compared:
    """Processor seconds for the same sound, its length, and the engine's own lag per word in seconds."""

    ours: float = 0.0
    bare: float = 0.0
    seconds: float = 0.0
    lags: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return self.ours / self.bare


@dataclass(frozen=True, slots=True)
class Size:
    order: str
    rounds: int  # of all commands in a phase
    answers: int  # at the pace of speech
    sentences: int


SHORT, FULL = Size("ABBA", 4, 10, 2), Size("ABBAABBAAB", 20, 60, 10)


class Replayed:
    """`cti.audio_socket.AudioStream` with a recorded caller, a frame every 20 ms or as fast as it goes."""

    def __init__(self, sound: bytes, pace: float) -> None:
        self._frames = [sound[start : start + FRAME_BYTES] for start in range(0, len(sound), FRAME_BYTES)]
        self._number, self._pace, self._begin = 0, pace, time.monotonic()

    async def read(self) -> Sound:
        if self._pace and (ahead := self._begin + self._number * self._pace - time.monotonic()) > 0:
            await asyncio.sleep(ahead)
        frame = self._frames[self._number] if self._number < len(self._frames) else quiet(FRAME_SECONDS)
        self._number += 1
        return Sound(frame)

    def write(self, samples: bytes) -> None:
        return None


async def heard(pool: Recognisers, sound: bytes, *, pace: float = 0.0) -> Heard:
    """Our whole way, from the frames to the phrase."""
    leg = await pool.open("ko", COMMANDS)
    question = Question(phrases=COMMANDS, language="ko", seconds=5.0, digits=1)
    try:
        return await Listening(Replayed(sound, pace), leg, question, b"", b"").run()  # type: ignore[arg-type]
    finally:
        leg.close()


def run(full: bool) -> dict[str, Any]:
    return asyncio.run(measure(FULL if full else SHORT))


async def measure(size: Size) -> dict[str, Any]:
    settings = Settings()
    model = await asyncio.to_thread(korean_model, settings.cache_dir.resolve())
    pool = Recognisers({"ko": model}, others={"ko": OTHER_WORDS})
    pool.start()
    await pool.until_ready("ko")
    calls = [quiet(LISTENING) + spoken(text) + quiet(AFTER) for text in COMMANDS] * size.rounds
    try:
        menu = await compared(size, pool, model, calls, COMMANDS)
        talk = await compared(size, pool, model, [spoken(SENTENCE)] * size.sentences, ())
        answered = [await delay(pool, COMMANDS[number % 2]) for number in range(size.answers)]
        live = [seconds for _ in range(size.sentences) for seconds in await word_delays(pool)]
        understood: dict[str, float | str] = {
            "vosk_ko_commands": await command_accuracy(lambda sound: heard(pool, sound))
        }
    finally:
        await pool.stop()
    return _result(size, menu, talk, (answered, live), understood | await accuracy(settings))


async def compared(
    size: Size, pool: Recognisers, model: Path, sounds: list[bytes], phrases: tuple[str, ...]
) -> Compared:
    """Ours and the bare engine on the same sounds, in turn."""
    spent = Compared(seconds=sum(map(len, sounds)) / 16_000 * len(size.order) / 2)
    with TemporaryDirectory(prefix="hotline-bench-") as name, Peer(model) as peer:
        files = []
        for number, sound in enumerate(sounds):
            files.append(Path(name) / f"{number}.raw")
            files[-1].write_bytes(sound)
        for who in size.order:
            if who == "A":
                spent.ours += await _ours(pool, sounds, phrases)
            else:
                said = await asyncio.to_thread(peer.recognise, files, phrases)
                spent.bare += said["processor"]
                spent.lags += said["lags"]
    return spent


async def _ours(pool: Recognisers, sounds: list[bytes], phrases: tuple[str, ...]) -> float:
    """All processes: the recogniser's, and this one, which stands for the platform."""
    pid = pool.pids("ko")[0]
    began = time.process_time() + processor_seconds(pid)
    for sound in sounds:
        if phrases:
            await heard(pool, sound)
            continue
        leg = await pool.open("ko")
        await _finished(leg, sound)
        leg.close()
    return time.process_time() + processor_seconds(pid) - began


async def _finished(leg: RecogniserLeg, sound: bytes) -> None:
    """Free speech from beginning to end, never more than a second ahead of the engine."""
    for number, start in enumerate(range(0, len(sound), PIECE_BYTES), 1):
        leg.hear(sound[start : start + PIECE_BYTES])
        if number % 10 == 0:
            await leg.caught_up()
    await leg.caught_up()
    await leg.finish()


class Peer:
    """benchmarks/speech_bare.py at work."""

    def __init__(self, model: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.speech_bare", str(model)]
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.wait()

    def recognise(self, sounds: list[Path], phrases: tuple[str, ...]) -> dict[str, Any]:
        wish = {"sounds": [str(sound) for sound in sounds], "phrases": [*phrases, *(OTHER_WORDS if phrases else ())]}
        assert self._child.stdin is not None  # noqa: S101 - PIPE was asked for
        assert self._child.stdout is not None  # noqa: S101
        self._child.stdin.write(json.dumps(wish) + "\n")
        self._child.stdin.flush()
        said: dict[str, Any] = json.loads(self._child.stdout.readline())
        return said


def processor_seconds(pid: int) -> float:
    """User and system time of a process until now, in steps of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def delay(pool: Recognisers, text: str) -> float:
    """Milliseconds from the end of the last word to the result, at the pace of speech."""
    sound = quiet(LISTENING) + spoken(text)
    began = time.monotonic()
    await heard(pool, sound, pace=FRAME_SECONDS)
    return 1_000 * (time.monotonic() - began - len(sound) / 16_000)


async def word_delays(pool: Recognisers) -> list[float]:
    """Milliseconds from the end of each word of free speech to the moment at which it could be shown."""
    shown: list[tuple[float, int]] = []
    leg = await pool.open("ko", (), lambda words: shown.append((time.monotonic(), len(words.split()))))
    sound, began = quiet(0.3) + spoken(SENTENCE) + quiet(0.8), time.monotonic()
    for number, start in enumerate(range(0, len(sound), PIECE_BYTES), 1):
        await asyncio.sleep(max(0.0, began + number * PIECE_BYTES / 16_000 - time.monotonic()))
        leg.hear(sound[start : start + PIECE_BYTES])
    await leg.caught_up()
    result = await leg.finish()
    leg.close()
    delays = []
    for place, word in enumerate(result.words, 1):
        at = next((at for at, count in shown if count >= place), time.monotonic())
        delays.append(max(0.0, 1_000 * (at - began - word.end)))
    return delays


def _result(
    size: Size,
    menu: Compared,
    talk: Compared,
    delays: tuple[list[float], list[float]],
    understood: dict[str, float | str],
) -> dict[str, Any]:
    answers, words = delays
    figures: dict[str, float | str] = {
        "menu_overhead_percent": 100 * (menu.ratio - 1),
        "talk_overhead_percent": 100 * (talk.ratio - 1),
        "menu_processor_per_second_of_call": menu.ours / menu.seconds,
        "talk_processor_per_second_of_speech": talk.ours / talk.seconds,
        "answer_p50_ms": statistics.median(answers),
        "answer_p95_ms": percentile(answers, 95),
        "live_words_p50_ms": statistics.median(words),
        "live_words_p95_ms": percentile(words, 95),
        "live_words_engine_alone_p95_ms": 1_000 * percentile(talk.lags, 95),
    }
    return {
        "name": "speech",
        "figures": figures | {f"accuracy_{name}": value for name, value in understood.items()},
        "ratios": {"menu": menu.ratio, "talk": talk.ratio},
        "runs": len(size.order),
        "conditions": (
            f"Korean model, synthetic speech, pieces of 100 ms; {menu.seconds:.0f} s of menu calls and "
            f"{talk.seconds:.0f} s of free speech for each, {len(answers)} answers and {len(words)} words at the pace "
            f"of speech, order {size.order}; the engine alone: its lag in the sound, without the time it takes; "
            f"accuracy: share of characters or words right, {NOT_MEASURED!r} where no model is installed"
        ),
    }
