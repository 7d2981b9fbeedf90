"""Campaign calls of agents, with two questions to read."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign, CampaignAttempt, CampaignEntry
from crm_core.campaigns.rules import FIRST_SETTINGS, state_of
from crm_core.clock import now
from crm_core.questionnaires.model import Questionnaire, QuestionnaireVersion
from crm_core.questionnaires.questions import Content, Kind, Question, Words
from crm_core.questionnaires.stored import store

CAMPAIGN = 993
ASKED = Content(
    questions=(
        Question(id="q1", kind=Kind.RATING, words=Words("您对交车满意吗？", "Are you content?")),
        Question(id="q2", kind=Kind.YES_NO, words=Words("顾问讲解清楚吗？", "Was it clear?")),
    )
)


async def settle_talks(session: AsyncSession, calls: Mapping[str, str], customer_id: int = 901) -> None:
    """An attempt of a preview campaign for each agent: number to call."""
    at = now()
    session.add(Questionnaire(id=CAMPAIGN, name_zh="交车", created_at=at, created_by="1", published=1))
    await session.flush()
    version = QuestionnaireVersion(questionnaire_id=CAMPAIGN, number=1, state="published", content=store(ASKED))
    version.saved_at, version.saved_by = at, "1"
    campaign = Campaign(
        id=CAMPAIGN, name="交车两周回访", mode="preview", purpose="survey", created_by="1", created_at=at
    )
    campaign.questionnaire_id, campaign.settings, campaign.status = CAMPAIGN, state_of(FIRST_SETTINGS), "paused"
    session.add_all([version, campaign])
    await session.flush()
    for number, (agent, call) in enumerate(calls.items(), CAMPAIGN):
        entry = CampaignEntry(id=number, campaign_id=CAMPAIGN, customer_id=customer_id, subject=f"talk/{agent}")
        entry.in_name_of, entry.state, entry.attempts, entry.due_at, entry.added_at = "李娜", "dialling", 1, at, at
        session.add(entry)
        await session.flush()
        attempt = CampaignAttempt(call=call, campaign_id=CAMPAIGN, entry_id=number, customer_id=customer_id, number=1)
        attempt.e164, attempt.agent, attempt.placed_at = "+8613844337706", agent, at
        session.add(attempt)
    await session.flush()
