"""What the pages see of telephony at one moment, and what is different in the next one. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from acd.dialer import PacingFigures
from cti.lines_seen import LinesSeen
from cti.talk_text import LiveTextFigures, TalkTextView
from cti.views import DeskView, FloorView
from cti.wire.messages import Told

_LISTS = ("waiting", "parked", "callbacks", "supervised")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """`floor` without its desks: `desks` has those of who is signed in, and of supervisors who listen."""

    floor: FloorView
    desks: Mapping[str, DeskView] = field(default_factory=dict)
    texts: Mapping[str, TalkTextView] = field(default_factory=dict)
    figures: LiveTextFigures = field(default_factory=LiveTextFigures)
    paces: Mapping[int, PacingFigures] = field(default_factory=dict)
    lines: LinesSeen = field(default_factory=LinesSeen)


def difference(before: Picture | None, now: Picture, **message: Any) -> Told:
    """What must be told to who has seen `before`; None = everything. `message` is epoch, sequence and records."""
    old = before or Picture(floor=replace(now.floor, waiting=(), parked=(), callbacks=(), supervised=()))
    lists = {
        name: getattr(now.floor, name)
        for name in _LISTS
        if before is None or getattr(now.floor, name) != getattr(old.floor, name)
    }
    return Told(
        number=now.floor.number,
        at=now.floor.at,
        connected=now.floor.connected,
        whole=before is None,
        desks=tuple(desk for agent, desk in now.desks.items() if not _same(old.desks.get(agent), desk)),
        left=tuple(old.desks.keys() - now.desks.keys()),
        recordings_full=now.floor.recordings_full,
        trunks_away=now.floor.trunks_away,
        asterisks=now.floor.asterisks,
        asterisks_away=now.floor.asterisks_away,
        proxy_away=now.floor.proxy_away,
        lines=now.lines if before is None or now.lines != old.lines else None,
        texts=tuple(_news_of(now.texts.values(), old.texts)),
        silent=tuple(old.texts.keys() - now.texts.keys()),
        figures=now.figures if before is None or now.figures != old.figures else None,
        paces=dict(now.paces) if before is None or now.paces != old.paces else None,
        **lists,
        **message,
    )


def is_news(told: Told) -> bool:
    """Whether anybody must hear of it at once; else it is a beat."""
    lists = any(getattr(told, name) is not None for name in (*_LISTS, "figures", "paces", "lines"))
    return lists or bool(told.whole or told.records or told.desks or told.left or told.texts or told.silent)


def _same(old: DeskView | None, new: DeskView) -> bool:
    return old is not None and replace(old, number=new.number) == new


def _news_of(texts: Iterable[TalkTextView], old: Mapping[str, TalkTextView]) -> Iterable[TalkTextView]:
    for text in texts:
        seen = old.get(text.agent)
        if seen is None or seen.leg != text.leg:
            yield text
        elif seen.version != text.version:
            yield replace(text, lines=tuple(line for line in text.lines if line.version > seen.version))
