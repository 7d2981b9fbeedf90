"""Help with slips: a title typed in pinyin, with a wrong sign of the same sound, or with a letter too few. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice, product

from rapidfuzz import fuzz, process

from crm_core.knowledge.words import fold, is_chinese

LEAST_LIKE = 82.0  # per cent; below, what is found no longer looks like what was typed
_FEWEST_LETTERS = 3
_MOST_SIGNS, _MOST_SOUNDS = 8, 16


def pinyin_of(title: str) -> str:
    """ "空调不制冷" gives "kongtiaobuzhileng ktbzl"; at most 400 signs."""
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415  loads a dictionary of 10 MB

    whole = re.sub(r"[^a-z0-9]", "", "".join(lazy_pinyin(title)).lower())
    initials = re.sub(r"[^a-z0-9]", "", "".join(lazy_pinyin(title, style=Style.FIRST_LETTER)).lower())
    return f"{whole[:300]} {initials[:99]}"


def learn_spelling() -> None:
    """Load the dictionary now (0.4 s of work), off the loop, so that the first search of the day need not."""
    sounds_of("空调")
    pinyin_of("空调")


def sounds_of(typed: str) -> list[str]:
    """What to look for in `pinyin_of` a title, as some signs have several sounds; [] when it is too short to tell."""
    if not is_chinese(typed):
        sounds = [re.sub(r"[^a-z0-9]", "", fold(typed))]
    else:
        from pypinyin import Style, pinyin  # noqa: PLC0415

        readings = pinyin(fold(typed)[:_MOST_SIGNS], style=Style.NORMAL, heteronym=True)
        sounds = ["".join(one) for one in islice(product(*readings), _MOST_SOUNDS)]
        sounds = [re.sub(r"[^a-z0-9]", "", sound) for sound in sounds]
    return [sound for sound in dict.fromkeys(sounds) if len(sound) >= _FEWEST_LETTERS]


def like_titles(typed: str, titles: Sequence[str], limit: int) -> list[int]:
    """The places of the titles that contain something very like what was typed, the likest first."""
    wanted = fold(typed).strip()
    if len(wanted) <= _FEWEST_LETTERS:
        return []
    found = process.extract(wanted, titles, scorer=fuzz.partial_ratio, limit=limit, score_cutoff=LEAST_LIKE)
    return [place for _title, _score, place in found]
