"""The leg of a second party: asked by an agent, in a conference, or whom the call was given to. Without I/O."""

from __future__ import annotations

from crm_core.clock import from_instant
from crm_core.db import storable
from crm_core.history import events
from crm_core.history.model import Contact, Leg

SecondEvent = (
    events.ConsultBegan
    | events.ConsultAnswered
    | events.ConsultEnded
    | events.PartyJoined
    | events.PartyLeft
    | events.CallTransferred
)
_STILL_THERE = frozenset({"handed_over", "conference"})


def new_second_leg(contact: Contact, event: SecondEvent) -> Leg | None:
    """The row of a leg that is not known yet; None for events that begin none."""
    match event:
        case events.ConsultBegan() | events.PartyJoined():
            party = event.party
        case events.CallTransferred(by="", target=target):  # the menu put the caller through: the leg is theirs
            party = target
        case _:
            return None
    is_agent = event.kind == "agent"
    leg = Leg(
        id=event.leg,
        contact_id=event.call,
        agent=storable(party, 16) if is_agent else "",
        kind=storable(event.kind, 10),
        party="" if is_agent else storable(party, 40),
        offered_at=from_instant(event.at),
        result="",
        why="consult" if isinstance(event, events.ConsultBegan) else "transfer",
    )
    leg.queue, leg.hold_seconds, leg.consult_seconds = contact.queue, 0.0, 0.0
    return leg


def change_second_leg(leg: Leg, event: SecondEvent) -> None:
    """What is said to the first agent while the customer hears music is `consult_seconds`, never talk."""
    at = from_instant(event.at)
    match event:
        case events.ConsultAnswered():
            leg.consulted_at = leg.consulted_at or at
        case events.ConsultEnded(result=result):
            if leg.consulted_at is not None:
                leg.consult_seconds = max(0.0, (at - leg.consulted_at).total_seconds())
            if result not in _STILL_THERE and leg.ended_at is None:
                leg.ended_at, leg.result = at, storable(result, 16)
        case events.PartyJoined() if leg.ended_at is None:
            leg.answered_at, leg.result = leg.answered_at or at, "answered"
        case events.PartyLeft() if leg.ended_at is None:
            leg.ended_at = at
        case events.CallTransferred(kind=kind, target=target) if event.by:
            leg.given_to = storable(f"{kind}:{target}", 60)
