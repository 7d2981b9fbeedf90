"""Vosk in a process of its own: one model, a recogniser per leg. `python -m ivr.recogniser_worker MODEL [NICENESS]`.

Frames of ivr.recogniser on standard input and output; the end of the input is the end of the process, so it never
outlives the platform. What breaks here (a broken model aborts the process) breaks no call.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from ivr.recogniser import (
    HEADER_BYTES,
    RATE,
    UNKNOWN,
    Kind,
    framed,
    from_vosk,
    packed,
    read_header,
    to_json,
)


def in_vocabulary(phrase: str, known: Callable[[str], bool]) -> str:
    """The phrase as words that the model knows, split by blanks or, as Chinese needs it, by the fewest known words.

    "" when it cannot be said in such words: the engine would ignore it silently.
    """
    words: list[str] = []
    for part in phrase.lower().split():
        found = [part] if known(part) else _fewest_words(part, known)
        if not found:
            return ""
        words += found
    return " ".join(words)


def _fewest_words(text: str, known: Callable[[str], bool]) -> list[str]:
    if text.isascii():  # parts of an English word are other words
        return []
    best: list[list[str] | None] = [[]] + [None] * len(text)
    for end in range(1, len(text) + 1):
        for start in range(end):
            before = best[start]
            if before is None or not known(text[start:end]):
                continue
            current = best[end]
            if current is None or len(before) + 1 < len(current):
                best[end] = [*before, text[start:end]]
    return best[-1] or []


class Leg:
    """One stream of sound and what was understood of it so far."""

    def __init__(self, engine: Any, others: frozenset[str]) -> None:
        self._engine, self._others = engine, others
        self._segments: list[dict[str, Any]] = []

    def hear(self, sound: bytes) -> str:
        """The words so far."""
        if self._engine.AcceptWaveform(sound):
            self._segments.append(json.loads(self._engine.Result()))
        running = json.loads(self._engine.PartialResult()).get("partial", "")
        return " ".join(filter(None, [*(segment.get("text", "") for segment in self._segments), running]))

    def finish(self) -> bytes:
        """The result; the leg can then be spoken to again."""
        self._segments.append(json.loads(self._engine.FinalResult()))
        result = from_vosk(iter(self._segments), self._others)
        self._segments = []
        self._engine.Reset()
        return packed(result)


class Worker:
    def __init__(self, model: Any, engine: Callable[..., Any], out: BinaryIO) -> None:
        self._model, self._engine, self._out = model, engine, out
        self._legs: dict[int, Leg] = {}

    def known(self, word: str) -> bool:
        return int(self._model.vosk_model_find_word(word)) >= 0

    def tell(self, kind: Kind, leg: int, payload: bytes = b"") -> None:
        self._out.write(framed(kind, leg, payload))
        self._out.flush()

    def take(self, kind: Kind, leg: int, payload: bytes) -> None:
        match kind:
            case Kind.AUDIO if leg in self._legs:
                self.tell(Kind.PARTIAL, leg, self._legs[leg].hear(payload).encode())
            case Kind.FINISH if leg in self._legs:
                self.tell(Kind.RESULT, leg, self._legs[leg].finish())
            case Kind.OPEN:
                self._open(leg, *json.loads(payload))
            case Kind.CLOSE:
                self._legs.pop(leg, None)
            case Kind.FIND:
                unknown = [phrase for phrase in json.loads(payload) if not in_vocabulary(phrase, self.known)]
                self.tell(Kind.FOUND, leg, to_json(unknown))
            case _:
                raise ValueError(f"{kind.name} for leg {leg}")

    def _open(self, leg: int, phrases: list[str], others: list[str]) -> None:
        said = {phrase: in_vocabulary(phrase, self.known) for phrase in phrases}
        usable = [words for words in said.values() if words]
        if phrases and not usable:
            self.tell(Kind.FAILED, leg, b"none of the phrases is in the vocabulary")
            return
        wanted = {word for phrase in usable for word in phrase.split()}
        apart = [word for word in (*others, UNKNOWN) if self.known(word) and word not in wanted]
        grammar = [json.dumps([*usable, *apart], ensure_ascii=False)] if phrases else []
        engine = self._engine(self._model, RATE, *grammar)
        engine.SetWords(True)
        self._legs[leg] = Leg(engine, frozenset({UNKNOWN, *apart}))
        self.tell(Kind.OPENED, leg, to_json([phrase for phrase, words in said.items() if not words]))


def give_way(niceness: int) -> None:
    """To all other processes, also where the kernel shares the processor among sessions: this one has its own."""
    os.nice(niceness)
    if niceness:
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(niceness))


def main(path: str, niceness: str = "0") -> None:
    give_way(int(niceness))
    # The protocol gets a descriptor of its own: what a library prints must not get into it.
    with os.fdopen(os.dup(1), "wb") as out, os.fdopen(os.dup(0), "rb") as source:
        os.dup2(2, 1)
        from vosk import KaldiRecognizer, Model, SetLogLevel  # noqa: PLC0415 - printed to descriptor 1 if it fails

        SetLogLevel(-1)
        try:
            worker = Worker(Model(path), KaldiRecognizer, out)
        except Exception as broken:
            out.write(framed(Kind.FAILED, 0, str(broken).encode()))
            return
        worker.tell(Kind.READY, 0, to_json(worker.known(UNKNOWN)))
        while len(header := source.read(HEADER_BYTES)) == HEADER_BYTES:
            kind, leg, length = read_header(header)
            worker.take(kind, leg, source.read(length))


if __name__ == "__main__":
    main(*sys.argv[1:3])
