"""Agents who are free while a caller waits whom they could serve (P3): a day in virtual time, and real phones.

Of the day and of ours on the real Asterisk the feed is read by a program of its own (`idle_replay.py`), which knows
nothing of the engine. The phones' own clock says the same of ours and of `Queue()`: from the BYE to the next INVITE,
while there is always somebody waiting.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from benchmarks import offer
from benchmarks.day import QUEUES, Day
from benchmarks.idle_replay import IdleTime, Replay

SEED = 20260716
DAYS, AGENTS = 1, 60
FULL_DAYS, FULL_AGENTS = 20, 200


def run(full: bool) -> dict[str, Any]:
    days = [a_day(FULL_AGENTS if full else AGENTS, SEED + day) for day in range(FULL_DAYS if full else DAYS)]
    size = replace(offer.FULL if full else offer.SHORT, silent_order="")
    measured = asyncio.run(offer.measure(size))
    by_feed = _sum(measured.feed)
    figures = {
        "day_idle_percent": _sum([idle for _, idle in days]).percent,
        "real_idle_percent": by_feed.percent,
        "real_idle_percent_by_phones": measured.idle_percent("A"),
        "peer_idle_percent_by_phones": measured.idle_percent("B"),
    }
    return {
        "name": "idle",
        "figures": figures,
        "ratios": {
            "by_phones": figures["peer_idle_percent_by_phones"] / figures["real_idle_percent_by_phones"],
        },
        "runs": len(days) + len(size.order),
        "conditions": (
            f"{len(days)} days of ten hours, {FULL_AGENTS if full else AGENTS} agents, "
            f"{sum(calls for calls, _ in days)} calls, seed {SEED}; real: {size.agents} agents, "
            f"{size.waiting} waiting at any time, talks of {size.talk_ms}-{2 * size.talk_ms} ms, order {size.order}"
        ),
    }


def a_day(agents: int, seed: int) -> tuple[int, IdleTime]:
    """Calls, and what the replay of the day's feed finds."""
    day = Day(agents, seed)
    feed = day.run()
    return day.calls, Replay({queue.id: queue for queue in QUEUES}, day.skills).read(feed)


def _sum(times: list[IdleTime]) -> IdleTime:
    return IdleTime(sum(time.signed_in for time in times), sum(time.in_vain for time in times))
