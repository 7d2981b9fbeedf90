"""What a wallboard shows: panels in a grid, on one or more pages, with limits and sounds. Pure.

A page is 24 columns wide and 12 rows high, whatever the screen. Each kind of panel stands at most once on a board.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_core.errors import Invalid

COLUMNS, ROWS, MOST_PAGES = 24, 12, 6
LONGEST_MESSAGE = 200
THEMES = ("dark", "light", "auto")
LEAST: dict[str, tuple[int, int]] = {
    "waiting": (4, 3), "longest": (6, 3), "level": (6, 3), "abandon": (6, 3), "offered": (5, 3),
    "answered": (5, 3), "asa": (6, 3), "aht": (6, 3), "clock": (5, 3), "message": (4, 2), "queues": (16, 3),
    "states": (8, 6), "agents": (8, 4), "curve": (8, 3), "curve_level": (8, 3), "curve_abandon": (8, 3),
    "service": (8, 3), "campaigns": (8, 4), "surveys": (8, 3), "dealers": (8, 4), "responses": (8, 4),
}  # fmt: skip
"""Every kind of panel with the least columns and rows in which it can be read."""

LIMITS: dict[str, tuple[float, float]] = {
    "waiting": (0, 0),
    "longest": (30, 60),
    "level": (0, 5),
    "abandon": (5, 10),
    "drops": (80, 100),
    "csat": (0, 0),
    "overdue": (1, 5),
}
"""Figures that colour, with the yellow and the red limit to begin with; two zeros = off.

waiting: callers; longest: seconds; level: points below the target; abandon: percent; drops: percent of the cap;
csat: score below which; overdue: complaints of dealers.
"""
FALLING = frozenset({"csat"})
"""Figures that are worse the lower they are: red lies below yellow."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: its upper left cell and its size, in cells."""

    kind: str
    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardSettings:
    """`queues` and `teams` () = all. `sounds` are figures whose red is heard, once somebody has switched sound on.

    `theme` auto = light between the hours `light_from` and `light_until` of the site.
    """

    pages: tuple[tuple[Panel, ...], ...]
    queues: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    rotate_seconds: int = 20
    theme: str = "dark"
    light_from: int = 7
    light_until: int = 18
    limits: Mapping[str, tuple[float, float]] = field(default_factory=lambda: dict(LIMITS))
    sounds: tuple[str, ...] = ()
    message: str = ""

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(panel.kind for page in self.pages for panel in page)


def _page(*panels: tuple[str, int, int, int, int]) -> tuple[Panel, ...]:
    return tuple(Panel(*panel) for panel in panels)


_FIGURES = (("waiting", 0, 0, 4, 3), ("longest", 4, 0, 7, 3), ("level", 11, 0, 7, 3), ("abandon", 18, 0, 6, 3))
STANDARD = BoardSettings(
    pages=(_page(*_FIGURES, ("queues", 0, 3, 16, 6), ("states", 16, 3, 8, 6), ("curve", 0, 9, 16, 3),
                 ("service", 16, 9, 8, 3)),),
)  # fmt: skip
PRESETS: dict[str, BoardSettings] = {
    "standard": STANDARD,
    "team": BoardSettings(
        pages=(_page(*_FIGURES, ("agents", 0, 3, 12, 9), ("states", 12, 3, 12, 6), ("message", 12, 9, 12, 3)),),
    ),
    "outreach": BoardSettings(
        pages=(_page(("waiting", 0, 0, 4, 3), ("longest", 4, 0, 7, 3), ("level", 11, 0, 7, 3), ("clock", 18, 0, 6, 3),
                     ("campaigns", 0, 3, 16, 6), ("dealers", 16, 3, 8, 9), ("curve_level", 0, 9, 8, 3),
                     ("surveys", 8, 9, 8, 3)),),
    ),
    "media": BoardSettings(
        pages=(_page(*_FIGURES, ("responses", 0, 3, 16, 6), ("states", 16, 3, 8, 6), ("curve", 0, 9, 16, 3),
                     ("message", 16, 9, 8, 3)),),
    ),
}  # fmt: skip
"""What a new board begins as."""


