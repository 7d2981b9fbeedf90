"""Text as the search index keeps it: Latin words whole, Chinese runs as single signs and pairs.

One way for both databases. Pairs, because most Chinese words have two signs and neither database splits Chinese by
itself. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々〇"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_HAN_ONLY = re.compile(rf"[{_HAN}]+")
MOST_TERMS = 40  # of one question
LONGEST_TERM = 40
_ASKED_ZH = (
    "请问 怎么办 怎么样 怎么 怎样 如何 什么 为什么 是不是 能不能 可不可以 可以 哪里 哪些 多少 一下 一个 客户 您好 你好 "
    "我的 他的 我们 你们 这个 那个 现在 已经 需要 因为 所以 还是 没有 告知 询问 反映 咨询 来电 表示 希望"
)
_ASKED_EN = (
    "a an and are as at be been by can could customer customers did do does for from get has have he her his how i if "
    "in is it its like me my not of on or our please she should so that the their them there they this to want wants "
    "was we were what when where which who why will with would you your called caller says said asks asked"
)
# The longest first, so that no part of one is taken for it.
_FILLER = re.compile(
    "|".join(sorted(_ASKED_ZH.split(), key=len, reverse=True)) + "|[的了吗呢吧啊和与是在就也都要我你他她它]"
)
_FILLERS_EN = frozenset(_ASKED_EN.split())


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a question; `prefix`: it is still being typed, and longer words fit, too."""

    text: str
    prefix: bool = False

    def fits(self, word: str) -> bool:
        return word.startswith(self.text) if self.prefix else word == self.text


def fold(text: str) -> str:
    """Full width becomes half width, capitals small, accents go: what a reader would call the same letters."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    apart = unicodedata.normalize("NFD", plain)
    return unicodedata.normalize("NFC", "".join(sign for sign in apart if not unicodedata.combining(sign)))


def index_terms(text: str) -> Iterator[str]:
    """Every term under which a text can be found."""
    for run in _RUN.findall(fold(text)):
        if _HAN_ONLY.fullmatch(run):
            yield from run
            yield from _pairs(run)
        else:
            yield run[:LONGEST_TERM]


def index_words(text: str) -> str:
    """The terms as the index column holds them."""
    return " ".join(index_terms(text))


def query_terms(text: str) -> list[Term]:
    """What a typed question asks for, each term once, at most MOST_TERMS; [] when nothing can be searched for.

    Words that stand in every question are left out as long as others remain.
    """
    folded = fold(text)
    typing = bool(folded) and not folded[-1].isspace()
    without = _FILLER.sub(" ", folded)
    runs = [run for run in _RUN.findall(without) if run not in _FILLERS_EN]
    if not runs:
        runs = _RUN.findall(folded)
    terms = list(_terms(runs, last_is_typed=typing and folded.endswith(tuple(runs[-1:]))))
    return list(dict.fromkeys(terms))[:MOST_TERMS]


def note_terms(text: str) -> list[Term]:
    """What a longer text is about: its last words count, as it is still being written. Prefixes are not guessed."""
    without = _FILLER.sub(" ", fold(text))
    runs = [run for run in _RUN.findall(without) if run not in _FILLERS_EN and len(run) > 1]
    terms = list(_terms(runs, last_is_typed=False))
    return list(dict.fromkeys(reversed(terms)))[:MOST_TERMS]


def _terms(runs: Iterable[str], *, last_is_typed: bool) -> Iterator[Term]:
    listed = list(runs)
    for place, run in enumerate(listed):
        if _HAN_ONLY.fullmatch(run):
            yield from map(Term, _pairs(run) if len(run) > 1 else run)
        else:
            yield Term(run[:LONGEST_TERM], prefix=last_is_typed and place == len(listed) - 1)


def _pairs(run: str) -> Iterator[str]:
    for place in range(len(run) - 1):
        yield run[place : place + 2]


def is_chinese(text: str) -> bool:
    """Whether there is a Chinese sign in it."""
    return _HAN_ONLY.search(text) is not None


def likeness(one: str, other: str) -> float:
    """How much two short questions ask the same: Dice's coefficient of their terms, 0 to 1."""
    left, right = ({term.text for term in query_terms(text + " ")} for text in (one, other))
    if not left or not right:
        return 0.0
    return 2 * len(left & right) / (len(left) + len(right))
