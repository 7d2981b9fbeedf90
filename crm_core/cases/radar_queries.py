"""The radar's figures, each with the cases behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case as when
from sqlalchemy import func, literal, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.model import Case
from crm_core.cases.queries import PROBLEM_KINDS
from crm_core.cases.radar import Titled, WordGroup, trend, word_groups

MOST_TITLES = 5000
MOST_GROUPS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`now` cases in the period, `before` in the one before it; `weeks` are the counts of its parts, oldest first."""

    model: str
    part: str
    now: int
    before: int
    open_now: int
    dealers: int
    weeks: tuple[int, ...]

    @property
    def change(self) -> float | None:
        return trend(self.now, self.before)


async def problems(
    session: AsyncSession, now: datetime, *, days: int, threshold: int, by_part: bool = True
) -> list[Problem]:
    """Models and parts with at least `threshold` cases opened in [now - days, now), the most frequent first.

    Cases without a part are left out of the groups by part. `by_part` False = by model alone.
    """
    start, earlier = now - timedelta(days=days), now - timedelta(days=2 * days)
    fresh = func.count(when((Case.opened_at >= start, Case.id)))
    part = Case.part_name if by_part else literal("")
    keys = (Case.model, Case.part_name) if by_part else (Case.model,)
    wanted = (
        select(
            Case.model,
            part.label("part"),
            fresh.label("now"),
            func.count(when((Case.opened_at < start, Case.id))),
            func.count(when(((Case.opened_at >= start) & Case.closed_at.is_(None), Case.id))),
            func.count(when((Case.opened_at >= start, Case.dealer_id)).distinct()),
        )
        .where(Case.opened_at >= earlier, Case.opened_at < now, Case.merged_into_id.is_(None), Case.model != "")
        .where(Case.kind.in_(PROBLEM_KINDS))
        .where(Case.part_name != "" if by_part else true())
        .group_by(*keys)
        .having(fresh >= threshold)
        .order_by(fresh.desc(), Case.model)
        .limit(MOST_GROUPS)
    )
    rows = (await session.execute(wanted)).all()
    weeks = await _weeks(session, now, days, by_part=by_part)
    return [
        Problem(
            model=model,
            part=part,
            now=count,
            before=before,
            open_now=open_now,
            dealers=dealers,
            weeks=weeks.get((model, part if by_part else ""), ()),
        )
        for model, part, count, before, open_now, dealers in rows
    ]


async def title_groups(session: AsyncSession, now: datetime, *, days: int, threshold: int) -> list[WordGroup]:
    """What the titles of the period have in common, whatever the part."""
    rows = await session.execute(
        select(Case.id, Case.title)
        .where(Case.opened_at >= now - timedelta(days=days), Case.opened_at < now, Case.merged_into_id.is_(None))
        .where(Case.kind.in_(PROBLEM_KINDS))
        .order_by(Case.opened_at.desc())
        .limit(MOST_TITLES)
    )
    return word_groups((Titled(case_id, title) for case_id, title in rows), threshold)[:MOST_GROUPS]


async def _weeks(
    session: AsyncSession, now: datetime, days: int, *, by_part: bool
) -> dict[tuple[str, str], tuple[int, ...]]:
    """Counts in six equal parts of the last two periods, so that a trend is seen."""
    parts, width = 6, timedelta(days=2 * days) / 6
    rows = await session.execute(
        select(Case.model, Case.part_name, Case.opened_at)
        .where(Case.opened_at >= now - parts * width, Case.opened_at < now, Case.merged_into_id.is_(None))
        .where(Case.kind.in_(PROBLEM_KINDS), Case.model != "")
    )
    counts: dict[tuple[str, str], list[int]] = {}
    for model, part, opened in rows:
        place = min(parts - 1, int((opened - (now - parts * width)) / width))
        counts.setdefault((model, part if by_part else ""), [0] * parts)[place] += 1
    return {key: tuple(values) for key, values in counts.items()}
