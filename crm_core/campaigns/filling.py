"""Filling a campaign's list, and asking beforehand who may be called: batch by batch, told as it goes.

A list comes from a segment as it is now, or from a file with a telephone number in each line. Whoever is on the list
stays there once; numbers that are none, that nobody has or that several customers share are counted, not guessed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.campaigns.actions import campaign
from crm_core.campaigns.entries import entry_values
from crm_core.campaigns.model import Campaign, CampaignEntry, CampaignWork
from crm_core.consent.facts import special_days
from crm_core.consent.gate import may_contact
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.rules import next_open
from crm_core.consent.settings import contact_rules
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.db import storable
from crm_core.errors import Refused
from crm_core.jobs.actions import schedule
from crm_core.jobs.runner import Due, Handler
from crm_core.phone import to_e164
from crm_core.segments.membership import members, segment
from crm_core.segments.upsert import insert_new

FILL = "campaign_list"
BATCH = 500
CHECKED_AT_ONCE = 100
_CELLS = re.compile(r"[,;\t，；]")


async def fill_from_segment(
    session: AsyncSession, campaign_id: int, segment_id: int, *, actor: str, at: datetime
) -> CampaignWork:
    """Everybody who is in the segment when their batch comes. Raises NotFound; Refused when the list is worked on."""
    row, chosen = await _free(session, campaign_id), await segment(session, segment_id)
    return await _begin(session, row, "segment", actor=actor, at=at, source=chosen.id, told=chosen.name)


async def fill_from_numbers(
    session: AsyncSession, campaign_id: int, lines: bytes, folder: Path, *, actor: str, at: datetime
) -> CampaignWork:
    """A number in each line, also as one cell of several; `folder` is where uploads lie. Refused for an empty file."""
    row = await _free(session, campaign_id)
    total = sum(1 for line in lines.splitlines() if line.strip())
    if not total:
        raise Refused("There is no number in it. Write one telephone number in each line.")
    work = await _begin(session, row, "import", actor=actor, at=at, total=total, told=str(total))
    await asyncio.to_thread(_keep, file_of(folder, work.id), lines)
    return work


async def check_list(session: AsyncSession, campaign_id: int, *, actor: str, at: datetime) -> CampaignWork:
    """Ask the gate for everybody who waits, without a trace: how many may be called, and why others may not."""
    row = await _free(session, campaign_id)
    waiting = (CampaignEntry.campaign_id == row.id, CampaignEntry.state == "waiting")
    total = await session.scalar(select(func.count()).select_from(CampaignEntry).where(*waiting)) or 0
    return await _begin(session, row, "check", actor=actor, at=at, total=total)


def file_of(folder: Path, work: int) -> Path:
    return folder / f"campaign-list-{work}.txt"


def filling_handlers(folder: Path, zone: tzinfo) -> Mapping[str, Handler]:
    """`folder` is where uploads lie, `zone` the site's."""

    async def step(session: AsyncSession, job: Due, at: datetime) -> datetime | None:
        work = await session.get(CampaignWork, int(job.key), with_for_update=True)
        if work is None or work.state != "running":
            return None
        row = await campaign(session, work.campaign_id)
        if row.status == "ended":
            work.state, work.ended_at = "stopped", at
            return None
        match work.kind:
            case "segment":
                whole = await _next_members(session, work, row, at, zone)
            case "import":
                whole = await _next_numbers(session, work, row, folder, at)
            case _:
                whole = await _next_checks(session, work, row, at, zone)
        if not whole:
            return at
        await _finished(session, work, row, at)
        return None

    return {FILL: step}


async def _free(session: AsyncSession, campaign_id: int) -> Campaign:
    row = await campaign(session, campaign_id, lock=True)
    if row.status == "ended":
        raise Refused("This campaign has ended. Make a new one from it.")
    running = select(CampaignWork.id).where(CampaignWork.campaign_id == row.id, CampaignWork.state == "running")
    if await session.scalar(running.limit(1)) is not None:
        raise Refused("The list is being worked on already. Wait until that is done.")
    return row


async def _begin(
    session: AsyncSession,
    row: Campaign,
    kind: str,
    *,
    actor: str,
    at: datetime,
    source: int = 0,
    total: int = 0,
    told: str = "",
) -> CampaignWork:
    work = CampaignWork(campaign_id=row.id, kind=kind, source=source, total=total, began_at=at, counts={}, failure="")
    work.by = storable(actor, 16)
    session.add(work)
    await session.flush()
    await schedule(session, FILL, str(work.id), at)
    subject = f"campaign/{row.id}"
    detail = noting(kind=kind, source=told)
    await audit(session, at=at, actor=actor, action="campaign_list_filled", subject=subject, detail=detail)
    return work


