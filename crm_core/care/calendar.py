"""What will happen on which day: what stands on the lists, and what the rules will put there by then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import CampaignEntry
from crm_core.care.events import customers_with_events, events_of
from crm_core.care.planning import WITHDRAWN, cause_of
from crm_core.care.reckoning import Contact, contacts, near
from crm_core.care.rulebook import CareRule, CareRules, Owner, Trigger
from crm_core.care.settings import care_rules
from crm_core.dealers.model import CareTask, DealerStaff

LISTED = ("open", "stopped")
MOST_CUSTOMERS = 20_000
"""So many customers are reckoned for a page; beyond them the figures say "at least"."""
AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """`state`: coming (no list has it yet), open, stopped, done, skipped, withdrawn, or that of a campaign's entry.

    `rule` is the id of its rule, or another kind of task; `cause` is what it comes from, e.g. "delivery/17".
    """

    on: date
    rule: str
    cause: str
    customer_id: int
    dealer_id: int | None
    state: str
    purpose: str
    channel: str
    owner: str = ""
    person: str = ""
    reason: str = ""
    campaign_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reader wants to see: half-open days; None and "" = all."""

    first: date
    last: date
    dealer_id: int | None = None
    rule: str = ""
    owner: str = ""

    def takes(self, one: Planned) -> bool:
        return (
            self.first <= one.on < self.last
            and self.dealer_id in (None, one.dealer_id)
            and self.rule in ("", one.rule)
            and self.owner in ("", one.owner)
        )


@dataclass(frozen=True, slots=True)
class Calendar:
    """`whole` False = there are more customers than are reckoned for a page."""

    contacts: Sequence[Planned]
    whole: bool = True

    def per_day(self) -> dict[date, Counter[str]]:
        """Day to rule to how many."""
        days: dict[date, Counter[str]] = {}
        for one in self.contacts:
            days.setdefault(one.on, Counter())[one.rule] += 1
        return days

    def per_rule(self) -> Counter[str]:
        return Counter(one.rule for one in self.contacts)


async def calendar(session: AsyncSession, asked: Asked, *, at: datetime, zone: tzinfo) -> Calendar:
    """By day, then by rule."""
    today, after, seen = at.astimezone(zone).date(), 0, 0
    rules = await care_rules(session)
    found: list[Planned] = []
    if asked.last > today:
        ahead = (asked.last - today).days
        while seen < MOST_CUSTOMERS:
            some = await customers_with_events(
                session, after=after, most=AT_ONCE, today=today, zone=zone, ahead=ahead, on_lists=False
            )
            if not some:
                break
            found += [one for one in await coming(session, some, rules, at=at, zone=zone) if asked.takes(one)]
            seen, after = seen + len(some), some[-1]
    found += [one for one in await _listed(session, asked, rules, zone) if asked.takes(one)]
    found.sort(key=lambda one: (one.on, one.rule, one.customer_id))
    return Calendar(found, whole=seen < MOST_CUSTOMERS)


async def of_customer(
    session: AsyncSession, customer_id: int, *, at: datetime, zone: tzinfo, days: int = 60
) -> list[Planned]:
    """What is planned for one customer, in order of the days; also what was withdrawn or stopped, with its reason."""
    today = at.astimezone(zone).date()
    rules = await care_rules(session)
    asked = Asked(first=today - timedelta(days=days), last=today + timedelta(days=days))
    found = await coming(session, [customer_id], rules, at=at, zone=zone)
    found += await _listed(session, asked, rules, zone, customer_id=customer_id, withdrawn=True)
    over = ("done", "skipped", "refused", "exhausted")
    return sorted(
        (one for one in found if one.on < asked.last and one.state not in over), key=lambda one: (one.on, one.rule)
    )


async def coming(
    session: AsyncSession, customer_ids: Collection[int], rules: CareRules, *, at: datetime, zone: tzinfo
) -> list[Planned]:
    """What the rules want and no list has yet."""
    today = at.astimezone(zone).date()
    events = await events_of(session, customer_ids, today=today, zone=zone)
    wanted = [one for event in events for one in contacts(rules, event) if not one.is_late(today)]
    standing = await _standing(session, customer_ids, zone)
    return [_coming(one, today) for one in wanted if not near(one.on, standing.get(one.event.subject, ()))]


