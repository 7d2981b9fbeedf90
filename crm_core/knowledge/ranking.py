"""Which of the found articles come first, and the piece of text that shows why. Pure.

The database gives candidates; their order is computed here, so that SQLite and PostgreSQL answer alike. The score is
BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009) with k1 = 1.2 and b = 0.4, over two fields
of which the title counts six times; how rare a term is, is estimated among the candidates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from crm_core.knowledge.words import Term, fold

TITLE_WEIGHT = 6.0
K1, B = 1.2, 0.4
USUAL_LENGTH = 400.0  # terms of a body
SNIPPET = 90  # signs


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a snippet; `hit` parts are what was asked for."""

    text: str
    hit: bool = False


@dataclass(frozen=True, slots=True)
class Indexed:
    """An article's terms in one language, with a space around each; counted only where they are asked for."""

    title: str
    body: str

    @classmethod
    def of(cls, title_words: str, body_words: str) -> Indexed:
        return cls(f" {title_words} ", f" {body_words} ")

    def counts(self, term: Term) -> float:
        return TITLE_WEIGHT * _count(self.title, term) + _count(self.body, term)

    @property
    def length(self) -> int:
        """Terms of the body."""
        return max(0, self.body.count(" ") - 1)


def _count(words: str, term: Term) -> int:
    return words.count(f" {term.text}" if term.prefix else f" {term.text} ")


@dataclass(frozen=True, slots=True)
class Weight:
    """`score`: 0 = nothing fits, every further term that fits raises it. `share` of the terms the candidate has."""

    score: float
    share: float


def weigh(candidates: Sequence[Indexed], terms: Sequence[Term]) -> list[Weight]:
    """One weight for each candidate. Counting the terms is nearly all the work, so it is done once for both figures."""
    counted = [[candidate.counts(term) for term in terms] for candidate in candidates]
    found_in = [sum(1 for counts in counted if counts[place]) for place in range(len(terms))]
    rarity = [math.log(1 + (len(candidates) + 1 - n + 0.5) / (n + 0.5)) for n in found_in]
    lengths = [candidate.length for candidate in candidates]
    return [
        Weight(
            sum(weight * _saturated(count, length) for weight, count in zip(rarity, counts, strict=True)),
            sum(map(bool, counts)) / len(terms) if terms else 0.0,
        )
        for counts, length in zip(counted, lengths, strict=True)
    ]


def _saturated(count: float, length: int) -> float:
    norm = K1 * (1 - B + B * length / USUAL_LENGTH)
    return count * (K1 + 1) / (count + norm) if count else 0.0


def snippet(text: str, terms: Sequence[Term], length: int = SNIPPET) -> tuple[Piece, ...]:
    """The piece of `text` with the most of what was asked, the hits marked. The text itself is not changed."""
    marks = _marks(text, terms)
    start = _best_start(marks, length)
    if start:
        start = max(0, start - 8)
    end = min(len(text), start + length)
    pieces = list(_pieces(text.replace("\n", " "), marks, start, end))
    before = [Piece("…")] if start else []
    after = [Piece("…")] if end < len(text) else []
    return (*before, *pieces, *after)


def marked(text: str, terms: Sequence[Term]) -> tuple[Piece, ...]:
    """The whole text with the hits marked: for titles."""
    return tuple(_pieces(text, _marks(text, terms), 0, len(text)))


def _marks(text: str, terms: Sequence[Term]) -> list[bool]:
    """For each sign of `text` whether it belongs to a term."""
    folded, origin = [], []
    for place, sign in enumerate(text):
        for small in _folded(sign):
            folded.append(small)
            origin.append(place)
    searched = "".join(folded)
    marks = [False] * len(text)
    for term in terms:
        at = searched.find(term.text)
        while at >= 0:
            if _begins_word(searched, at, term) and _ends_word(searched, at + len(term.text), term):
                for place in range(at, at + len(term.text)):
                    marks[origin[place]] = True
            at = searched.find(term.text, at + 1)
    return marks


@lru_cache(maxsize=16_384)
def _folded(sign: str) -> str:
    """A text has thousands of signs and few different ones."""
    return fold(sign)


def _begins_word(text: str, at: int, term: Term) -> bool:
    return not term.text.isascii() or at == 0 or not (text[at - 1].isascii() and text[at - 1].isalnum())


def _ends_word(text: str, at: int, term: Term) -> bool:
    if not term.text.isascii() or term.prefix or at >= len(text):
        return True
    return not (text[at].isascii() and text[at].isalnum())


def _best_start(marks: Sequence[bool], length: int) -> int:
    """Where the window with the most marked signs begins, at a marked sign; 0 when nothing is marked."""
    total, best, best_at = 0, 0, 0
    right = 0
    for left, mark in enumerate(marks):
        while right < len(marks) and right < left + length:
            total += marks[right]
            right += 1
        if mark and total > best:
            best, best_at = total, left
        total -= mark
    return best_at


def _pieces(text: str, marks: Sequence[bool], start: int, end: int) -> list[Piece]:
    pieces: list[Piece] = []
    at = start
    while at < end:
        stop = at
        while stop < end and marks[stop] == marks[at]:
            stop += 1
        pieces.append(Piece(text[at:stop], marks[at]))
        at = stop
    return pieces
