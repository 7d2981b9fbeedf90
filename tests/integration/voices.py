"""A telephone's voice whose tone a test changes at once, and where tones are in a recording.

The voice is a process of its own: a test that starts others beside it must not make it stutter.
`python -m tests.integration.voices HOST HERTZ` prints its port, and reads from its input what to say next.
"""

from __future__ import annotations

import io
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from types import TracebackType

import numpy as np
import numpy.typing as npt
import soundfile

RATE, FRAME, SECONDS = 8000, 160, 0.02
Side = npt.NDArray[np.int16]


class Voice:
    """`spoken(scenario)` makes it the media of a sipp telephone. It says one tone until told another; 0 = nothing."""

    def __init__(self, host: str, hertz: int) -> None:
        command = [sys.executable, "-m", "tests.integration.voices", host, str(hertz)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def __enter__(self) -> Voice:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()

    def spoken(self, scenario: str) -> str:
        return scenario.replace("[media_port]", str(self.port))

    def say(self, hertz: int) -> None:
        """Returns when a frame of it is on its way: on a busy machine the voice falls behind what it is told."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"%d\n" % hertz)
        self._process.stdin.flush()
        self._process.stdout.readline()


class _Speaker:
    def __init__(self, host: str, hertz: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.socket.settimeout(0.002)
        self.wish = (0, hertz)  # the how manyth wish, and which tone
        self._waves: dict[int, bytes] = {}

    def listen(self) -> None:
        for line in sys.stdin:
            self.wish = (self.wish[0] + 1, int(line))

    def live(self) -> None:
        peer, due, number, granted = None, 0.0, 0, 0
        while True:
            with suppress(TimeoutError):
                _, peer = self.socket.recvfrom(2048)
            now = time.monotonic()
            if peer is not None and now >= due:
                due = now + SECONDS if not due or now - due > 0.2 else due + SECONDS
                header = struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, number * FRAME & 0xFFFFFFFF, 0x77)
                start = number * FRAME % RATE
                wish, hertz = self.wish
                self.socket.sendto(header + self._wave(hertz)[start : start + FRAME], peer)
                number += 1
                while granted < wish:
                    granted += 1
                    print(flush=True)

    def _wave(self, hertz: int) -> bytes:
        """A second of it."""
        if hertz not in self._waves:
            raw = io.BytesIO()
            sound = 0.25 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)
            soundfile.write(raw, sound, RATE, format="RAW", subtype="ULAW")
            self._waves[hertz] = raw.getvalue()
        return self._waves[hertz]


def strength(side: Side, hertz: int, *, window: float = 0.02) -> npt.NDArray[np.float64]:
    """The amplitude of a tone, of full scale, in each `window` of the side; 0.25 = as a voice says it."""
    size = round(window * RATE)
    pieces = side[: len(side) // size * size].reshape(-1, size) / 32768
    wave = np.exp(-2j * np.pi * hertz * np.arange(size) / RATE) * np.hanning(size)
    found: npt.NDArray[np.float64] = np.abs(pieces @ wave) / (np.hanning(size).sum() / 2)
    return found


def spans(there: npt.NDArray[np.bool_], *, window: float = 0.02, gap: float = 0.1) -> list[tuple[float, float]]:
    """Where it is true, in seconds; gaps of up to `gap` within are ignored."""
    found: list[tuple[float, float]] = []
    for place in np.flatnonzero(there).tolist():
        began, ended = place * window, (place + 1) * window
        if found and began - found[-1][1] <= gap:
            found[-1] = (found[-1][0], ended)
        else:
            found.append((began, ended))
    return found


if __name__ == "__main__":
    speaker = _Speaker(sys.argv[1], int(sys.argv[2]))
    threading.Thread(target=speaker.listen, daemon=True).start()
    print(speaker.socket.getsockname()[1], flush=True)
    speaker.live()
