"""Which of the expected phrases was said. No I/O.

Mandarin is compared by its syllables without tones, and by their easily confused sounds: a recogniser writes another
character of the same sound, and many speakers say z for zh. Other languages are compared by their letters.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

GOOD_ENOUGH = 0.75  # below this no phrase was meant
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_SOUNDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))


@lru_cache(maxsize=4_096)
def syllables(text: str) -> tuple[str, ...]:
    """Chinese text as syllables without tones, in which sounds that are often confused are the same."""
    found = []
    for syllable in lazy_pinyin(re.sub(r"\s+", "", text.lower()), style=Style.NORMAL):
        sound = syllable
        for said, kept in _SOUNDS:
            sound = sound.replace(said, kept)
        found.append("l" + sound[1:] if sound.startswith("n") else sound)
    return tuple(found)


def likeness(said: str, phrase: str) -> float:
    """0 to 1; 1 = the phrase itself, or the phrase within more words ("please, my case, will you")."""
    if _CHINESE.search(phrase):
        return _within(syllables(said), syllables(phrase))
    plain, wanted = _plain(said), _plain(phrase)
    if not plain or not wanted:
        return 0.0
    if f" {wanted} " in f" {plain} ":
        return 1.0
    return max(fuzz.ratio(plain, wanted), fuzz.token_sort_ratio(plain, wanted)) / 100


def _within(said: tuple[str, ...], phrase: tuple[str, ...]) -> float:
    """The best likeness of the phrase to any stretch of what was said that is as long."""
    if not said or not phrase:
        return 0.0
    stretches = [said[start : start + len(phrase)] for start in range(max(1, len(said) - len(phrase) + 1))]
    return max(Levenshtein.normalized_similarity(stretch, phrase) for stretch in stretches)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def meant(said: str, phrases: tuple[str, ...]) -> tuple[str, float]:
    """The phrase that was meant and how alike it is. ("", 0.0) when none is, or two different ones equally.

    Of two that are equally alike the one that holds the other wins: "repair shop" before "repair".
    """
    plain = _joined(said)
    if same := [phrase for phrase in phrases if plain and _joined(phrase) == plain]:
        return same[0], 1.0
    ranked = sorted(((likeness(said, phrase), len(_joined(phrase)), phrase) for phrase in phrases), reverse=True)
    if not ranked or ranked[0][0] < GOOD_ENOUGH:
        return "", 0.0
    best, length, phrase = ranked[0]
    rivals = [
        shorter == length or likeness(phrase, other) < 1.0 for score, shorter, other in ranked[1:] if score == best
    ]
    return ("", 0.0) if any(rivals) else (phrase, best)


def _joined(text: str) -> str:
    return _plain(text).replace(" ", "")
