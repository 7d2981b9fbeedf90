"""Transfers, questions to others and conferences of the calls of a period, read from the legs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.history.model import Contact, Leg
from reports.transfers import Transfer, Way


async def transfers(
    session: AsyncSession, start: datetime, end: datetime, queues: Sequence[str] = ()
) -> list[Transfer]:
    """Of the contacts that began in [start, end), in order. No `queues` = all; a leg has the queue of its offer."""
    calls: dict[str, list[Any]] = {}
    for row in await session.execute(_legs(start, end, queues)):
        calls.setdefault(row.contact_id, []).append(row)
    found = [one for legs in calls.values() for one in _of_call(legs)]
    return sorted(found, key=lambda one: (one.at, one.contact_id))


def _legs(start: datetime, end: datetime, queues: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """The first agent's legs that were given away, and every leg of a second party."""
    return (
        select(
            Leg.contact_id,
            Leg.id,
            Leg.agent,
            Leg.queue,
            Leg.kind.label("leg_kind"),
            Leg.party,
            Leg.why,
            Leg.given_to,
            Leg.offered_at,
            Leg.answered_at,
            Leg.ended_at,
            Leg.consulted_at,
            Leg.result,
            Contact.kind,
            Contact.agent.label("last_agent"),
        )
        .join(Contact, Contact.id == Leg.contact_id)
        .where(Contact.started_at >= start, Contact.started_at < end)
        .where(or_(Leg.given_to != "", Leg.why.in_(("consult", "transfer"))))
        .where(Leg.queue.in_(queues) if queues else true())
        .order_by(Leg.contact_id, Leg.offered_at, Leg.id)
    )


def _of_call(legs: Sequence[Any]) -> Iterable[Transfer]:
    """`given_to` on the giver's leg says to whom; a second party's leg that nobody was given is a question or three."""
    second = [row for row in legs if row.why in ("consult", "transfer")]
    taken: set[str] = set()
    for row in legs:
        if not row.given_to:
            continue
        kind, _, target = row.given_to.partition(":")
        leg = next((one for one in second if one.id not in taken and _is(one, kind, target)), None)
        if leg is not None:
            taken.add(leg.id)
        way = Way.ASKED if leg is not None and leg.consulted_at is not None else Way.STRAIGHT
        answered = None if leg is None else leg.answered_at is not None
        yield _transfer(row, way, (kind, target), row.agent, answered)
    for row in second:
        if row.id not in taken and not row.given_to:
            yield _second(row, legs)


def _second(row: Any, legs: Sequence[Any]) -> Transfer:
    target = row.agent or row.party
    if row.why == "transfer" and not row.agent and row.result != "answered":
        return _transfer(row, Way.MENU, (row.leg_kind, target), "", answered=False)
    asker = next((one.agent for one in legs if one.id != row.id and one.agent and one.agent != row.agent), "")
    asker = asker or (row.last_agent if row.last_agent != row.agent else "")
    if not asker and row.why == "transfer":
        return _transfer(row, Way.MENU, (row.leg_kind, target), "", answered=row.answered_at is not None)
    way = Way.CONFERENCE if row.answered_at is not None else Way.ONLY_ASKED
    heard = row.consulted_at is not None or row.answered_at is not None
    return _transfer(row, way, (row.leg_kind, target), asker, heard)


def _is(leg: Any, kind: str, target: str) -> bool:
    return bool(leg.leg_kind == kind and target in (leg.agent, leg.party))


def _transfer(row: Any, way: Way, to: tuple[str, str], agent: str, answered: bool | None) -> Transfer:
    return Transfer(
        contact_id=row.contact_id,
        at=row.offered_at,
        agent=agent,
        queue=row.queue,
        way=way,
        to_kind=to[0],
        to=to[1],
        kind=row.kind,
        answered=answered,
    )
