"""A version's content as the database keeps it, and back. What comes from a page is hostile: cut, or left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crm_core.db import storable
from crm_core.questionnaires.questions import (
    MOST_OPTIONS,
    MOST_QUESTIONS,
    USUAL_MOST,
    Branch,
    Content,
    Kind,
    Option,
    Question,
    Words,
)

LONGEST = 400  # characters that are kept of a sentence; `checks` asks for far fewer
KEPT = 2 * MOST_QUESTIONS  # a draft may be over the limit until it is published
_ID = 16


def store(content: Content) -> dict[str, Any]:
    return {
        "title": _words(content.title),
        "greeting": _words(content.greeting),
        "thanks": _words(content.thanks),
        "most_questions": content.most_questions,
        "low": content.low,
        "low_nps": content.low_nps,
        "questions": [_question(one) for one in content.questions],
    }


def load(stored: Mapping[str, Any]) -> Content:
    """Never raises: what cannot be read is empty, and `checks.problems` tells of it. Ids are made unique."""
    questions = stored.get("questions")
    ids = _Ids("q")
    return Content(
        title=_as_words(stored.get("title")),
        greeting=_as_words(stored.get("greeting")),
        thanks=_as_words(stored.get("thanks")),
        most_questions=_number(stored.get("most_questions"), USUAL_MOST, 1, MOST_QUESTIONS),
        low=_number(stored.get("low"), 2, 0, 4),
        low_nps=_number(stored.get("low_nps"), -1, -1, 9),
        questions=tuple(_as_question(one, ids) for one in _list(questions, KEPT)),
    )


def _words(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _question(question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "kind": str(question.kind),
        "words": _words(question.words),
        "topic": _words(question.topic),
        "options": [{"id": one.id, "words": _words(one.words)} for one in question.options],
        "branches": [{"to": one.to, "on": list(one.on), "of": one.of} for one in question.branches],
        "no_is_low": question.no_is_low,
    }


class _Ids:
    """Gives each part its own id back, or the first free one where it has none or one that is taken."""

    def __init__(self, letter: str) -> None:
        self._letter, self._taken = letter, set[str]()

    def take(self, wanted: object) -> str:
        name = storable(str(wanted or ""), _ID)
        if not name.isascii() or not name.isalnum() or name in self._taken or name == "end":
            name = next(free for n in range(1, 99) if (free := f"{self._letter}{n}") not in self._taken)
        self._taken.add(name)
        return name


def _as_question(raw: Mapping[str, Any], ids: _Ids) -> Question:
    kind = str(raw.get("kind"))
    options = _Ids("o")
    return Question(
        id=ids.take(raw.get("id")),
        kind=Kind(kind) if kind in set(Kind) else Kind.RATING,
        words=_as_words(raw.get("words")),
        topic=_as_words(raw.get("topic"), 40),
        options=tuple(
            Option(id=options.take(one.get("id")), words=_as_words(one.get("words"), 80))
            for one in _list(raw.get("options"), MOST_OPTIONS)
        ),
        branches=tuple(_as_branch(one) for one in _list(raw.get("branches"), MOST_QUESTIONS)),
        no_is_low=raw.get("no_is_low") is True,
    )


def _as_branch(raw: Mapping[str, Any]) -> Branch:
    on = raw.get("on")
    tokens: Iterable[object] = on if isinstance(on, list) else ()
    return Branch(
        to=storable(str(raw.get("to") or ""), _ID),
        on=tuple(dict.fromkeys(storable(str(token), _ID) for token in tokens))[:11],
        of=storable(str(raw.get("of") or ""), _ID),
    )


def _as_words(raw: object, length: int = LONGEST) -> Words:
    if not isinstance(raw, Mapping):
        return Words()
    zh, en = (storable(str(raw.get(language) or "").strip(), length) for language in ("zh", "en"))
    return Words(zh, en)


def _list(raw: object, most: int) -> list[Mapping[str, Any]]:
    return [one for one in raw if isinstance(one, Mapping)][:most] if isinstance(raw, list) else []


def _number(raw: object, otherwise: int, least: int, most: int) -> int:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and least <= raw <= most else otherwise
