"""The terms under which speech is found: Latin words whole, a Chinese run as pairs of signs and its last sign. Pure.

As knowledge.words does it, but without the single signs: one sign is found as the beginning of a pair, and the index
of a hundred thousand talks is half as large.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from crm_core.knowledge.words import LONGEST_TERM, fold

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々〇"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_HAN_ONLY = re.compile(rf"[{_HAN}]+")
_AS_IT_IS = re.compile("[\u0020-\u007e\u3400-\u4dbf\u4e00-\u9fff\u3001-\u3002\uff0c\uff1f\uff01\uff1a\uff1b]*")
MOST_PARTS = 12  # of one question


@dataclass(frozen=True, slots=True)
class Part:
    """One run of signs that was asked for. It is said where it stands in a line; `terms` are what the index knows.

    `prefix`: the last term may go on, for a single sign or a word that is still being typed.
    """

    text: str
    terms: tuple[str, ...]
    prefix: bool


def said_terms(texts: Iterable[str]) -> list[str]:
    """Each term of these lines once, in order of appearance."""
    return list(dict.fromkeys(term for text in texts for term in _terms(text)))


def asked(question: str) -> list[Part]:
    """What a typed question asks for, each run once; [] = nothing that can be looked for."""
    folded = fold(question)
    runs = list(dict.fromkeys(_RUN.findall(folded)))[:MOST_PARTS]
    last = len(runs) - 1
    typing = bool(runs) and folded.endswith(runs[last])
    return [_part(run, typed=typing and place == last) for place, run in enumerate(runs)]


def stands_in(part: Part, text: str) -> bool:
    """Whether a line says it: Chinese signs in a row, a Latin word as a whole, or its beginning where `prefix`."""
    return bool(places(part, text))


def places(part: Part, text: str) -> list[tuple[int, int]]:
    """Where in `text`, as [from, to) of its own signs. Texts whose length changes when folded give no place."""
    plain = text if _AS_IT_IS.fullmatch(text) else fold(text)  # folding takes most of a search's time
    if len(plain) != len(text):
        plain = text.casefold()
    return (
        [found.span() for found in _pattern(part.text, part.prefix).finditer(plain)] if len(plain) == len(text) else []
    )


@lru_cache(maxsize=256)
def _pattern(asked_for: str, prefix: bool) -> re.Pattern[str]:
    if _HAN_ONLY.fullmatch(asked_for):
        return re.compile(re.escape(asked_for))
    after = "" if prefix else rf"(?![^\W_{_HAN}])"
    return re.compile(rf"(?<![^\W_{_HAN}]){re.escape(asked_for)}{after}", re.IGNORECASE)


def _part(run: str, *, typed: bool) -> Part:
    if not _HAN_ONLY.fullmatch(run):
        return Part(run[:LONGEST_TERM], (run[:LONGEST_TERM],), prefix=typed)
    if len(run) == 1:
        return Part(run, (run,), prefix=True)
    return Part(run, tuple(dict.fromkeys(_pairs(run))), prefix=False)


def _terms(text: str) -> Iterator[str]:
    for run in _RUN.findall(fold(text)):
        if _HAN_ONLY.fullmatch(run):
            yield from _pairs(run)
            yield run[-1]
        else:
            yield run[:LONGEST_TERM]


def _pairs(run: str) -> Iterator[str]:
    for place in range(len(run) - 1):
        yield run[place : place + 2]
