"""How much of our own prompts, as the site's voices speak them, each installed engine writes down rightly."""

from __future__ import annotations

import asyncio
import re
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from benchmarks.korean_speech import COMMANDS, quiet, spoken
from hotline.settings import Settings
from hotline.speech_models import vosk_models
from hotline.transcribing import transcriber
from ivr.catalogue import LANGUAGES, catalogue
from ivr.line import Heard
from ivr.recogniser import RATE, RecogniserLost
from ivr.recogniser_process import RecogniserProcess
from ivr.transcriber import NoTranscript

NOT_MEASURED = "not measured"
PROMPTS = ("transfer", "goodbye", "moment", "lost", "hold-on", "place-kept", "voicemail", "callback-wrong")

Write = Callable[[Path], Awaitable[str]]


async def command_accuracy(hear: Callable[[bytes], Awaitable[Heard]]) -> float:
    """The share of spoken commands that lead to the right one."""
    answers = [await hear(quiet(0.5) + spoken(text) + quiet(0.6)) for text in COMMANDS]
    return sum(answer.words == text for answer, text in zip(answers, COMMANDS, strict=True)) / len(COMMANDS)


async def accuracy(settings: Settings) -> dict[str, float | str]:
    """Per engine and language 0 to 1, or "not measured"."""
    found: dict[str, float | str] = {}
    whisper = transcriber(settings.cache_dir)
    models = vosk_models(settings)
    for language in LANGUAGES:
        short = language.partition("-")[0]
        found[f"vosk_{short}"] = found[f"whisper_{short}"] = NOT_MEASURED
        if language in models:
            found[f"vosk_{short}"] = await _vosk(settings, language, models[language])
        if whisper.available(language):

            async def write(sound: Path, language: str = language) -> str:
                return (await whisper.transcribe(sound, language)).text

            found[f"whisper_{short}"] = await _share_right(settings, language, write)
    await whisper.stop()
    return found


async def _vosk(settings: Settings, language: str, model: Path) -> float | str:
    try:
        process = await RecogniserProcess.start(model)
    except RecogniserLost:
        return NOT_MEASURED

    async def write(sound: Path) -> str:
        leg = await process.open(())
        samples = await asyncio.to_thread(_samples, sound)
        for start in range(0, len(samples), RATE):
            leg.hear(samples[start : start + RATE])
            await leg.caught_up()
        return (await leg.finish()).text

    try:
        return await _share_right(settings, language, write)
    finally:
        await process.stop()


async def _share_right(settings: Settings, language: str, write: Write) -> float | str:
    texts, shares = catalogue()[language], []
    for name in PROMPTS:
        sound = settings.prompts_dir / language / f"{name}.wav"
        try:
            said, written = (
                units("".join(part.text for part in texts[name]), language),
                units(await write(sound), language),
            )
        except (NoTranscript, RecogniserLost, OSError):
            continue
        shares.append(Levenshtein.normalized_similarity(said, written))
    return sum(shares) / len(shares) if shares else NOT_MEASURED


def units(text: str, language: str) -> list[str]:
    """Characters of Chinese, words of English; no punctuation."""
    plain = re.findall(r"\w+", text.lower())
    return list("".join(plain)) if language == "zh-CN" else plain


def _samples(sound: Path) -> bytes:
    with wave.open(str(sound), "rb") as prompt:
        return prompt.readframes(prompt.getnframes())
