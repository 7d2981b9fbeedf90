"""The days of the demo's history: callers arrive, wait, talk; agents work their shifts. Without I/O.

Each day depends on its date only, so the same day always looks the same, and a day can be added later.
Nobody talks to two people at once: agents are a small simulation, not dice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from random import Random
from typing import Any

from crm_core.demo.callers import Caller, Callers
from crm_core.demo.floor import Agent, Floor
from crm_core.demo.places import PLACES
from crm_core.demo.rows import contact_row, leg_row, visit_row
from crm_core.demo.second_legs import add_second_legs
from crm_core.demo.wording import CARE, TALKS, Talk

WEEKDAY_CONTACTS, SATURDAY_CONTACTS, SUNDAY_CONTACTS = 900, 430, 360
OUTBOUND_SHARE = 0.05
# Callers per hour of the day: nobody staffs the hotline before 8 and after 21.
_CURVE = (2, 1, 1, 1, 1, 2, 5, 14, 62, 98, 104, 92, 60, 66, 84, 88, 82, 66, 48, 40, 30, 10, 6, 4)
_QUEUES = (("repair", 42), ("enquiry", 29), ("complaint", 11), ("suggestion", 6), ("rescue", 6))
_TALK_SECONDS = {"repair": 175, "enquiry": 150, "complaint": 260, "suggestion": 110, "rescue": 190, "vip": 180}
_OPENS, _CLOSES = 8.0, 21.0


@dataclass
class Day:
    """Rows of the tables contact, leg, queue_visit and agent_stint."""

    contacts: list[dict[str, Any]] = field(default_factory=list)
    legs: list[dict[str, Any]] = field(default_factory=list)
    visits: list[dict[str, Any]] = field(default_factory=list)
    stints: list[dict[str, Any]] = field(default_factory=list)


def make_day(day: date, callers: Callers, zone: tzinfo, until: datetime) -> Day:
    """The contacts of a calendar day of the site that were over by `until`, and what the agents did till then."""
    random = Random(f"yuanchen {day}")
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    floor = Floor(random, midnight)
    story = _Story(day, midnight, random, callers, floor)
    for place, at in enumerate(_arrivals(random, day, midnight), start=1):
        if at >= until:
            break
        story.contact(place, at)
    made = story.made
    made.stints = floor.close(until)
    add_second_legs(made.contacts, made.legs, len(PLACES))
    over = {row["id"] for row in made.contacts if row["ended_at"] <= until}
    made.contacts = [row for row in made.contacts if row["id"] in over]
    made.legs = [row for row in made.legs if row["contact_id"] in over]
    made.visits = [row for row in made.visits if row["contact_id"] in over]
    return made


def _arrivals(random: Random, day: date, midnight: datetime) -> Iterator[datetime]:
    base = (WEEKDAY_CONTACTS, SATURDAY_CONTACTS, SUNDAY_CONTACTS)[max(0, day.weekday() - 4)]
    count = round(base * random.uniform(0.94, 1.06))
    hours = random.choices(range(24), _CURVE, k=count)
    return iter(sorted(midnight + timedelta(hours=hour, seconds=random.uniform(0, 3600)) for hour in hours))


class _Story:
    """One day being told, contact by contact in the order of time."""

    def __init__(self, day: date, midnight: datetime, random: Random, callers: Callers, floor: Floor) -> None:
        self._day, self._midnight, self._random = day, midnight, random
        self._callers, self._floor = callers, floor
        self._place = 0
        self.made = Day()

    def contact(self, place: int, at: datetime) -> None:
        self._place = place
        hour = (at - self._midnight) / timedelta(hours=1)
        staffed = _OPENS <= hour < _CLOSES - 0.1
        chance = self._random.random()
        if not staffed:
            self._in_menu(at, "out_of_hours" if chance < 0.7 else "menu_only")
        elif chance < 0.006:
            self._in_menu(at, self._random.choice(("short_ring", "blocked", "wrong_number")))
        elif chance < 0.055:
            self._in_menu(at, "menu_only")
        elif chance < 0.055 + OUTBOUND_SHARE and 9 < hour < 19:
            self._outbound(at)
        else:
            self._inbound(at)

    def _row(self, at: datetime, caller: Caller, direction: str) -> dict[str, Any]:
        entry = "4001718888" if self._random.random() < 0.8 else "8008201111"
        row = contact_row(f"demo-{self._day:%Y%m%d}-{self._place:04d}", at, caller, direction, entry)
        row["answered_at"] = at + timedelta(seconds=self._random.uniform(0.4, 1.2))
        self.made.contacts.append(row)
        return row

    def _in_menu(self, at: datetime, outcome: str) -> None:
        row = self._row(at, self._callers.anybody(self._random), "inbound")
        seconds = {"short_ring": 0.7, "blocked": 0.3, "wrong_number": 2.0, "out_of_hours": 24.0}.get(outcome, 31.0)
        if outcome in ("short_ring", "blocked"):
            row["answered_at"] = None
        if outcome in ("menu_only", "out_of_hours"):
            row["menu_path"] = "main"
        row["outcome"] = outcome
        row["ended_at"] = at + timedelta(seconds=seconds * self._random.uniform(0.5, 1.6))
        row["ended_by"] = "customer" if outcome in ("menu_only", "short_ring") else "system"

    def _inbound(self, at: datetime) -> None:
        caller = self._callers.anybody(self._random)
        topic = self._random.choices([word for word, _ in _QUEUES], [weight for _, weight in _QUEUES])[0]
        queue = "vip" if caller.vip and topic != "rescue" else topic
        row = self._row(at, caller, "inbound")
        entered = at + timedelta(seconds=self._random.uniform(11, 42))
        row.update(menu_path=f"main>{topic}", topic=topic, queue=queue)
        patience = timedelta(seconds=4 + self._random.expovariate(1 / 130))
        agent = self._floor.choose(queue, entered)
        if self._random.random() < 0.012:
            patience = timedelta(seconds=self._random.uniform(1, 6))  # changed their mind at once
        ring = timedelta(seconds=self._random.uniform(1.8, 6.5))
        offered = max(entered, agent.free_at) if agent else entered + patience
        if agent is None or offered + ring > entered + patience:
            self._abandon(row, entered, entered + patience)
            return
        if self._random.random() < 0.02 and (other := self._floor.choose(queue, offered, but=agent)):
            self._miss(row, agent, queue, offered)
            agent, offered = other, max(offered + timedelta(seconds=20), other.free_at)
        self.made.visits.append(visit_row(row["id"], queue, entered, offered + ring, "answered"))
        leg = self._offer(row, agent, queue, offered)
        self._talk(row, leg, agent, offered + ring)
        self._record(row, self._random.choice(TALKS[topic]), caller)

    def _abandon(self, row: dict[str, Any], entered: datetime, left: datetime) -> None:
        self.made.visits.append(visit_row(row["id"], row["queue"], entered, left, "abandoned"))
        row.update(outcome="abandoned", ended_at=left)

    def _miss(self, row: dict[str, Any], agent: Agent, queue: str, offered: datetime) -> None:
        ended = offered + timedelta(seconds=20)
        self._offer(row, agent, queue, offered).update(ended_at=ended, result="no_answer")
        agent.work(offered, "ringing", ended, row["id"])
        agent.free_at = ended

    def _outbound(self, at: datetime) -> None:
        agent = self._floor.choose("repair", at)
        if agent is None or agent.free_at > at:
            return
        caller = self._callers.known(self._random)
        row = self._row(at, caller, "outbound")
        row["agent"], row["answered_at"] = agent.number, None
        rung = at + timedelta(seconds=self._random.uniform(6, 22))
        if self._random.random() < 0.28:
            row.update(outcome="not_reached", ended_at=rung, ended_by="system", disposition="not_reached")
            row.update(kind="repair", sub_kind="回呼", recorded_at=rung + timedelta(seconds=9))
            agent.work(at, "ringing", rung, row["id"])
            agent.finish(rung, timedelta(seconds=10), row["id"])
            return
        row["answered_at"] = rung
        self._talk(row, self._offer(row, agent, "", at), agent, rung)
        self._record(row, self._random.choice(CARE), caller)
        row["outcome"] = "reached"

    def _talk(self, row: dict[str, Any], leg: dict[str, Any], agent: Agent, answered: datetime) -> None:
        random = self._random
        typical = _TALK_SECONDS.get(leg["queue"], 120)
        ended = answered + timedelta(seconds=min(1500, typical * random.lognormvariate(-0.12, 0.5)))
        by = "customer" if random.random() < 0.72 else "agent"
        leg.update(answered_at=answered, ended_at=ended, result="answered", ended_by=by)
        if random.random() < 0.16:
            leg["hold_seconds"] = min(round(random.uniform(15, 95), 1), (ended - answered).total_seconds() / 2)
        row.update(agent=agent.number, ended_at=ended, ended_by=by, outcome="answered")
        agent.work(leg["offered_at"], "ringing", answered, row["id"])
        agent.work(answered, "talking", ended, row["id"])
        agent.finish(ended, timedelta(seconds=random.uniform(8, 34)), row["id"])

    def _offer(self, row: dict[str, Any], agent: Agent, queue: str, at: datetime) -> dict[str, Any]:
        number = 1 + sum(leg["contact_id"] == row["id"] for leg in self.made.legs[-3:])
        leg = leg_row(f"{row['id']}-{number}", row["id"], agent.number, queue, at)
        self.made.legs.append(leg)
        return leg

    def _record(self, row: dict[str, Any], talk: Talk, caller: Caller) -> None:
        kind = row["topic"] or "repair"
        row.update(kind=kind, sub_kind=talk.sub_kind, disposition=talk.disposition)
        row.update(note=talk.note.format(model=caller.model or "意向车型 E6"), vehicle_id=caller.vehicle_id)
        row["relation"] = "owner" if self._random.random() < 0.8 else self._random.choice(("family", "driver", "other"))
        if self._random.random() < 0.96:
            row["recorded_at"] = row["ended_at"] + timedelta(seconds=self._random.uniform(5, 30))
