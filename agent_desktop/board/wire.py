"""The wallboard as it travels to a browser: one JSON text for all watchers, in no language."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from reports.metrics import Ratio
from reports.wallboard_view import BoardSnapshot, QueueLine, StateLine


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """The figures at the lower right, of the site's day; seconds, None = nothing to measure yet.

    `messages` are the open voice messages that nobody has yet; `oldest_message` is when the oldest open one was left,
    in seconds since 1970, None = none is open.
    """

    answer_seconds: float | None = None
    handling_seconds: float | None = None
    menu_only: int = 0
    contacts: int = 0
    open_cases: int = 0
    overdue_cases: int = 0
    messages: int = 0
    overdue_messages: int = 0
    oldest_message: float | None = None


def board_message(board: BoardSnapshot, figures: DayFigures, at: float, *, closure: str = "") -> bytes:
    """`at` is the sender's clock; every duration is sent as the instant it began and ticks in the browser.

    `closure` tells why a person has closed the hotline; "" = it is not closed.
    """
    heroes = board.heroes
    return orjson.dumps(
        {
            "number": board.number,
            "at": at,
            "day_start": board.day_start,
            "stale_since": board.stale_since,
            "waiting": heroes.waiting,
            "free": heroes.can_take_a_call,
            "longest_since": heroes.longest_since,
            "longest_queue": heroes.longest_queue,
            "level": _share(heroes.service_level),
            "level_week_ago": _share(heroes.service_level_week_ago),
            "service_seconds": heroes.service_seconds,
            "target": heroes.target_percent,
            "abandon": _share(heroes.abandon_rate),
            "abandoned": heroes.abandoned,
            "offered": heroes.offered,
            "queues": [_queue(line) for line in board.queues],
            "states": [_state(line) for line in board.states],
            "signed_in": board.signed_in,
            "today": board.curve.today,
            "week_ago": board.curve.week_ago,
            "today_total": board.curve.today_total,
            "week_ago_until_now": board.curve.week_ago_until_now,
            "closure": closure,
            "figures": {
                "asa": figures.answer_seconds,
                "aht": figures.handling_seconds,
                "menu_only": figures.menu_only,
                "contacts": figures.contacts,
                "open_cases": figures.open_cases,
                "overdue_cases": figures.overdue_cases,
                "messages": figures.messages,
                "overdue_messages": figures.overdue_messages,
                "oldest_message": figures.oldest_message,
            },
        }
    )


def _queue(line: QueueLine) -> dict[str, object]:
    return {
        "id": line.id,
        "zh-CN": line.name_zh,
        "en": line.name_en,
        "waiting": line.waiting,
        "longest_since": line.longest_since,
        "offered": line.offered,
        "answered": line.answered,
        "abandon": _share(line.abandon_rate),
        "level": _share(line.service_level),
        "target": line.thresholds.target_percent,
    }


def _state(line: StateLine) -> dict[str, object]:
    return {
        "state": line.state,
        "agents": line.agents,
        "longest_since": line.longest_since,
        "zh-CN": line.longest_name_zh,
        "en": line.longest_name_en,
    }


def _share(ratio: Ratio) -> float | None:
    """Six digits are enough for one decimal of a percentage."""
    return None if ratio.value is None else round(ratio.value, 6)
