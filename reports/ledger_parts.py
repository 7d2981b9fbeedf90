"""Reads for the check of the ledger what belongs to no contact of the day: agents' legs, campaigns' attempts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import chain

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign, CampaignAttempt
from crm_core.clock import instant
from crm_core.history.model import Contact, Leg
from reports.ledger_attempts import CALL_PREFIX
from reports.ledger_rows import AgentLegRow, AttemptRow

AT_ONCE = 500  # ids in one question: SQLite takes no more than 32,766 values


def portions(ids: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(ids), AT_ONCE):
        yield ids[first : first + AT_ONCE]


async def read_attempts(
    session: AsyncSession, start: datetime, end: datetime, calls: Collection[str]
) -> tuple[AttemptRow, ...]:
    """The attempts that were placed in [start, end), and those of these calls."""
    of_all = select(Campaign.id)  # by campaign: there is an index of attempts by campaign and time
    within = (CampaignAttempt.placed_at >= start, CampaignAttempt.placed_at < end)
    questions = [_attempts().where(CampaignAttempt.campaign_id.in_(of_all), *within)]
    ours = sorted(call for call in calls if call.startswith(CALL_PREFIX))
    questions += [_attempts().where(CampaignAttempt.call.in_(some)) for some in portions(ours)]
    found = chain.from_iterable([await session.execute(question) for question in questions])
    rows = {
        call: AttemptRow(
            call=call, placed=instant(placed), ended=None if ended is None else instant(ended), result=result
        )
        for call, placed, ended, result in found
    }
    return tuple(sorted(rows.values(), key=lambda row: (row.placed, row.call)))


def _attempts() -> Select[str, datetime, datetime | None, str]:
    return select(CampaignAttempt.call, CampaignAttempt.placed_at, CampaignAttempt.ended_at, CampaignAttempt.result)


async def read_agent_legs(
    session: AsyncSession, start: datetime, end: datetime, agents: list[str]
) -> tuple[AgentLegRow, ...]:
    """Of these agents: what was offered to them in [start, end) and what ended in it, whenever its contact began."""
    columns = (
        *(Leg.agent, Leg.offered_at, Leg.answered_at, Leg.ended_at),
        *(Leg.result, Leg.why, Leg.queue, Contact.direction),
    )
    offered = and_(Leg.offered_at >= start, Leg.offered_at < end)
    ended = and_(Leg.ended_at >= start, Leg.ended_at < end)
    found: list[AgentLegRow] = []
    for some in portions(agents):
        legs = select(*columns).join(Contact, Contact.id == Leg.contact_id).where(Leg.agent.in_(some))
        for agent, first, answered, last, result, why, queue, direction in await session.execute(
            legs.where(or_(offered, ended))
        ):
            row = AgentLegRow(
                agent=agent,
                offered=instant(first),
                answered=None if answered is None else instant(answered),
                ended=None if last is None else instant(last),
                result=result,
                why=why,
                queue=queue,
                outbound=direction == "outbound",
            )
            found.append(row)
    return tuple(found)