def read_settings(stored: Mapping[str, Any]) -> BoardSettings:
    """Of JSON, ours or a browser's. Raises Invalid with a sentence for who edits, naming the field."""
    pages = _pages(stored.get("pages"))
    message = str(stored.get("message", ""))
    if len(message) > LONGEST_MESSAGE:
        raise Invalid("Write at most {most} characters.", field="message", most=LONGEST_MESSAGE)
    theme = stored.get("theme", "dark")
    if theme not in THEMES:
        raise Invalid("Choose from the list.", field="theme")
    return BoardSettings(
        pages=pages,
        queues=_words(stored.get("queues", ())),
        teams=_words(stored.get("teams", ())),
        rotate_seconds=_whole(stored, "rotate_seconds", 20, 0, 3600),
        theme=theme,
        light_from=_whole(stored, "light_from", 7, 0, 23),
        light_until=_whole(stored, "light_until", 18, 0, 24),
        limits=_limits(stored.get("limits", {})),
        sounds=tuple(word for word in _words(stored.get("sounds", ())) if word in LIMITS),
        message=message.replace("\x00", "").strip(),
    )


def write_settings(settings: BoardSettings) -> dict[str, Any]:
    """As JSON; `read_settings` gives the same back."""
    return {
        "pages": [[[p.kind, p.x, p.y, p.w, p.h] for p in page] for page in settings.pages],
        "queues": list(settings.queues),
        "teams": list(settings.teams),
        "rotate_seconds": settings.rotate_seconds,
        "theme": settings.theme,
        "light_from": settings.light_from,
        "light_until": settings.light_until,
        "limits": {name: list(pair) for name, pair in settings.limits.items()},
        "sounds": list(settings.sounds),
        "message": settings.message,
    }


def _pages(told: Any) -> tuple[tuple[Panel, ...], ...]:
    if not isinstance(told, list) or not all(isinstance(page, list) for page in told):
        raise Invalid("This layout cannot be read.", field="pages")
    pages = tuple(tuple(_panel(panel) for panel in page) for page in told if page)
    if not pages:
        raise Invalid("Put at least one panel on the board.", field="pages")
    if len(pages) > MOST_PAGES:
        raise Invalid("A board has at most {most} pages.", field="pages", most=MOST_PAGES)
    kinds = [panel.kind for page in pages for panel in page]
    if len(kinds) != len(set(kinds)):
        raise Invalid("Each panel can stand on a board once.", field="pages")
    for page in pages:
        if _overlap(page):
            raise Invalid("Two panels lie on each other.", field="pages")
    return pages


def _panel(told: Any) -> Panel:
    if not isinstance(told, list) or len(told) != 5 or told[0] not in LEAST:
        raise Invalid("This layout cannot be read.", field="pages")
    kind, *cells = told
    if not all(isinstance(cell, int) and 0 <= cell <= COLUMNS for cell in cells):
        raise Invalid("This layout cannot be read.", field="pages")
    x, y, w, h = cells
    if w < LEAST[kind][0] or h < LEAST[kind][1] or x + w > COLUMNS or y + h > ROWS:
        raise Invalid("A panel is too small, or lies outside the board.", field="pages")
    return Panel(kind, x, y, w, h)


def _overlap(page: Iterable[Panel]) -> bool:
    cells = [(column, row) for p in page for column in range(p.x, p.x + p.w) for row in range(p.y, p.y + p.h)]
    return len(cells) != len(set(cells))


def _limits(told: Any) -> dict[str, tuple[float, float]]:
    found = dict(LIMITS)
    for name, pair in told.items() if isinstance(told, Mapping) else ():
        if name not in LIMITS:
            continue
        if not isinstance(pair, list | tuple) or len(pair) != 2 or not all(_number(one) for one in pair):
            raise Invalid("Write a number from 0 to 100000.", field=f"limit_{name}")
        warn, breach = float(pair[0]), float(pair[1])
        if breach and ((breach > warn) if name in FALLING else (breach < warn)):
            raise Invalid("Red must be worse than yellow.", field=f"limit_{name}")
        found[name] = (warn, breach)
    return found


def _number(value: Any) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100_000
    )  # NaN is in no range


def _words(told: Any) -> tuple[str, ...]:
    """A choice of ids; what is not a list of short words chooses nothing."""
    if not isinstance(told, list | tuple):
        return ()
    return tuple(dict.fromkeys(str(word)[:40] for word in told[:500]))


def _whole(stored: Mapping[str, Any], name: str, usual: int, least: int, most: int) -> int:
    value = stored.get(name, usual)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Invalid("Write a whole number from {least} to {most}.", field=name, least=least, most=most)
    return value
