"""Speech for tests and measurements: Korean by espeak-ng, for the one Vosk model that a package registry has."""

from __future__ import annotations

import io
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
import soxr

RATE = 8_000
RESERVE, REPAIR, AGENT, RESCUE, COMPLAINT = "예약", "정비", "상담원", "구조", "불만"
COMMANDS = (RESERVE, REPAIR, AGENT, RESCUE, COMPLAINT)
OTHER_WORDS = (  # no commands: the Korean model has no word for what it does not know
    *("안녕", "감사", "아니", "지금", "사람", "우리", "그냥", "정말"),
    *("오늘", "시간", "생각", "문제", "다시", "나는", "너무"),
)
SENTENCE = "안녕하세요 고객 센터 입니다 오늘 날씨 가 정말 좋아요"
CAR = "자동차"  # no command, and not unlike one


@cache
def spoken(text: str, voice: str = "ko") -> bytes:
    """The words alone, 8 kHz, 16 bit, as loud as on a telephone."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-s", "130", "-w", str(path), text], check=True, capture_output=True)
        samples, rate = soundfile.read(path)
    telephone = soxr.resample(samples, rate, RATE)
    loud = np.flatnonzero(np.abs(telephone) > 0.02 * np.abs(telephone).max())
    words = telephone[loud[0] : loud[-1] + 1]
    return bytes((words / np.abs(words).max() * 0.4 * 32767).astype("<i2").tobytes())


def quiet(seconds: float) -> bytes:
    """A line's own noise, about -65 dB."""
    noise = np.random.default_rng(1).normal(0, 18, round(seconds * RATE))
    return bytes(noise.astype("<i2").tobytes())


def mu_law(samples: bytes) -> bytes:
    raw = io.BytesIO()
    soundfile.write(raw, np.frombuffer(samples, dtype="<i2"), RATE, format="RAW", subtype="ULAW")
    return raw.getvalue()
