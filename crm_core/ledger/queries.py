"""Reading the ledger: how each day of a month stands, and one day with all that was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.ledger.model import LedgerFinding, LedgerRun


@dataclass(frozen=True, slots=True, kw_only=True)
class DayState:
    """`open` are findings that nobody has settled, `accepted` those a person left as they are."""

    run: LedgerRun
    open: int = 0
    accepted: int = 0


async def days(session: AsyncSession, first: date, last: date) -> dict[date, DayState]:
    """The last run of each day from `first` to `last` that was ever asked for."""
    newest = select(func.max(LedgerRun.id)).where(LedgerRun.day >= first, LedgerRun.day <= last).group_by(LedgerRun.day)
    runs = list(await session.scalars(select(LedgerRun).where(LedgerRun.id.in_(newest))))
    counted = await session.execute(
        select(
            LedgerFinding.day,
            func.count().filter(LedgerFinding.resolved_at.is_(None)),
            func.count().filter(LedgerFinding.remedy == "accepted"),
        )
        .where(LedgerFinding.day >= first, LedgerFinding.day <= last)
        .group_by(LedgerFinding.day)
    )
    counts = {day: (is_open, accepted) for day, is_open, accepted in counted}
    return {
        run.day: DayState(run=run, open=counts.get(run.day, (0, 0))[0], accepted=counts.get(run.day, (0, 0))[1])
        for run in runs
    }


async def finished_run(session: AsyncSession, day: date) -> LedgerRun | None:
    """The last run of a day that came to its end: the sums that can be shown while another one works."""
    done = select(LedgerRun).where(LedgerRun.day == day, LedgerRun.state == "done")
    return await session.scalar(done.order_by(LedgerRun.id.desc()).limit(1))


async def findings(session: AsyncSession, day: date, *, settled: bool, limit: int = 500) -> Sequence[LedgerFinding]:
    """Of a day, by kind; open ones, or those that are settled, the latest first."""
    rows = select(LedgerFinding).where(LedgerFinding.day == day)
    if settled:
        rows = rows.where(LedgerFinding.resolved_at.is_not(None)).order_by(LedgerFinding.resolved_at.desc())
    else:
        rows = rows.where(LedgerFinding.resolved_at.is_(None)).order_by(LedgerFinding.kind, LedgerFinding.subject)
    return list(await session.scalars(rows.limit(limit)))
