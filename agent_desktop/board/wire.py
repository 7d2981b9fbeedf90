"""A wallboard as it travels to a browser: one JSON text for all who watch the same board, in no language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from agent_desktop.board.outreach import NOTHING, Outreach
from agent_desktop.board.responses import NO_RESPONSES, Responses
from reports.metrics import Ratio
from reports.wallboard_view import AgentLine, BoardSnapshot, Curve, QueueLine, StateLine


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """Figures of the site's day that no event carries; seconds, None = nothing to measure yet.

    `messages` are the open voice messages that nobody has yet; `oldest_message` is when the oldest open one was left,
    in seconds since 1970, None = none is open.
    """

    handling_seconds: float | None = None
    messages: int = 0
    overdue_messages: int = 0
    oldest_message: float | None = None


NOTHING_YET = DayFigures()


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What stands beside the queues. `closure` tells why a person has closed the hotline; "" = it is not closed.

    `records_since`: since when the database is away, so that nothing here changes; in seconds since 1970.
    """

    day: DayFigures = NOTHING_YET
    outreach: Outreach = NOTHING
    responses: Responses = NO_RESPONSES
    closure: str = ""
    records_since: float | None = None
    asterisks_away: tuple[int, ...] = ()
    proxy_away: bool = False


def board_message(
    board: BoardSnapshot, beside: Beside, at: float, *, revision: int = 0, kinds: frozenset[str] = frozenset()
) -> bytes:
    """`at` is the sender's clock; every duration is sent as the instant it began and ticks in the browser.

    `revision` is that of the board's layout; what only some panels show is left out when none of `kinds` shows it.
    """
    heroes, day = board.heroes, beside.day
    told: dict[str, Any] = {
        "number": board.number,
        "at": at,
        "revision": revision,
        "slot": board.curve.slot,
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
        "answered": heroes.answered,
        "asa": board.answer_seconds,
        "aht": day.handling_seconds,
        "queues": [_queue(line) for line in board.queues],
        "states": [_state(line) for line in board.states],
        "signed_in": board.signed_in,
        "closure": beside.closure,
        "records_since": beside.records_since,
        "asterisks_away": beside.asterisks_away,
        "proxy_away": beside.proxy_away,
        "messages": {"open": day.messages, "overdue": day.overdue_messages, "oldest": day.oldest_message},
    }
    if "agents" in kinds:
        told["agents"] = [_agent(line) for line in board.agents]
    told |= _curves(board.curve, kinds)
    if kinds & {"service", "campaigns", "surveys", "dealers"}:
        told["outreach"] = beside.outreach
    if "responses" in kinds:
        told["responses"] = beside.responses
    return orjson.dumps(told)


def _curves(curve: Curve, kinds: frozenset[str]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if "curve" in kinds:
        told["today"], told["week_ago"] = curve.today, curve.week_ago
        told["today_total"], told["week_ago_until_now"] = curve.today_total, curve.week_ago_until_now
    if "curve_level" in kinds:
        told["levels"], told["levels_week_ago"] = _four(curve.level), _four(curve.level_week_ago)
    if "curve_abandon" in kinds:
        told["abandons"], told["abandons_week_ago"] = _four(curve.abandon), _four(curve.abandon_week_ago)
    return told


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


def _agent(line: AgentLine) -> dict[str, object]:
    return {"id": line.agent, "zh-CN": line.name_zh, "en": line.name_en, "state": line.state, "since": line.since}


def _share(ratio: Ratio) -> float | None:
    """Six digits are enough for one decimal of a percentage."""
    return None if ratio.value is None else round(ratio.value, 9)


def _four(shares: Sequence[float | None]) -> list[float | None]:
    """A curve is drawn with four digits."""
    return [None if share is None else round(share, 4) for share in shares]
