"""What an agent works on beside the call: own figures, queues, cases, contacts. Read apart from the pop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.desk import queries as desk_queries
from agent_desktop.desk.queries import AgentDay, OwnContact, WorkItem
from agent_desktop.formats import start_of_day
from agent_desktop.ports import FloorView
from crm_core.callbacks.queries import MessageLine, count_open_messages, open_messages
from crm_core.integration.model import ScreenPop
from crm_core.integration.screen_pops import pops
from crm_core.surveys.queries import agent_average
from crm_core.workforce.queries import AgentFacts, agent, break_reasons, names, queues

RATED_DAYS = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLoad:
    name: str
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedCall:
    """A caller in a slot, for whoever picks up; `by` is the name of who parked it."""

    slot: str
    caller: str
    by: str
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPlace:
    """A customer who will be called back; `position` 0 = not in line now, then `due` is the next try."""

    number: str
    queue: str
    position: int
    due: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """`agent` is None for a person without a phone. `queue_names` are in the reader's language.

    `messages` counts open voice messages of everybody.
    `reasons` maps a break's reason to its word, its planned minutes, and whether it may be chosen.
    """

    agent: AgentFacts | None
    day: AgentDay
    queues: tuple[QueueLoad, ...]
    queue_names: Mapping[str, str]
    cases: tuple[WorkItem, ...]
    own: tuple[OwnContact, ...]
    drafts: tuple[OwnContact, ...]
    parked: tuple[ParkedCall, ...] = ()
    callbacks: tuple[KeptPlace, ...] = ()
    messages: int = 0
    own_messages: tuple[MessageLine, ...] = ()  # taken, or offered now
    rating: float | None = None  # the mean of what customers answered after this agent's talks, None = nobody did
    reasons: Mapping[str, tuple[str, int, bool]] = field(default_factory=dict)
    pops: tuple[ScreenPop, ...] = ()  # pages of other CRMs


async def read_work(
    session: AsyncSession, number: str, floor: FloorView, *, now: datetime, zone: tzinfo, language: str
) -> Work:
    me = await agent(session, number)
    rows = await queues(session)
    queue_names = {row.id: row.name_en if language == "en" else row.name_zh for row in rows}
    waiting = [call.queue for call in floor.waiting]
    skills = set(me.skills) if me else set()
    return Work(
        pops=tuple(await pops(session, active_only=True)),
        agent=me,
        day=await desk_queries.agent_day(session, number, start_of_day(now, zone)),
        queues=tuple(
            QueueLoad(name=queue_names[row.id], waiting=waiting.count(row.id)) for row in rows if row.skill in skills
        ),
        queue_names=queue_names,
        cases=tuple(await desk_queries.my_cases(session, number, now)),
        own=tuple(await desk_queries.own_contacts(session, number)),
        drafts=tuple(await desk_queries.drafts(session, number, now)),
        parked=await _parked(session, floor, language),
        messages=await count_open_messages(session),
        rating=(await agent_average(session, number, now - RATED_DAYS))[0],
        own_messages=tuple(await open_messages(session, mine=number)),
        callbacks=_callbacks(floor, queue_names, {row.id for row in rows if row.skill in skills}),
        reasons={
            reason.code: (reason.name_en if language == "en" else reason.name_zh, reason.minutes, reason.active)
            for reason in await break_reasons(session, retired=True)
        },
    )


def _callbacks(floor: FloorView, names: Mapping[str, str], queues: set[str]) -> tuple[KeptPlace, ...]:
    """Those of the agent's own queues: the ones in line first, then by their next try."""
    own = [kept for kept in floor.callbacks if kept.queue in queues]
    own.sort(key=lambda kept: (kept.position == 0, kept.position, kept.due))
    return tuple(
        KeptPlace(number=kept.number, queue=names[kept.queue], position=kept.position, due=kept.due) for kept in own
    )


async def _parked(session: AsyncSession, floor: FloorView, language: str) -> tuple[ParkedCall, ...]:
    people = await names(session) if floor.parked else {}
    english = language == "en"
    return tuple(
        ParkedCall(
            slot=call.slot,
            caller=call.caller,
            by=people.get(call.agent, (call.agent, call.agent))[english],
            since=call.since,
        )
        for call in floor.parked
    )
