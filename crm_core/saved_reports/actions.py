"""Keeping a report, mailing it at its time, pausing, sending it now, giving it up. Each is on the audit log."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.jobs.actions import cancel, schedule
from crm_core.saved_reports.model import SavedReport
from crm_core.saved_reports.timing import EVERY, LAST_MONTH_DAY, Timing

MAIL_JOB = "report_mail"
MOST_KEPT, MOST_RECIPIENTS = 100, 20
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the form says; the words of report, period and form were checked by the page."""

    name: str
    report: str
    query: str
    period: str
    form: str
    every: str = ""
    weekday: int = 1
    month_day: int = 1
    minute: int = 480
    recipients: tuple[str, ...] = ()


def addresses(text: str) -> tuple[str, ...]:
    """The addresses of a field, parted by commas, semicolons or spaces; each once."""
    return tuple(dict.fromkeys(part for part in re.split(r"[\s,;，；、]+", text) if part))


def check_recipients(given: Iterable[str], domains: Collection[str]) -> None:
    """Raises Invalid for what is no address, for a domain that is not on the list, and for none or too many."""
    found = list(given)
    if not found:
        raise Invalid("Enter at least one address.", field="recipients")
    if len(found) > MOST_RECIPIENTS:
        raise Invalid("At most {most} addresses.", most=MOST_RECIPIENTS, field="recipients")
    for one in found:
        match = _ADDRESS.fullmatch(one)
        if match is None:
            raise Invalid(
                "{address} is no address. An address is written name@example.com.", address=one[:80], field="recipients"
            )
        if match[1].lower() not in {domain.lower() for domain in domains}:
            allowed = ", ".join(sorted(domains)) or "—"
            raise Invalid(
                "{address}: reports go to these domains only: {domains}.",
                address=one,
                domains=allowed,
                field="recipients",
            )


def timing_of(row: SavedReport) -> Timing:
    return Timing(every=row.every, minute=row.minute, weekday=row.weekday, month_day=row.month_day)


async def keep(
    session: AsyncSession, wish: Wish, domains: Collection[str], zone: ZoneInfo, *, actor: str, at: datetime
) -> SavedReport:
    """A new saved report of this person. Raises Invalid for what cannot be."""
    _check(wish, domains)
    count = await session.scalar(select(func.count()).select_from(SavedReport).where(SavedReport.owner == actor))
    if (count or 0) >= MOST_KEPT:
        raise Refused("You keep {most} reports already. Remove one first.", most=MOST_KEPT)
    row = SavedReport(owner=actor, report=wish.report, query=wish.query, created_at=at)
    _write(row, wish)
    session.add(row)
    await session.flush()
    await _plan(session, row, zone, at)
    await _note(session, row, "report_saved", actor, at)
    return row


async def change(
    session: AsyncSession,
    row: SavedReport,
    wish: Wish,
    domains: Collection[str],
    zone: ZoneInfo,
    *,
    actor: str,
    at: datetime,
) -> None:
    """Another name, period, file, plan or other recipients; which report it is stays. Raises Invalid."""
    _check(wish, domains)
    _write(row, wish)
    if not row.every:
        row.paused, row.next_at = False, None
    await cancel(session, MAIL_JOB, str(row.id))
    await _plan(session, row, zone, at)
    await _note(session, row, "report_changed", actor, at)


def _write(row: SavedReport, wish: Wish) -> None:
    row.name, row.period, row.form = storable(wish.name.strip(), 80), wish.period, wish.form
    row.every, row.weekday, row.month_day, row.minute = wish.every, wish.weekday, wish.month_day, wish.minute
    row.recipients = list(wish.recipients) if wish.every else []


def _check(wish: Wish, domains: Collection[str]) -> None:
    if not wish.name.strip():
        raise Invalid("Give it a name.", field="name")
    if not wish.every:
        return
    if wish.every not in EVERY or not 1 <= wish.weekday <= 7 or not 1 <= wish.month_day <= LAST_MONTH_DAY:
        raise Invalid("Choose from the list.", field="every")
    if not 0 <= wish.minute < 1440:
        raise Invalid("Choose from the list.", field="at")
    check_recipients(wish.recipients, domains)


async def own_report(session: AsyncSession, saved_id: int, owner: str) -> SavedReport:
    """Raises NotFound for an unknown one, and for somebody else's."""
    row = await session.get(SavedReport, saved_id) if 0 < saved_id < 2**31 else None
    if row is None or row.owner != owner:
        raise NotFound("There is no such saved report.")
    return row


async def own_reports(session: AsyncSession, owner: str) -> list[SavedReport]:
    """By name."""
    rows = select(SavedReport).where(SavedReport.owner == owner).order_by(SavedReport.name, SavedReport.id)
    return list(await session.scalars(rows))


async def pause(session: AsyncSession, row: SavedReport, *, actor: str, at: datetime) -> None:
    row.paused, row.next_at = True, None
    await cancel(session, MAIL_JOB, str(row.id))
    await _note(session, row, "report_paused", actor, at)


async def resume(session: AsyncSession, row: SavedReport, zone: ZoneInfo, *, actor: str, at: datetime) -> None:
    row.paused, row.tries = False, 0
    await _plan(session, row, zone, at)
    await _note(session, row, "report_resumed", actor, at)


async def send_now(session: AsyncSession, row: SavedReport, *, actor: str, at: datetime) -> None:
    """At once, once; the plan stays as it is. Raises Refused for one that is only kept."""
    if not row.every or not row.recipients:
        raise Refused("This report has no recipients.")
    await schedule(session, MAIL_JOB, str(row.id), at)
    await _note(session, row, "report_sent", actor, at)


async def remove(session: AsyncSession, row: SavedReport, *, actor: str, at: datetime) -> None:
    await cancel(session, MAIL_JOB, str(row.id))
    await _note(session, row, "report_removed", actor, at)
    await session.delete(row)


async def _plan(session: AsyncSession, row: SavedReport, zone: ZoneInfo, at: datetime) -> None:
    if row.every and not row.paused:
        row.next_at = timing_of(row).after(at, zone)
        await schedule(session, MAIL_JOB, str(row.id), row.next_at)


async def _note(session: AsyncSession, row: SavedReport, action: str, actor: str, at: datetime) -> None:
    detail = noting(name=row.name, every=row.every, recipients=", ".join(row.recipients))
    await audit(session, at=at, actor=actor, action=action, subject=f"report/{row.report}", detail=detail)
