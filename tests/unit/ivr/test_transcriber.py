"""Text of voice messages: read from any file, never invented, never more than the machine can take."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.transcriber import NoTranscript
from ivr.transcriber_worker import RATE, answer, believable, read
from ivr.whisper import MOST_WAITING, WhisperTranscriber


@pytest.mark.parametrize(
    ("average", "no_speech", "compression", "said"),
    [
        (-0.61, 0.01, 0.79, True),
        (-0.75, 0.34, 0.62, True),
        (-0.80, 0.43, 0.33, False),  # "Bye." after the last word
        (-1.15, 0.44, 0.43, False),
        (-0.17, 0.58, 9.33, False),  # the same two characters again and again
    ],
)
def test_what_nobody_said_is_left_out(average: float, no_speech: float, compression: float, said: bool) -> None:
    assert believable(average, no_speech, compression) is said


@pytest.mark.parametrize(("ending", "channels"), [(".sln", 1), (".raw", 2), (".wav", 1), (".flac", 2)])
def test_any_file_of_sound_is_read_at_the_models_rate(tmp_path: Path, ending: str, channels: int) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8_000) / 8_000)
    path = tmp_path / f"message{ending}"
    both = np.stack([tone] * channels, axis=1)
    if ending in (".sln", ".raw"):
        (both * 32767).astype("<i2").tofile(path)
    else:
        soundfile.write(path, both, 8_000, subtype="PCM_16")
    samples = read(path)
    assert len(samples) == RATE
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("content", [None, b"", b"no sound at all"])
def test_a_file_that_is_no_sound_has_no_text_and_says_why(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "message.wav"
    if content is not None:
        path.write_bytes(content)
    said = answer(f'{{"sound": "{path}", "language": "en", "model": "none"}}'.encode())
    assert said["fault"]
    assert said["later"] is False


async def test_without_a_model_there_is_no_text_and_it_may_come_later() -> None:
    nobody = WhisperTranscriber({})
    assert not nobody.available("en")
    with pytest.raises(NoTranscript) as refused:
        await nobody.transcribe(Path("message.sln"), "en")
    assert refused.value.later


async def test_the_queue_is_bounded_and_who_waits_is_told_when_the_process_ends(tmp_path: Path) -> None:
    """The process reads the sound and then fails for lack of a model: all get an answer, one gets it at once."""
    whisper = WhisperTranscriber({"en": tmp_path})
    waiting = [asyncio.ensure_future(whisper.transcribe(tmp_path / "x.sln", "en")) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(NoTranscript, match="waiting"):
        await whisper.transcribe(tmp_path / "x.sln", "en")
    async with asyncio.timeout(60):
        results = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(result, NoTranscript) and not result.later for result in results)
    await whisper.stop()
