"""What must hold after the kills: from the line's own log, the customers' refusals, and the database."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from crm_core.campaigns.entry_queries import unsettled
from crm_core.campaigns.model import CampaignAttempt, CampaignEntry
from crm_core.clock import from_instant
from crm_core.consent.decision import REFUSED
from crm_core.db import Database
from tests.dialer_kills.days import SPEED, ZONE

LATE = 12 * SPEED  # 12 s of ours from the claim to the line: cti.attempt_settling.Pulse.stale, and the way
HOURS = {5: (10, 18), 6: (10, 18)}
CALLED = "+86138{:08d}"


@dataclass
class Judgement:
    """`wrong` has a sentence for each thing that must not be."""

    dialled: int = 0
    unsettled: int = 0
    refused: int = 0
    lost_logs: int = 0
    results: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


async def judge(database: Database, folder: Path) -> Judgement:
    truth = lines(folder / "dialled")
    dialled = [one for one in truth if "call" in one]
    ends = {one["ended"]: one["result"] for one in truth if "ended" in one}
    forgotten = {one["answer"] for one in lines(folder / "forgotten")} - {""}
    async with database.begin() as session:
        attempts = {row.call: row for row in await session.scalars(select(CampaignAttempt))}
        entries = list(await session.scalars(select(CampaignEntry)))
        listed = {line.entry.id for line in await unsettled(session, 1, limit=100_000)}
    found = Judgement(dialled=len(dialled), lost_logs=len(forgotten))
    found.results.update(row.result for row in attempts.values())
    _once(found, dialled, attempts)
    _allowed(found, dialled, attempts, _said_no(folder))
    _true(found, attempts, {one["call"] for one in dialled}, ends, forgotten)
    _nobody_skipped(found, entries, listed, set(_said_no(folder)))
    return found


def _once(found: Judgement, dialled: list[dict[str, Any]], attempts: dict[str, CampaignAttempt]) -> None:
    for call, times in Counter(one["call"] for one in dialled).items():
        if times > 1:
            found.wrong.append(f"{call} was dialled {times} times")
        if call not in attempts:
            found.wrong.append(f"{call} was dialled and is not in the database")
    last: dict[str, float] = {}
    for one in sorted(dialled, key=lambda one: float(one["at"])):
        before = last.get(one["digits"])
        if before is not None and one["at"] - before < 15 * 60:
            found.wrong.append(f"{one['digits']} was dialled again after {one['at'] - before:.0f} s")
        last[one["digits"]] = one["at"]


def _said_no(folder: Path) -> dict[int, float]:
    file = folder / "said-no"
    told = [line.split() for line in file.read_text().splitlines()] if file.exists() else []
    return {int(customer): float(at) for customer, at in reversed(told)}


def _allowed(
    found: Judgement, dialled: list[dict[str, Any]], attempts: dict[str, CampaignAttempt], said_no: dict[int, float]
) -> None:
    for one in dialled:
        row = attempts.get(one["call"])
        if row is None:
            continue
        local = row.placed_at.astimezone(ZONE)
        begin, end = HOURS.get(local.weekday(), (9, 20))
        if not begin <= local.hour < end:
            found.wrong.append(f"{row.call} was claimed at {local}")
        if one["at"] - row.placed_at.timestamp() > LATE:
            found.wrong.append(f"{row.call} reached the line {one['at'] - row.placed_at.timestamp():.0f} s late")
        no = said_no.get(row.customer_id)
        if no is not None and row.placed_at.timestamp() > no:
            found.wrong.append(f"{row.call} was claimed after the customer's no at {_at(no)}")


def _true(
    found: Judgement,
    attempts: dict[str, CampaignAttempt],
    dialled: set[str],
    ends: dict[str, str],
    forgotten: set[str],
) -> None:
    for call, row in attempts.items():
        if row.result == "unsettled":
            found.unsettled += 1
            if call not in forgotten:
                found.wrong.append(f"{call} is unsettled though the log knew of it")
        elif row.result in ("not_placed", "withdrawn"):
            if call in dialled:
                found.wrong.append(f"{call} was dialled and counts as {row.result}")
        elif row.result != ends.get(call):
            found.wrong.append(f"{call} is {row.result!r}, the line says {ends.get(call)!r}")


def _nobody_skipped(found: Judgement, entries: list[CampaignEntry], listed: set[int], said_no: set[int]) -> None:
    for one in entries:
        if one.state == "unsettled":
            if one.id not in listed:
                found.wrong.append(f"entry {one.id} is unsettled and in no list")
        elif one.state == "refused":
            found.refused += 1
            if one.reason != REFUSED or one.customer_id not in said_no:
                found.wrong.append(f"entry {one.id} was refused: {one.reason!r}")
        elif one.state not in ("done", "exhausted") or not one.attempts:
            found.wrong.append(f"entry {one.id} is {one.state} after {one.attempts} attempts")


def _at(seconds: float) -> datetime:
    return from_instant(seconds).astimezone(ZONE)
