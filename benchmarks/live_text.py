"""From the end of a word in a customer's mouth to that word on the agent's screen, in a real browser (P12).

A customer dials, is answered at a browser phone, and says Korean sentences at the pace of speech; the page notes when
each number of words was in its document. The ends of the words are the engine's own, in the sound as it came in. The
Korean model is the only one that a package registry has: delays and cost are measured, nothing is said of other
languages. The machine's other load is told with the figures.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.async_api import Page

from benchmarks.bare_site import CALLERS
from benchmarks.korean_speech import COMMANDS, OTHER_WORDS, SENTENCE, mu_law, spoken
from benchmarks.offer import percentile
from benchmarks.own_site import platform, settings_in
from benchmarks.pop import AGENT, desk, known_numbers, prepare
from benchmarks.telephone import Telephone
from hotline.live_text import GIVES_WAY
from hotline.settings import Settings
from hotline.speech_packages import korean_model
from ivr.processor import processor_seconds

SENTENCES = (SENTENCE, " ".join(COMMANDS), " ".join(OTHER_WORDS[:8]), " ".join(OTHER_WORDS[7:]))
PAUSE = 2.0  # between two sentences
WATCH = """() => { window.seen = []; window.told = []; const place = document.getElementById('assist');
  new MutationObserver(() => { const at = Date.now() / 1000;
    for (const item of place.querySelectorAll('#live-text li')) window.seen.push([at, Number(item.dataset.number),
      item.querySelector('p').textContent, item.dataset.over === 'true']); }
  ).observe(place, { childList: true, subtree: true, characterData: true, attributes: true });
  new WebSocket(`ws://${location.host}/desk/text`).onmessage = (told) => window.told.push(JSON.parse(told.data)); }"""


@dataclass(slots=True)
class Measured:
    """Delays in milliseconds: of every word, and of each sentence's last one; processor and speech in seconds."""

    words: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    processor: float = 0.0
    speech: float = 0.0


def run(full: bool) -> dict[str, Any]:
    return asyncio.run(_run(10 if full else 2))


async def _run(rounds: int) -> dict[str, Any]:
    model = await asyncio.to_thread(korean_model, Settings().cache_dir.resolve())
    measured = Measured()
    with TemporaryDirectory(prefix="hotline-live-text-") as folder, _models(model):
        settings = settings_in(Path(folder))
        logins = await asyncio.to_thread(prepare, settings, (0, 0))
        [number] = await known_numbers(settings, 1)
        async with platform(settings), desk(settings, logins[AGENT]) as page:
            telephone = await _talk(settings, page, number)
            try:
                for _ in range(rounds):
                    for text in SENTENCES:
                        await _one_sentence(page, telephone, text, measured)
            finally:
                await telephone.hang_up()
    return _result(measured, rounds)


@contextmanager
def _models(model: Path) -> Iterator[None]:
    """The Korean model stands in for Mandarin in the platform that is started within."""
    own = {"HOTLINE_SPEECH_MODELS": json.dumps({"zh-CN": str(model)}), "HOTLINE_LIVE_TEXT_SPARE": "-99"}
    os.environ.update(own)  # what else runs on the machine is told in the result, and keeps no talk out
    try:
        yield
    finally:
        for name in own:
            del os.environ[name]


async def _talk(settings: Settings, page: Page, number: str) -> Telephone:
    """A customer whom the agent has answered, listened to from now on."""
    server = (settings.host, settings.sip_port)
    telephone = await Telephone.dial(
        server, number=settings.hotline_numbers[0], caller=number, host=CALLERS, hear=lambda *_: None
    )
    await asyncio.sleep(4.0)  # the greeting
    await telephone.press("4")
    await page.wait_for_selector("body[data-call=ringing]", timeout=60_000)
    await page.keyboard.press("F2")
    await page.wait_for_selector("body[data-call=talking]", timeout=30_000)
    await page.keyboard.press("F8")  # the browser's made-up microphone beeps
    await page.wait_for_selector("body[data-text=on]", timeout=60_000)
    await page.evaluate(WATCH)
    await asyncio.sleep(PAUSE)
    return telephone


async def _one_sentence(page: Page, telephone: Telephone, text: str, measured: Measured) -> None:
    sound, pid = spoken(text), _recogniser()
    spent, before = processor_seconds(pid), await page.evaluate("() => window.told.length")
    telephone.speak(mu_law(sound))
    await asyncio.sleep(len(sound) / 16_000 + PAUSE)
    measured.processor += processor_seconds(pid) - spent
    measured.speech += len(sound) / 16_000
    told, seen = await page.evaluate("() => [window.told, window.seen]")
    over = [line for message in told[before:] for line in message["lines"] if line["over"]]
    for line in over:
        _count([one for one in seen if one[1] == line["number"]], line["ends"], measured)


def _count(seen: list[list[Any]], ends: list[float], measured: Measured) -> None:
    """From each word's end in the sound to the first moment at which so many words stood in the line."""
    delays = [
        1_000 * (min(at for at, _, words, _ in seen if len(words.split()) >= place) - end)
        for place, end in enumerate(ends, 1)
    ]
    measured.words += delays
    measured.last += delays[-1:]


def _recogniser() -> int:
    """The platform's process for talks: the one that gives way."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"ivr.recogniser_worker" in words and words[-2:] == [str(GIVES_WAY).encode(), b""]:
            return int(path.parent.name)
    raise LookupError("no recogniser for talks")


def _result(measured: Measured, rounds: int) -> dict[str, Any]:
    return {
        "name": "live-text",
        "figures": {
            "words_behind_p50_ms": statistics.median(measured.words),
            "words_behind_p95_ms": percentile(measured.words, 95),
            "last_word_behind_p50_ms": statistics.median(measured.last),
            "last_word_behind_p95_ms": percentile(measured.last, 95),
            "words": len(measured.words),
            "cores_of_a_side_that_speaks": measured.processor / measured.speech,
            "load_average": os.getloadavg()[0],
        },
        "ratios": {},
        "runs": rounds,
        "conditions": f"{len(SENTENCES)} Korean sentences by espeak-ng a run, real Asterisk, headless Chromium, "
        f"one talk, {os.cpu_count()} cores, Korean Vosk model",
    }
