"""The level of a case, proposed by its words and by how often the customer called: people decide (B-156, B-158)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

REPEATS_TO_ESCALATE = 3


class Level(StrEnum):
    NORMAL = "normal"
    ESCALATED = "escalated"
    MAJOR = "major"


@dataclass(frozen=True, slots=True)
class Reason:
    """`topic` is one of the danger words' topics, or "repeats"; `found` the word or the number of calls."""

    topic: str
    found: str


@dataclass(frozen=True, slots=True)
class Proposal:
    level: Level
    reasons: tuple[Reason, ...]


FIRST_WORDS: Mapping[str, tuple[str, ...]] = {
    "injury": ("受伤", "伤亡", "死亡", "住院", "骨折", "人员伤", "injur", "hospital", "killed"),
    "fire": ("起火", "着火", "自燃", "冒烟", "烧毁", "caught fire", "on fire", "smoke"),
    "airbag": ("气囊", "airbag"),
    "brakes": ("刹车失灵", "刹车失效", "制动失灵", "制动失效", "刹不住", "刹车软", "brake fail", "brakes fail"),
    "steering": ("转向失灵", "方向失控", "方向盘锁死", "失去转向", "steering fail", "lost steering"),
    "media": ("记者", "媒体", "曝光", "微博", "抖音", "热搜", "press", "journalist", "social media"),
    "authority": ("12315", "消协", "市场监管", "工商局", "质检总局", "律师", "起诉", "法院", "lawyer", "court", "sue"),
}
_CLAUSE = re.compile(r"[，。；！？,.;!?\n]")
_DENIALS = ("无", "没有", "未", "不是", "no ", "not ", "nobody ")


def propose(words: Sequence[str], repeats: int, danger: Mapping[str, Sequence[str]] = FIRST_WORDS) -> Proposal:
    """`words` are title and detail; `repeats` counts the customer's contacts about it, this one included."""
    text = "\n".join(words).lower()
    found = [
        Reason(topic, word)
        for topic, list_of in danger.items()
        for word in [next((one for one in list_of if _said(text, one.lower())), "")]
        if word
    ]
    if found:
        return Proposal(Level.MAJOR, tuple(found))
    if repeats >= REPEATS_TO_ESCALATE:
        return Proposal(Level.ESCALATED, (Reason("repeats", str(repeats)),))
    return Proposal(Level.NORMAL, ())


def _said(text: str, word: str) -> bool:
    """Whether the word stands there without a denial right before it in the same clause (无人员受伤 is good news)."""
    near = 14 if word.isascii() else 4
    start = text.find(word)
    while start >= 0:
        ahead = _CLAUSE.split(text[max(0, start - near) : start])[-1]
        boundary = not word.isascii() or not text[start - 1 : start].isalpha()
        if boundary and not any(denial in ahead for denial in _DENIALS):
            return True
        start = text.find(word, start + 1)
    return False
