"""A caller's mouth and ear beside sipp: says what a test tells it when it tells it, and notes when it hears what."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import deque
from contextlib import suppress
from itertools import pairwise
from types import TracebackType
from typing import Any

import numpy as np

from benchmarks.korean_speech import mu_law, quiet
from recording.raw_audio import Frames
from tests.integration.ears import _plain

FRAME = 160
SECONDS = 0.02


class Mouth:
    """`spoken(scenario)` makes it the media of a sipp caller. It is quiet until `say` or `press`."""

    def __init__(self, host: str) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self._socket.settimeout(0.002)
        self.port: int = self._socket.getsockname()[1]
        self.heard: list[tuple[float, float]] = []  # when, how loud
        self._payloads: list[bytes] = []  # of the same moments
        self._frames: deque[bytes] = deque()
        self._keys: deque[str] = deque()
        self._silence = mu_law(quiet(2.0))
        self.began_at = self.finished_at = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, name="mouth", daemon=True)

    def __enter__(self) -> Mouth:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()

    def spoken(self, scenario: str) -> str:
        return scenario.replace("[media_port]", str(self.port))

    def say(self, samples: bytes) -> None:
        sound = mu_law(samples)
        self._frames.extend(sound[start : start + FRAME].ljust(FRAME, b"\xff") for start in range(0, len(sound), FRAME))

    @property
    def speaking(self) -> bool:
        """Whether there is something left of what it was told to say."""
        return bool(self._frames)

    def hears_for(self, seconds: float) -> None:
        """Returns when so much sound has come in after this call; fails when it does not come."""
        begin, deadline = len(self.heard), time.monotonic() + seconds + 5.0
        while len(self.heard) - begin < round(seconds / SECONDS):
            assert time.monotonic() < deadline, "nothing comes in"
            time.sleep(SECONDS)

    def longest_gap(self, since: float) -> float:
        """The longest time without a packet after `since` (monotonic), in seconds."""
        times = [at for at, _ in self.heard if at >= since]
        return max((late - early for early, late in pairwise(times)), default=0.0)

    def press(self, key: str) -> None:
        """As a telephone event (RFC 4733) of 100 ms."""
        self._keys.append(key)

    def loud_since(self, then: float) -> list[float]:
        """The moments after `then` at which a prompt was heard."""
        return [at for at, loud in self.heard if at >= then and loud > 0.01]

    def sound_since(self, then: float) -> Frames:
        """What came in after `then`, for `tests.integration.ears.level`."""
        first = next((n for n, (at, _) in enumerate(self.heard) if at >= then), len(self.heard))
        return _plain(b"".join(self._payloads[first:]))

    def prompt_after_speech(self) -> float:
        """For how long the prompt was still heard after the mouth had begun to speak."""
        return max([0.0, *(at - self.began_at for at in self.loud_since(self.began_at))])

    def silent_for(self, seconds: float, since: float, limit: float = 5.0) -> float:
        """The moment after `since` from which nothing was heard for so long."""
        while time.monotonic() < since + limit:
            last = max([since, *self.loud_since(since)])
            if time.monotonic() - last > seconds:
                return last
            time.sleep(SECONDS)
        return since + limit

    def prompt_again(self, seconds: float) -> bool:
        """Whether a prompt begins within so long: there is something to hear."""
        begin = time.monotonic()
        while time.monotonic() < begin + seconds:
            if len(self.loud_since(time.monotonic() - 0.1)) >= 4 and time.monotonic() - begin > 0.5:
                return True
            time.sleep(SECONDS)
        return False

    def _live(self) -> None:
        peer, due, number = None, 0.0, 0
        while not self._over.is_set():
            with suppress(TimeoutError):
                packet, peer = self._socket.recvfrom(2048)
                if len(packet) == 12 + FRAME and packet[1] & 0x7F == 0:
                    self._payloads.append(packet[12:])
                    self.heard.append((time.monotonic(), float(np.sqrt((_plain(packet[12:]) ** 2).mean()))))
            now = time.monotonic()
            if peer is not None and now >= due:
                due = now + SECONDS if not due or now - due > 0.2 else due + SECONDS
                number = self._key(peer, number) if self._keys else self._speak(peer, number)

    def _speak(self, peer: object, number: int) -> int:
        start = number * FRAME % (len(self._silence) - FRAME)
        if self._frames and not self.began_at:
            self.began_at = time.monotonic()
        payload = self._frames.popleft() if self._frames else self._silence[start : start + FRAME]
        self._send(peer, 0, number, number * FRAME, payload)
        if not self._frames and not self.finished_at:
            self.finished_at = time.monotonic()
        elif self._frames:
            self.finished_at = 0.0
        return number + 1

    def _key(self, peer: Any, number: int) -> int:
        event, stamp = "0123456789*#".index(self._keys.popleft()), number * FRAME
        for step in range(1, 8):
            over = 0x80 if step > 5 else 0
            self._send(peer, 101, number, stamp, struct.pack("!BBH", event, over | 10, min(step, 5) * FRAME))
            number += 1
            time.sleep(SECONDS)
        return number

    def _send(self, peer: Any, kind: int, number: int, stamp: int, payload: bytes) -> None:
        header = struct.pack("!BBHII", 0x80, kind, number & 0xFFFF, stamp & 0xFFFFFFFF, 0x51)
        self._socket.sendto(header + payload, peer)
