"""What the figures of a campaign are counted from: its list and its calls. What was answered: campaign_answers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, extract, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import CampaignAttempt, CampaignEntry
from crm_core.clock import from_instant
from reports.campaigns import DAY, LIVE, HourCounts, LiveAnswer

_LONGEST_RING = timedelta(minutes=5)
OUT = "removed"
UNPLACED = ("not_placed", "withdrawn")
LAST_TALKS = 500
SPEED_WINDOW = timedelta(hours=1)
ENDED = ("done", "exhausted", "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCounts:
    """Entries by state, and of those that ended without a call or wait, by the reason why not."""

    states: dict[str, int] = field(default_factory=dict)
    called: int = 0
    attempts: int = 0

    @property
    def listed(self) -> int:
        """Without those that a person took off the list."""
        return sum(count for state, count in self.states.items() if state != OUT)

    @property
    def may_call(self) -> int:
        return self.listed - self.states.get("refused", 0)

    @property
    def left(self) -> int:
        return self.states.get("waiting", 0) + self.states.get("dialling", 0)

    @property
    def over(self) -> int:
        """At their end: neither waiting, nor in hand, nor to be decided by a person."""
        return sum(self.states.get(state, 0) for state in ENDED)


@dataclass(frozen=True, slots=True)
class HeardCounts:
    """Answers by the word of machine detection; `spoke_up` people had been taken for machines, for their calls ended
    otherwise, and `given` machines reached an agent, who said so."""

    human: int = 0
    machine: int = 0
    unsure: int = 0
    spoke_up: int = 0
    given: int = 0

    @property
    def all(self) -> int:
        return self.human + self.machine + self.unsure


async def list_counts(session: AsyncSession, campaigns: Collection[int]) -> dict[int, ListCounts]:
    """By campaign; one without entries has no row. Counted in the index of states, and in the calls."""
    rows = await session.execute(
        select(CampaignEntry.campaign_id, CampaignEntry.state, func.count())
        .where(CampaignEntry.campaign_id.in_(campaigns))
        .group_by(CampaignEntry.campaign_id, CampaignEntry.state)
    )
    states: dict[int, dict[str, int]] = {}
    for campaign, state, count in rows:
        states.setdefault(campaign, {})[state] = count
    calls = await session.execute(
        select(CampaignAttempt.campaign_id, func.count(CampaignAttempt.entry_id.distinct()), func.count())
        .where(CampaignAttempt.campaign_id.in_(campaigns), CampaignAttempt.result.not_in(UNPLACED))
        .group_by(CampaignAttempt.campaign_id)
    )
    called = {campaign: (customers, count) for campaign, customers, count in calls}
    return {
        campaign: ListCounts(
            states=found, called=called.get(campaign, (0, 0))[0], attempts=called.get(campaign, (0, 0))[1]
        )
        for campaign, found in states.items()
    }


async def results(session: AsyncSession, campaigns: Collection[int]) -> dict[int, dict[str, int]]:
    """Calls by their result, by campaign; "" = under way."""
    rows = await session.execute(
        select(CampaignAttempt.campaign_id, CampaignAttempt.result, func.count())
        .where(CampaignAttempt.campaign_id.in_(campaigns))
        .group_by(CampaignAttempt.campaign_id, CampaignAttempt.result)
    )
    found: dict[int, dict[str, int]] = {}
    for campaign, result, count in rows:
        found.setdefault(campaign, {})[result] = count
    return found


async def heard(session: AsyncSession, campaign: int, since: datetime | None = None) -> HeardCounts:
    """What machine detection said of the calls placed from `since` on, None = of all, and where it was wrong."""
    ours = CampaignAttempt.campaign_id == campaign
    row = await session.execute(
        select(
            func.count(case((CampaignAttempt.machine == "human", 1))),
            func.count(case((CampaignAttempt.machine == "machine", 1))),
            func.count(case((CampaignAttempt.machine == "unsure", 1))),
            func.count(case((and_(CampaignAttempt.machine == "machine", CampaignAttempt.result.in_(LIVE)), 1))),
            func.count(case((and_(CampaignAttempt.machine != "machine", CampaignAttempt.disposition == "machine"), 1))),
        ).where(ours, *([CampaignAttempt.placed_at >= since] if since else []))
    )
    return HeardCounts(*row.one())


async def reasons(session: AsyncSession, campaign: int) -> dict[str, int]:
    """Whom we did not call, by the msgid of the reason; those who wait for a reason to pass are among them."""
    rows = await session.execute(
        select(CampaignEntry.reason, func.count())
        .where(
            CampaignEntry.campaign_id == campaign,
            CampaignEntry.state.in_(("refused", "waiting")),
            CampaignEntry.reason != "",
        )
        .group_by(CampaignEntry.reason)
    )
    return {reason: int(count) for reason, count in rows}


def _live() -> ColumnElement[bool]:
    return and_(
        CampaignAttempt.answered_at.is_not(None),
        or_(CampaignAttempt.machine != "machine", CampaignAttempt.result.in_(LIVE)),
        or_(CampaignAttempt.result.in_(LIVE), CampaignAttempt.result == ""),
    )


async def live_answers(session: AsyncSession, campaign: int, at: datetime) -> list[LiveAnswer]:
    """Those of the last 48 hours by their minute, in order: so many the line of the rolling day needs."""
    minute = cast(extract("epoch", CampaignAttempt.answered_at), BigInteger) // 60
    dropped = case((CampaignAttempt.result == "dropped", 1), else_=0)
    rows = await session.execute(
        select(minute, dropped, func.count())
        .where(
            CampaignAttempt.campaign_id == campaign,
            CampaignAttempt.placed_at > at - 2 * DAY - _LONGEST_RING,
            CampaignAttempt.answered_at > at - 2 * DAY,
            CampaignAttempt.answered_at <= at,
            _live(),
        )
        .group_by(minute, dropped)
        .order_by(minute, dropped)
    )
    return [LiveAnswer(from_instant(number * 60), bool(lost), count) for number, lost, count in rows]


async def drop_counts(session: AsyncSession, campaigns: Collection[int], at: datetime) -> dict[int, tuple[int, int]]:
    """(dropped, live answers with them) of the rolling day, by campaign."""
    rows = await session.execute(
        select(
            CampaignAttempt.campaign_id,
            func.count(case((CampaignAttempt.result == "dropped", 1))),
            func.count(),
        )
        .where(
            CampaignAttempt.campaign_id.in_(campaigns),
            CampaignAttempt.placed_at > at - DAY - _LONGEST_RING,
            CampaignAttempt.answered_at > at - DAY,
            _live(),
        )
        .group_by(CampaignAttempt.campaign_id)
    )
    return {campaign: (dropped, live) for campaign, dropped, live in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTimes:
    """Means in seconds, None = nothing to measure. `talks` were had by agents."""

    to_agent: float | None = None
    talk: float | None = None
    talks: int = 0


async def call_times(session: AsyncSession, campaign: int, at: datetime) -> CallTimes:
    """Of the last talks that an agent had, of the rolling day."""
    rows = (
        await session.execute(
            select(CampaignAttempt.answered_at, CampaignAttempt.connected_at, CampaignAttempt.ended_at)
            .where(
                CampaignAttempt.campaign_id == campaign,
                CampaignAttempt.placed_at > at - DAY,
                CampaignAttempt.connected_at.is_not(None),
            )
            .order_by(CampaignAttempt.placed_at.desc())
            .limit(LAST_TALKS)
        )
    ).all()
    waits = [(joined - answered).total_seconds() for answered, joined, _ in rows if answered and joined]
    talks = [(ended - joined).total_seconds() for _, joined, ended in rows if ended and joined]
    return CallTimes(to_agent=_mean(waits), talk=_mean(talks), talks=len(rows))


def _mean(numbers: list[float]) -> float | None:
    return sum(numbers) / len(numbers) if numbers else None


async def by_hour(
    session: AsyncSession, campaign: int, start: datetime, end: datetime, zone: tzinfo
) -> dict[int, HourCounts]:
    """Calls placed in [start, end) by the hour of the site's day, 0 to 23; what never reached the line is out."""
    hour = cast(extract("epoch", CampaignAttempt.placed_at), BigInteger) // 3600
    rows = await session.execute(
        select(hour, func.count(), func.count(case((_live(), 1))))
        .where(
            CampaignAttempt.campaign_id == campaign,
            CampaignAttempt.placed_at >= start,
            CampaignAttempt.placed_at < end,
            CampaignAttempt.result.not_in(UNPLACED),
        )
        .group_by(hour)
    )
    found: dict[int, HourCounts] = {}
    for number, placed, live in rows:
        local = from_instant(number * 3600).astimezone(zone).hour
        one = found.get(local, HourCounts())
        found[local] = HourCounts(placed=one.placed + placed, live=one.live + live)
    return dict(sorted(found.items()))


async def speed(session: AsyncSession, campaign: int, at: datetime) -> float:
    """Customers who came to their end by calls in an hour, of the last hour with calls; 0 = nothing is known yet."""
    newest = await session.scalar(
        select(func.max(CampaignAttempt.placed_at)).where(CampaignAttempt.campaign_id == campaign)
    )
    if newest is None:
        return 0.0
    until = min(newest + _LONGEST_RING, at)
    count, first = (
        await session.execute(
            select(func.count(CampaignAttempt.entry_id.distinct()), func.min(CampaignAttempt.placed_at))
            .join(CampaignEntry, CampaignEntry.id == CampaignAttempt.entry_id)
            .where(
                CampaignAttempt.campaign_id == campaign,
                CampaignAttempt.placed_at > until - SPEED_WINDOW,
                CampaignEntry.state.in_(("done", "exhausted")),
            )
        )
    ).one()
    if first is None:
        return 0.0
    return float(count) / max((until - first).total_seconds(), _LONGEST_RING.total_seconds()) * 3600
