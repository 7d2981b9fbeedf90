"""What publishing would change for customers, question by question. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from crm_core.questionnaires.questions import Content


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    WORDS = "words"  # of the question or of an answer to choose
    KIND = "kind"  # another kind of answer: its figures begin anew
    WAYS = "ways"
    FRAME = "frame"  # title, greeting or thanks
    LIMITS = "limits"  # which answers are low


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`place` is the question's in the new version, in the old one when it is removed; 0 = the whole."""

    change: Change
    place: int = 0
    before: str = ""
    after: str = ""


def differences(before: Content, after: Content, language: str) -> list[Difference]:
    """In the order of the new version, removed questions last."""
    found = _whole(before, after, language)
    old = {one.id: (place, one) for place, one in enumerate(before.questions, start=1)}
    kept = [one.id for one in before.questions if after.question(one.id) is not None]
    order = [one.id for one in after.questions if one.id in old]
    for place, one in enumerate(after.questions, start=1):
        words = one.words.text(language)
        if one.id not in old:
            found.append(Difference(change=Change.ADDED, place=place, after=words))
            continue
        was_place, was = old[one.id]
        said = partial(Difference, place=place, before=was.words.text(language), after=words)
        if was.kind is not one.kind:
            found.append(said(change=Change.KIND))
        if (was.words, was.options, was.topic) != (one.words, one.options, one.topic):
            found.append(said(change=Change.WORDS))
        if (was.branches, was.no_is_low) != (one.branches, one.no_is_low):
            found.append(said(change=Change.WAYS))
        if kept.index(one.id) != order.index(one.id):
            found.append(Difference(change=Change.MOVED, place=place, before=str(was_place), after=words))
    for name, (place, one) in old.items():
        if after.question(name) is None:
            found.append(Difference(change=Change.REMOVED, place=place, before=one.words.text(language)))
    return found


def _whole(before: Content, after: Content, language: str) -> list[Difference]:
    found = []
    for was, now in ((before.title, after.title), (before.greeting, after.greeting), (before.thanks, after.thanks)):
        if was != now:
            found.append(Difference(change=Change.FRAME, before=was.text(language), after=now.text(language)))
    if (before.low, before.low_nps) != (after.low, after.low_nps):
        found.append(Difference(change=Change.LIMITS, before=str(before.low), after=str(after.low)))
    return found
