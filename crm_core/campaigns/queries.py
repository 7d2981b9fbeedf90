"""What a board asks of campaigns: how far the list is, what came of the calls, who is being called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign, CampaignAttempt, CampaignEntry, CampaignWork

WINDOW = timedelta(hours=24)
LIVE = ("answered", "answered_by_voice", "dropped", "hung_up")
_BY_A_PERSON = or_(CampaignAttempt.machine != "machine", CampaignAttempt.result != "")
"""Of LIVE and open ones: who was taken for a machine and ended otherwise had spoken up, and was a person."""
"""Results of attempts that a person answered: what the limit of dropped calls is counted against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCounts:
    """Entries by state, by last result (of those that had a call) and, of those not called, by reason."""

    states: Mapping[str, int] = field(default_factory=dict)
    results: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.states.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Calls that people answered in the rolling window, and how many of them no agent was there for."""

    answered: int = 0
    dropped: int = 0

    @property
    def dropped_percent(self) -> float:
        return 100 * self.dropped / self.answered if self.answered else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HourOfCalls:
    """One hour of the site's day. `answered` are by people, `machines` by answering machines."""

    hour: datetime
    placed: int
    answered: int
    dropped: int
    machines: int


async def campaigns(session: AsyncSession, *, statuses: Sequence[str] = (), limit: int = 200) -> list[Campaign]:
    """Newest first."""
    statement = select(Campaign).order_by(Campaign.created_at.desc(), Campaign.id.desc()).limit(limit)
    if statuses:
        statement = statement.where(Campaign.status.in_(statuses))
    return list(await session.scalars(statement))


async def list_counts(session: AsyncSession, campaign_id: int) -> ListCounts:
    mine = CampaignEntry.campaign_id == campaign_id
    states = select(CampaignEntry.state, func.count()).where(mine).group_by(CampaignEntry.state)
    ended = (CampaignAttempt.campaign_id == campaign_id, CampaignAttempt.result != "")
    results = select(CampaignAttempt.result, func.count()).where(*ended).group_by(CampaignAttempt.result)
    refused = select(CampaignEntry.reason, func.count()).where(mine, CampaignEntry.state == "refused")
    return ListCounts(
        states=await _counted(session, states),
        results=await _counted(session, results),
        refused=await _counted(session, refused.group_by(CampaignEntry.reason)),
    )


async def _counted(session: AsyncSession, statement: Select[str, int]) -> dict[str, int]:
    return {word: count for word, count in await session.execute(statement)}  # noqa: C416 - a Result is no mapping


async def window(session: AsyncSession, campaign_id: int, at: datetime, span: timedelta = WINDOW) -> Window:
    """What people answered in the `span` before `at`; an answer is counted when it comes, whatever follows."""
    statement = select(func.count(), func.count().filter(CampaignAttempt.result == "dropped")).where(
        CampaignAttempt.campaign_id == campaign_id,
        CampaignAttempt.result.in_(("", *LIVE)),
        CampaignAttempt.placed_at > at - span,
        CampaignAttempt.answered_at.is_not(None),
        _BY_A_PERSON,
    )
    answered, dropped = (await session.execute(statement)).one()
    return Window(answered=answered, dropped=dropped)


async def live_answers(
    session: AsyncSession, campaign_id: int, at: datetime, span: timedelta = WINDOW
) -> list[tuple[datetime, bool]]:
    """Each live answer of the window in order and whether it was dropped, for a pacer that begins anew."""
    rows = await session.execute(
        select(CampaignAttempt.answered_at, CampaignAttempt.result)
        .where(
            CampaignAttempt.campaign_id == campaign_id,
            CampaignAttempt.result.in_(("", *LIVE)),
            CampaignAttempt.placed_at > at - span,
            CampaignAttempt.answered_at.is_not(None),
            _BY_A_PERSON,
        )
        .order_by(CampaignAttempt.answered_at)
    )
    return [(answered, result == "dropped") for answered, result in rows if answered is not None]


async def calls_by_hour(
    session: AsyncSession, campaign_id: int, start: datetime, end: datetime, zone: tzinfo
) -> list[HourOfCalls]:
    """Calls placed in [start, end), at most a few days; hours without a call are left out."""
    rows = await session.execute(
        select(CampaignAttempt.placed_at, CampaignAttempt.result, CampaignAttempt.machine).where(
            CampaignAttempt.campaign_id == campaign_id,
            CampaignAttempt.placed_at >= start,
            CampaignAttempt.placed_at < end,
        )
    )
    hours: dict[datetime, list[int]] = {}
    for placed_at, result, machine in rows:
        hour = placed_at.astimezone(zone).replace(minute=0, second=0, microsecond=0)
        counted = hours.setdefault(hour, [0, 0, 0, 0])
        counted[0] += 1
        counted[1] += result in LIVE
        counted[2] += result == "dropped"
        counted[3] += result == "machine" or machine == "machine"
    return [
        HourOfCalls(hour=hour, placed=placed, answered=answered, dropped=dropped, machines=machines)
        for hour, (placed, answered, dropped, machines) in sorted(hours.items())
    ]


async def live_attempts(session: AsyncSession, campaign_id: int, limit: int = 100) -> list[CampaignAttempt]:
    """Calls that are under way, oldest first."""
    statement = (
        select(CampaignAttempt)
        .where(CampaignAttempt.campaign_id == campaign_id, CampaignAttempt.result == "")
        .order_by(CampaignAttempt.placed_at)
        .limit(limit)
    )
    return list(await session.scalars(statement))


async def last_attempts(session: AsyncSession, campaign_id: int, limit: int = 20) -> list[CampaignAttempt]:
    """Newest first."""
    statement = (
        select(CampaignAttempt)
        .where(CampaignAttempt.campaign_id == campaign_id)
        .order_by(CampaignAttempt.placed_at.desc())
        .limit(limit)
    )
    return list(await session.scalars(statement))


async def next_due_at(session: AsyncSession, campaign_id: int) -> datetime | None:
    """When the next waiting customer may be called at the earliest."""
    waiting = (CampaignEntry.campaign_id == campaign_id, CampaignEntry.state == "waiting")
    return await session.scalar(select(func.min(CampaignEntry.due_at)).where(*waiting))


async def works(session: AsyncSession, campaign_id: int, limit: int = 10) -> list[CampaignWork]:
    """What was done or is being done with the list, newest first."""
    statement = (
        select(CampaignWork)
        .where(CampaignWork.campaign_id == campaign_id)
        .order_by(CampaignWork.id.desc())
        .limit(limit)
    )
    return list(await session.scalars(statement))