async def _next_members(session: AsyncSession, work: CampaignWork, row: Campaign, at: datetime, zone: tzinfo) -> bool:
    today = at.astimezone(zone).date()
    ids = await members(session, work.source, work.position, BATCH, today=today)
    _counted(work, len(ids), await _added(session, row, dict.fromkeys(ids, ""), at))
    work.position = ids[-1] if ids else work.position
    return len(ids) < BATCH


async def _added(session: AsyncSession, row: Campaign, customers: Mapping[int, str], at: datetime) -> dict[str, int]:
    """Customers with the number that is to be called, "" = their best one."""
    living = select(Customer).where(Customer.id.in_(customers), Customer.merged_into_id.is_(None))
    found = list(await session.scalars(living))
    values = [entry_values(row, one, at=at, e164=customers[one.id]) for one in found]
    new = await insert_new(session, CampaignEntry, values)
    return {"added": new, "there": len(values) - new, "unknown": len(customers) - len(values)}


async def _next_numbers(session: AsyncSession, work: CampaignWork, row: Campaign, folder: Path, at: datetime) -> bool:
    lines, position = await asyncio.to_thread(_read, file_of(folder, work.id), work.position)
    typed = [line for line in lines if line.strip()]
    numbers = [number_in(line) for line in typed]
    good = [number for number in numbers if number]
    known = await _owners(session, set(good))
    single = {owners[0]: number for number, owners in known.items() if len(owners) == 1}
    counts = await _added(session, row, single, at)
    of_several = sum(len(known.get(number, ())) > 1 for number in good)
    ours = sum(len(known.get(number, ())) == 1 for number in good)
    counts |= {"wrong_number": len(typed) - len(good), "several": of_several}
    counts["unknown"] += len(good) - of_several - ours
    counts["there"] += ours - len(single)
    _counted(work, len(typed), counts)
    work.position = position
    if len(lines) < BATCH:
        await asyncio.to_thread(file_of(folder, work.id).unlink, missing_ok=True)
    return len(lines) < BATCH


def number_in(line: str) -> str | None:
    """The first cell of a line that is a telephone number, as E.164."""
    cells = (cell.strip().strip('"') for cell in _CELLS.split(line))
    return next((number for cell in cells if (number := to_e164(cell))), None)


async def _owners(session: AsyncSession, numbers: Iterable[str]) -> dict[str, Sequence[int]]:
    rows = await session.execute(
        select(CustomerPhone.e164, CustomerPhone.customer_id)
        .join(Customer, Customer.id == CustomerPhone.customer_id)
        .where(CustomerPhone.e164.in_(numbers), Customer.merged_into_id.is_(None))
        .order_by(CustomerPhone.customer_id)
    )
    found: dict[str, list[int]] = {}
    for number, customer in rows:
        if customer not in (owners := found.setdefault(number, [])):
            owners.append(customer)
    return dict(found)


async def _next_checks(session: AsyncSession, work: CampaignWork, row: Campaign, at: datetime, zone: tzinfo) -> bool:
    """As of the next moment that is not quiet: that it is night now says nothing of the list."""
    rows = await session.execute(
        select(CampaignEntry.id, CampaignEntry.customer_id, CampaignEntry.e164)
        .where(CampaignEntry.campaign_id == row.id, CampaignEntry.state == "waiting", CampaignEntry.id > work.position)
        .order_by(CampaignEntry.id)
        .limit(CHECKED_AT_ONCE)
    )
    found = rows.all()
    rules = await contact_rules(session)
    then = next_open(rules, await special_days(session, at.date()), at, zone) or at
    counts: dict[str, int] = {}
    for _, customer, e164 in found:
        purpose = Purpose(row.purpose)
        told = await may_contact(session, customer, purpose, Channel.PHONE, at=then, zone=zone, e164=e164)
        key = told.reason or "yes"
        counts[key] = counts.get(key, 0) + 1
    _counted(work, len(found), counts)
    work.position = found[-1][0] if found else work.position
    return len(found) < CHECKED_AT_ONCE


def _counted(work: CampaignWork, done: int, counts: Mapping[str, int]) -> None:
    work.done += done
    work.total = max(work.total, work.done)
    names = work.counts.keys() | counts.keys()
    work.counts = {name: work.counts.get(name, 0) + counts.get(name, 0) for name in sorted(names)}


async def _finished(session: AsyncSession, work: CampaignWork, row: Campaign, at: datetime) -> None:
    """A list that was filled is checked at once: its maker is told who may not be called before anybody is."""
    work.state, work.ended_at = "done", at
    await session.flush()
    if work.kind != "check":
        await check_list(session, row.id, actor=work.by, at=at)


def _keep(path: Path, lines: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lines)


def _read(path: Path, position: int) -> tuple[list[str], int]:
    """At most BATCH lines from this byte on, and where the next begin; a file that is gone has none."""
    if not path.exists():
        return [], position
    with path.open("rb") as file:
        file.seek(position)
        lines = [line.decode("utf-8", errors="replace") for line in (file.readline(4096) for _ in range(BATCH)) if line]
        return lines, file.tell()
