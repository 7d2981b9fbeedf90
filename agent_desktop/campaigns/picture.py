"""Everything the board of one campaign shows that the database knows, read at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.campaigns.answers import LowAnswer, QuestionLine, low_answers, question_lines
from agent_desktop.campaigns.hours import open_spans
from crm_core.campaigns.model import Campaign, CampaignAttempt, CampaignEntry
from crm_core.campaigns.rules import Settings, settings_from
from crm_core.care.handover import with_dealers
from crm_core.care.rulebook import CareRules
from crm_core.care.settings import feeding
from crm_core.consent.rules import Span
from reports import campaign_answers as answers_of
from reports import campaign_queries as queries
from reports.campaigns import (
    LIVE,
    AnswerCounts,
    DealerLine,
    DropLine,
    HourCounts,
    MonthChange,
    drop_line,
    forecast_end,
    ranking,
)

HOURS_DAYS = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPicture:
    """As of `at`. `ringing` calls have no answer yet, `talking` an agent or the voice; `windows` are today's hours.

    `heard` is what machine detection said, since it listens as it does now.
    """

    at: datetime
    campaign: Campaign
    settings: Settings
    counts: queries.ListCounts
    results: Mapping[str, int]
    heard: queries.HeardCounts
    responses: answers_of.ResponseCounts
    drops: DropLine
    times: queries.CallTimes
    ringing: int
    talking: int
    hours: Mapping[int, HourCounts]
    windows: tuple[Span, ...]
    ends_at: datetime | None
    reasons: tuple[tuple[str, int], ...]
    questions: tuple[QuestionLine, ...]
    changes: Mapping[str, MonthChange]
    dealers: tuple[DealerLine, ...]
    low: tuple[LowAnswer, ...]
    version: int
    due_at: datetime | None
    fed_by: CareRules
    with_dealers: Mapping[tuple[str, str], int]

    @property
    def live(self) -> int:
        return sum(self.results.get(word, 0) for word in LIVE)

    @property
    def skipped(self) -> list[tuple[str, int]]:
        """Why dealers did not contact customers of this list, the most frequent reason first."""
        found = [(why, count) for (status, why), count in self.with_dealers.items() if status == "skipped"]
        return sorted(found, key=lambda one: (-one[1], one[0]))

    def of_dealers(self, *statuses: str) -> int:
        return sum(count for (status, _), count in self.with_dealers.items() if status in statuses)

    @property
    def rating(self) -> QuestionLine | None:
        """The first question of 1 to 5: what the campaign and its dealers are judged by."""
        return next((one for one in self.questions if one.kind == "rating"), None)

    @property
    def promoters(self) -> QuestionLine | None:
        return next((one for one in self.questions if one.kind == "nps"), None)


async def read_picture(session: AsyncSession, campaign: Campaign, at: datetime, zone: tzinfo) -> CampaignPicture:
    settings, ident = settings_from(campaign.settings), campaign.id
    counts = (await queries.list_counts(session, [ident])).get(ident, queries.ListCounts())
    answers = await queries.live_answers(session, ident, at)
    dropped, live = (await queries.drop_counts(session, [ident], at)).get(ident, (0, 0))
    now = AnswerCounts(connected=live - dropped, dropped=dropped)
    version, questions = await question_lines(session, campaign)
    first = next((one.bars.question for one in questions if one.kind == "rating"), "")
    ringing, talking = await _under_way(session, ident)
    spans = await open_spans(session, settings, at, zone)
    return CampaignPicture(
        at=at,
        campaign=campaign,
        settings=settings,
        counts=counts,
        results=(await queries.results(session, [ident])).get(ident, {}),
        heard=await queries.heard(session, ident, listening_since(settings)),
        responses=(await answers_of.responses(session, [ident])).get(ident, answers_of.ResponseCounts()),
        drops=drop_line(answers, settings.abandon_limit_percent, at, now),
        times=await queries.call_times(session, ident, at),
        ringing=ringing,
        talking=talking,
        hours=await queries.by_hour(session, ident, at - HOURS_DAYS, at, zone),
        windows=spans.today,
        ends_at=forecast_end(at, counts.left, await queries.speed(session, ident, at), spans.ahead),
        reasons=tuple(sorted((await queries.reasons(session, ident)).items(), key=lambda one: -one[1])),
        questions=tuple(questions),
        changes=await answers_of.month_changes(session, ident, at, zone),
        dealers=tuple(ranking(await answers_of.dealers(session, ident, first))) if first else (),
        low=tuple(await low_answers(session, campaign, questions)),
        version=version,
        due_at=spans.first_open(await _due(session, ident)),
        fed_by=await feeding(session, ident),
        with_dealers=await with_dealers(session, ident),
    )


def listening_since(settings: Settings) -> datetime | None:
    """When the way of listening was changed last; None = never."""
    return datetime.fromisoformat(settings.detection_since) if settings.detection_since else None


async def _under_way(session: AsyncSession, campaign: int) -> tuple[int, int]:
    answered = CampaignAttempt.answered_at.is_not(None)
    open_ones = (CampaignAttempt.campaign_id == campaign, CampaignAttempt.result == "")
    count, talking = (
        await session.execute(select(func.count(), func.count().filter(answered)).where(*open_ones))
    ).one()
    return count - talking, talking


async def _due(session: AsyncSession, campaign: int) -> datetime | None:
    waiting = (CampaignEntry.campaign_id == campaign, CampaignEntry.state == "waiting")
    return await session.scalar(select(func.min(CampaignEntry.due_at)).where(*waiting))
