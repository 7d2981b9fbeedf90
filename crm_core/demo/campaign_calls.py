"""The calls of the demo's campaigns in the history: each attempt's contact, and who talked in a free moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign, CampaignAttempt, CampaignEntry
from crm_core.history.events import Outcome
from crm_core.history.model import AgentStint, Contact, Leg

WRAP_UP = timedelta(seconds=20)
BREATH = timedelta(seconds=5)  # ready before and after


async def write_calls(session: AsyncSession, campaign: Campaign) -> None:
    """A talk moves to the nearest time at which somebody was ready for long enough."""
    of_it = CampaignAttempt.campaign_id == campaign.id
    attempts = list(await session.scalars(select(CampaignAttempt).where(of_it).order_by(CampaignAttempt.placed_at)))
    if not attempts:
        return
    day = timedelta(days=1)
    ready = select(AgentStint).where(
        AgentStint.state == "ready",
        AgentStint.ended_at.is_not(None),
        AgentStint.began_at.between(attempts[0].placed_at - day, attempts[-1].placed_at + day),
    )
    free = list(await session.scalars(ready.order_by(AgentStint.began_at)))
    for attempt in attempts:
        talk = await _talk(session, attempt, free) if attempt.result == "answered" else None
        reached = attempt.answered_at is not None
        contact = Contact(
            id=attempt.call,
            direction="outbound",
            caller=attempt.e164,
            customer_id=attempt.customer_id,
            queue=campaign.queue,
            agent=attempt.agent,
            started_at=attempt.placed_at,
            answered_at=attempt.answered_at,
            ended_at=attempt.ended_at,
            outcome=str(Outcome.REACHED if reached else Outcome.NOT_REACHED),
            ended_by="customer" if reached else "system",
        )
        session.add(contact)
        await session.flush()
        if talk is not None:
            talk.queue = campaign.queue
            session.add(talk)
    await session.flush()


async def _talk(session: AsyncSession, attempt: CampaignAttempt, free: list[AgentStint]) -> Leg:
    """The attempt's leg, in the place of a part of somebody's free time."""
    assert attempt.connected_at is not None  # noqa: S101  it was answered
    assert attempt.ended_at is not None  # noqa: S101
    length = attempt.ended_at - attempt.connected_at
    stint = _nearest(free, attempt, length + WRAP_UP + 2 * BREATH)
    began = max(stint.began_at + BREATH, attempt.connected_at)
    began = min(began, _end(stint) - BREATH - WRAP_UP - length)
    await _move(session, attempt, began - attempt.connected_at)
    attempt.agent, ended, until = stint.agent, began + length, _end(stint)
    more = {"agent": stint.agent, "contact_id": attempt.call, "signed_out": False}
    after = AgentStint(agent=stint.agent, state="ready", began_at=ended + WRAP_UP, ended_at=until)
    after.signed_out = stint.signed_out
    stint.ended_at, stint.signed_out = began, False
    session.add(AgentStint(state="talking", began_at=began, ended_at=ended, **more))
    session.add(AgentStint(state="wrap_up", began_at=ended, ended_at=ended + WRAP_UP, **more))
    session.add(after)
    free.append(after)
    return Leg(
        id=f"{attempt.call}-1",
        contact_id=attempt.call,
        agent=stint.agent,
        offered_at=began,
        answered_at=began,
        ended_at=ended,
        result="answered",
        ended_by="customer",
    )


def _nearest(free: Sequence[AgentStint], attempt: CampaignAttempt, length: timedelta) -> AgentStint:
    long_enough = (one for one in free if _end(one) - one.began_at >= length)
    return min(long_enough, key=lambda one: abs(one.began_at - attempt.placed_at))


def _end(stint: AgentStint) -> datetime:
    assert stint.ended_at is not None  # noqa: S101  only such were asked for
    return stint.ended_at


async def _move(session: AsyncSession, attempt: CampaignAttempt, by: timedelta) -> None:
    entry = await session.get_one(CampaignEntry, attempt.entry_id)
    if entry.ended_at == attempt.ended_at and entry.ended_at is not None:
        entry.ended_at += by
    attempt.placed_at += by
    for name in ("answered_at", "connected_at", "ended_at"):
        setattr(attempt, name, getattr(attempt, name) + by)
