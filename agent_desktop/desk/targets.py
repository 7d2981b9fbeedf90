"""Where a call may go from the desk: colleagues, queues, dealers, a number; who cannot take it now, and why."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.desk.pop import Said
from agent_desktop.ports import DeskView, FloorView
from agent_desktop.words import N_
from crm_core.customers.spelling import spelled
from crm_core.db import storable
from crm_core.dealers.model import Dealer
from crm_core.workforce.model import QueueRow
from crm_core.workforce.queries import AgentFacts

AGENTS, QUEUES, DEALERS = 8, 6, 6

BLOCKED = {
    "offline": N_("signed out"),
    "ringing": N_("the phone rings"),
    "talking": N_("in a call"),
    "hold": N_("in a call"),
    "wrap_up": N_("in after-call work"),
    "break": N_("on a break"),
}
UNREACHABLE = N_("the phone cannot be reached")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTarget:
    """`since` of the state; `blocked` says why this colleague cannot be chosen, "" = can. `level` 0 = not skilled."""

    number: str
    name: str
    team: str
    skills: Mapping[str, int]
    state: str
    since: float
    blocked: str
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueTarget:
    """`longest_since` is when the caller in front came, 0 = nobody waits; `free` agents could take one now."""

    queue_id: str
    name: str
    waiting: int
    longest_since: float
    free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DealerTarget:
    dealer_id: int
    name: str
    city: str
    manager: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks, what was typed, and the skill that the present call needs ("" = none)."""

    agent: str
    text: str
    skill: str
    team: str
    language: str


def typed(text: str) -> str:
    """What was typed, in one width and without odd signs."""
    return unicodedata.normalize("NFKC", storable(text, 40)).strip().lower()


def why_blocked(view: DeskView | None) -> str:
    """A msgid; "" for a colleague who is free."""
    if view is None:
        return BLOCKED["offline"]
    if view.state == "ready" and not view.reachable:
        return UNREACHABLE
    return BLOCKED.get(view.state, "")


def agent_targets(asked: Asked, agents: Iterable[AgentFacts], floor: FloorView) -> list[AgentTarget]:
    """The free first, then those who know the call's subject, own team before others; the asker is left out."""
    views = {view.agent: view for view in floor.agents}
    found = [
        _agent(asked, facts, views.get(facts.number))
        for facts in agents
        if facts.number != asked.agent and _fits(asked.text, facts.number, facts.name, facts.name_en)
    ]
    found.sort(key=lambda a: (_rank(a), -a.level, a.team != asked.team, a.number))
    return found


def _rank(target: AgentTarget) -> int:
    if not target.blocked:
        return 0
    return 2 if target.state == "offline" else 1


def _agent(asked: Asked, facts: AgentFacts, view: DeskView | None) -> AgentTarget:
    return AgentTarget(
        number=facts.number,
        name=facts.name_en if asked.language == "en" else facts.name,
        team=facts.team,
        skills=facts.skills,
        state=view.state if view else "offline",
        since=view.since if view else 0.0,
        blocked=why_blocked(view),
        level=facts.skills.get(asked.skill, 0),
    )


def queue_targets(
    asked: Asked, queues: Iterable[QueueRow], agents: Sequence[AgentFacts], floor: FloorView
) -> list[QueueTarget]:
    """In the order in which people list them, who waits in each and who could take one now."""
    ready = {view.agent for view in floor.agents if view.state == "ready" and view.reachable}
    found = []
    for row in queues:
        if not _fits(asked.text, row.id, row.name_zh, row.name_en):
            continue
        since = [caller.since for caller in floor.waiting if caller.queue == row.id]
        found.append(
            QueueTarget(
                queue_id=row.id,
                name=row.name_en if asked.language == "en" else row.name_zh,
                waiting=len(since),
                longest_since=min(since, default=0.0),
                free=sum(1 for agent in agents if agent.number in ready and row.skill in agent.skills),
            )
        )
    return found


async def dealer_targets(session: AsyncSession, text: str, near: Sequence[int]) -> list[DealerTarget]:
    """Those whose name, city or code was typed, by pinyin too; nothing typed = `near`, in its order."""
    if not text:
        rows = list(await session.scalars(select(Dealer).where(Dealer.id.in_(near))))
        rows.sort(key=lambda dealer: near.index(dealer.id))
    elif text.isascii() and text.isalpha():
        every = list(await session.scalars(select(Dealer).order_by(Dealer.code)))
        await asyncio.to_thread(lambda: [spelling(dealer.short_name + dealer.city) for dealer in every])
        rows = [d for d in every if _fits(text, d.code, d.short_name, d.city, d.relations_manager)]
    else:
        columns = (Dealer.name, Dealer.short_name, Dealer.city, Dealer.code, Dealer.relations_manager)
        fits = or_(*(column.icontains(text, autoescape=True) for column in columns))
        rows = list(await session.scalars(select(Dealer).where(fits).order_by(Dealer.code).limit(DEALERS)))
    return [
        DealerTarget(dealer_id=row.id, name=row.short_name or row.name, city=row.city, manager=row.relations_manager)
        for row in rows[:DEALERS]
    ]


@lru_cache(maxsize=8192)
def spelling(name: str) -> str:
    """crm_core's spelling, kept: making it costs a look into a dictionary."""
    return spelled(name)


def _fits(text: str, *names: str) -> bool:
    if not text:
        return True
    if any(text in name.lower() for name in names):
        return True
    letters = re.sub(r"[^a-z]", "", text)
    return letters == text and any(_spelled_so(letters, name) for name in names if not name.isascii())


def _spelled_so(letters: str, name: str) -> bool:
    whole, _, initials = spelling(name).partition(" ")
    return whole.startswith(letters) or letters in initials


def said_of(queue: QueueTarget) -> Said:
    """One line on a queue: who waits, or that somebody is free."""
    if queue.waiting:
        return Said(N_("{count} waiting"), {"count": queue.waiting})
    if queue.free:
        return Said(N_("nobody waits, {count} free"), {"count": queue.free})
    return Said(N_("nobody waits, nobody is free"))
