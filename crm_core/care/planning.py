"""Brings the lists to what the rules want: adds, moves, withdraws and takes back. A second run changes nothing.

One contact for each cause and week, whoever makes it: a dealer's task or an entry of a campaign of the centre.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign, CampaignEntry
from crm_core.care.events import events_of
from crm_core.care.outlook import keep_outlook
from crm_core.care.reckoning import Contact, Event, contacts, near
from crm_core.care.rulebook import YEARLY, By, CareRules, Trigger
from crm_core.care.settings import DIALLED, care_rules
from crm_core.db import storable
from crm_core.dealers.model import CareTask, DealerStaff

CAUSE_GONE, NOT_WANTED = "cause_gone", "not_wanted"
"""Why a contact was withdrawn: its event is gone, or no rule wants it any more."""
WITHDRAWN = "The care plan does not want this contact any more."
BEGINS = time(9)
KEPT, KEPT_OF_YEAR = timedelta(days=300), timedelta(days=25)
"""A contact planned longer ago is left as it is: its event is not read any more."""


@dataclass(slots=True)
class Plan:
    """What is on the lists for some customers. `days`: cause to (rule, day) of what stands; `over` of what was made."""

    tasks: list[CareTask]
    entries: list[CampaignEntry]
    people: dict[tuple[int, str], int]
    campaigns: set[int]
    zone: tzinfo
    at: datetime
    days: dict[str, list[tuple[str, date]]] = field(default_factory=lambda: defaultdict(list))
    over: dict[str, list[tuple[str, date]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def today(self) -> date:
        return self.at.astimezone(self.zone).date()

    def note(self) -> None:
        """Fill `days` and `over` from the lists as they are now."""
        self.days.clear()
        for task in self.tasks:
            if task.status != "withdrawn":
                day = (task.kind, task.planned_on or task.due_on)
                self.days[task.subject].append(day)
                if task.status != "open":
                    self.over[task.subject].append(day)
        for entry in self.entries:
            if not _is_withdrawn(entry):
                cause, rule_id = cause_of(entry.subject)
                day = (rule_id, entry.due_at.astimezone(self.zone).date())
                self.days[cause].append(day)
                if entry.attempts or entry.state != "waiting":
                    self.over[cause].append(day)

    def stands(self, contact: Contact) -> bool:
        """Whether it, or another contact for the same cause in that week, is on a list or over."""
        return stands(contact, self.days[contact.event.subject])

    def made_otherwise(self, contact: Contact) -> bool:
        """Whether the same contact was made already, by another rule."""
        return near(contact.on, (on for key, on in self.over[contact.event.subject] if key != contact.rule.id))


def stands(contact: Contact, standing: Iterable[tuple[str, date]]) -> bool:
    """Among what stands for its cause, by rule and day: the same rule's on whatever day, for a late one is put off."""
    return any(key == contact.rule.id or near(contact.on, (on,)) for key, on in standing)


_Place = tuple[int | None, str, str]
"""Where a contact stands: the campaign, None = a dealer's list; the cause; the rule."""


def cause_of(subject: str) -> tuple[str, str]:
    """The cause and the rule of a campaign's entry, "delivery/17/two_weeks"; the rule is "" for one that none made."""
    cause, _, rule_id = subject.rpartition("/")
    return (cause, rule_id) if "/" in cause and rule_id[:1].isalpha() else (subject, "")


async def plan_customers(session: AsyncSession, customer_ids: Collection[int], *, at: datetime, zone: tzinfo) -> int:
    """Gives how many contacts were added. At most some hundred customers at once."""
    rules = await care_rules(session)
    events = await events_of(session, customer_ids, today=at.astimezone(zone).date(), zone=zone)
    plan = await _standing(session, customer_ids, events, rules, at=at, zone=zone)
    wanted = [one for event in events for one in contacts(rules, event)]
    by_key = {(one.event.subject, one.rule.id): one for one in wanted}
    known = {event.subject for event in events}
    plan.note()
    for task in plan.tasks:
        _bring_task(plan, task, by_key.get((task.subject, task.kind)), known)
    for entry in plan.entries:
        if cause_of(entry.subject)[1]:
            _bring_entry(plan, entry, by_key.get(cause_of(entry.subject)))
    plan.note()
    here: set[_Place] = {(None, one.subject, one.kind) for one in plan.tasks}
    here |= {(one.campaign_id, *cause_of(one.subject)) for one in plan.entries}
    added = [one for one in wanted if _is_new(plan, one, here)]
    session.add_all([_entry(plan, one) if one.rule.by is By.CENTRE else _task(plan, one) for one in added])
    await session.flush()
    await keep_outlook(session, customer_ids, wanted, plan.stands, plan.today)
    return len(added)


