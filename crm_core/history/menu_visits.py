"""From the feed's way through a menu to one row for each node. Pure."""

from __future__ import annotations

import math

from crm_core.clock import from_instant
from crm_core.db import storable
from crm_core.flows.model import MenuVisit
from crm_core.history.events import MenuLeft


def menu_visits(event: MenuLeft, walked: dict[str, int]) -> list[MenuVisit]:
    """The rows of this call; [] when they are there already, or for a visit that cannot be read.

    `walked` counts what is stored of each call's way, and is brought up to date.

    A caller whom a restart led through the menu twice is counted once, by the first way; one who went on in the same
    menu, after a try to be put through, goes on being counted.
    """
    if walked.get(event.call, 0) != event.first or not event.visits:
        return []
    found = [_read(visit) for visit in event.visits]
    if any(visit is None for visit in found):
        return []
    visits = [visit for visit in found if visit is not None]
    walked[event.call] = event.first + len(visits)
    left = [at for _, _, at in visits[1:]] + [event.at]
    last = len(visits) - 1
    return [
        MenuVisit(
            contact_id=event.call,
            number=event.first + number,
            flow=storable(event.flow, 40),
            version=event.version,
            node=storable(node, 40),
            by=storable(by, 40),
            entered_at=from_instant(at),
            seconds=max(0.0, left[number] - at),
            hung_up=event.hung_up and number == last,
        )
        for number, (node, by, at) in enumerate(visits)
    ]


def _read(visit: str) -> tuple[str, str, float] | None:
    parts = visit.split("|")
    try:
        node, by, at = parts[0], parts[1], float(parts[2])
    except (IndexError, ValueError):
        return None
    return (node, by, at) if math.isfinite(at) and 0 <= at < 10**11 else None
