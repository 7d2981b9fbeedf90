"""`hotline bench transcribe`: recorded talks by our whole way and by the bare engine, on the same files in one run.

Real-time factor = processor seconds of the process that writes per second of talk (both sides), model loaded. Ours
reads the file, finds speech, keeps private parts away, leads times back; the bare engine is given each side whole.
In turn, A B B A. Errors: words of English on Asterisk's human prompts, characters of Mandarin on our synthetic ones,
per side against the whole text. What is not installed is "not measured"; nothing is fetched but the Korean model.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from asterisk_conf.install import find_asterisk
from benchmarks.speech_accuracy import units
from benchmarks.transcribe_talks import Sound, Talk, asterisk_prompts, korean, own_prompts, talks
from hotline.settings import Settings
from hotline.speech_packages import korean_model
from hotline.talk_texts import engines
from hotline.transcribing import transcriber_models
from ivr.talk_writer import Engine, TalkWriter

SHORT, FULL = 24, 96  # prompts per engine
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Compared:
    """Processor seconds and errors of both, of one engine."""

    ours: float = 0.0
    bare: float = 0.0
    seconds: float = 0.0
    units: int = 0
    wrong: dict[str, int] = field(default_factory=lambda: {"ours": 0, "bare": 0})


def run(full: bool) -> dict[str, Any]:
    return asyncio.run(measure(FULL if full else SHORT))


async def measure(most: int) -> dict[str, Any]:
    settings = Settings()
    figures: dict[str, float | str] = {}
    ratios: dict[str, float] = {}
    packages = settings.cache_dir.resolve() / "speech" / "packages"
    with tempfile.TemporaryDirectory() as folder:
        for name, language, engine, said in _cases(settings, most):
            made = await asyncio.to_thread(talks, Path(folder), name, said)
            if engine is None or not made:
                figures[f"{name}_rtf"] = "not measured"
                continue
            found = await _compared(engine, language, packages, made)
            ratios[f"{name}_over_bare"] = found.ours / found.bare
            figures |= {f"{name}_rtf": found.ours / found.seconds, f"{name}_bare_rtf": found.bare / found.seconds}
            figures[f"{name}_seconds"] = found.seconds
            if found.units:
                figures |= {f"{name}_error_{who}": count / found.units for who, count in found.wrong.items()}
    return {
        "name": "transcribe",
        "runs": 2,
        "conditions": f"up to {most} prompts per engine; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
        "figures": figures,
        "ratios": ratios,
    }


def _cases(settings: Settings, most: int) -> Iterator[tuple[str, str, Engine | None, Iterator[tuple[Sound, str]]]]:
    """Name, language, engine and what is said: each language by each engine that can be had."""
    share = find_asterisk(settings.cache_dir).data.parent
    cache = settings.cache_dir.resolve()
    for short, language in (("en", "en"), ("zh", "zh-CN")):
        for kind in ("whisper", "vosk"):
            said = asterisk_prompts(share, most) if short == "en" else own_prompts(settings.prompts_dir, language, most)
            yield f"{kind}_{short}", language, _engine(settings, kind, language), said
    yield "vosk_ko", "ko", Engine("vosk", korean_model(cache), "vosk ko"), korean(most)


def _engine(settings: Settings, kind: str, language: str) -> Engine | None:
    if kind == "vosk":
        found = engines(settings).get(language)
        return found if found is not None and found.kind == "vosk" else None
    path = transcriber_models(settings.cache_dir.resolve()).get(language)
    return None if path is None else Engine("whisper", path, path.name)


async def _compared(engine: Engine, language: str, packages: Path, made: list[Talk]) -> Compared:
    writer = TalkWriter({language: engine}, packages)
    bare = await _bare(packages)
    found = Compared()
    try:
        for warm in (_ours(writer, language, made[0]), _asked(bare, engine, language, made[0])):
            await warm
        for number, talk in enumerate(made * 2):
            turns = ("ours", "bare") if number % 2 == 0 else ("bare", "ours")
            for who in turns:
                pid = writer.pid if who == "ours" else bare.pid
                before = _processor(pid)
                texts = await (_ours(writer, language, talk) if who == "ours" else _asked(bare, engine, language, talk))
                setattr(found, who, getattr(found, who) + _processor(pid) - before)
                if number < len(made):
                    _count(found, who, language, talk, texts)
            found.seconds += talk.seconds
    finally:
        await writer.stop()
        bare.kill()
        await bare.wait()
    return found


def _count(found: Compared, who: str, language: str, talk: Talk, texts: tuple[str, str]) -> None:
    for wanted, written in zip(talk.texts, texts, strict=True):
        if wanted:
            told = units(wanted, language)
            found.units += len(told) if who == "ours" else 0
            found.wrong[who] += Levenshtein.distance(told, units(written, language))


async def _ours(writer: TalkWriter, language: str, talk: Talk) -> tuple[str, str]:
    told = await writer.write(talk.path, language)
    customer, agent = (" ".join(line.text for of, line in told.lines if of == side) for side in ("customer", "agent"))
    return customer, agent


async def _bare(packages: Path) -> asyncio.subprocess.Process:
    path = os.pathsep.join(filter(None, (str(packages), os.environ.get("PYTHONPATH", ""))))
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.transcribe_bare"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": path, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
        limit=1 << 24,
    )


async def _asked(bare: asyncio.subprocess.Process, engine: Engine, language: str, talk: Talk) -> tuple[str, str]:
    wish = {"sound": str(talk.path), "language": language, "engine": engine.kind, "model": str(engine.model)}
    bare.stdin.write(json.dumps(wish).encode() + b"\n")  # type: ignore[union-attr]
    customer, agent = json.loads(await bare.stdout.readline())  # type: ignore[union-attr]
    return customer, agent


def _processor(pid: int | None) -> float:
    """Seconds that a process has computed, with all its threads."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / TICKS
