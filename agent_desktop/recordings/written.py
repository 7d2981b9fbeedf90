"""A transcript as its page shows it: words that play, doubtful ones apart, words of a topic in their colour. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_core.transcripts.pieces import Piece, pieces_of, time_at
from crm_core.transcripts.queries import Line, TranscriptView

DOUBTFUL = 0.5  # confidence below which a word is underlined


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Words in a row; `topic` is the key of the list of which they are a word, "" = of none."""

    topic: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    line: Line
    runs: tuple[Run, ...]


def shown_lines(view: TranscriptView) -> list[ShownLine]:
    return [ShownLine(line=line, runs=tuple(_runs(line))) for line in view.lines]


def shares(view: TranscriptView) -> dict[str, int] | None:
    """Percent of the time in which somebody spoke or nobody did: customer, agent, silence; None = nothing was said."""
    parts = {"customer": view.customer_seconds, "agent": view.agent_seconds, "silence": view.silence_seconds}
    whole = sum(parts.values())
    if view.status != "done" or not whole:
        return None
    return {name: round(100 * seconds / whole) for name, seconds in parts.items()}


def _runs(line: Line) -> list[Run]:
    words = [[word.text, word.began, word.ended, word.confidence] for word in line.words]
    marks = _marks(line, words)
    runs: list[tuple[str, list[Piece]]] = []
    for piece in pieces_of(line.text, words):
        end = piece.begin + len(piece.text)
        topic = next((topic for topic, begin, to in marks if begin < end and piece.begin < to), "")
        if runs and runs[-1][0] == topic:
            runs[-1][1].append(piece)
        else:
            runs.append((topic, [piece]))
    return [Run(topic=topic, pieces=tuple(pieces)) for topic, pieces in runs]


def _marks(line: Line, words: Sequence[Sequence[object]]) -> list[tuple[str, int, int]]:
    """(topic, begin, end) of each hit: where its word stands and is said at its time."""
    marks = []
    for hit in line.hits:
        place = line.text.find(hit.word)
        while place >= 0 and time_at(line.text, words, place, line.began) != hit.at:
            place = line.text.find(hit.word, place + 1)
        if place >= 0:
            marks.append((hit.topic, place, place + len(hit.word)))
    return marks
