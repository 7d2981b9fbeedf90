"""What was answered on the telephone, from the feed into rows, in the transaction that moves the feed's position.

So each record counts once; one that comes twice or after a gap changes nothing that is there.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import CampaignAttempt, CampaignEntry
from crm_core.clock import from_instant
from crm_core.db import storable
from crm_core.history.campaign_events import RESPONSE_EVENTS, ResponseAnswered, ResponseBegan, ResponseEnded
from crm_core.history.events import HistoryEvent
from crm_core.questionnaires.answering import new_response, put_answer
from crm_core.questionnaires.model import QuestionnaireVersion, Response
from crm_core.questionnaires.questions import Given


async def keep_responses(session: AsyncSession, told: Iterable[HistoryEvent]) -> None:
    """An answer without its round, or a round without its attempt, tells nothing of anybody and is left out."""
    for event in told:
        if isinstance(event, RESPONSE_EVENTS):
            await _keep(session, event)


async def _keep(session: AsyncSession, event: RESPONSE_EVENTS) -> None:
    if isinstance(event, ResponseBegan):
        await _began(session, event)
        return
    row = await session.scalar(select(Response).where(Response.call == event.call))
    if row is None:
        return
    if isinstance(event, ResponseEnded):
        row.result, row.ended_at = row.result or storable(event.result, 10), row.ended_at or from_instant(event.at)
        return
    await _answered(session, row, event)


async def _began(session: AsyncSession, event: ResponseBegan) -> None:
    attempt = await session.scalar(select(CampaignAttempt).where(CampaignAttempt.call == event.call))
    known = select(QuestionnaireVersion.id).where(
        QuestionnaireVersion.questionnaire_id == event.questionnaire, QuestionnaireVersion.number == event.version
    )
    if attempt is None or await session.scalar(known) is None:
        return
    await new_response(
        session,
        event.call,
        questionnaire=event.questionnaire,
        version=event.version,
        how="key",
        language=event.language,
        customer_id=attempt.customer_id,
        entry=await session.get(CampaignEntry, attempt.entry_id),
        at=from_instant(event.at),
    )


async def _answered(session: AsyncSession, row: Response, event: ResponseAnswered) -> None:
    """A question that was asked again after a kill is answered by the last key."""
    given = Given(
        value=event.value if event.value >= 0 else None, choice=event.choice, text=event.text, sound=event.sound
    )
    await put_answer(session, row, storable(event.question, 16), given, at=from_instant(event.at))
    row.looked_at = None
    if event.how == "voice" and not event.sound:
        row.how = "voice"
