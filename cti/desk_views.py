"""What the pages see: made of the book and the engine at one feed number."""

from __future__ import annotations

from acd.engine import RoutingEngine
from acd.model import AgentId
from acd.snapshot import AgentView
from cti.book import DIALLED, ContactBook
from cti.contacts import Contact, Leg, Party, Phase
from cti.kept_places import KeptPlaces
from cti.views import (
    CallView,
    DeskView,
    FloorView,
    ParkedView,
    PartyView,
    RecordingView,
    SupervisionView,
    WaitingView,
)


def desk_view(engine: RoutingEngine, book: ContactBook, agent: str, number: int, last_call: str) -> DeskView:
    """One agent's desk; signed out is state "offline"."""
    view = engine.agent(AgentId(agent))
    return offline_desk(agent, number, last_call) if view is None else _desk(view, book, number, last_call)


def offline_desk(agent: str, number: int, last_call: str = "") -> DeskView:
    return DeskView(
        number=number,
        agent=agent,
        state="offline",
        since=0.0,
        reason="",
        wrap_up_until=0.0,
        next_state="",
        next_reason="",
        missed=0,
        reachable=False,
        call=None,
        last_call=last_call,
    )


def _desk(view: AgentView, book: ContactBook, number: int, last_call: str) -> DeskView:
    wrap_up = view.state.value == "wrap_up"
    return DeskView(
        number=number,
        agent=view.id,
        state=str(view.state),
        since=view.since,
        reason=view.reason,
        wrap_up_until=view.until or 0.0,
        next_state=str(view.next_state),
        next_reason=view.next_reason,
        missed=view.missed,
        reachable=view.reachable,
        call=call_view(book.contacts.get(view.call or ""), view.id),
        last_call=(view.call or last_call) if wrap_up else "",
    )


def call_view(contact: Contact | None, agent: str) -> CallView | None:
    """None when this agent has no part in the contact now."""
    if contact is None:
        return None
    if contact.leg is None or contact.leg.agent != agent:
        return _consulted_view(contact, agent)
    leg = contact.leg
    return CallView(
        call=contact.call,
        leg=leg.id,
        direction=str(contact.direction),
        phase=_phase(contact, leg),
        caller=contact.caller,
        entry=contact.entry,
        queue=contact.queue,
        topic=contact.topic,
        menu_path=contact.menu_path,
        matches=contact.matches or ((contact.customer_id,) if contact.customer_id else ()),
        why=leg.why,
        started_at=contact.started_at,
        queued_at=contact.queued_at,
        offered_at=leg.offered_at,
        answered_at=leg.answered_at,
        hold_since=leg.hold_since,
        party=_party_view(contact.consult) if contact.consult else None,
        recording=_recording_view(contact, leg),
    )


def _recording_view(contact: Contact, leg: Leg) -> RecordingView:
    pause = contact.pause
    if not leg.answered_at:
        return RecordingView()
    if pause is not None and pause.leg == leg.id:
        return RecordingView(state="paused", since=pause.since, until=pause.until, by=pause.by, why=pause.why)
    return RecordingView(state="missing" if leg.missed else "on")


def _phase(contact: Contact, leg: Leg) -> str:
    if contact.phase in (Phase.CONSULTING, Phase.CONFERENCE):
        return str(contact.phase)
    if leg.answered_at:
        return "hold" if leg.hold_since else "talking"
    return "dialling" if leg.why == DIALLED else "ringing"


def _party_view(party: Party) -> PartyView:
    if party.ended:
        phase, since = "ended", party.answered_at or party.began_at
    elif party.joined_at:
        phase, since = "conference", party.joined_at
    elif party.answered_at:
        phase, since = "talking", party.answered_at
    else:
        phase, since = "ringing", party.began_at
    return PartyView(kind=party.kind, name=party.name, leg=party.leg, phase=phase, since=since, result=party.ended)


def _consulted_view(contact: Contact, agent: str) -> CallView | None:
    """What a colleague sees who is asked: the same customer, and who asks."""
    party = contact.consult
    if party is None or not party.is_agent or party.name != agent or party.ended:
        return None
    seen = _party_view(party)
    return CallView(
        call=contact.call,
        leg=party.leg,
        direction=str(contact.direction),
        phase=seen.phase,
        caller=contact.caller,
        entry=contact.entry,
        queue=contact.queue,
        topic=contact.topic,
        menu_path=contact.menu_path,
        matches=contact.matches or ((contact.customer_id,) if contact.customer_id else ()),
        why="consult",
        started_at=contact.started_at,
        queued_at=contact.queued_at,
        offered_at=party.began_at,
        answered_at=party.answered_at,
        hold_since=0.0,
        party=PartyView(kind="agent", name=party.by, leg="", phase=seen.phase, since=seen.since),
        part="consulted",
    )


def _parked_views(book: ContactBook) -> tuple[ParkedView, ...]:
    return tuple(
        ParkedView(
            call=contact.call,
            slot=contact.slot,
            agent=contact.parked_by,
            caller=contact.caller,
            since=contact.parked_at,
        )
        for contact in sorted(book.contacts.values(), key=lambda contact: contact.slot)
        if contact.slot
    )


def floor_view(
    engine: RoutingEngine,
    book: ContactBook,
    number: int,
    at: float,
    *,
    connected: bool,
    places: KeptPlaces,
    supervised: tuple[SupervisionView, ...] = (),
    full: float = 0.0,
    asterisks: int = 1,
    away: tuple[int, ...] = (),
) -> FloorView:
    """Everybody and everybody who waits, in the order of service; callers for whom a phone rings come first."""
    snapshot = engine.snapshot()
    contacts = [(caller, book.contacts.get(caller.call)) for caller in snapshot.callers]
    return FloorView(
        number=number,
        at=at,
        connected=connected,
        asterisks=asterisks,
        asterisks_away=away,
        agents=tuple(_desk(view, book, number, view.call or "") for view in snapshot.agents),
        waiting=tuple(
            WaitingView(
                call=caller.call,
                queue=caller.queue,
                since=caller.since,
                caller=contact.caller,
                priority=caller.priority,
                topic=contact.topic,
                matches=contact.matches,
                position=caller.position,
                offered_to=caller.offered_to or "",
                reserved_for=caller.reserved_for or "",
                why=caller.waits_for,
                expected_wait=caller.expected_wait,
            )
            for caller, contact in contacts
            if contact is not None and contact.phase is not Phase.TALKING
        ),
        callbacks=places.views({caller.call: caller.position for caller in snapshot.callers}),
        supervised=supervised,
        recordings_full=full,
        parked=_parked_views(book),
    )
