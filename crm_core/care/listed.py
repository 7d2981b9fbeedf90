"""What of the care plan stands on the lists: tasks of dealers and of the centre, entries of campaigns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, tzinfo

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, extract, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import CAUSED, CampaignEntry
from crm_core.care.planned import Asked, Planned
from crm_core.care.planning import WITHDRAWN, cause_of
from crm_core.care.rulebook import CareRule, CareRules, Owner
from crm_core.clock import from_instant
from crm_core.dealers.model import CareTask, DealerStaff

_QUARTER = 900  # seconds: no zone's midnight lies within one


async def task_counts(session: AsyncSession, asked: Asked, rules: CareRules) -> dict[tuple[date, str], int]:
    """(day, rule or kind) to how many. Answered by an index alone."""
    rows = await session.execute(
        select(CareTask.due_on, CareTask.kind, func.count())
        .where(*_tasks(asked, rules), CareTask.status != "withdrawn")
        .group_by(CareTask.due_on, CareTask.kind)
    )
    return {(on, kind): count for on, kind, count in rows}


def _tasks(asked: Asked, rules: CareRules) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [CareTask.due_on >= asked.first, CareTask.due_on < asked.last]
    if asked.dealer_id is not None:
        wanted.append(CareTask.dealer_id == asked.dealer_id)
    if asked.rule:
        wanted.append(CareTask.kind == asked.rule)
    if asked.owner:
        own = CareTask.kind.in_([one.id for one in rules if one.owner.value == asked.owner])
        of_centre = and_(CareTask.kind.not_in([one.id for one in rules]), CareTask.dealer_id.is_(None))
        wanted.append(or_(own, of_centre) if asked.owner == Owner.CENTRE else own)
    return wanted


async def entry_counts(
    session: AsyncSession, asked: Asked, rules: CareRules, zone: tzinfo
) -> dict[tuple[date, str], int]:
    """As `task_counts`, of the campaigns' entries that rules in force made."""
    ours = _asked_rules(asked, rules)
    if not ours:
        return {}
    quarter = cast(extract("epoch", CampaignEntry.due_at), BigInteger) // _QUARTER
    rule = case(*[(_made_by(one), one.id) for one in ours], else_="")
    rows = await session.execute(
        select(quarter, rule, func.count()).where(*_entries(asked, ours, zone), CampaignEntry.reason != WITHDRAWN)
        .group_by(quarter, rule)
    )  # fmt: skip
    found: Counter[tuple[date, str]] = Counter()
    for number, key, count in rows:
        found[from_instant(number * _QUARTER).astimezone(zone).date(), key] += count
    return found


def _asked_rules(asked: Asked, rules: CareRules) -> list[CareRule]:
    return [one for one in rules if asked.rule in ("", one.id) and asked.owner in ("", one.owner.value)]


def _made_by(rule: CareRule) -> ColumnElement[bool]:
    return CampaignEntry.subject.endswith(f"/{rule.id}", autoescape=True)


def _entries(asked: Asked, rules: list[CareRule], zone: tzinfo) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [
        CAUSED,  # type: ignore[list-item]
        CampaignEntry.due_at >= datetime.combine(asked.first, time(), zone),
        CampaignEntry.due_at < datetime.combine(asked.last, time(), zone),
        or_(*[_made_by(one) for one in rules]),
    ]
    return wanted + ([CampaignEntry.dealer_id == asked.dealer_id] if asked.dealer_id is not None else [])


Key = tuple[int, str, int]
"""A customer, the list, and the row on it."""


async def listed(session: AsyncSession, asked: Asked, rules: CareRules, zone: tzinfo) -> list[Planned]:
    """The contacts themselves, without those that were withdrawn; for a few days of few customers."""
    return await listed_rows(session, await listed_keys(session, asked, rules, zone), rules, zone)


async def listed_keys(session: AsyncSession, asked: Asked, rules: CareRules, zone: tzinfo) -> list[Key]:
    """In no order, without those that were withdrawn."""
    tasks = select(CareTask.customer_id, CareTask.id).where(*_tasks(asked, rules), CareTask.status != "withdrawn")
    found: list[Key] = [(customer, "task", key) for customer, key in await session.execute(tasks)]
    ours = _asked_rules(asked, rules)
    if ours:
        wanted = (*_entries(asked, ours, zone), CampaignEntry.reason != WITHDRAWN)
        entries = await session.execute(select(CampaignEntry.customer_id, CampaignEntry.id).where(*wanted))
        found += [(customer, "entry", key) for customer, key in entries]
    return found


async def listed_rows(session: AsyncSession, keys: Sequence[Key], rules: CareRules, zone: tzinfo) -> list[Planned]:
    tasks = _with_person().where(CareTask.id.in_([key for _, kind, key in keys if kind == "task"]))
    entries = select(CampaignEntry).where(CampaignEntry.id.in_([key for _, kind, key in keys if kind == "entry"]))
    return await _planned(session, tasks, entries, rules, zone)


async def listed_of_customer(
    session: AsyncSession, customer_id: int, asked: Asked, rules: CareRules, zone: tzinfo
) -> list[Planned]:
    """Of one customer, also what was withdrawn."""
    tasks = _with_person().where(*_tasks(asked, rules), CareTask.customer_id == customer_id)
    entries = select(CampaignEntry).where(*_entries(asked, list(rules), zone), CampaignEntry.customer_id == customer_id)
    return await _planned(session, tasks, entries if rules else None, rules, zone)


def _with_person() -> Select[CareTask, str]:
    return select(CareTask, DealerStaff.name).outerjoin(DealerStaff, DealerStaff.id == CareTask.staff_id)


async def _planned(
    session: AsyncSession,
    tasks: Select[CareTask, str],
    entries: Select[CampaignEntry] | None,
    rules: CareRules,
    zone: tzinfo,
) -> list[Planned]:
    owners = {one.id: one.owner.value for one in rules}
    found = [_of_task(one, person or "", owners) for one, person in await session.execute(tasks)]
    by_id = {one.id: one for one in rules}
    for entry in await session.scalars(entries) if entries is not None else ():
        cause, rule_id = cause_of(entry.subject)
        if rule_id in by_id:
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
