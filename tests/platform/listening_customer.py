"""A customer who presses a key when the prompt for it was heard, and prompts that an ear can tell apart."""

from __future__ import annotations

import asyncio
import hashlib
import io
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.telephone import Telephone
from ivr.flow import Flow
from ivr.flow_file import shipped_flow
from ivr.saying import file_of, text_of
from ivr.telephone_audio import Samples
from tests.integration.site import CUSTOMERS
from tests.platform.site import HOTLINE, CallCentre

RATE = 8000
CHINESE = "zh-CN"
ALIKE = 0.9  # correlation; mu-law costs one part in a hundred, another melody has less than a half
UNSENT = RATE // 10  # Asterisk keeps a file's last frames until it plays something else; real prompts end in silence
TONES, TONE_SECONDS = 5, 0.1


class Melodies:
    """A voice that sings each text to a melody of its own."""

    id = "melodies"

    def __init__(self, tone_seconds: float = TONE_SECONDS) -> None:
        self._tone_seconds = tone_seconds

    def speak(self, texts: Sequence[str], folder: Path) -> Iterator[Path]:
        times = np.arange(int(self._tone_seconds * 2 * RATE)) / (2 * RATE)
        for number, text in enumerate(texts):
            tones = hashlib.sha256(text.encode()).digest()[:TONES]
            path = folder / f"{number}.wav"
            soundfile.write(
                path, np.concatenate([0.2 * np.sin(2 * np.pi * (300 + 10 * t) * times) for t in tones]), 16000
            )
            yield path


class ListeningCustomer:
    """On the line with the hotline; whatever is heard is kept. `language` is that of the prompts that it knows."""

    def __init__(self, prompts: Path, flow: Flow | None = None) -> None:
        self._prompts, self._heard, self._listened = prompts, bytearray(), 0
        self._flow, self.language = flow or shipped_flow(), CHINESE
        self.telephone: Telephone | None = None

    def hear(self, frame: bytes, at: float) -> None:
        self._heard += frame

    async def hears(self, *names: str, seconds: float = 10.0) -> None:
        """These prompts, one directly after the other, later than what was heard before. Fails if they do not come."""
        wanted = np.concatenate([self._sound(name) for name in names])[:-UNSENT]
        deadline = time.monotonic() + seconds
        while True:
            place = await asyncio.to_thread(found_in, _plain(bytes(self._heard[self._listened :])), wanted)
            if place is not None:
                self._listened += place + len(wanted)
                return
            assert time.monotonic() < deadline, f"{names} was not heard"
            await asyncio.sleep(0.1)

    async def presses(self, keys: str) -> None:
        assert self.telephone is not None
        for key in keys:
            await self.telephone.press(key)
            await asyncio.sleep(0.1)

    def _sound(self, name: str) -> Samples:
        own = text_of(self._flow, name, self.language)
        samples, rate = soundfile.read(self._prompts / self.language / f"{file_of(own[1]) if own else name}.wav")
        assert rate == RATE
        return np.asarray(samples, dtype=np.float64)


@asynccontextmanager
async def customer_calls(call_centre: CallCentre, number: str, prompts: Path) -> AsyncIterator[ListeningCustomer]:
    """Dials the hotline, and hangs up at the end."""
    async with dialled(ListeningCustomer(prompts), call_centre.ports["SIP_PORT"], number) as customer:
        yield customer


@asynccontextmanager
async def dialled(customer: ListeningCustomer, sip_port: int, number: str) -> AsyncIterator[ListeningCustomer]:
    """On the line with the hotline at this port, from the answer on."""
    server = ("127.0.0.1", sip_port)
    customer.telephone = await Telephone.dial(server, number=HOTLINE, caller=number, host=CUSTOMERS, hear=customer.hear)
    try:
        yield customer
    finally:
        await customer.telephone.hang_up()


def found_in(heard: Samples, wanted: Samples) -> int | None:
    """Where in the sound the wanted one begins, if it is there: normalised correlation at every place."""
    size, long = len(wanted), len(heard)
    if long < size:
        return None
    width = 1 << (long + size).bit_length()
    product = np.fft.irfft(np.fft.rfft(heard, width) * np.conj(np.fft.rfft(wanted, width)), width)[: long - size + 1]
    energy = np.concatenate([[0.0], np.cumsum(heard**2)])
    loud = np.sqrt(np.maximum(energy[size:] - energy[:-size], 1e-9)) * np.sqrt((wanted**2).sum())
    alike = product / loud
    best = int(alike.argmax())
    return best if alike[best] > ALIKE else None


def _plain(payload: bytes) -> Samples:
    samples, _ = soundfile.read(
        io.BytesIO(payload), format="RAW", subtype="ULAW", samplerate=RATE, channels=1, dtype="float64"
    )
    return np.asarray(samples, dtype=np.float64)
