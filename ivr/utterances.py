"""From spans of speech to what an engine is given, and from its words to lines with the recording's own times. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from crm_core.transcripts.talk import Span, merged, without

JOINED_OVER = 2.0  # seconds: an engine needs the sentence around a word
PAD = 0.4  # before and after: the first sound of a word is quieter than the detector's threshold
NEW_LINE = 0.8  # seconds of quiet between two words
LONGEST_LINE = 30.0
ENDINGS = (".", "?", "!", "。", "？", "！")
SENTENCE_QUIET = 0.3


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word as the engine writes it, a blank before it included; seconds from the recording's start."""

    text: str
    began: float
    ended: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """One line of one side."""

    began: float
    ended: float
    text: str
    confidence: float
    words: tuple[Spoken, ...]


@dataclass(slots=True)
class Joined:
    """Pieces of a recording put one after the other, and the way back from a time in them to one in the recording."""

    pieces: Sequence[Span]
    _starts: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self._starts = [0.0]
        for began, ended in self.pieces:
            self._starts.append(self._starts[-1] + ended - began)

    @property
    def seconds(self) -> float:
        return self._starts[-1]

    def word(self, text: str, began: float, ended: float, confidence: float) -> Spoken | None:
        """The word at its time in the recording, within the piece in which its middle lies; None = it is in none."""
        middle = (began + ended) / 2
        for place, (piece_from, piece_to) in enumerate(self.pieces):
            start = self._starts[place]
            if start <= middle <= self._starts[place + 1]:
                first = min(max(piece_from + began - start, piece_from), piece_to)
                last = min(max(piece_from + ended - start, first), piece_to)
                return Spoken(text, round(first, 2), round(last, 2), round(confidence, 3))
        return None


def pieces(spans: Iterable[Span], seconds: float, gone: Iterable[Span] = ()) -> list[Span]:
    """What an engine is to hear: speech with a little around it, without silence and without what is private."""
    private = merged(gone)
    near = merged(without(spans, private), gap=JOINED_OVER)
    padded = merged((max(0.0, began - PAD), min(seconds, ended + PAD)) for began, ended in near)
    return without(padded, private)


def lines(words: Iterable[Spoken], breaks: Iterable[float] = ()) -> list[Utterance]:
    """Words of one side as utterances: a new one after a pause, after a sentence with a breath, and at `breaks`."""
    told: list[list[Spoken]] = []
    cuts = sorted(breaks)
    for word in words:
        if told and not _is_new(told[-1], word, cuts):
            told[-1].append(word)
        else:
            told.append([word])
    return [_line(group) for group in told if "".join(word.text for word in group).strip()]


def _is_new(line: Sequence[Spoken], word: Spoken, cuts: Sequence[float]) -> bool:
    last, quiet = line[-1], word.began - line[-1].ended
    if quiet >= NEW_LINE or word.ended - line[0].began > LONGEST_LINE:
        return True
    if last.text.endswith(ENDINGS) and quiet >= SENTENCE_QUIET:
        return True
    return any(last.ended <= cut <= word.began for cut in cuts)


def _line(words: Sequence[Spoken]) -> Utterance:
    sure = math.exp(sum(math.log(max(word.confidence, 0.01)) for word in words) / len(words))
    text = "".join(word.text for word in words).strip()
    return Utterance(words[0].began, words[-1].ended, text, round(sure, 3), tuple(words))