async def _standing(
    session: AsyncSession,
    customer_ids: Collection[int],
    events: Sequence[Event],
    rules: CareRules,
    *,
    at: datetime,
    zone: tzinfo,
) -> Plan:
    tasks = await session.scalars(select(CareTask).where(CareTask.customer_id.in_(customer_ids)))
    found = select(CampaignEntry).where(CampaignEntry.customer_id.in_(customer_ids), CampaignEntry.subject != "")
    dealers = {one.dealer_id for one in events if one.dealer_id is not None}
    staff = select(DealerStaff.dealer_id, DealerStaff.name, DealerStaff.id)
    rows = await session.execute(staff.where(DealerStaff.dealer_id.in_(dealers), DealerStaff.active))
    ours = [one.campaign for one in rules if one.campaign is not None]
    live = select(Campaign.id).where(Campaign.id.in_(ours), Campaign.status != "ended", Campaign.mode.in_(DIALLED))
    return Plan(
        tasks=list(tasks),
        entries=list(await session.scalars(found)),
        people={(dealer, name): key for dealer, name, key in rows},
        campaigns=set(await session.scalars(live)) if ours else set(),
        zone=zone,
        at=at,
    )


def _bring_task(plan: Plan, task: CareTask, contact: Contact | None, known: set[str]) -> None:
    """To the day that the rule wants now; a day that a person chose stays."""
    if task.planned_on is None:
        task.planned_on = contact.on if contact else None  # made before rules kept their day
        return
    if task.status not in ("open", "withdrawn") and (task.status, task.reason) != ("stopped", "complaint"):
        return
    if contact is None or contact.rule.by is not By.DEALER:
        if task.status != "withdrawn" and not _is_kept(plan, task):
            task.status = "withdrawn"
            task.reason = NOT_WANTED if task.subject in known else CAUSE_GONE
        return
    if task.status == "withdrawn":
        if plan.made_otherwise(contact):
            return
        task.status, task.reason = "open", ""
    if task.planned_on != contact.on:
        task.planned_on = contact.on
        task.due_on = task.due_on if task.fixed else max(contact.on, plan.today)
    if task.dealer_id != contact.event.dealer_id:
        task.dealer_id, task.staff_id = contact.event.dealer_id, _person(plan, contact)


def _is_kept(plan: Plan, task: CareTask) -> bool:
    """Whether it stays although its event is not among those that are read: too old, or agreed with the customer."""
    cause = task.subject.partition("/")[0]
    longest = KEPT_OF_YEAR if cause in YEARLY else KEPT
    return (task.planned_on or task.due_on) < plan.today - longest or (task.fixed and cause == Trigger.PROSPECT)


def _is_withdrawn(entry: CampaignEntry) -> bool:
    return entry.state == "removed" and entry.reason == WITHDRAWN


def _bring_entry(plan: Plan, entry: CampaignEntry, contact: Contact | None) -> None:
    """Only one that nobody was called for: what began is the campaign's own, and so is one that the gate put off."""
    if entry.attempts or (not _is_withdrawn(entry) and (entry.state != "waiting" or entry.reason)):
        return
    if contact is None or contact.rule.campaign != entry.campaign_id:
        entry.state, entry.reason, entry.reason_values = "removed", WITHDRAWN, {}
        entry.ended_at = entry.ended_at or plan.at
        return
    if _is_withdrawn(entry):
        if plan.made_otherwise(contact):
            return
        entry.state, entry.reason, entry.ended_at = "waiting", "", None
    standing = entry.due_at.astimezone(plan.zone).date()
    if standing != contact.on and max(standing, contact.on) > plan.today:
        entry.due_at = _begins(plan, contact)


def _is_new(plan: Plan, contact: Contact, here: set[_Place]) -> bool:
    """Notes it, so that of two for one cause only the first is new."""
    cause, rule = contact.event.subject, contact.rule
    if not contact.may_begin(plan.today) or (rule.campaign, cause, rule.id) in here:
        return False
    if plan.stands(contact):
        return False
    if rule.by is By.CENTRE and rule.campaign not in plan.campaigns:
        return False
    plan.days[cause].append((rule.id, contact.on))
    return True


def _task(plan: Plan, contact: Contact) -> CareTask:
    rule, event = contact.rule, contact.event
    task = CareTask(kind=rule.id, subject=event.subject, purpose=rule.purpose.value, channel=rule.channel.value)
    task.dealer_id, task.customer_id, task.vehicle_id = event.dealer_id, event.customer_id, event.vehicle_id
    task.planned_on, task.due_on = contact.on, contact.on
    if rule.trigger is Trigger.PROSPECT:
        task.due_on = max(contact.on, plan.today)
    task.staff_id = _person(plan, contact)
    return task


def _entry(plan: Plan, contact: Contact) -> CampaignEntry:
    event = contact.event
    entry = CampaignEntry(campaign_id=contact.rule.campaign, customer_id=event.customer_id, added_at=plan.at)
    entry.subject = f"{event.subject}/{contact.rule.id}"
    entry.vehicle_id, entry.dealer_id = event.vehicle_id, event.dealer_id
    entry.in_name_of, entry.due_at = storable(contact.person, 40), _begins(plan, contact)
    return entry


def _begins(plan: Plan, contact: Contact) -> datetime:
    return datetime.combine(max(contact.on, plan.today), BEGINS, plan.zone)


def _person(plan: Plan, contact: Contact) -> int | None:
    event = contact.event
    return event.staff_id or plan.people.get((event.dealer_id or 0, contact.person))
