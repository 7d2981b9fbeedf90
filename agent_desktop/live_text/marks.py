"""The words of topics in what is being said, so that whoever reads along sees them at once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent_desktop.ports import TextLine
from crm_core.knowledge.words import is_chinese
from crm_core.transcripts.keywords import Topic, found_in

Mark = tuple[int, int, str]
"""[begin, end) of the line's signs, and the topic's name."""


def marker(topics: Sequence[Topic], language: str) -> Callable[[TextLine], list[Mark]]:
    """For a reader of this language."""
    names = {one.key: one.name_en if language == "en" else one.name_zh for one in topics}

    def marks(line: TextLine) -> list[Mark]:
        plain, places = _joined(line.words)
        told: list[Mark] = []
        for found in found_in(plain, str(line.side), topics):
            begin, end = places[found.begin], places[found.end - 1] + 1
            if not told or begin >= told[-1][1]:
                told.append((begin, end, names[found.topic]))
        return told

    return marks


def _joined(words: str) -> tuple[str, list[int]]:
    """Without the blanks that a recogniser puts between Chinese words, and where each sign stood."""
    kept = [
        place
        for place, sign in enumerate(words)
        if not (sign == " " and _chinese(words, place - 1) and _chinese(words, place + 1))
    ]
    return "".join(words[place] for place in kept), kept


def _chinese(words: str, place: int) -> bool:
    return 0 <= place < len(words) and is_chinese(words[place])
