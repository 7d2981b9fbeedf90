"""The ways of the demo's callers through the menu as delivered: which nodes, how long, where they hung up. Without I/O.

Each call's way depends on its id only. Nodes and answers are those of the shipped menu; a test walks them there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

FLOW, VERSION = "main", 0  # the menu as delivered has no version
_KEYS = {"enquiry": "1", "complaint": "2", "suggestion": "3", "repair": "4"}
_Weighted = tuple[tuple[int, str], ...]

# A step is "node" or "node answer"; "!" at the end = the caller hung up there.
_OWN = "self 6, own-known 1, proof otherwise, identify given, own right"
_CASE = f"{_OWN}, own-case 1, own-case-told found, own-case-date"
_SERVICE = f"{_OWN}, own-service 2, own-service-told found, own-service-day, own-service-date 1, own-service-distance"
_STATION = "self 6, station 3, station-find given, station-told found, station-offer, self *"
_SERVED: _Weighted = (
    (30, f"{_CASE}, own-case-due 1, own!"),
    (12, f"{_CASE}, own otherwise!"),
    (4, f"{_OWN}, own-case 1, own-case-none none, own!"),
    (18, f"{_SERVICE}, own-service-kilometres 1, own!"),
    (5, f"{_OWN}, own-service 2, own-recall recall, own-service-told!"),
    (16, f"{_STATION}!"),
    (4, "self 6, station 3, station-find given, station-closed closed, self!"),
    (3, "self 6, station 3, station-find given, station-unknown unknown_place, self!"),
    (6, "self 6, material 5, material-brochure 1, material-noted noted, self!"),
    (3, "self 6, material 5, material-prices 2, material-noted noted, self!"),
    (8, "self 6, stop 6, stop-now 1, stopped stopped, self!"),
    (4, "self 6, callback-number 4, self-end give_up"),
)
_GAVE_UP: _Weighted = (
    (14, "self 6!"),
    (9, "self 6, own-known 1, proof otherwise!"),
    (4, "self 6, own-known 1, proof otherwise, identify given, proof-wrong wrong, proof!"),
    (3, "self 6, own-known 1, proof otherwise, identify given, sorry unavailable!"),
    (5, "self 6, station 3!"),
    (3, "self 6, callback-number 4!"),
)
_AT_NIGHT: _Weighted = (
    (46, "out-of-hours give_up"),
    (11, "self 6, people 0, message-offer closed, out-of-hours give_up"),
    (4, f"{_OWN}, people 0, message-offer closed!"),
)
_WEIGHTS = {"main": 9.0, "closed": 9.0, "self": 12.0, "own": 7.0, "proof": 11.0, "language": 4.0, "station": 8.0}
_AT_ONCE = frozenset({"hours", "nuisance", "own-known", "rescue-first", "people", "own-case-date", "own-service-day"})


def menu_rows(contact: Mapping[str, Any], in_queue_at: datetime | None) -> Iterator[dict[str, Any]]:
    """The visits of a call of the demo; none for one that came to no menu. `in_queue_at` None = it came to no queue."""
    random = Random(f"menu {contact['id']}")
    steps = _steps(contact, random)
    began, over = contact["answered_at"] or contact["started_at"], in_queue_at or contact["ended_at"]
    if contact["direction"] != "inbound" or not steps or over < began:
        return
    stays = [_weight(node) * random.uniform(0.6, 1.5) for node, _, _ in steps]
    if in_queue_at is not None:
        stays[-1] = min(stays[-1], 2.0)  # only "you are being connected"
    scale = (over - began).total_seconds() / (sum(stays) or 1.0)
    at = began
    for number, ((node, by, hung_up), stay) in enumerate(zip(steps, stays, strict=True)):
        yield {
            "contact_id": contact["id"],
            "number": number,
            "flow": FLOW,
            "version": VERSION,
            "node": node,
            "by": by,
            "entered_at": at,
            "seconds": round(stay * scale, 2),
            "hung_up": hung_up,
        }
        at += timedelta(seconds=stay * scale)


def _steps(contact: Mapping[str, Any], random: Random) -> list[tuple[str, str, bool]]:
    match contact["outcome"]:
        case "menu_only":
            way = random.choices(("main", "self"), (3, 7))[0]
            rest = "main otherwise!" if way == "main" else f"main otherwise, {_one(random, (*_SERVED, *_GAVE_UP))}"
        case "out_of_hours":
            rest = (
                f"closed closed, {_one(random, (*_AT_NIGHT, *_SERVED))}" if random.random() < 0.88 else "closed closed!"
            )
            return _read(f"{_beginning(contact, random)}, {rest}")
        case "answered" | "abandoned" if contact["queue"]:
            rest = f"main otherwise, {_to_people(contact['topic'], random)}"
        case _:
            return []
    return _read(f"{_beginning(contact, random)}, nuisance open, {rest}")


def _beginning(contact: Mapping[str, Any], random: Random) -> str:
    """Who is known has a language already; the others choose one, or say nothing."""
    greeting = "greeting-sales" if contact["entry"] == "8008201111" else "greeting"
    if contact["customer_id"] is not None:
        return f"{greeting}, language, notice, hours"
    key = "2" if contact["language"] == "en" else random.choice(("1", "1", "1", ""))
    return f"{greeting}, language, notice {key}, hours"


def _to_people(topic: str, random: Random) -> str:
    if topic == "rescue":
        if random.random() < 0.8:
            return "rescue-first 5, rescue-case otherwise, rescue opened"
        asked = "rescue-first 5, rescue-link 1, rescue-link-sent sent, rescue-road, rescue-kilometre given"
        return f"{asked}, rescue-placed given, rescue-noted opened, rescue-nearest, rescue-near 1, rescue"
    if topic == "enquiry" and random.random() < 0.3:
        return random.choice(("agent 0", "agent 0", "agent give_up"))
    if topic == "enquiry" and random.random() < 0.12:
        return f"{_CASE}, own-case-due 1, own, people 0, agent open"
    return f"{topic} {_KEYS.get(topic, '1')}"


def _one(random: Random, ways: _Weighted) -> str:
    return random.choices([way for _, way in ways], [weight for weight, _ in ways])[0]


def _read(way: str) -> list[tuple[str, str, bool]]:
    hung_up = way.endswith("!")
    steps = [one.split(" ") for one in way.removesuffix("!").split(", ")]
    last = len(steps) - 1
    return [(step[0], "".join(step[1:]), hung_up and number == last) for number, step in enumerate(steps)]


def _weight(node: str) -> float:
    return 0.02 if node in _AT_ONCE else _WEIGHTS.get(node, 3.0)


def rows_of(contacts: Sequence[Mapping[str, Any]], visits: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of a whole day: its contacts and their visits to queues."""
    queued: dict[str, datetime] = {}
    for visit in visits:
        queued.setdefault(visit["contact_id"], visit["entered_at"])
    return [row for contact in contacts for row in menu_rows(contact, queued.get(contact["id"]))]
