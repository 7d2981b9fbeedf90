"""The real second engine writes down English and Mandarin, and nothing where nobody speaks."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.korean_speech import spoken
from benchmarks.speech_accuracy import units
from hotline.settings import Settings
from hotline.speech_packages import whisper_base, whisper_engine, whisper_tiny_english
from hotline.transcribing import transcriber
from ivr.transcriber import NoTranscript
from ivr.whisper import WhisperTranscriber


@pytest.fixture(scope="module")
def installed() -> Path:
    """As `hotline speech install messages` does it; fetched once per machine."""
    cache = Settings().cache_dir.resolve()
    for fetch in (whisper_engine, whisper_tiny_english, whisper_base):
        fetch(cache)
    return cache


@pytest.fixture
async def whisper(installed: Path) -> AsyncIterator[WhisperTranscriber]:
    mine = transcriber(installed)
    yield mine
    await mine.stop()


def message(path: Path, samples: bytes) -> Path:
    path.write_bytes(samples)
    return path


async def test_an_english_message_becomes_text_with_the_times_of_its_words(
    whisper: WhisperTranscriber, tmp_path: Path
) -> None:
    sound = message(tmp_path / "1.sln", spoken("Please call me back tomorrow morning.", "en-us"))
    said = await whisper.transcribe(sound, "en")
    assert {"please", "call", "back", "tomorrow"} <= set(units(said.text, "en"))
    assert said.language == "en"
    assert 0.3 < said.confidence <= 1
    starts = [word.start for word in said.words]
    assert starts == sorted(starts)
    assert said.words[-1].end <= len(sound.read_bytes()) / 16_000 + 0.2


async def test_a_mandarin_message_becomes_text(whisper: WhisperTranscriber) -> None:
    said = await whisper.transcribe(Settings().prompts_dir / "zh-CN" / "hold-on.wav", "zh-CN")
    assert "请您稍" in said.text
    assert said.language == "zh-CN"


@pytest.mark.parametrize("loudness", [0, 10, 300], ids=["silence", "line", "noise"])
async def test_where_nobody_speaks_there_is_no_text(whisper: WhisperTranscriber, tmp_path: Path, loudness: int) -> None:
    noise = np.random.default_rng(1).normal(0, loudness, 8 * 8_000).astype("<i2").tobytes()
    for language in ("en", "zh-CN"):
        assert (await whisper.transcribe(message(tmp_path / "m.sln", noise), language)).text == ""


async def test_a_transcriber_that_is_killed_is_started_again_for_the_next_message(
    whisper: WhisperTranscriber, tmp_path: Path
) -> None:
    sound = message(tmp_path / "1.sln", spoken("Please call me back tomorrow morning.", "en-us"))
    first = asyncio.ensure_future(whisper.transcribe(sound, "en"))
    while whisper.pid is None:  # noqa: ASYNC110 - it starts in its own time
        await asyncio.sleep(0.01)
    os.kill(whisper.pid, signal.SIGKILL)
    with pytest.raises(NoTranscript) as lost:
        await first
    assert lost.value.later
    assert "call" in (await whisper.transcribe(sound, "en")).text
