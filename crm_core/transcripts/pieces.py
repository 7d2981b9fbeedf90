"""A line's text as a row of words and what stands between them, so that each word can be clicked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Piece:
    """`at` seconds from the recording's start; None = nobody's word. `begin` is its place in the text."""

    text: str
    begin: int
    at: float | None = None
    confidence: float = 1.0


def pieces_of(text: str, words: Sequence[Sequence[Any]]) -> list[Piece]:
    """All of the text in order. `words` as in TranscriptLine; one that is not found in the text is passed over."""
    told: list[Piece] = []
    at = 0
    for word, began, _ended, confidence in words:
        place = text.find(word, at) if word else -1
        if place < 0:
            continue
        if place > at:
            told.append(Piece(text[at:place], at))
        told.append(Piece(word, place, float(began), float(confidence)))
        at = place + len(word)
    return [*told, Piece(text[at:], at)] if at < len(text) else told


def time_at(text: str, words: Sequence[Sequence[Any]], place: int, otherwise: float) -> float:
    """When the sign at `place` is said."""
    said = [piece for piece in pieces_of(text, words) if piece.at is not None and piece.begin <= place]
    return said[-1].at if said and said[-1].at is not None else otherwise
