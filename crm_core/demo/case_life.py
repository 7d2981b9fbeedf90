"""The life of the demo's cases: levels, owners, steps with their times, what happened, who called about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from crm_core.cases import defaults
from crm_core.cases.levels import propose
from crm_core.demo.case_wording import COMPLAINTS, DONE, PARTS, REPORT, RESCUES, SAID, SUB_KINDS
from crm_core.demo.places import PLACES
from crm_core.demo.staff import LIN

Row = dict[str, Any]
_LATER = {  # share of the time a complaint takes at which each step is reached
    "record": 0.0,
    "accept": 0.0,
    "name_owner": 0.05,
    "solve": 0.12,
    "report": 0.7,
    "confirm": 0.85,
}
_TECHNICIANS, _PER_DEALER = (5, 6, 7, 8, 9), 10
_BLANK: Mapping[str, Any] = {
    "sub_kind": "",
    "level": "normal",
    "stage": "",
    "owner": "",
    "staff_id": None,
    "opened_by": "",
    "contact_id": "",
    "relation": "owner",
    "fields": {},
    "model": "",
    "part_code": "",
    "part_name": "",
    "respond_by": None,
    "responded_at": None,
    "paused_at": None,
    "pause_reason": "",
    "paused_seconds": 0,
    "escalation": 0,
    "merged_into_id": None,
    "result": "",
    "satisfaction": None,
    "contact_by": None,
    "contacted_at": None,
    "support": "",
    "form_version": 0,
    "told": [],
    "why_owner": "",
}


@dataclass(slots=True)
class Lives:
    """Rows of case_stage, case_event, case_contact and rescue_run."""

    stages: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    contacts: list[Row] = field(default_factory=list)
    runs: list[Row] = field(default_factory=list)

    def event(self, case: Row, at: datetime, kind: str, *, by: str = "", text: str = "", **detail: Any) -> None:
        """`by` "" = the owner at the centre."""
        row = {
            "case_id": case["id"],
            "at": at,
            "actor": by or case["owner"],
            "kind": kind,
            "text": text,
            "detail": detail,
        }
        self.events.append({**row, "for_dealer": kind != "note"})

    def stage(self, case: Row, stage: str, times: tuple[datetime, datetime | None, datetime | None], by: str) -> None:
        """`times`: when it began, was due, was done."""
        began, due, done = times
        row = {"began_at": began, "due_at": due, "done_at": done, "done_by": by if done else ""}
        self.stages.append({"case_id": case["id"], "stage": stage, **row})

    def tables(self) -> Mapping[str, list[Row]]:
        return {
            "case_stage": self.stages,
            "case_event": self.events,
            "case_contact": self.contacts,
            "rescue_run": self.runs,
        }


def live_cases(
    cases: list[Row], contacts: Sequence[Row], models: Mapping[int, str], people: Mapping[int, str], now: datetime
) -> Lives:
    """Fill in `cases` and tell their lives. `models`: vehicle id to model; `people`: the dealers' staff id to the
    personnel number of those who sign in."""
    random, lives = Random("yuanchen cases"), Lives()
    about: dict[int, list[Row]] = {}
    for contact in contacts:
        if contact.get("case_id"):
            about.setdefault(contact["case_id"], []).append(contact)
    for case in cases:
        calls = about.get(case["id"], [])
        _begin(random, case, calls, models)
        lives.contacts += [{"case_id": case["id"], "contact_id": call["id"]} for call in calls]
        told = {"level": case["level"], "why": case["why_owner"]}
        lives.event(case, case["opened_at"], "opened", text=case["detail"], **told)
        if case["kind"] == "complaint" and case["dealer_id"]:
            _complain(random, lives, case, people, now)
        elif case["kind"] == "rescue" and case["dealer_id"]:
            _rescue(random, lives, case, now)
        else:
            _plain(random, lives, case, now)
    return lives


def _begin(random: Random, case: Row, calls: Sequence[Row], models: Mapping[int, str]) -> None:
    for name, value in _BLANK.items():
        case.setdefault(
            name, dict(value) if isinstance(value, dict) else list(value) if isinstance(value, list) else value
        )
    first = calls[0] if calls else None
    case["owner"] = case["opened_by"] = case["owner"] or (first["agent"] if first else LIN.number) or LIN.number
    case["contact_id"] = first["id"] if first else ""
    case["model"] = models.get(case["vehicle_id"] or 0, "")
    case["part_name"] = case["part_name"] or PARTS.get(case["title"], "")
    case["sub_kind"] = case["sub_kind"] or SUB_KINDS.get(case["title"], "")
    if case["level"] == "normal":
        case["level"] = propose([case["title"], case["detail"]], random.choice((1, 1, 1, 2, 3))).level.value
        case["level"] = case["level"] if case["kind"] in ("complaint", "rescue") else "normal"
    case["why_owner"] = next((rule.both_names for rule in defaults.ASSIGNMENT if rule.kind in (case["kind"], "")), "")
    clock = defaults.CLOCKS[case["kind"]]
    rule = clock.get(case["level"]) or clock["normal"]
    case["respond_by"] = case["opened_at"] + timedelta(minutes=rule.respond)
    if case["kind"] in ("complaint", "rescue"):
        case["due_at"] = case["opened_at"] + timedelta(minutes=rule.solve)


def _plain(random: Random, lives: Lives, case: Row, now: datetime) -> None:
    answered = case["opened_at"] + timedelta(hours=random.uniform(0.5, 20))
    if answered < (case["closed_at"] or now):
        case["responded_at"] = answered
        lives.event(case, answered, "contacted", text=random.choice(SAID))
    if case["closed_at"]:
        case["result"] = "solved"
        lives.event(case, case["closed_at"], "closed", result="solved")
    elif case["kind"] == "repair" and random.random() < 0.15 and case["due_at"] > now:
        case.update(
            paused_at=max(case["opened_at"], now - timedelta(hours=random.uniform(2, 30))),
            pause_reason="parts",
            status="paused",
        )
        lives.event(case, case["paused_at"], "paused", reason="parts", hours=336)


def _complain(random: Random, lives: Lives, case: Row, people: Mapping[int, str], now: datetime) -> None:
    """Along the six steps, as far as the time since the opening has brought it."""
    takes = timedelta(days=case.pop("pace", random.uniform(3, 8)))
    span = case["closed_at"] - case["opened_at"] if case["closed_at"] else takes
    stages = list(_LATER)
    times = [case["opened_at"] + span * share for share in _LATER.values()]
    rule = defaults.CLOCKS["complaint"][case["level"]]
    first = (case["dealer_id"] - 1) * _PER_DEALER + 1
    owner_id = first + random.choice(_TECHNICIANS)
    who = (people.get(first + 1, "") or "5101", owner_id if owner_id in people else 0)
    reached = max(place for place, at in enumerate(times) if at <= now)
    if "stop" in case:
        reached = case.pop("stop")
        times[reached] = now - timedelta(hours=2.8)
    for place, stage in enumerate(stages[: reached + 1]):
        over = place < reached or case["closed_at"] is not None
        ends = (times[place + 1] if place + 1 < len(times) else case["closed_at"]) if over else None
        due = times[place] + timedelta(minutes=rule.stages[stage]) if stage in rule.stages else None
        lives.stage(case, stage, (times[place], due, ends), case["owner"] if stage in ("record", "confirm") else who[0])
    case["stage"] = stages[reached]
    _tell_complaint(random, lives, case, times, who)


def _tell_complaint(random: Random, lives: Lives, case: Row, times: list[datetime], who: tuple[str, int]) -> None:
    reached = list(_LATER).index(case["stage"])
    manager, owner_id = who
    lives.event(case, times[0], "sent")
    if reached >= 2:
        lives.event(case, times[2], "accepted", by=manager)
    if reached >= 3:
        case["staff_id"] = owner_id or None
        lives.event(case, times[3], "owner_named", by=manager, text=random.choice(DONE["owner"]), staff_id=owner_id)
        spoken = times[3] + (times[4] - times[3]) * 0.3 if reached >= 4 else times[3] + timedelta(hours=1)
        if reached >= 4 or random.random() < 0.6:
            case["contacted_at"] = case["responded_at"] = spoken
            lives.event(case, spoken, "contacted", by=manager, text=random.choice(SAID))
        else:
            case["contact_by"] = times[3] + timedelta(hours=8)
        if case["support"]:
            lives.event(case, times[3] + timedelta(hours=2), "support_asked", by=manager, text=DONE["support"][0])
    if reached >= 4:
        lives.event(case, times[4], "solved", by=manager, text=random.choice(DONE["solved"]))
    if reached >= 5:
        lives.event(case, times[5], "reported", by=manager, **random.choice(REPORT))
        case["status"] = "reported" if case["closed_at"] is None else case["status"]
    if case["closed_at"]:
        case["satisfaction"], case["result"] = random.choice((5, 5, 4, 4, 4, 3, 2)), "confirmed"
        lives.event(case, case["closed_at"], "confirmed", score=case["satisfaction"])


def _rescue(random: Random, lives: Lives, case: Row, now: datetime) -> None:
    steps = ("dispatch", "accept", "under_way", "arrive", "help", "confirm")
    minutes = (0, 3, 6, 9, random.randint(25, 50), random.randint(60, 110))
    times = [case["opened_at"] + timedelta(minutes=one) for one in minutes]
    ends = times[-1] + timedelta(minutes=random.randint(5, 40))
    case["closed_at"], case["status"] = (ends, "closed") if ends < now else (None, "open")
    reached = min(max(place for place, at in enumerate(times) if at <= now), case.pop("stop", 5))
    rule = defaults.CLOCKS["rescue"][case["level"] if case["level"] == "major" else "normal"]
    for place, stage in enumerate(steps[: reached + 1]):
        over = place < reached or case["closed_at"] is not None
        ends = (times[place + 1] if place + 1 < len(times) else case["closed_at"]) if over else None
        due = times[place] + timedelta(minutes=rule.stages[stage])
        lives.stage(case, stage, (times[place], due, ends), case["owner"])
    case["stage"] = steps[reached]
    case["fields"] = {"place": case["detail"][:60], "safe": "yes"}
    for place, kind in enumerate(("dispatched", "accepted", "under_way", "arrived", "helped"), start=1):
        if place <= reached:
            lives.event(case, times[place], kind)
    case["responded_at"] = times[2] if reached >= 2 else None
    eta = times[4] if reached >= 3 else None
    near = PLACES[case["dealer_id"] - 1]
    stands = (near.latitude + random.uniform(-0.1, 0.1), near.longitude + random.uniform(-0.1, 0.1))
    run = {"road": case["detail"][:60], "km": "", "landmark": "", "latitude": stands[0], "longitude": stands[1]}
    lives.runs.append(
        {
            "case_id": case["id"],
            **run,
            "station_id": case["dealer_id"] if reached else None,
            "truck": "救援 1 号车" if reached >= 3 else "",
            "eta_at": eta,
        }
    )
    if case["closed_at"]:
        case["satisfaction"], case["result"] = random.choice((5, 5, 4)), "confirmed"
        lives.event(case, case["closed_at"], "confirmed", score=case["satisfaction"])


def tell_dealer_one(customers: Sequence[Row], roles: Sequence[Row], first: int, now: datetime) -> list[Row]:
    """Complaints of the first dealer's customers as the mocks tell them, and two rescues that go on now."""
    cars = {row["customer_id"]: row["vehicle_id"] for row in roles}
    own = [row for row in customers if row["dealer_id"] == 1 and row["id"] in cars][1:]
    rows: list[Row] = []
    for place, (told, customer) in enumerate(zip((*COMPLAINTS, *RESCUES), own, strict=False)):
        opened = now - timedelta(days=told.days_ago)
        prefix = "TS" if told.kind == "complaint" else "GD"
        rows.append(
            {
                "id": first + place,
                "number": f"{prefix}-{opened:%m%d}-{9200 + place}",
                "kind": told.kind,
                "title": told.title,
                "detail": told.detail,
                "status": "open",
                "steps": "[]",
                "customer_id": customer["id"],
                "vehicle_id": cars[customer["id"]],
                "dealer_id": 1,
                "opened_at": opened,
                "due_at": None,
                "closed_at": None,
                "sub_kind": told.sub_kind,
                "level": told.level,
                "support": told.support,
                "pace": 7.0,
                "stop": told.stop,
            }
        )
    return rows
