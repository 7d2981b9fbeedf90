"""Which of the expected answers the words of a caller mean. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.questions import Words


def meant(words: Words, language: str, said: str) -> str:
    """The key or value whose phrase was said, or stands within what was said (the longest); "" = none."""
    heard = _plain(said)
    found = [
        (len(_plain(phrase)), value)
        for value, phrases in words.get(language, {}).items()
        for phrase in phrases
        if _plain(phrase) and _stands_in(_plain(phrase), heard)
    ]
    return max(found, key=lambda one: one[0])[1] if found else ""


def phrases_of(words: Words, language: str) -> tuple[str, ...]:
    """All that may be said, for the recogniser."""
    expected: Mapping[str, tuple[str, ...]] = words.get(language, {})
    return tuple(phrase for phrases in expected.values() for phrase in phrases)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _stands_in(phrase: str, heard: str) -> bool:
    """As whole words where words have spaces: "no" is not in "another"."""
    if phrase.isascii():
        return f" {phrase} " in f" {heard} "
    return phrase.replace(" ", "") in heard.replace(" ", "")
