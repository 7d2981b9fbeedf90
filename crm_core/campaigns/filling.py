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

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.actions import campaign
from crm_core.campaigns.entries import entry_values
from crm_core.campaigns.list_check import check_list, next_checks
from crm_core.campaigns.model import Campaign, CampaignEntry, CampaignWork
from crm_core.campaigns.undoing import FILLS, next_undone
from crm_core.campaigns.works import FILL, begin, count, free
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.errors import NotFound, Refused
from crm_core.imports.model import DataImport
from crm_core.jobs.runner import Due, Handler
from crm_core.phone import to_e164
from crm_core.segments.membership import members, segment
from crm_core.segments.upsert import insert_new

BATCH = 500
_CELLS = re.compile(r"[,;\t，；]")


async def fill_from_segment(
    session: AsyncSession, campaign_id: int, segment_id: int, *, actor: str, at: datetime
) -> CampaignWork:
    """Everybody who is in the segment when their batch comes. Raises NotFound; Refused when the list is worked on."""
    row, chosen = await free(session, campaign_id), await segment(session, segment_id)
    return await begin(session, row, "segment", actor=actor, at=at, source=chosen.id, told=chosen.name)


async def fill_from_numbers(
    session: AsyncSession, campaign_id: int, lines: bytes, folder: Path, *, actor: str, at: datetime
) -> CampaignWork:
    """A number in each line, also as one cell of several; `folder` is where uploads lie. Refused for an empty file."""
    row = await free(session, campaign_id)
    total = sum(1 for line in lines.splitlines() if line.strip())
    if not total:
        raise Refused("There is no number in it. Write one telephone number in each line.")
    work = await begin(session, row, "import", actor=actor, at=at, total=total, told=str(total))
    await asyncio.to_thread(_keep, file_of(folder, work.id), lines)
    return work


async def fill_from_import(
    session: AsyncSession, campaign_id: int, import_id: int, folder: Path, *, actor: str, at: datetime
) -> CampaignWork:
    """Everybody whose telephone number stands in a list that was taken over. `folder` is where uploads lie.

    Raises NotFound; Refused for one that is not done, has no column of numbers, or whose file was removed.
    """
    row = await free(session, campaign_id)
    brought = await session.get(DataImport, import_id)
    if brought is None or brought.state != "done":
        raise NotFound("There is no such import that was taken over.")
    place = next((place for place, field in enumerate(brought.columns) if field == "phone"), None)
    path = folder / brought.file
    if place is None or not await asyncio.to_thread(path.is_file):
        raise Refused("This import has no telephone numbers any more. Bring the list itself.")
    work = await begin(session, row, "import", actor=actor, at=at, total=brought.rows, told=brought.name)
    await asyncio.to_thread(_copy_column, path, place, file_of(folder, work.id))
    return work


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
            case "undo":
                whole = await next_undone(session, work)
            case _:
                whole = await next_checks(session, work, row, at, zone)
        if not whole:
            return at
        await _finished(session, work, row, at)
        return None

    return {FILL: step}


async def _next_members(session: AsyncSession, work: CampaignWork, row: Campaign, at: datetime, zone: tzinfo) -> bool:
    today = at.astimezone(zone).date()
    ids = await members(session, work.source, work.position, BATCH, today=today)
    count(work, len(ids), await _added(session, work, row, dict.fromkeys(ids, ""), at))
    work.position = ids[-1] if ids else work.position
    return len(ids) < BATCH


async def _added(
    session: AsyncSession, work: CampaignWork, row: Campaign, customers: Mapping[int, str], at: datetime
) -> dict[str, int]:
    """Customers with the number that is to be called, "" = their best one."""
    named = await session.scalars(select(Customer).where(Customer.id.in_(customers)))
    found = [one for one in named if one.merged_into_id is None]
    values = [{**entry_values(row, one, at=at, e164=customers[one.id]), "work_id": work.id} for one in found]
    new = await insert_new(session, CampaignEntry, values)
    return {"added": new, "there": len(values) - new, "unknown": len(customers) - len(values)}


async def _next_numbers(session: AsyncSession, work: CampaignWork, row: Campaign, folder: Path, at: datetime) -> bool:
    lines, position = await asyncio.to_thread(_read, file_of(folder, work.id), work.position)
    typed = [line for line in lines if line.strip()]
    numbers = [number_in(line) for line in typed]
    good = [number for number in numbers if number]
    known = await _owners(session, set(good))
    single = {owners[0]: number for number, owners in known.items() if len(owners) == 1}
    counts = await _added(session, work, row, single, at)
    of_several = sum(len(known.get(number, ())) > 1 for number in good)
    ours = sum(len(known.get(number, ())) == 1 for number in good)
    counts |= {"wrong_number": len(typed) - len(good), "several": of_several}
    counts["unknown"] += len(good) - of_several - ours
    counts["there"] += ours - len(single)
    count(work, len(typed), counts)
    work.position = position
    if len(lines) < BATCH:
        await asyncio.to_thread(file_of(folder, work.id).unlink, missing_ok=True)
    return len(lines) < BATCH


def number_in(line: str) -> str | None:
    """The first cell of a line that is a telephone number, as E.164."""
    cells = (cell.strip().strip('"') for cell in _CELLS.split(line))
    return next((number for cell in cells if (number := to_e164(cell))), None)


async def _owners(session: AsyncSession, numbers: Iterable[str]) -> dict[str, Sequence[int]]:
    """Whose record lives, by number. Two questions: in one join SQLite goes through all customers for each batch."""
    phones = select(CustomerPhone.e164, CustomerPhone.customer_id).where(CustomerPhone.e164.in_(numbers))
    rows = (await session.execute(phones.order_by(CustomerPhone.customer_id))).all()
    people = select(Customer.id, Customer.merged_into_id).where(Customer.id.in_({row.customer_id for row in rows}))
    merged = {row.id for row in await session.execute(people) if row.merged_into_id is not None}
    found: dict[str, list[int]] = {}
    for number, customer in rows:
        owners = found.setdefault(number, [])
        if customer not in merged and customer not in owners:
            owners.append(customer)
    return {number: owners for number, owners in found.items() if owners}


async def _finished(session: AsyncSession, work: CampaignWork, row: Campaign, at: datetime) -> None:
    """A list that was filled is checked at once: its maker is told who may not be called before anybody is."""
    work.state, work.ended_at = "done", at
    await session.flush()
    if work.kind in FILLS:
        await check_list(session, row.id, actor=work.by, at=at)


def _copy_column(source: Path, place: int, target: Path) -> None:
    """One cell of each row, as a file of numbers."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as rows, target.open("w", encoding="utf-8") as out:
        for line in rows:
            cells = orjson.loads(line)[1]
            out.write(" ".join(cells[place].split()) + "\n" if place < len(cells) else "\n")


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
