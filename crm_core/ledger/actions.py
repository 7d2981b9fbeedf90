"""Asking for a check, what it found, and what a person did about it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.clock import from_instant
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.history.events import Outcome
from crm_core.history.model import Contact, Leg, Recording
from crm_core.jobs.actions import schedule
from crm_core.ledger.model import LedgerFinding, LedgerRun
from crm_core.phone import to_e164

CHECK = "ledger_check"
"""A job; its key is the day as 2026-07-16."""
BUSY = ("waiting", "running")
ADDED, ENDED, ACCEPTED = "added", "ended", "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a check found; see LedgerFinding."""

    kind: str
    subject: str
    contact: str
    detail: Mapping[str, Any]


async def ask(session: AsyncSession, day: date, *, actor: str, today: date, at: datetime) -> LedgerRun:
    """Have a day checked as soon as may be; one that is being checked is not asked for twice."""
    if day > today:
        raise Invalid("This day has not begun yet.", field="day")
    last = await last_run(session, day)
    if last is not None and last.state in BUSY:
        return last
    run = LedgerRun(day=day, asked_at=at, asked_by=storable(actor, 16))
    session.add(run)
    await session.flush()
    await schedule(session, CHECK, day.isoformat(), at)
    await audit(session, at=at, actor=actor, action="ledger_checked", subject=f"ledger/{day}")
    return run


async def last_run(session: AsyncSession, day: date) -> LedgerRun | None:
    return await session.scalar(select(LedgerRun).where(LedgerRun.day == day).order_by(LedgerRun.id.desc()).limit(1))


async def keep(session: AsyncSession, day: date, found: Sequence[Found], at: datetime) -> int:
    """Write what a check of the whole day found. What it finds no more is resolved; what came back is open again,
    unless a person accepted it. Gives how many are open."""
    rows = {(row.kind, row.subject): row for row in await session.scalars(_of_day(day))}
    for one in found:
        key = (one.kind, storable(one.subject, 80))
        row = rows.get(key)
        if row is None:
            row = LedgerFinding(day=day, kind=one.kind, subject=key[1], first_seen_at=at, contact_id="")
            session.add(row)
            rows[key] = row
        elif row.resolved_at is not None and row.remedy != ACCEPTED:
            row.resolved_at, row.resolved_by, row.remedy = None, "", ""
        row.last_seen_at, row.detail, row.contact_id = at, dict(one.detail), storable(one.contact, 64)
    seen = {(one.kind, storable(one.subject, 80)) for one in found}
    for key, row in rows.items():
        if key not in seen and row.resolved_at is None:
            row.resolved_at = at
    await session.flush()
    return sum(row.resolved_at is None for row in rows.values())


async def accept(session: AsyncSession, finding: int, note: str, *, actor: str, at: datetime) -> LedgerFinding:
    """A person looked into it and leaves it as it is, with the reason."""
    row = await _open(session, finding)
    if not note.strip():
        raise Invalid("Say why it stays as it is.", field="note")
    row.note = storable(note.strip(), 200)
    await _resolve(session, row, ACCEPTED, actor=actor, at=at)
    return row


async def repair(session: AsyncSession, finding: int, *, actor: str, at: datetime) -> LedgerFinding:
    """Write what Asterisk's log knows and we lack, marked as estimated. Refused where the log does not tell enough."""
    row = await _open(session, finding)
    if not repairable(row):
        raise Refused("Asterisk's log does not tell enough of this to write it.")
    if row.kind == "missing_here":
        await _add(session, row)
        remedy = ADDED
    else:
        await _end(session, row)
        remedy = ENDED
    await _resolve(session, row, remedy, actor=actor, at=at)
    return row


def repairable(row: LedgerFinding) -> bool:
    """Whether Asterisk's log tells enough: a call we lack, or the end of one that we keep as open."""
    told = row.detail
    return (row.kind == "missing_here" and _is_time(told.get("ended")) and _is_time(told.get("started"))) or (
        row.kind == "no_outcome" and _is_time(told.get("logged_end"))
    )


