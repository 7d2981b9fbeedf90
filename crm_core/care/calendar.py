"""What will happen on which day: what stands on the lists, and what the rules will put there by then.

Counted by the database from what the planner wrote, within seconds of an event, however many vehicles there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import CampaignEntry
from crm_core.care.birthdays import Birthdays, birthday_contacts, birthday_counts
from crm_core.care.events import events_of
from crm_core.care.listed import entry_counts, listed_keys, listed_of_customer, listed_rows, task_counts
from crm_core.care.model import CareOutlook
from crm_core.care.planned import Asked, Planned
from crm_core.care.planning import WITHDRAWN, cause_of, stands
from crm_core.care.reckoning import Contact, contacts
from crm_core.care.rulebook import CareRule, CareRules, Trigger
from crm_core.care.settings import care_rules
from crm_core.care.soon import CARE_PLAN
from crm_core.dealers.model import CareTask
from crm_core.jobs.model import Job


@dataclass(frozen=True, slots=True)
class Calendar:
    """Day to rule to how many. `settled` False = everybody is being planned anew: the figures follow."""

    days: dict[date, Counter[str]]
    settled: bool = True

    @property
    def per_rule(self) -> Counter[str]:
        return sum(self.days.values(), Counter())


async def calendar(session: AsyncSession, asked: Asked, *, at: datetime, zone: tzinfo) -> Calendar:
    rules, today = await care_rules(session), at.astimezone(zone).date()
    ours = _asked_rules(asked, rules)
    birthdays = await birthday_counts(session, _birthdays(asked, today), rules)
    days: dict[date, Counter[str]] = {}
    for counts in (
        await task_counts(session, asked, rules),
        await entry_counts(session, asked, rules, zone),
        await _outlook_counts(session, asked, rules),
        {key: count for key, count in birthdays.items() if key[1] in ours},
    ):
        for (on, rule), count in counts.items():
            days.setdefault(on, Counter())[rule] += count
    return Calendar(dict(sorted(days.items())), settled=not await _is_planning(session, at))


async def of_day(
    session: AsyncSession,
    asked: Asked,
    on: date,
    counts: Mapping[str, int],
    *,
    start: int = 0,
    most: int,
    at: datetime,
    zone: tzinfo,
) -> list[Planned]:
    """So many people of this day from place `start` on, by rule and customer; `counts` are the calendar's of the day.

    Only the rules on the page are read: a New Year's day has tens of thousands.
    """
    found: list[Planned] = []
    for rule, count in sorted(counts.items()):
        if start < count and len(found) < most:
            day = replace(asked, first=on, last=on + timedelta(days=1), rule=rule)
            found += await _of_rule(session, day, slice(start, start + most - len(found)), at=at, zone=zone)
        start = max(start - count, 0)
    return found


async def _of_rule(session: AsyncSession, day: Asked, places: slice, *, at: datetime, zone: tzinfo) -> list[Planned]:
    """By customer. First the keys of all, then the rows of the places alone."""
    rules, today = await care_rules(session), at.astimezone(zone).date()
    keys = await listed_keys(session, day, rules, zone)
    rows = await session.execute(select(CareOutlook.customer_id, CareOutlook.id).where(*_outlook(day, rules)))
    keys += [(customer, "outlook", key) for customer, key in rows]
    birthdays = (
        await birthday_contacts(session, _birthdays(day, today), rules) if day.rule in _of_birthday(rules) else []
    )
    keys += [
        (one.event.customer_id, "birthday", place) for place, one in enumerate(birthdays) if day.rule == one.rule.id
    ]
    chosen = sorted(keys)[places]
    found = await listed_rows(session, chosen, rules, zone)
    by_id = {one.id: one for one in rules}
    outlook = select(CareOutlook).where(CareOutlook.id.in_([key for _, kind, key in chosen if kind == "outlook"]))
    found += [_of_outlook(row, by_id[row.rule]) for row in await session.scalars(outlook)]
    found += [_coming(birthdays[key], today) for _, kind, key in chosen if kind == "birthday"]
    return sorted(found, key=lambda one: one.customer_id)


def _of_birthday(rules: CareRules) -> list[str]:
    return [one.id for one in rules if one.trigger is Trigger.BIRTHDAY]


def _birthdays(asked: Asked, today: date) -> Birthdays:
    return Birthdays(asked.first, asked.last, today, asked.dealer_id)


async def _outlook_counts(session: AsyncSession, asked: Asked, rules: CareRules) -> dict[tuple[date, str], int]:
    rows = await session.execute(
        select(CareOutlook.due_on, CareOutlook.rule, func.count())
        .where(*_outlook(asked, rules))
        .group_by(CareOutlook.due_on, CareOutlook.rule)
    )
    return {(on, rule): count for on, rule, count in rows}


def _outlook(asked: Asked, rules: CareRules) -> list[ColumnElement[bool]]:
    days = (CareOutlook.due_on >= asked.first, CareOutlook.due_on < asked.last)
    wanted = [*days, CareOutlook.rule.in_(_asked_rules(asked, rules))]
    return wanted + ([CareOutlook.dealer_id == asked.dealer_id] if asked.dealer_id is not None else [])


def _asked_rules(asked: Asked, rules: CareRules) -> list[str]:
    return [one.id for one in rules if asked.rule in ("", one.id) and asked.owner in ("", one.owner.value)]


async def _is_planning(session: AsyncSession, at: datetime) -> bool:
    due = select(Job.id).where(Job.kind == CARE_PLAN, Job.due_at <= at, Job.given_up.is_(False))
    return await session.scalar(due) is not None


async def of_customer(
    session: AsyncSession, customer_id: int, *, at: datetime, zone: tzinfo, days: int = 60
) -> list[Planned]:
    """What is planned for one customer, in order of the days; also what was withdrawn or stopped, with its reason."""
    today = at.astimezone(zone).date()
    rules = await care_rules(session)
    asked = Asked(first=today - timedelta(days=days), last=today + timedelta(days=days))
    found = await coming(session, [customer_id], rules, at=at, zone=zone)
    found += await listed_of_customer(session, customer_id, asked, rules, zone)
    over = ("done", "skipped", "refused", "exhausted")
    return sorted(
        (one for one in found if one.on < asked.last and one.state not in over), key=lambda one: (one.on, one.rule)
    )


async def coming(
    session: AsyncSession, customer_ids: Collection[int], rules: CareRules, *, at: datetime, zone: tzinfo
) -> list[Planned]:
    """What the rules want of a few customers and no list has yet, reckoned at this moment."""
    today = at.astimezone(zone).date()
    events = await events_of(session, customer_ids, today=today, zone=zone)
    wanted = [one for event in events for one in contacts(rules, event) if not one.is_late(today)]
    standing = await _standing(session, customer_ids, zone)
    return [_coming(one, today) for one in wanted if not stands(one, standing.get(one.event.subject, ()))]


async def _standing(
    session: AsyncSession, customer_ids: Collection[int], zone: tzinfo
) -> dict[str, list[tuple[str, date]]]:
    """Cause to the rules and days that stand on a list or are over."""
    tasks = select(CareTask.subject, CareTask.kind, CareTask.planned_on, CareTask.due_on).where(
        CareTask.customer_id.in_(customer_ids), CareTask.status != "withdrawn"
    )
    days: dict[str, list[tuple[str, date]]] = {}
    for subject, kind, planned_on, due_on in await session.execute(tasks):
        days.setdefault(subject, []).append((kind, planned_on or due_on))
    entries = select(CampaignEntry.subject, CampaignEntry.due_at).where(
        CampaignEntry.customer_id.in_(customer_ids), CampaignEntry.subject != "", CampaignEntry.reason != WITHDRAWN
    )
    for subject, due_at in await session.execute(entries):
        cause, rule = cause_of(subject)
        days.setdefault(cause, []).append((rule, due_at.astimezone(zone).date()))
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


def _of_outlook(row: CareOutlook, rule: CareRule) -> Planned:
    return Planned(
        on=row.due_on,
        rule=rule.id,
        cause=row.subject,
        customer_id=row.customer_id,
        dealer_id=row.dealer_id,
        state="coming",
        purpose=rule.purpose.value,
        channel=rule.channel.value,
        owner=rule.owner.value,
        person=row.person,
        campaign_id=rule.campaign,
    )
