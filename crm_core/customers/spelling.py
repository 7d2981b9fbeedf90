"""How a Chinese name is typed on a Latin keyboard: the whole pinyin and the initials."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=20_000)
def spelled(name: str) -> str:
    """ "陈建国" gives "chenjianguo cjg"; Latin letters stay, in lower case. At most 200 characters."""
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415  loads a dictionary of 10 MB, needed to write only

    whole = re.sub(r"[^a-z]", "", "".join(lazy_pinyin(name)).lower())
    initials = re.sub(r"[^a-z]", "", "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower())
    return f"{whole[:150]} {initials[:49]}" if whole else ""
