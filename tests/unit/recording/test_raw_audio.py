"""A raw recording becomes a kept one, whatever happens on the way."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from recording.raw_audio import NotTheSame, discard, is_same, keep, kept_path, peaks_path
from tests.unit.recording.calls import RATE, loudest, raw_talk


def test_the_customer_is_left_and_the_agent_right(tmp_path):
    kept = keep(raw_talk(tmp_path / "c1-1.raw", agent=440, customer=880))
    samples, rate = soundfile.read(kept.path)
    assert rate == RATE
    assert (loudest(samples[:, 0]), loudest(samples[:, 1])) == (880, 440)
    assert kept.seconds == 4.0


def test_each_sample_is_kept_exactly(tmp_path):
    raw = tmp_path / "c1-1.raw"
    noise = np.random.default_rng(1).integers(-32768, 32767, (200_001, 2), dtype=np.int16)
    raw.write_bytes(noise.tobytes())
    kept = keep(raw)
    assert np.array_equal(soundfile.read(kept.path, dtype="int16")[0], noise[:, ::-1])
    assert is_same(raw, kept.path)


def test_the_waveform_shows_who_spoke_when(tmp_path):
    raw = tmp_path / "c1-1.raw"
    silence, speech = np.zeros(RATE, dtype="<i2"), np.full(RATE, 16384, dtype="<i2")
    agent, customer = np.concatenate([speech, silence]), np.concatenate([silence, speech])
    raw.write_bytes(np.stack([agent, customer], axis=1).tobytes())
    peaks = json.loads(peaks_path(keep(raw).path).read_text())
    assert peaks["seconds"] == 2.0
    assert len(peaks["customer"]) == len(peaks["agent"]) == 800
    assert peaks["agent"][:400] == peaks["customer"][400:] == [0.5] * 400
    assert not any(peaks["agent"][401:] + peaks["customer"][:399])


@pytest.mark.parametrize("frames", [1, 7, 799, 801, 1601])
def test_the_shortest_talk_has_a_waveform_too(tmp_path, frames):
    raw = tmp_path / "c1-1.raw"
    raw.write_bytes(b"\1\0\2\0" * frames)
    peaks = json.loads(peaks_path(keep(raw).path).read_text())
    assert 0 < len(peaks["customer"]) <= 800


def test_a_file_that_ends_within_a_sample_loses_only_that_sample(tmp_path):
    raw = raw_talk(tmp_path / "c1-1.raw", 1.0)
    raw.write_bytes(raw.read_bytes() + b"\1\2\3")
    assert keep(raw).seconds == 1.0
    discard(raw)
    assert not raw.exists()


def test_nothing_recorded_is_told_as_nothing(tmp_path):
    raw = tmp_path / "c1-1.raw"
    assert keep(raw) is None
    raw.touch()
    assert keep(raw) is None


def test_the_raw_file_is_not_discarded_while_the_kept_one_lacks_or_differs(tmp_path):
    raw = raw_talk(tmp_path / "c1-1.raw")
    with pytest.raises(NotTheSame):
        discard(raw)
    keep(raw)
    raw_talk(raw, agent=500)
    with pytest.raises(NotTheSame):
        discard(raw)
    assert raw.exists()


def test_a_spoilt_kept_file_is_made_again(tmp_path):
    raw = raw_talk(tmp_path / "c1-1.raw")
    keep(raw)
    kept_path(raw).write_bytes(kept_path(raw).read_bytes()[:2000])
    keep(raw)
    assert is_same(raw, kept_path(raw))


class PowerCut(BaseException):
    """The machine stops here."""


def test_a_power_cut_before_any_step_loses_nothing(tmp_path, monkeypatch):
    """The machine stops before the first, second, ... change of a file's name or existence."""
    for stop_at in range(1, 10):
        raw = raw_talk(tmp_path / f"c{stop_at}-1.raw", 1.0)
        original = raw.read_bytes()
        steps = 0

        def count(step, stop_at=stop_at):
            def counted(*arguments, **options):
                nonlocal steps
                steps += 1
                if steps == stop_at:
                    raise PowerCut
                return step(*arguments, **options)

            return counted

        with monkeypatch.context() as patch:
            for name in ("replace", "unlink"):
                patch.setattr(Path, name, count(getattr(Path, name)))
            patch.setattr(os, "fsync", count(os.fsync))
            try:
                keep(raw)
                discard(raw)
            except PowerCut:
                assert raw.read_bytes() == original
            else:
                assert not raw.exists()
                break
        keep(raw)
        discard(raw)
        assert soundfile.info(kept_path(raw)).frames == RATE
        assert not raw.exists()
    else:
        pytest.fail("the steps never ended")


def test_killed_at_any_moment_the_next_run_finishes(tmp_path):
    program = "import sys; from pathlib import Path; from recording.raw_audio import keep, discard\n"
    program += (
        "print('begun', flush=True)\nfor line in sys.stdin: keep(Path(line.strip())), discard(Path(line.strip()))"
    )
    chance = random.Random(7)
    raws = [raw_talk(tmp_path / f"c{n}-1.raw", 20.0) for n in range(4)]
    for _ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            process.stdout.readline()
            process.stdin.write("".join(f"{raw}\n" for raw in raws))
            process.stdin.close()
            try:
                process.wait(chance.uniform(0.0, 0.1))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
        for raw in raws:
            assert raw.exists() or soundfile.info(kept_path(raw)).frames == 20 * RATE
    for raw in raws:
        assert keep(raw).seconds == 20.0
        discard(raw)
        samples, _ = soundfile.read(kept_path(raw), frames=RATE)
        assert (loudest(samples[:, 0]), loudest(samples[:, 1])) == (880, 440)


def test_a_voice_message_is_the_customer_alone(tmp_path):
    raw = tmp_path / "c1-m.sln"
    time = np.arange(2 * RATE) / RATE
    raw.write_bytes((0.3 * np.sin(2 * np.pi * 880 * time) * 32767).astype("<i2").tobytes())
    kept = keep(raw)
    samples, _ = soundfile.read(kept.path)
    assert kept.seconds == 2.0
    assert loudest(samples[:, 0]) == 880
    assert not samples[:, 1].any()
    discard(raw)
    assert not raw.exists()
