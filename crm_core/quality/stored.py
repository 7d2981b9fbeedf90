"""A form's content and a review's marks as the database keeps them, and back. What comes from a page is hostile."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from crm_core.db import storable
from crm_core.quality.forms import (
    HEAVIEST,
    MOST_CRITERIA,
    MOST_KNOCKOUTS,
    MOST_STEPS,
    Criterion,
    Form,
    Knockout,
    Section,
)
from crm_core.quality.scoring import MOST_NOTE, MOST_TIMES, SKIPPED, Evidence, Marks
from crm_core.questionnaires.questions import Words

_ID = 16
MOST_SECTIONS = 10
LONGEST_TALK = 24 * 3600.0


def store(form: Form) -> dict[str, Any]:
    return {
        "title": _words(form.title),
        "sections": [
            {"words": _words(one.words), "criteria": [_criterion(criterion) for criterion in one.criteria]}
            for one in form.sections
        ],
        "knockouts": [{"id": one.id, "words": _words(one.words), "cap": one.cap} for one in form.knockouts],
    }


def load(stored: Mapping[str, Any]) -> Form:
    """Never raises: what cannot be read is empty, and `forms.problems` tells of it. Ids are made unique."""
    ids, left = _Ids(), MOST_CRITERIA + 10
    sections = []
    for raw in _list(stored.get("sections"), MOST_SECTIONS):
        criteria = tuple(_as_criterion(one, ids) for one in _list(raw.get("criteria"), left))
        left -= len(criteria)
        sections.append(Section(words=_as_words(raw.get("words"), 60), criteria=criteria))
    knockouts = tuple(_as_knockout(one, ids) for one in _list(stored.get("knockouts"), MOST_KNOCKOUTS))
    return Form(title=_as_words(stored.get("title"), 60), sections=tuple(sections), knockouts=knockouts)


def store_marks(marks: Marks) -> dict[str, Any]:
    return {
        "points": dict(marks.points),
        "knocked": sorted(marks.knocked),
        "evidence": {name: {"note": one.note, "at": list(one.at)} for name, one in marks.evidence.items()},
    }


def load_marks(stored: Mapping[str, Any]) -> Marks:
    """Never raises: what cannot be read is left out."""
    points, knocked, evidence = (stored.get(name) for name in ("points", "knocked", "evidence"))
    return Marks(
        points={
            storable(str(name), _ID): given
            for name, given in (points.items() if isinstance(points, Mapping) else ())
            if isinstance(given, int) and not isinstance(given, bool) and SKIPPED <= given <= HEAVIEST
        },
        knocked=frozenset(str(name)[:_ID] for name in (knocked if isinstance(knocked, list) else ())),
        evidence={
            storable(str(name), _ID): _as_evidence(one)
            for name, one in (evidence.items() if isinstance(evidence, Mapping) else ())
            if isinstance(one, Mapping)
        },
    )


def as_seconds(raw: object) -> float | None:
    """A place in a recording; None for what is none."""
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        return None
    return round(float(raw), 1) if 0 <= raw <= LONGEST_TALK else None


def _as_evidence(raw: Mapping[str, Any]) -> Evidence:
    at = raw.get("at")
    places = [as_seconds(one) for one in (at if isinstance(at, list) else [])]
    known = sorted({one for one in places if one is not None})[:MOST_TIMES]
    return Evidence(note=storable(str(raw.get("note") or "").strip(), MOST_NOTE), at=tuple(known))


def _words(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _criterion(one: Criterion) -> dict[str, Any]:
    return {
        "id": one.id,
        "words": _words(one.words),
        "hint": _words(one.hint),
        "steps": list(one.steps),
        "skippable": one.skippable,
    }


class _Ids:
    """Gives each part its own id back, or the first free one where it has none or one that is taken."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wanted: object, letter: str) -> str:
        name = storable(str(wanted or ""), _ID)
        if not name.isascii() or not name.isalnum() or name in self._taken:
            name = next(free for n in range(1, 200) if (free := f"{letter}{n}") not in self._taken)
        self._taken.add(name)
        return name


def _as_criterion(raw: Mapping[str, Any], ids: _Ids) -> Criterion:
    steps = raw.get("steps")
    read = [
        one
        for one in (steps if isinstance(steps, list) else [])
        if isinstance(one, int) and not isinstance(one, bool) and 0 <= one <= 10 * HEAVIEST
    ]
    return Criterion(
        id=ids.take(raw.get("id"), "c"),
        words=_as_words(raw.get("words"), 80),
        hint=_as_words(raw.get("hint"), 200),
        steps=tuple(read[: MOST_STEPS + 1]),
        skippable=raw.get("skippable") is True,
    )


def _as_knockout(raw: Mapping[str, Any], ids: _Ids) -> Knockout:
    cap = raw.get("cap")
    limit = cap if isinstance(cap, int) and not isinstance(cap, bool) and 0 <= cap < 100 else 0
    return Knockout(id=ids.take(raw.get("id"), "k"), words=_as_words(raw.get("words"), 80), cap=limit)


def _as_words(raw: object, length: int) -> Words:
    if not isinstance(raw, Mapping):
        return Words()
    zh, en = (storable(str(raw.get(language) or "").strip(), length) for language in ("zh", "en"))
    return Words(zh, en)


def _list(raw: object, most: int) -> list[Mapping[str, Any]]:
    return [one for one in raw if isinstance(one, Mapping)][:most] if isinstance(raw, list) else []
