"""Who asks in a comment for no more calls gets none: kept with the sentence as its proof, and people are told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign, CampaignAttempt
from crm_core.campaigns.settling import opt_out
from crm_core.consent.free_speech import wish_for_no_calls
from crm_core.notices.actions import notify
from crm_core.notices.people import supervisors
from crm_core.questionnaires.model import Response

ABOUT, KIND = "campaign", "opted_out"
LONGEST_PROOF = 200


async def heed_comment(session: AsyncSession, response_id: int, text: str, *, at: datetime) -> str:
    """Call it once for a text, in the transaction that keeps it. Gives the sentence that was heeded, "" = none.

    The notices' subject is "<campaign>/<entry>". A comment of a round that was no call of ours changes nothing.
    """
    said = wish_for_no_calls(text)[:LONGEST_PROOF]
    if not said:
        return ""
    attempt = await session.scalar(
        select(CampaignAttempt).join(Response, Response.call == CampaignAttempt.call).where(Response.id == response_id)
    )
    if attempt is None:
        return ""
    await opt_out(session, attempt, words=said, at=at)
    campaign = await session.get_one(Campaign, attempt.campaign_id)
    people = [campaign.created_by, *await supervisors(session)]
    notify(session, people, ABOUT, f"{attempt.campaign_id}/{attempt.entry_id}", KIND, at=at)
    return said
