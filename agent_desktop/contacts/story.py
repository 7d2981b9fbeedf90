"""What happened in one contact, moment by moment, told from its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson

from crm_core.history.events import Direction
from crm_core.history.model import Contact, Leg, QueueVisit


@dataclass(frozen=True, slots=True)
class Reason:
    """Why this agent, or why not: `word` of acd.verdicts.Word with its number."""

    agent: str
    word: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """`kind`: dialled, called, answered, menu, queued, left_queue, offered, not_taken, talk, talk_ended or ended.

    Of a second party: asked, asked_over or joined; `party` is agent, dealer or number, `number` what was dialled.
    `given_to` tells to whom an agent gave the call: agent:1018, queue:repair, dealer:17 or number:86….
    `seconds` is how long what ended here had lasted; None where nothing was measured. An offer has its `reasons`, the
    chosen agent's first; `others` have the skill, too; `needed_level` 0 = any level sufficed.
    """

    at: datetime
    kind: str
    agent: str = ""
    queue: str = ""
    word: str = ""
    by: str = ""
    seconds: float | None = None
    held: float = 0.0
    reasons: tuple[Reason, ...] = ()
    needed_level: int = 0
    others: int = 0
    party: str = ""
    number: str = ""
    given_to: str = ""


_ONLY_SAID = frozenset({"greeting", "notice", "hours", "language"})
_ORDER = (
    "dialled",
    "called",
    "answered",
    "menu",
    "not_taken",
    "queued",
    "offered",
    "asked",
    "asked_over",
    "joined",
    "talk",
    "talk_ended",
    "left_queue",
    "ended",
)


def story(contact: Contact) -> list[Moment]:
    """The moments in order of time; those of one instant in the order in which they must have happened."""
    moments = list(_of_contact(contact))
    for visit in contact.visits:
        moments += _of_visit(visit)
    for leg in contact.legs:
        moments += _of_leg(leg)
    return sorted(moments, key=lambda moment: (moment.at, _ORDER.index(moment.kind)))


def menu_steps(contact: Contact) -> list[str]:
    """The menus and sections the caller went through, without what was only said on the way."""
    return [step for step in contact.menu_path.split(">") if step and step.split("-")[0] not in _ONLY_SAID]


def waited(contact: Contact) -> float | None:
    """Seconds in all queues; None = never in one."""
    waits = [visit.wait_seconds for visit in contact.visits if visit.wait_seconds is not None]
    return sum(waits) if waits else None


def talked(contact: Contact) -> float | None:
    """Seconds with all agents, holds included; None = with nobody."""
    talks = [
        (leg.ended_at - leg.answered_at).total_seconds()
        for leg in contact.legs
        if leg.agent and leg.answered_at and leg.ended_at
    ]
    return sum(talks) if talks else None


def _of_contact(contact: Contact) -> Iterator[Moment]:
    inbound = contact.direction == Direction.INBOUND.value
    yield Moment(at=contact.started_at, kind="dialled" if inbound else "called", agent="" if inbound else contact.agent)
    if contact.answered_at and inbound:
        yield Moment(at=contact.answered_at, kind="answered")
        if contact.menu_path:
            yield Moment(at=_menu_left(contact), kind="menu", word=contact.topic)
    if contact.ended_at:
        lasted = (contact.ended_at - contact.started_at).total_seconds()
        word = contact.outcome or ""
        yield Moment(at=contact.ended_at, kind="ended", word=word, by=contact.ended_by, seconds=lasted)


def _menu_left(contact: Contact) -> datetime:
    """The rows keep no time for the menu's end: it is when the first queue was entered, else the answer."""
    entered = [visit.entered_at for visit in contact.visits]
    return min(entered) if entered else contact.answered_at or contact.started_at


def _of_visit(visit: QueueVisit) -> Iterator[Moment]:
    yield Moment(at=visit.entered_at, kind="queued", queue=visit.queue)
    if visit.left_at and visit.result != "answered":
        yield Moment(
            at=visit.left_at,
            kind="left_queue",
            queue=visit.queue,
            word=visit.result or "",
            seconds=visit.wait_seconds,
        )


def reasons(stored: str) -> tuple[Reason, ...]:
    """The verdicts of a leg as they were stored; what cannot be read is left out."""
    try:
        parts = [str(line).split("|") for line in orjson.loads(stored)] if stored else []
        return tuple(Reason(agent, word, int(value)) for agent, word, value in parts)
    except (ValueError, TypeError):
        return ()


_SECOND = frozenset({"consult", "transfer"})


def _of_second_leg(leg: Leg) -> Iterator[Moment]:
    """Asked while the customer heard music, in a conference, or whom the customer was put through to."""
    kind, number = leg.kind or "agent", leg.party or ""
    if leg.why == "consult":
        yield Moment(at=leg.offered_at, kind="asked", agent=leg.agent, party=kind, number=number)
    if leg.answered_at:
        told = leg.consult_seconds or None
        yield Moment(at=leg.answered_at, kind="joined", agent=leg.agent, party=kind, number=number, seconds=told)
    elif leg.ended_at:
        yield Moment(
            at=leg.ended_at,
            kind="asked_over",
            agent=leg.agent,
            party=kind,
            number=number,
            word=leg.result,
            seconds=leg.consult_seconds or None,
        )


def _of_leg(leg: Leg) -> Iterator[Moment]:
    if leg.why in _SECOND:
        yield from _of_second_leg(leg)
        yield from _talk_end(leg)
        return
    yield Moment(
        at=leg.offered_at,
        kind="offered",
        agent=leg.agent,
        queue=leg.queue,
        word=leg.why,
        reasons=reasons(leg.verdicts or ""),
        needed_level=leg.needed_level or 0,
        others=leg.others or 0,
    )
    if leg.answered_at:
        rang = (leg.answered_at - leg.offered_at).total_seconds()
        yield Moment(at=leg.answered_at, kind="talk", agent=leg.agent, seconds=rang)
        yield from _talk_end(leg)
    elif leg.ended_at:
        rang = (leg.ended_at - leg.offered_at).total_seconds()
        yield Moment(at=leg.ended_at, kind="not_taken", agent=leg.agent, word=leg.result, seconds=rang)


def _talk_end(leg: Leg) -> Iterator[Moment]:
    if leg.answered_at and leg.ended_at:
        yield Moment(
            at=leg.ended_at,
            kind="talk_ended",
            agent=leg.agent,
            by=leg.ended_by,
            seconds=(leg.ended_at - leg.answered_at).total_seconds(),
            held=leg.hold_seconds,
            party=leg.kind or "agent",
            number=leg.party or "",
            given_to=leg.given_to or "",
        )