async def _add(session: AsyncSession, row: LedgerFinding) -> None:
    told = row.detail
    if await session.get(Contact, row.contact_id) is not None:
        raise Refused("This call is in the history meanwhile. Check the day again.")
    talks = [(str(leg), str(agent), float(began)) for leg, agent, began, _ in told.get("talks", []) if agent]
    inbound = bool(told["inbound"])
    reached = Outcome.ANSWERED if inbound else Outcome.REACHED
    caller = str(told.get("caller", ""))
    contact = Contact(
        id=row.contact_id,
        channel="voice",
        direction="inbound" if inbound else "outbound",
        caller=to_e164(caller) or storable(caller, 20),
        entry=storable(str(told.get("entry", "")), 20),
        queue=storable(str(told.get("queue", "")), 40),
        agent=storable(talks[-1][1], 16) if talks else "",
        started_at=from_instant(told["started"]),
        answered_at=from_instant(told["answered"]) if _is_time(told.get("answered")) else None,
        ended_at=from_instant(told["ended"]),
        outcome=str(reached if talks else Outcome.ENDED_WHILE_AWAY),
        ended_by="system",
        estimated=True,
    )
    session.add(contact)
    await session.flush()
    ends = [*(began for _, _, began in talks[1:]), told["ended"]]
    for (leg, agent, began), ended in zip(talks, ends, strict=False):
        session.add(_leg(contact, leg, agent, from_instant(began), from_instant(ended)))
    for leg, agent, began, file in told.get("talks", []):
        if agent and file:  # the keeper of recordings looks whether there is one
            at = from_instant(began)
            sound = Recording(contact_id=contact.id, leg_id=leg, agent=agent, file=file[:200], started_at=at)
            sound.queue, sound.direction = contact.queue or "", contact.direction
            session.add(sound)
    await session.flush()


def _leg(contact: Contact, leg: str, agent: str, began: datetime, ended: datetime) -> Leg:
    """When it was offered is not in the log: the talk alone is written."""
    return Leg(
        id=storable(leg, 64),
        contact_id=contact.id,
        agent=storable(agent, 16),
        queue=contact.queue,
        offered_at=began,
        answered_at=began,
        ended_at=max(began, ended),
        result="answered",
        ended_by="system",
    )


async def _end(session: AsyncSession, row: LedgerFinding) -> None:
    contact = await session.get(Contact, row.contact_id)
    if contact is None or contact.outcome is not None:
        raise Refused("This call is in the history meanwhile. Check the day again.")
    contact.ended_at = max(from_instant(row.detail["logged_end"]), contact.started_at)
    talked = await session.scalar(
        select(Leg.id).where(Leg.contact_id == contact.id, Leg.answered_at.is_not(None)).limit(1)
    )
    reached = Outcome.ANSWERED if contact.direction == "inbound" else Outcome.REACHED
    contact.outcome, contact.ended_by, contact.estimated = (
        str(reached if talked else Outcome.ENDED_WHILE_AWAY),
        "system",
        True,
    )
    for leg in await session.scalars(select(Leg).where(Leg.contact_id == contact.id, Leg.ended_at.is_(None))):
        leg.ended_at, leg.result = max(contact.ended_at, leg.offered_at), leg.result or "caller_gone"


async def _open(session: AsyncSession, finding: int) -> LedgerFinding:
    row = await session.get(LedgerFinding, finding)
    if row is None:
        raise NotFound("There is no such finding.")
    if row.resolved_at is not None:
        raise Refused("Somebody has settled this meanwhile.")
    return row


async def _resolve(session: AsyncSession, row: LedgerFinding, remedy: str, *, actor: str, at: datetime) -> None:
    row.resolved_at, row.resolved_by, row.remedy = at, storable(actor, 16), remedy
    await session.flush()
    subject = f"contact/{row.contact_id}" if row.contact_id else f"ledger/{row.day}"
    await audit(
        session, at=at, actor=actor, action=f"ledger_{remedy}", subject=subject, detail=f"{row.kind} {row.subject}"
    )


def _of_day(day: date) -> Any:
    return select(LedgerFinding).where(LedgerFinding.day == day)


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and 0 < value < 4e9
