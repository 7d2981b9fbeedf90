"""Attempts and what is known of them: loaded for the writer, closed after a crash, and what a customer's no does."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign, CampaignAttempt, CampaignEntry
from crm_core.campaigns.projection import AttemptRows, end_entry
from crm_core.campaigns.rules import settings_from
from crm_core.consent.actions import answers, stop_contact
from crm_core.consent.model import Touch
from crm_core.consent.purposes import Channel, Purpose
from crm_core.customers.model import Customer

OPTED_OUT = "The customer asked for no more calls."


async def load_attempts(session: AsyncSession, calls: Collection[str]) -> AttemptRows:
    """The attempts with these ids, their entries locked, their campaigns' settings and all results."""
    rows = AttemptRows()
    ours = [call for call in calls if call.startswith("ob-")]
    if not ours:
        return rows
    for attempt in await session.scalars(select(CampaignAttempt).where(CampaignAttempt.call.in_(ours))):
        rows.attempts[attempt.call] = attempt
    wanted = sorted({one.entry_id for one in rows.attempts.values()})
    locked = select(CampaignEntry).where(CampaignEntry.id.in_(wanted)).order_by(CampaignEntry.id).with_for_update()
    rows.entries = {one.id: one for one in await session.scalars(locked)}
    campaigns = select(Campaign).where(Campaign.id.in_({one.campaign_id for one in rows.attempts.values()}))
    rows.settings = {one.id: settings_from(one.settings) for one in await session.scalars(campaigns)}
    ended = select(CampaignAttempt.entry_id, CampaignAttempt.number, CampaignAttempt.result).where(
        CampaignAttempt.entry_id.in_(wanted), CampaignAttempt.result != ""
    )
    for entry_id, number, result in await session.execute(ended):
        rows.results.setdefault(entry_id, {})[number] = result
    return rows


async def settle_told(session: AsyncSession, rows: AttemptRows) -> None:
    """After the projection: a call that never reached the line disturbed nobody; who wants no more calls gets none."""
    if rows.unused:
        unused = {row.call for row in rows.unused}
        await session.execute(delete(Touch).where(Touch.subject.in_(unused)))
    for call, at in rows.opted_out.items():
        await opt_out(session, rows.attempts[call], at=at)


async def opt_out(session: AsyncSession, row: CampaignAttempt, *, words: str = "", at: datetime) -> None:
    """The customer said no more calls: every purpose but their own wishes is refused, and this number is left alone.

    `words`: how it was said, at most 200 characters; "" = by a key, a phrase or to an agent.
    """
    actor = f"campaign/{row.campaign_id}"
    customer = await session.get(Customer, row.customer_id)
    if customer is not None and customer.merged_into_id is None:
        asked = [(purpose, Channel.PHONE) for purpose in Purpose if purpose is not Purpose.SERVICE]
        await answers(session, customer.id, asked, False, contact_id=row.call, words=words, actor=actor, at=at)
    await stop_contact(session, row.e164, reason=OPTED_OUT, actor=actor, at=at)


async def open_attempts(session: AsyncSession) -> list[CampaignAttempt]:
    """Written, and not ended as far as we know; oldest first."""
    still = select(CampaignAttempt).where(CampaignAttempt.result == "").order_by(CampaignAttempt.placed_at)
    return list(await session.scalars(still))


async def leave_unsettled(session: AsyncSession, calls: Collection[str], *, at: datetime) -> int:
    """Nobody knows what became of these: they wait for a person. One that ended meanwhile stays ended."""
    marked = update(CampaignAttempt).where(CampaignAttempt.call.in_(calls), CampaignAttempt.result == "")
    done = list(await session.scalars(marked.values(result="unsettled", ended_at=at).returning(CampaignAttempt.call)))
    rows = await load_attempts(session, done)
    for row in rows.attempts.values():
        entry = rows.entries.get(row.entry_id)
        if entry is not None:
            end_entry(entry, rows.results_of(row), rows.settings[row.campaign_id], cause=0, at=at)
    await session.flush()
    return len(done)
