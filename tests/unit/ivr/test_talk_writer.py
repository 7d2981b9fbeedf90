"""What an engine is given of a talk, never silence or a private part, and how its words come back to their places."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from crm_core.transcripts.talk import length, merged, within
from ivr.speech_spans import RATE, loud_spans
from ivr.talk_writer import Engine, TalkWriter
from ivr.transcriber import NoTranscript
from ivr.utterances import Joined, Spoken, lines, pieces

spans = st.lists(
    st.tuples(st.floats(0, 110), st.floats(0.05, 15)).map(lambda one: (one[0], min(120.0, one[0] + one[1]))), max_size=8
)


@given(spans, spans)
def test_an_engine_hears_all_speech_and_nothing_that_is_private(speech, private):
    given_ = pieces(speech, 120.0, private)
    secret = merged(private)
    assert all(not within(secret, piece) for piece in given_)
    for began, ended in merged(speech):
        heard = length(within(given_, (began, ended)))
        hidden = length(within(secret, (began, ended)))
        assert heard == pytest.approx(ended - began - hidden, abs=1e-6)


@given(spans.filter(bool), st.floats(0, 1))
def test_a_word_comes_back_to_the_piece_in_which_it_was_said(speech, share):
    parts = merged(speech)
    joined = Joined(parts)
    at = share * joined.seconds
    word = joined.word("word", at, min(at + 0.2, joined.seconds), 0.9)
    assert word is not None
    assert any(began - 0.01 <= word.began <= word.ended <= ended + 0.01 for began, ended in parts)


def test_lines_end_at_a_pause_and_after_a_sentence():
    words = [
        Spoken(" Yes.", 1.0, 1.4, 0.9),
        Spoken(" And", 1.8, 2.0, 0.9),
        Spoken(" then", 2.1, 2.4, 0.9),
        Spoken(" bye", 3.5, 3.9, 0.4),
    ]
    assert [(line.began, line.text) for line in lines(words)] == [(1.0, "Yes."), (1.8, "And then"), (3.5, "bye")]
    assert [line.text for line in lines(words, breaks=[2.05])] == ["Yes.", "And", "then", "bye"]


def test_speech_is_told_from_the_noise_of_the_line():
    noise = np.random.default_rng(1).normal(0, 0.002, 4 * RATE).astype(np.float32)
    assert loud_spans(noise) == []
    spoken = noise.copy()
    spoken[RATE : 2 * RATE] += 0.3 * np.sin(np.arange(RATE) / 8).astype(np.float32)
    ((began, ended),) = loud_spans(spoken)
    assert (began, ended) == (pytest.approx(1.0, abs=0.03), pytest.approx(2.0, abs=0.03))


async def test_a_talk_in_which_nobody_speaks_has_no_text_and_needs_no_engine(tmp_path: Path):
    sound = tmp_path / "talk.flac"
    soundfile.write(sound, np.zeros((16_000, 2)), 8_000, subtype="PCM_16")
    writer = TalkWriter({"en": Engine("whisper", tmp_path, "whisper none")})
    told = await writer.write(sound, "en")
    assert (told.seconds, list(told.lines), told.engine) == (pytest.approx(2.0), [], "whisper none")
    pid = writer.pid
    assert pid is not None
    assert os.sched_getscheduler(pid) == os.SCHED_IDLE
    assert os.getpriority(os.PRIO_PROCESS, pid) == 19
    await writer.stop()
    assert writer.pid is None


async def test_a_broken_file_is_told_and_the_process_goes_on_with_the_next(tmp_path: Path):
    writer = TalkWriter({"en": Engine("whisper", tmp_path, "whisper none")})
    (tmp_path / "broken.flac").write_bytes(b"no sound at all")
    for name in ("broken.flac", "missing.flac"):
        with pytest.raises(NoTranscript) as refused:
            await writer.write(tmp_path / name, "en")
        assert not refused.value.later
    pid = writer.pid
    os.kill(pid or 0, signal.SIGKILL)
    with pytest.raises(NoTranscript) as lost:
        await writer.write(tmp_path / "missing.flac", "en")
    assert lost.value.later
    with pytest.raises(NoTranscript):
        await writer.write(tmp_path / "missing.flac", "en")
    assert writer.pid not in (None, pid)
    await writer.stop()


async def test_a_language_without_a_model_is_refused_until_there_is_one(tmp_path: Path):
    with pytest.raises(NoTranscript) as refused:
        await TalkWriter({}).write(tmp_path / "talk.flac", "zh-CN")
    assert refused.value.later
