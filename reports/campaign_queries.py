"""What the figures of a campaign are counted from: its list, its calls, its answers. Each is one indexed statement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import CampaignAttempt, CampaignEntry
from crm_core.dealers.model import Dealer
from crm_core.questionnaires.model import Answer, Response
from reports.campaigns import DAY, LIVE, DealerLine, HourCounts, LiveAnswer, QuestionBars

_LONGEST_RING = timedelta(minutes=5)
OUT = "removed"
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


async def list_counts(session: AsyncSession, campaigns: Collection[int]) -> dict[int, ListCounts]:
    """By campaign; one without entries has no row."""
    rows = await session.execute(
        select(
            CampaignEntry.campaign_id,
            CampaignEntry.state,
            func.count(),
            func.count(case((CampaignEntry.attempts > 0, 1))),
            func.coalesce(func.sum(CampaignEntry.attempts), 0),
        )
        .where(CampaignEntry.campaign_id.in_(campaigns))
        .group_by(CampaignEntry.campaign_id, CampaignEntry.state)
    )
    found: dict[int, ListCounts] = {}
    for campaign, state, count, called, attempts in rows:
        one = found.get(campaign, ListCounts())
        found[campaign] = ListCounts(
            states={**one.states, state: count}, called=one.called + called, attempts=one.attempts + int(attempts)
        )
    return found


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
        CampaignAttempt.machine != "machine",
        or_(CampaignAttempt.result.in_(LIVE), CampaignAttempt.result == ""),
    )


async def live_answers(session: AsyncSession, campaign: int, at: datetime) -> list[LiveAnswer]:
    """Those of the last 48 hours, in order: so many the line of the rolling day needs."""
    rows = await session.execute(
        select(CampaignAttempt.answered_at, CampaignAttempt.result)
        .where(
            CampaignAttempt.campaign_id == campaign,
            CampaignAttempt.placed_at > at - 2 * DAY - _LONGEST_RING,
            CampaignAttempt.answered_at > at - 2 * DAY,
            _live(),
        )
        .order_by(CampaignAttempt.answered_at, CampaignAttempt.id)
    )
    return [LiveAnswer(answered, result == "dropped") for answered, result in rows if answered is not None]


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
    """Of the talks of the rolling day that were answered by an agent."""
    rows = (
        await session.execute(
            select(
                CampaignAttempt.answered_at,
                CampaignAttempt.connected_at,
                CampaignAttempt.ended_at,
            ).where(
                CampaignAttempt.campaign_id == campaign,
                CampaignAttempt.placed_at > at - DAY,
                CampaignAttempt.connected_at.is_not(None),
            )
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
    rows = await session.execute(
        select(
            CampaignAttempt.placed_at, CampaignAttempt.answered_at, CampaignAttempt.result, CampaignAttempt.machine
        ).where(
            CampaignAttempt.campaign_id == campaign,
            CampaignAttempt.placed_at >= start,
            CampaignAttempt.placed_at < end,
            CampaignAttempt.result.not_in(("not_placed", "withdrawn")),
        )
    )
    found: dict[int, list[int]] = {}
    for placed, answered, result, machine in rows:
        hour = found.setdefault(placed.astimezone(zone).hour, [0, 0])
        hour[0] += 1
        hour[1] += bool(answered and machine != "machine" and result in ("", *LIVE))
    return {hour: HourCounts(placed=placed, live=live) for hour, (placed, live) in sorted(found.items())}


async def ended_since(session: AsyncSession, campaign: int, since: datetime) -> tuple[int, datetime | None]:
    """Entries that came to their end since then by calls, and when the first of them did."""
    row = (
        await session.execute(
            select(func.count(), func.min(CampaignEntry.ended_at)).where(
                CampaignEntry.campaign_id == campaign,
                CampaignEntry.state.in_(("done", "exhausted")),
                CampaignEntry.ended_at > since,
            )
        )
    ).one()
    return row[0], row[1]


async def questions(session: AsyncSession, campaign: int) -> list[QuestionBars]:
    """All answers of the campaign, by question; comments are not counted here."""
    rows = await session.execute(
        select(Answer.question, Answer.value, Answer.choice, func.count())
        .join(Response, Response.id == Answer.response_id)
        .where(Response.campaign_id == campaign)
        .group_by(Answer.question, Answer.value, Answer.choice)
    )
    values: dict[str, dict[int, int]] = {}
    choices: dict[str, dict[str, int]] = {}
    for question, value, choice, count in rows:
        if value is not None:
            told = values.setdefault(question, {})
            told[value] = told.get(value, 0) + count
        elif choice:
            choices.setdefault(question, {})[choice] = count
    return [
        QuestionBars(question=name, values=values.get(name, {}), choices=choices.get(name, {}))
        for name in sorted(values.keys() | choices.keys())
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseCounts:
    began: int = 0
    complete: int = 0
    low: int = 0
    cases: int = 0


async def responses(session: AsyncSession, campaigns: Collection[int]) -> dict[int, ResponseCounts]:
    rows = await session.execute(
        select(
            Response.campaign_id,
            func.count(),
            func.count(case((Response.result == "complete", 1))),
            func.count(case((Response.low.is_(True), 1))),
            func.count(Response.case_id),
        )
        .where(Response.campaign_id.in_(campaigns))
        .group_by(Response.campaign_id)
    )
    return {
        campaign: ResponseCounts(began=began, complete=complete, low=low, cases=cases)
        for campaign, began, complete, low, cases in rows
        if campaign is not None
    }


async def dealers(session: AsyncSession, campaign: int, question: str) -> list[DealerLine]:
    """Complete responses by dealer; `question` is the one whose two best answers are counted."""
    rated = and_(Answer.response_id == Response.id, Answer.question == question, Answer.value.is_not(None))
    rows = await session.execute(
        select(
            Dealer.id,
            Dealer.short_name,
            func.count(),
            func.count(Answer.value),
            func.count(case((Answer.value >= 4, 1))),
            func.count(case((Response.low.is_(True), 1))),
        )
        .select_from(Response)
        .join(Dealer, Dealer.id == Response.dealer_id)
        .outerjoin(Answer, rated)
        .where(Response.campaign_id == campaign, Response.result == "complete")
        .group_by(Dealer.id, Dealer.short_name)
    )
    return [
        DealerLine(dealer_id=key, name=name, responses=count, rated=rated_, top=top, low=low)
        for key, name, count, rated_, top, low in rows
    ]
