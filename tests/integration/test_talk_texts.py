"""A recorded talk becomes text by a real engine: who said what and when, over a kill, without what is private."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks.korean_speech import COMPLAINT, RESCUE, RESERVE, quiet, spoken
from hotline.settings import Settings
from hotline.speech_packages import korean_model
from ivr.talk_writer import Engine, TalkWriter
from ivr.transcriber import NoTranscript


@pytest.fixture
def writer() -> TalkWriter:
    model = korean_model(Settings().cache_dir.resolve())
    return TalkWriter({"ko": Engine("vosk", model, "vosk ko")})


def talk(folder: Path) -> Path:
    """The customer says one word after 1 s and one after 7 s, the agent one after 4 s."""
    sides = np.zeros((2, 10 * 8_000), dtype="<i2")
    sides[:] = np.frombuffer(quiet(10.0), dtype="<i2")
    for side, at, word in ((0, 1.0, RESERVE), (1, 4.0, RESCUE), (0, 7.0, COMPLAINT)):
        sound = np.frombuffer(spoken(word), dtype="<i2")
        sides[side, round(at * 8_000) : round(at * 8_000) + len(sound)] += sound
    path = folder / "talk.flac"
    soundfile.write(path, sides.T, 8_000, subtype="PCM_16")
    return path


async def test_each_word_is_the_sides_who_said_it_at_its_time(writer: TalkWriter, tmp_path: Path):
    told = await writer.write(talk(tmp_path), "ko")
    said = sorted((round(line.began), side) for side, line in told.lines)
    assert said == [(1, "customer"), (4, "agent"), (7, "customer")]
    assert {side: len(spans) for side, spans in told.spans.items()} == {"customer": 2, "agent": 1}
    await writer.stop()


async def test_what_was_paused_is_not_written_down(writer: TalkWriter, tmp_path: Path):
    told = await writer.write(talk(tmp_path), "ko", gone=[(6.0, 9.0)])
    assert sorted(side for side, _ in told.lines) == ["agent", "customer"]
    assert all(line.ended < 6 for _, line in told.lines)
    await writer.stop()


async def test_a_kill_in_the_middle_loses_nothing_but_time(writer: TalkWriter, tmp_path: Path):
    sound = talk(tmp_path)
    work = asyncio.create_task(writer.write(sound, "ko"))
    while writer.pid is None:  # noqa: ASYNC110 - nobody tells of it
        await asyncio.sleep(0.01)
    os.kill(writer.pid, signal.SIGKILL)
    with pytest.raises(NoTranscript) as lost:
        await work
    assert lost.value.later
    assert len((await writer.write(sound, "ko")).lines) == 3
    await writer.stop()
