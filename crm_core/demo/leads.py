"""Leads of the last three months in every state, what customers allowed, and where they met us. Without I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from random import Random
from typing import Any

from crm_core.demo.lead_rows import new_row
from crm_core.demo.lead_wording import FEEDBACK, RIVALS
from crm_core.demo.network import PEOPLE_PER_DEALER
from crm_core.demo.people import People
from crm_core.demo.staff import LIN
from crm_core.leads.clock import due_now
from crm_core.leads.rules import FIRST_RULES, next_sending
from crm_core.leads.words import LostReason

Rows = list[dict[str, Any]]
LEADS, DAYS = 150, 90
CHEN = 1
_SALES = (2, 3, 4)  # places of the sales consultants among a dealer's people
_ELSEWHERE = ("web", "web", "event", "event", "referral", "dealer", "hotline")
_LOST = (LostReason.COMPETITOR, LostReason.PRICE, LostReason.PUT_OFF, LostReason.DELIVERY, LostReason.UNREACHABLE)


@dataclass
class LeadsMade:
    """Rows of the tables lead, lead_turn, lead_event, touch, job and care_task."""

    leads: Rows = field(default_factory=list)
    turns: Rows = field(default_factory=list)  # at most one for each lead, the last one of the lead told last
    events: Rows = field(default_factory=list)
    touches: Rows = field(default_factory=list)
    jobs: Rows = field(default_factory=list)
    tasks: Rows = field(default_factory=list)


def make_leads(people: People, contacts: Sequence[Mapping[str, Any]], now: datetime, zone: tzinfo) -> LeadsMade:
    """By dice that are always the same; the story is told until `now`."""
    teller = _Teller(people, now, zone)
    asked = [row for row in contacts if row["customer_id"] and row["sub_kind"] in ("购车", "试驾", "置换")]
    teller.tell_chen()
    for number in range(LEADS):
        called = asked[(number * 7) % len(asked)] if asked and number % 2 else None
        teller.tell(called)
    return teller.made


class _Teller:
    """One lead after the other, each with its own dice throws."""

    def __init__(self, people: People, now: datetime, zone: tzinfo) -> None:
        self.made = LeadsMade()
        self._people, self._now, self._zone = people, now, zone
        self._random = Random("yuanchen leads")
        self._customers = {row["id"]: row for row in people.customers}
        self._told = {CHEN}
        self._counts: dict[str, int] = {}

    def tell(self, called: Mapping[str, Any] | None) -> None:
        customer = self._customer(called)
        if customer is None:
            return
        at = called["ended_at"] if called else self._some_time()
        if at >= self._now:
            return
        row = self._captured(customer, at, called)
        self._happened(row, "captured", at, LIN.number if called else "platform", text=row["wish"])
        checked = at + timedelta(hours=self._random.uniform(0.3, 20))
        if checked >= self._now or (self._random.random() < 0.5 and at > self._now - timedelta(days=1)):
            return
        if self._random.random() < 0.05:
            row.update(status="invalid", closed_at=checked)
            self._happened(row, "invalidated", checked, LIN.number, text="客户表示误点，没有购车打算")
            return
        row.update(status="verified", verified_at=checked)
        self._happened(row, "verified", checked, LIN.number, detail={"horizon": row["horizon"]})
        if row["horizon"] == "long":
            self._nurtured(row, checked)
        else:
            sent = checked if row["horizon"] == "hot" else next_sending(FIRST_RULES, checked, self._zone)
            self._sent(row, customer, sent)

    def tell_chen(self) -> None:
        """C7 to be traded in, looks at the E8: the opportunity at the right of his page."""
        chen = self._customers[CHEN]
        at = self._now - timedelta(days=23, hours=2)
        row = self._captured(chen, at, None)
        row.update(source="hotline", model="远辰 E8 旗舰", wish="C7 置换，看好 E8", horizon="mid", trade_in="远辰 C7")
        row["buy_by"] = self._day(at) + timedelta(days=150)
        self._happened(row, "captured", at, LIN.number, text=row["wish"])
        row.update(status="verified", verified_at=at)
        self._happened(row, "verified", at, LIN.number, detail={"horizon": "mid"})
        self._send_to(row, chen["dealer_id"], next_sending(FIRST_RULES, at, self._zone), "own")
        row["staff_id"] = (chen["dealer_id"] - 1) * PEOPLE_PER_DEALER + _SALES[0] + 1
        self._word(
            row,
            self._now - timedelta(days=12),
            "年底前不急，新款到店后约试驾。",
            self._day(self._now) + timedelta(days=19),
        )
        self._clock(row)

    def _customer(self, called: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if called is not None:
            customer = self._customers[called["customer_id"]]
        else:
            near = [row for row in self._people.customers if row["dealer_id"] == 1]
            customer = self._random.choice(near if self._random.random() < 0.12 else self._people.customers)
        if customer["id"] in self._told or customer["kind"] != "person":
            return None
        self._told.add(customer["id"])
        return customer

    def _captured(self, customer: dict[str, Any], at: datetime, called: Mapping[str, Any] | None) -> dict[str, Any]:
        random = self._random
        horizon = random.choices(("hot", "mid", "long"), (26, 46, 28))[0]
        days = {"hot": random.randrange(5, 30), "mid": random.randrange(40, 170), "long": random.randrange(200, 500)}
        source = (
            "hotline" if called else random.choice(("web", "web", "event", "event", "referral", "dealer", "hotline"))
        )
        prefix = f"XS-{at.astimezone(self._zone):%m%d}-"
        self._counts[prefix] = self._counts.get(prefix, 0) + 1
        row = new_row(
            random,
            source,
            horizon,
            id=len(self.made.leads) + 1,
            number=f"{prefix}{self._counts[prefix]:04d}",
            customer_id=customer["id"],
            contact_id=called["id"] if called else "",
            buy_by=self._day(at) + timedelta(days=days[horizon]),
            created_at=at,
        )
        self.made.leads.append(row)
        return row

    def _nurtured(self, row: dict[str, Any], at: datetime) -> None:
        call = self._day(at) + timedelta(days=FIRST_RULES.nurture_days)
        if self._random.random() < 0.2:  # some are due now
            call = self._day(self._now) - timedelta(days=self._random.randrange(3))
            task: dict[str, Any] = {
                "kind": "three_months",
                "subject": f"lead/{row['id']}/1",
                "purpose": "lead",
                "dealer_id": None,
            }
            task |= {"customer_id": row["customer_id"], "vehicle_id": None, "staff_id": None, "due_on": call}
            self.made.tasks.append({**task, "status": "open", "reason": "", "note": "", "done_at": None, "done_by": ""})
        row.update(status="nurture", next_step_on=call)
        self._happened(row, "nurtured", at, LIN.number, detail={"next": call.isoformat(), "material": "email"})
        due = datetime.combine(max(call, self._day(self._now) + timedelta(days=1)), time(10), self._zone)
        self._job("lead.nurture", row, due.astimezone(UTC))

    def _sent(self, row: dict[str, Any], customer: dict[str, Any], at: datetime) -> None:
        if at >= self._now:
            return
        self._send_to(row, customer["dealer_id"], at, "own")
        random = self._random
        age = (self._now - at).total_seconds() / 86400
        answered = at + timedelta(days=random.uniform(0.4, 6.8))
        if answered > self._now or (age < FIRST_RULES.reassign_days and random.random() < 0.35):
            row["reminders"] = int(age >= FIRST_RULES.remind_days) + int(age >= FIRST_RULES.feedback_days)
            if random.random() < 0.5:
                self._follower(row, at + timedelta(minutes=50))
            self._clock(row)
            return
        self._follower(row, at + timedelta(minutes=40))
        self._answered(row, answered)

    def _answered(self, row: dict[str, Any], at: datetime) -> None:
        random = self._random
        step = min(self._day(self._now) + timedelta(days=random.randrange(-4, 15)), self._day(at) + timedelta(days=30))
        self._word(row, at, random.choice(FEEDBACK), max(step, self._day(at)))
        closed = at + timedelta(days=random.uniform(4, 40))
        outcome = random.random()
        if closed < self._now and outcome < 0.72:
            self._closed(row, closed, won=outcome < 0.3)
            return
        if row["feedback_due_at"] < self._now - timedelta(days=2):
            self._closed(row, self._now - timedelta(days=3), won=False)
            return
        self._clock(row)

    def _closed(self, row: dict[str, Any], at: datetime, *, won: bool) -> None:
        row.update(closed_at=at, feedback_due_at=None, next_step_on=None)
        self.made.turns[-1]["ended_at"] = at
        vehicles = self._people.vehicles_of.get(row["customer_id"])
        if won and vehicles:
            row.update(status="won", vehicle_id=vehicles[0])
            car = self._people.vehicles[vehicles[0] - 1]
            told = {"vehicle_id": car["id"], "vin": car["vin"], "price_yuan": self._random.randrange(128, 360) * 1000}
            self._happened(row, "won", at, "5101", text=car["model"], detail={**told, "dealer_id": row["dealer_id"]})
            return
        reason = self._random.choice(_LOST)
        rival = self._random.choice(RIVALS) if reason is LostReason.COMPETITOR else ""
        row.update(status="lost", lost_reason=reason.value, lost_to=rival)
        self._happened(row, "lost", at, "5101", detail={"reason": reason.value, "lost_to": rival})

    def _send_to(self, row: dict[str, Any], dealer_id: int, at: datetime, why: str) -> None:
        due = at + timedelta(days=FIRST_RULES.feedback_days)
        row.update(status="sent", dealer_id=dealer_id, sent_at=at, feedback_due_at=due, times_sent=1)
        turn = {"lead_id": row["id"], "dealer_id": dealer_id, "sent_at": at, "due_at": due}
        self.made.turns.append({**turn, "first_word_at": None, "ended_at": None})
        actor = LIN.number if row["horizon"] == "hot" else "platform"
        self._happened(row, "sent", at, actor, detail={"dealer_id": dealer_id, "why": why})

    def _follower(self, row: dict[str, Any], at: datetime) -> None:
        if at < self._now:
            place = self._random.choice(_SALES)
            row["staff_id"] = (row["dealer_id"] - 1) * PEOPLE_PER_DEALER + place + 1
            detail = {"staff_id": row["staff_id"], "dealer_id": row["dealer_id"]}
            self._happened(row, "follower_named", at, "5101", detail=detail)

    def _word(self, row: dict[str, Any], at: datetime, words: str, step: date) -> None:
        begins = datetime.combine(step, time(), self._zone).astimezone(UTC)
        due = max(begins, at) + timedelta(days=FIRST_RULES.feedback_days)
        row.update(status="following", feedback_at=at, next_step_on=step, feedback_due_at=due, reminders=0)
        self.made.turns[-1]["first_word_at"] = at
        detail = {"next": step.isoformat(), "dealer_id": row["dealer_id"]}
        self._happened(row, "feedback", at, "5101", text=words, detail=detail)
        touch = {"customer_id": row["customer_id"], "purpose": "lead", "channel": "phone", "at": at, "by": "5101"}
        self.made.touches.append({**touch, "subject": f"lead/{row['id']}"})

    def _clock(self, row: dict[str, Any]) -> None:
        _, again = due_now(FIRST_RULES, row["feedback_due_at"], row["reminders"], self._now)
        self._job("lead.clock", row, again or row["feedback_due_at"])

    def _job(self, kind: str, row: dict[str, Any], due: datetime) -> None:
        job = {"kind": kind, "key": str(row["id"]), "due_at": due, "payload": {}, "tries": 0}
        self.made.jobs.append({**job, "taken_until": None, "given_up": False, "failure": ""})

    def _happened(
        self,
        row: dict[str, Any],
        kind: str,
        at: datetime,
        actor: str,
        *,
        text: str = "",
        detail: dict[str, Any] | None = None,
    ) -> None:
        event = {"lead_id": row["id"], "at": at, "actor": actor, "kind": kind, "text": text, "detail": detail or {}}
        self.made.events.append(event)

    def _some_time(self) -> datetime:
        day = self._day(self._now) - timedelta(days=int(self._random.triangular(0, DAYS, 2)))
        hour = time(self._random.randrange(8, 21), self._random.randrange(60))
        return datetime.combine(day, hour, self._zone).astimezone(UTC)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()
