"""The same problem seen again and again (B-114): groups by model and part, and by what the titles have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_LATIN = re.compile(r"[a-z]{4,}")
# Words of the trade that stand in many titles and name no problem.
COMMON = frozenset(
    [
        *(
            "客户",
            "要求",
            "投诉",
            "车辆",
            "更换",
            "维修",
            "检测",
            "配件",
            "经销",
            "销商",
            "索取",
            "预约",
            "咨询",
            "新车",
        ),
        *("两次", "三次", "未解", "解决", "等配", "待检", "已派", "派救", "救援", "无人", "人联", "联系", "手册"),
        *("with", "that", "this", "from", "customer", "vehicle"),
    ]
)


@dataclass(frozen=True, slots=True)
class Titled:
    case_id: int
    title: str


@dataclass(frozen=True, slots=True)
class WordGroup:
    """`words` are what the titles share, the longest first."""

    words: str
    cases: tuple[int, ...]


def words_of(title: str) -> set[str]:
    """Pairs of Chinese characters, and Latin words of four letters or more."""
    text = title.lower()
    pairs = {run[place : place + 2] for run in _HAN.findall(text) for place in range(len(run) - 1)}
    return (pairs | set(_LATIN.findall(text))) - COMMON


def word_groups(titles: Iterable[Titled], threshold: int) -> list[WordGroup]:
    """Words in at least `threshold` titles, the most frequent first; words of the same cases are one group."""
    found: dict[str, set[int]] = {}
    for one in titles:
        for word in words_of(one.title):
            found.setdefault(word, set()).add(one.case_id)
    groups: dict[frozenset[int], list[str]] = {}
    for word, cases in found.items():
        if len(cases) >= threshold:
            groups.setdefault(frozenset(cases), []).append(word)
    told = [WordGroup(joined(words), tuple(sorted(cases))) for cases, words in groups.items()]
    told.sort(key=lambda group: (-len(group.cases), group.words))
    return _without_parts(told)


def joined(words: Sequence[str]) -> str:
    """Overlapping pairs written as one: 黑屏 from 机黑 and 黑屏 becomes 机黑屏."""
    rest, runs = sorted(words), []
    while rest:
        run = rest.pop(0)
        grown = True
        while grown:
            grown = False
            for pair in list(rest):
                if not _HAN.fullmatch(pair):
                    continue
                if run[-1] == pair[0]:
                    run, grown = run + pair[1:], True
                elif run[0] == pair[-1]:
                    run, grown = pair[:-1] + run, True
                else:
                    continue
                rest.remove(pair)
        runs.append(run)
    return " ".join(sorted(runs, key=lambda run: (-len(run), run)))


def _without_parts(groups: Sequence[WordGroup]) -> list[WordGroup]:
    """A group whose cases all lie in a larger one with nearly as many tells nothing new."""
    kept: list[WordGroup] = []
    for group in groups:
        own = set(group.cases)
        if not any(own <= set(other.cases) and len(own) * 2 > len(other.cases) for other in kept):
            kept.append(group)
    return kept


def trend(now: int, before: int) -> float | None:
    """The change against the period before; None when nothing was seen then."""
    return (now - before) / before if before else None