async def _standing(session: AsyncSession, customer_ids: Collection[int], zone: tzinfo) -> dict[str, list[date]]:
    """Cause to the days that stand on a list or are over."""
    tasks = select(CareTask.subject, CareTask.planned_on, CareTask.due_on).where(
        CareTask.customer_id.in_(customer_ids), CareTask.status != "withdrawn"
    )
    days: dict[str, list[date]] = {}
    for subject, planned_on, due_on in await session.execute(tasks):
        days.setdefault(subject, []).append(planned_on or due_on)
    entries = select(CampaignEntry.subject, CampaignEntry.due_at).where(
        CampaignEntry.customer_id.in_(customer_ids), CampaignEntry.subject != "", CampaignEntry.reason != WITHDRAWN
    )
    for subject, due_at in await session.execute(entries):
        days.setdefault(cause_of(subject)[0], []).append(due_at.astimezone(zone).date())
    return days


def _coming(contact: Contact, today: date) -> Planned:
    rule, event = contact.rule, contact.event
    return Planned(
        on=max(contact.on, today) if rule.trigger is Trigger.PROSPECT else contact.on,
        rule=rule.id,
        cause=event.subject,
        customer_id=event.customer_id,
        dealer_id=event.dealer_id,
        state="coming",
        purpose=rule.purpose.value,
        channel=rule.channel.value,
        owner=rule.owner.value,
        person=contact.person,
        campaign_id=rule.campaign,
    )


async def _listed(
    session: AsyncSession,
    asked: Asked,
    rules: CareRules,
    zone: tzinfo,
    *,
    customer_id: int | None = None,
    withdrawn: bool = False,
) -> list[Planned]:
    owners = {one.id: one.owner.value for one in rules}
    tasks = (
        select(CareTask, DealerStaff.name)
        .outerjoin(DealerStaff, DealerStaff.id == CareTask.staff_id)
        .where(CareTask.due_on >= asked.first, CareTask.due_on < asked.last)
    )
    entries = select(CampaignEntry).where(
        CampaignEntry.due_at >= datetime.combine(asked.first, time(), zone),
        CampaignEntry.due_at < datetime.combine(asked.last, time(), zone),
        CampaignEntry.subject.like("%/%/%"),
    )
    if customer_id is not None:
        tasks, entries = (
            tasks.where(CareTask.customer_id == customer_id),
            entries.where(CampaignEntry.customer_id == customer_id),
        )
    if not withdrawn:
        tasks = tasks.where(CareTask.status != "withdrawn")
    found = [_of_task(one, person or "", owners) for one, person in await session.execute(tasks)]
    by_id = {one.id: one for one in rules}
    for entry in await session.scalars(entries):
        cause, rule_id = cause_of(entry.subject)
        if rule_id in by_id and (withdrawn or entry.reason != WITHDRAWN):
            found.append(_of_entry(entry, cause, by_id[rule_id], zone))
    return found


def _of_task(task: CareTask, person: str, owners: dict[str, str]) -> Planned:
    return Planned(
        on=task.due_on,
        rule=task.kind,
        cause=task.subject,
        customer_id=task.customer_id,
        dealer_id=task.dealer_id,
        state=task.status,
        purpose=task.purpose,
        channel=task.channel,
        owner=owners.get(task.kind, Owner.CENTRE.value if task.dealer_id is None else ""),
        person=person,
        reason=task.reason,
    )


def _of_entry(entry: CampaignEntry, cause: str, rule: CareRule, zone: tzinfo) -> Planned:
    state = {"waiting": "open", "removed": "withdrawn"}.get(entry.state, entry.state)
    return Planned(
        on=entry.due_at.astimezone(zone).date(),
        rule=rule.id,
        cause=cause,
        customer_id=entry.customer_id,
        dealer_id=entry.dealer_id,
        state=state,
        purpose=rule.purpose.value,
        channel="phone",
        owner=rule.owner.value,
        person=entry.in_name_of,
        reason="not_wanted" if state == "withdrawn" else "",
        campaign_id=entry.campaign_id,
    )
