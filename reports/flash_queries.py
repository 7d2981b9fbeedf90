"""What the rules of news flashes look at: fresh cases with danger words, and the queues of the last minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.levels import propose
from crm_core.cases.model import Case
from crm_core.dealers.model import Dealer
from crm_core.history.model import QueueVisit
from reports.flashes import Flash, FlashRules, QueueNow, SafetyCase, fired
from reports.metrics import QueueCounts, count_visit
from reports.queries import queues_on_board

MOST_CASES = 5000


async def flashes(
    session: AsyncSession, rules: FlashRules, danger: Mapping[str, Sequence[str]], *, now: datetime
) -> list[Flash]:
    """Every rule that holds now; `danger` are the words of each safety topic, as in crm_core.cases.rules."""
    cases = await _safety_cases(session, danger, now - timedelta(hours=rules.topic_hours), now)
    return fired(rules, cases, await _queues(session, now - timedelta(minutes=rules.abandon_minutes), now))


async def _queues(session: AsyncSession, start: datetime, end: datetime) -> list[QueueNow]:
    """Visits that began in [start, end] and are over, by the queues' present thresholds.

    The queues are named so that their index serves: this is asked every few minutes.
    """
    thresholds = {one.id: one.thresholds for one in await queues_on_board(session)}
    visits = await session.execute(
        select(QueueVisit.queue, QueueVisit.result, QueueVisit.wait_seconds).where(
            QueueVisit.queue.in_(sorted(thresholds)),
            QueueVisit.entered_at >= start,
            QueueVisit.entered_at <= end,
            QueueVisit.result.is_not(None),
        )
    )
    counts = dict.fromkeys(thresholds, QueueCounts())
    for queue, result, wait in visits:
        counts[queue] += count_visit(result or "lost", wait or 0.0, thresholds[queue])
    return [
        QueueNow(queue=queue, offered=one.offered - one.short_abandoned, abandoned=one.abandoned - one.short_abandoned)
        for queue, one in counts.items()
    ]


async def _safety_cases(
    session: AsyncSession, danger: Mapping[str, Sequence[str]], start: datetime, end: datetime
) -> list[SafetyCase]:
    rows = await session.execute(
        select(Case, Dealer.short_name)
        .join(Dealer, Dealer.id == Case.dealer_id, isouter=True)
        .where(Case.opened_at >= start, Case.opened_at <= end)
        .order_by(Case.opened_at.desc())
        .limit(MOST_CASES)
    )
    found = []
    for row, dealer in rows:
        if row.merged_into_id is not None:
            continue
        for reason in propose([row.title, row.detail], 0, danger).reasons:
            found.append(
                SafetyCase(id=row.id, number=row.number, title=row.title, topic=reason.topic, word=reason.found,
                           model=row.model, dealer=dealer or "")
            )  # fmt: skip
    return found
