"""The rules in force, and saving them: validated, versioned, undone like every setting."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.jobs.actions import schedule
from crm_core.segments.checks import require_usable
from crm_core.segments.model import WorthRules, WorthRun
from crm_core.segments.rulebook import RuleBook, State, book_from, state_of
from crm_core.workforce import versions
from crm_core.workforce.model import WorkforceVersion

KIND = "class_rules"
NIGHTLY = "customer_worth"
"""The job that recomputes everybody; under the key "site"."""


async def rule_book(session: AsyncSession) -> RuleBook:
    rows = await session.scalars(select(WorthRules))
    return book_from({row.name: row.state for row in rows})


async def save_rules(
    session: AsyncSession, name: str, state: State, *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """Put one part of the book in force and recompute everybody from now on. None when nothing differs.

    Raises Unusable with every wrong field, or SavedMeanwhile.
    """
    require_usable(name, state)
    before = state_of(await rule_book(session), name)
    saved = await versions.record(session, KIND, name, before=before, after=state, actor=actor, at=at, base=base)
    if saved is not None:
        await session.merge(WorthRules(name=name, state=state))
        await recompute_all(session, at)
    return saved


async def recompute_all(session: AsyncSession, at: datetime) -> None:
    """Everybody from now on; a run that is under way begins again, since its first half had other rules."""
    fresh = {"phase": "customers", "after_id": 0, "done": 0}
    await session.execute(update(WorthRun).where(WorthRun.finished_at.is_(None)).values(**fresh))
    await schedule(session, NIGHTLY, "site", at)
