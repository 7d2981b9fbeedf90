"""Offering messages: what is over is taken back, then each free agent gets at most one. In one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.model import MessageStep, VoiceMessage
from crm_core.callbacks.offering import ASKED_AGAIN, Idle, Waiting, offers
from crm_core.callbacks.settings import message_rules
from crm_core.callbacks.steps import SYSTEM, Step, note_step
from crm_core.workforce.queries import queues

MOST = 200  # messages that are looked at in one round
_LET_PASS = (Step.PASSED.value, Step.TIMED_OUT.value, Step.RETURNED.value)


async def any_to_offer(session: AsyncSession) -> bool:
    """Whether a round could do anything: somebody has an offer before the eyes, or a message waits for somebody."""
    waits = (VoiceMessage.owner == "") & VoiceMessage.due_at.is_not(None)
    found = select(VoiceMessage.contact_id).where(VoiceMessage.done_at.is_(None))
    return await session.scalar(found.where((VoiceMessage.offered_to != "") | waits).limit(1)) is not None


async def offer_round(
    session: AsyncSession, idle: Iterable[Idle], calls: Collection[str], at: datetime
) -> tuple[list[VoiceMessage], set[str]]:
    """Gives the messages that are offered now, and every agent for whom something changed.

    `idle` are the agents who are ready; `calls` the queues in which callers wait.
    """
    ready = {one.number: one for one in idle}
    skills = {row.id: row.skill for row in await queues(session)}
    needed = {skills.get(queue, queue) for queue in calls}
    concerned = await _take_back(session, ready, needed, at)
    rules = await message_rules(session)
    if not rules.offered:
        return [], concerned
    given: list[VoiceMessage] = []
    waiting = await _waiting(session)
    free = [one for number, one in ready.items() if number not in await _busy(session)]
    pairs = offers(await _described(session, waiting.values(), skills, at), free, needed, at) if waiting else []
    for contact_id, agent in pairs:
        message = waiting[contact_id]
        message.offered_to = agent
        message.offered_until = at + timedelta(seconds=rules.offer_seconds)
        note_step(session, message, Step.OFFERED, actor=SYSTEM, at=at, to=agent)
        given.append(message)
    return given, concerned | {agent for _, agent in pairs}


async def _take_back(
    session: AsyncSession, ready: Mapping[str, Idle], needed: Collection[str], at: datetime
) -> set[str]:
    """Offers that ran out, and those of agents who are not free any more or could take a call that waits."""
    offered = select(VoiceMessage).where(VoiceMessage.offered_to != "", VoiceMessage.done_at.is_(None))
    gone: set[str] = set()
    for message in await session.scalars(offered.with_for_update()):
        agent = message.offered_to
        late = message.offered_until is None or message.offered_until <= at
        there = ready.get(agent)
        if not late and there is not None and not (set(there.skills) & set(needed)):
            continue
        note_step(session, message, Step.TIMED_OUT if late else Step.WITHDRAWN, actor=agent, at=at)
        message.offered_to, message.offered_until = "", None
        gone.add(agent)
    return gone


async def _busy(session: AsyncSession) -> set[str]:
    """Who has a message in hand, or before the eyes."""
    rows = await session.execute(
        select(VoiceMessage.owner, VoiceMessage.offered_to).where(
            VoiceMessage.done_at.is_(None), (VoiceMessage.owner != "") | (VoiceMessage.offered_to != "")
        )
    )
    return {number for row in rows for number in row if number}


async def _waiting(session: AsyncSession) -> dict[str, VoiceMessage]:
    """Nobody has them, and their time is known."""
    statement = select(VoiceMessage).where(
        VoiceMessage.done_at.is_(None),
        VoiceMessage.owner == "",
        VoiceMessage.offered_to == "",
        VoiceMessage.due_at.is_not(None),
    )
    ordered = statement.order_by(VoiceMessage.urgent.desc(), VoiceMessage.due_at, VoiceMessage.contact_id)
    return {one.contact_id: one for one in await session.scalars(ordered.limit(MOST).with_for_update())}


async def _described(
    session: AsyncSession, messages: Iterable[VoiceMessage], skills: Mapping[str, str], at: datetime
) -> list[Waiting]:
    """A message left in the menu has no queue: then the queue of its topic, if there is one, else anybody."""
    rows = list(messages)
    passed = await _let_pass(session, [one.contact_id for one in rows], at - ASKED_AGAIN)
    return [
        Waiting(
            id=one.contact_id,
            skill=skills.get(one.queue) or skills.get(one.topic, ""),
            due=one.due_at or one.left_at,
            urgent=one.urgent,
            refused=passed.get(one.contact_id, {}),
        )
        for one in rows
    ]


async def _let_pass(session: AsyncSession, ids: list[str], since: datetime) -> dict[str, dict[str, datetime]]:
    statement = select(MessageStep).where(
        MessageStep.contact_id.in_(ids), MessageStep.kind.in_(_LET_PASS), MessageStep.at >= since
    )
    found: dict[str, dict[str, datetime]] = {}
    for step in await session.scalars(statement.order_by(MessageStep.at)):
        found.setdefault(step.contact_id, {})[step.actor] = step.at
    return found
