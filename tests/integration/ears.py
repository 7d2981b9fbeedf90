"""A mouth and an ear for a sipp telephone: it sends one tone, and keeps what it hears."""

from __future__ import annotations

import io
import socket
import struct
import threading
import time
from contextlib import suppress
from itertools import pairwise
from types import TracebackType

import numpy as np
import soundfile

from recording.raw_audio import Frames

RATE, FRAME = 8000, 160
_SECONDS = 0.02


class Ear:
    """`spoken(scenario)` gives the sipp scenario with this ear as its media. It speaks once it has heard a packet."""

    def __init__(self, host: str, hertz: int) -> None:
        self.hertz = hertz
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self._socket.settimeout(_SECONDS)
        self.port: int = self._socket.getsockname()[1]
        self._heard: list[tuple[float, bytes]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, name=f"ear-{hertz}", daemon=True)

    def __enter__(self) -> Ear:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()

    def spoken(self, scenario: str) -> str:
        return scenario.replace("[media_port]", str(self.port))

    def _live(self) -> None:
        wave, frame, peer, due = _mu_law(self.hertz), 0, None, 0.0
        while not self._over.is_set():
            with suppress(TimeoutError):
                packet, peer = self._socket.recvfrom(2048)
                if len(packet) == 12 + FRAME and packet[1] & 0x7F == 0:
                    self._heard.append((time.monotonic(), packet[12:]))
            if peer is not None and time.monotonic() >= due:
                due = max(due + _SECONDS, time.monotonic() - 0.1)
                header = struct.pack("!BBHII", 0x80, 0, frame & 0xFFFF, frame * FRAME & 0xFFFFFFFF, self.hertz)
                start = frame * FRAME % RATE
                self._socket.sendto(header + wave[start : start + FRAME], peer)
                frame += 1

    def hears(self, seconds: float = 1.0) -> Frames:
        """The last samples that came in, as soon as so much has come after this call."""
        begin, deadline = len(self._heard), time.monotonic() + seconds + 5.0
        wanted = round(seconds / _SECONDS)
        while len(self._heard) - begin < wanted and time.monotonic() < deadline:
            time.sleep(_SECONDS)
        return _plain(b"".join(payload for _, payload in self._heard[begin:]))

    def longest_gap(self, since: float) -> float:
        """The longest time without a packet after `since` (monotonic), in seconds."""
        times = [at for at, _ in self._heard if at >= since]
        return max((late - early for early, late in pairwise(times)), default=0.0)


def _mu_law(hertz: int) -> bytes:
    samples = 0.2 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)
    raw = io.BytesIO()
    soundfile.write(raw, samples, RATE, format="RAW", subtype="ULAW")
    return raw.getvalue()


def _plain(payload: bytes) -> Frames:
    samples, _ = soundfile.read(
        io.BytesIO(payload), format="RAW", subtype="ULAW", samplerate=RATE, channels=1, dtype="float64"
    )
    return samples


def level(samples: Frames, hertz: int) -> float:
    """How loud one tone is in the samples: its amplitude, 0.2 = as an ear speaks it."""
    if not len(samples):
        return 0.0
    window = np.hanning(len(samples))
    spectrum = np.abs(np.fft.rfft(samples * window)) / (window.sum() / 2)
    at = round(hertz * len(samples) / RATE)
    return float(spectrum[max(0, at - 3) : at + 4].max())
