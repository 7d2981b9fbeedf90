"""A consult, a conference and a transfer in the records: each agent has only their own time with the customer."""

from __future__ import annotations

from crm_core.db import Database
from crm_core.history import events
from crm_core.history.events import EndedBy, Outcome
from crm_core.history.model import Leg
from crm_core.history.queries import contact
from crm_core.history.writer import apply_all
from tests.unit.crm_core.builders import START, an_answered_call, numbered


async def _legs(db: Database, *happened: events.HistoryEvent) -> dict[str, Leg]:
    async with db.begin() as session:
        await apply_all(session, numbered(*happened, first=1))
        found = await contact(session, "c1")
    assert found is not None
    assert len(found.contact.visits) == 1
    return {leg.id: leg for leg in found.contact.legs}


def _talk_of_two_seconds() -> list[events.HistoryEvent]:
    """Up to the talk of 1018, which begins at START + 30."""
    call = an_answered_call()
    began = next(i for i, event in enumerate(call) if isinstance(event, events.TalkBegan))
    return list(call[: began + 1])


def _consult(kind: str = "agent", party: str = "1002") -> list[events.HistoryEvent]:
    return [
        events.HoldBegan(at=START + 32, call="c1", leg="c1-1", agent="1018"),
        events.ConsultBegan(at=START + 32, call="c1", leg="c1-2", by="1018", kind=kind, party=party),
        events.ConsultAnswered(at=START + 35, call="c1", leg="c1-2", party=party),
    ]


def _end(at: float) -> events.ContactEnded:
    return events.ContactEnded(at=at, call="c1", outcome=Outcome.ANSWERED, by=EndedBy.AGENT)


def _talk(leg: Leg) -> float:
    assert leg.answered_at is not None
    assert leg.ended_at is not None
    return (leg.ended_at - leg.answered_at).total_seconds() - leg.hold_seconds


async def test_after_a_hand_over_each_agent_has_only_their_own_talk_time(db: Database):
    legs = await _legs(
        db,
        *_talk_of_two_seconds(),
        *_consult(),
        events.HoldEnded(at=START + 45, call="c1", leg="c1-1", agent="1018"),
        events.TalkEnded(at=START + 45, call="c1", leg="c1-1", agent="1018", by=EndedBy.AGENT),
        events.ConsultEnded(at=START + 45, call="c1", leg="c1-2", party="1002", result="handed_over"),
        events.CallTransferred(
            at=START + 45, call="c1", leg="c1-1", by="1018", kind="agent", target="1002", blind=False
        ),
        events.TalkBegan(at=START + 45, call="c1", leg="c1-2", agent="1002"),
        events.TalkEnded(at=START + 52, call="c1", leg="c1-2", agent="1002", by=EndedBy.AGENT),
        _end(START + 52),
    )
    first, second = legs["c1-1"], legs["c1-2"]
    assert (_talk(first), first.given_to, first.consult_seconds) == (2.0, "agent:1002", 0.0)
    assert (_talk(second), second.consult_seconds, second.why, second.agent) == (7.0, 10.0, "consult", "1002")


async def test_a_colleague_who_was_only_asked_has_no_talk_with_the_customer(db: Database):
    legs = await _legs(
        db,
        *_talk_of_two_seconds(),
        *_consult(),
        events.ConsultEnded(at=START + 40, call="c1", leg="c1-2", party="1002", result="cancelled"),
        events.HoldEnded(at=START + 40, call="c1", leg="c1-1", agent="1018"),
        events.TalkEnded(at=START + 60, call="c1", leg="c1-1", agent="1018", by=EndedBy.CUSTOMER),
        _end(START + 60),
    )
    asked = legs["c1-2"]
    assert (asked.answered_at, asked.result, asked.consult_seconds) == (None, "cancelled", 5.0)
    assert _talk(legs["c1-1"]) == 22.0


async def test_a_dealer_in_a_conference_is_a_leg_of_no_agent(db: Database):
    legs = await _legs(
        db,
        *_talk_of_two_seconds(),
        *_consult("dealer", "17"),
        events.ConsultEnded(at=START + 38, call="c1", leg="c1-2", party="17", result="conference"),
        events.PartyJoined(at=START + 38, call="c1", leg="c1-2", kind="dealer", party="17"),
        events.PartyLeft(at=START + 50, call="c1", leg="c1-2", party="17"),
        _end(START + 60),
    )
    dealer = legs["c1-2"]
    assert (dealer.agent, dealer.kind, dealer.party, dealer.result) == ("", "dealer", "17", "answered")
    assert _talk(dealer) == 12.0


async def test_a_number_that_a_customer_was_put_through_to_is_a_leg(db: Database):
    legs = await _legs(
        db,
        *_talk_of_two_seconds(),
        events.CallTransferred(
            at=START + 32, call="c1", leg="c1-1", by="1018", kind="number", target="8613812345678", blind=True
        ),
        events.TalkEnded(at=START + 32, call="c1", leg="c1-1", agent="1018", by=EndedBy.AGENT),
        events.PartyJoined(at=START + 40, call="c1", leg="c1-2", kind="number", party="8613812345678"),
        events.PartyLeft(at=START + 50, call="c1", leg="c1-2", party="8613812345678"),
        _end(START + 50),
    )
    assert legs["c1-1"].given_to == "number:8613812345678"
    assert (legs["c1-2"].kind, _talk(legs["c1-2"])) == ("number", 10.0)


async def test_a_station_that_the_menu_rang_is_a_leg_whether_it_answered_or_not(db: Database):
    def rings(leg: str, at: float) -> events.CallTransferred:
        return events.CallTransferred(at=at, call="c9", leg=leg, by="", kind="dealer", target="17", blind=True)

    async with db.begin() as session:
        happened = (
            events.ContactStarted(at=START, call="c9", direction=events.Direction.INBOUND, caller="138", entry="400"),
            rings("c9-1", START + 5),
            events.ConsultEnded(at=START + 15, call="c9", leg="c9-1", party="17", result="not_reached"),
            rings("c9-2", START + 20),
            events.PartyJoined(at=START + 25, call="c9", leg="c9-2", kind="dealer", party="17"),
            events.PartyLeft(at=START + 35, call="c9", leg="c9-2", party="17"),
            events.ContactEnded(at=START + 35, call="c9", outcome=Outcome.PUT_THROUGH, by=EndedBy.SYSTEM),
        )
        await apply_all(session, numbered(*happened, first=1))
        found = await contact(session, "c9")
    assert found is not None
    assert (found.contact.outcome, found.contact.agent, found.contact.visits) == ("put_through", "", [])
    missed, talked = sorted(found.contact.legs, key=lambda leg: leg.id)
    assert (missed.result, missed.answered_at, missed.party, missed.agent) == ("not_reached", None, "17", "")
    assert (talked.result, _talk(talked), talked.given_to) == ("answered", 10.0, "")
