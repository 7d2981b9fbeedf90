"""What the assist column knows of a call: articles that may answer it, the script, answers to one's own questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.desk.pop import CallFacts
from agent_desktop.desk.record import RecordForm
from agent_desktop.words import KINDS
from crm_core.customers.facts import CustomerCard
from crm_core.history.notes import AgentNote
from crm_core.knowledge.model import ArticleUse
from crm_core.knowledge.queries import ArticleHit, suggest
from crm_core.knowledge.questions import Answered, answers_for
from crm_core.knowledge.scripts import Script, script_for
from crm_core.vehicles.model import Vehicle

SUGGESTED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Assist:
    """`by_note` tells that words of the note led to `hits`, and not only the menu. `used` are the articles that this
    contact's notes hold already."""

    hits: tuple[ArticleHit, ...]
    by_note: bool
    used: frozenset[int]
    script: Script | None
    answers: tuple[Answered, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a contact is about so far, for suggestions."""

    kind: str
    sub_kind: str
    model: str
    brand: str
    words: str


async def topic_of(
    session: AsyncSession, facts: CallFacts, card: CustomerCard | None, record: RecordForm, notes: Sequence[AgentNote]
) -> Topic:
    """The kind that the agent chose, else the menu's section; the vehicle of the record, else the only one."""
    kind = record.kind or (facts.topic if facts.topic in KINDS else "")
    owned = {vehicle.vehicle_id: vehicle.model for vehicle in card.vehicles} if card else {}
    vehicle_id = record.vehicle_id or (next(iter(owned)) if len(owned) == 1 else None)
    brand = await session.scalar(select(Vehicle.brand).where(Vehicle.id == vehicle_id)) if vehicle_id else ""
    return Topic(
        kind=kind,
        sub_kind=record.sub_kind,
        model=owned.get(vehicle_id or 0, ""),
        brand=brand or "",
        words=" ".join(note.text for note in notes),
    )


async def read_assist(
    session: AsyncSession, facts: CallFacts, topic: Topic, agent: str, *, on: date, language: str
) -> Assist:
    """`on` is the site's day, `language` the reader's."""
    hits = await suggest(
        session,
        words=topic.words,
        topic=topic.kind,
        sub_kind=topic.sub_kind,
        model=topic.model,
        limit=SUGGESTED,
        on=on,
        language=language,
    )
    used = await session.scalars(
        select(ArticleUse.article_id).where(ArticleUse.contact_id == facts.contact, ArticleUse.how == "inserted")
    )
    return Assist(
        hits=tuple(hits),
        by_note=bool(topic.words.strip()),
        used=frozenset(used),
        script=await script_for(
            session, queue=facts.queue, topic=topic.kind, brand=topic.brand, language=language, on=on
        ),
        answers=tuple(await answers_for(session, agent)),
    )


def filled(script: Script | None, values: Mapping[str, str]) -> Script | None:
    """The script with the names of this call in it."""
    return script.filled(values) if script else None
