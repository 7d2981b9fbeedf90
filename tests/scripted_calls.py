"""Call control as a test directs it: `agent_desktop.ports.CallControl` on the desks of a ScriptedTelephony."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from agent_desktop.ports import CallView, ParkedView, PartyView, RecordingView, Target
from crm_core.errors import Refused
from crm_core.history.events import (
    CallParked,
    CallPickedUp,
    CallTransferred,
    ConsultAnswered,
    ConsultBegan,
    ConsultEnded,
    EndedBy,
    PartyJoined,
    PartyLeft,
    RecordingPaused,
    RecordingResumed,
    TalkBegan,
)

if TYPE_CHECKING:
    from tests.scripted_telephony import ScriptedTelephony


class ScriptedRecordings:
    """Wishes are carried out at once; `refusal` is what the next one meets."""

    def __init__(self, telephony: ScriptedTelephony) -> None:
        self._telephony = telephony
        self.refusal: Exception | None = None

    async def pause(self, agent: str, why: str) -> None:
        self._wish("pause_recording", agent, why)
        now, call = time.time(), self._telephony.desk(agent).call
        if call is None:
            raise Refused("You have no call now.")
        seen = RecordingView(state="paused", since=now, until=now + 120, by=agent, why=why)
        self._telephony.set_desk(agent, call=replace(call, recording=seen))
        self._telephony.tell(RecordingPaused(at=now, call=call.call, leg=call.leg, by=agent, why=why))

    async def resume(self, agent: str, why: str) -> None:
        self._wish("resume_recording", agent, why)
        now, call = time.time(), self._telephony.desk(agent).call
        if call is not None:
            self._telephony.set_desk(agent, call=replace(call, recording=RecordingView(state="on")))
            self._telephony.tell(RecordingResumed(at=now, call=call.call, leg=call.leg, by=agent, why=why))

    async def pause_call(self, call: str, by: str) -> None:
        self._wish("pause_call", call, by)

    async def resume_call(self, call: str, by: str) -> None:
        self._wish("resume_call", call, by)

    def _wish(self, *words: str) -> None:
        if self.refusal is not None:
            raise self.refusal
        self._telephony.wishes.append(words)


class ScriptedCalls:
    """Wishes are noted and carried out at once; the second party answers when the test says so."""

    def __init__(self, telephony: ScriptedTelephony) -> None:
        self._telephony = telephony
        self.parked: list[ParkedView] = []

    def _call(self, agent: str) -> CallView:
        call = self._telephony.desk(agent).call
        if call is None:
            raise Refused("You have no call now.")
        return call

    def _wish(self, *words: str) -> None:
        self._telephony.wishes.append(words)

    # what the test directs

    def party_answers(self, agent: str) -> None:
        """The second party of this agent's consult takes the call."""
        now, call = time.time(), self._call(agent)
        assert call.party is not None
        party = replace(call.party, phase="talking", since=now)
        self._telephony.set_desk(agent, call=replace(call, party=party))
        if party.kind == "agent":
            asked = self._call(party.name)
            self._telephony.set_desk(
                party.name, state="talking", since=now, call=replace(asked, phase="talking", answered_at=now)
            )
        self._telephony.tell(ConsultAnswered(at=now, call=call.call, leg=party.leg, party=party.name))

    # what the pages ask

    async def consult(self, agent: str, target: Target) -> None:
        now, call = time.time(), self._call(agent)
        if target.kind == "agent" and self._telephony.desk(target.value).state != "ready":
            raise Refused("Agent {agent} cannot be asked now.", agent=target.value)
        self._wish("consult", agent, target.kind, target.value)
        party = PartyView(kind=target.kind, name=target.value, leg=f"{call.call}-2", phase="ringing", since=now)
        self._telephony.set_desk(agent, since=now, call=replace(call, phase="consulting", hold_since=now, party=party))
        if target.kind == "agent":
            asker = PartyView(kind="agent", name=agent, leg=call.leg, phase="talking", since=now)
            asked = replace(
                call, leg=party.leg, phase="ringing", part="consulted", party=asker, why="consult", offered_at=now
            )
            self._telephony.set_desk(target.value, state="ringing", since=now, call=asked)
        began = ConsultBegan(at=now, call=call.call, leg=party.leg, by=agent, kind=target.kind, party=target.value)
        self._telephony.tell(began)

    async def hand_over(self, agent: str) -> None:
        now, call = time.time(), self._call(agent)
        if call.party is None or call.party.phase != "talking":
            raise Refused("Nobody has answered yet.")
        self._wish("hand_over", agent)
        party, telephony = call.party, self._telephony
        telephony.tell(ConsultEnded(at=now, call=call.call, leg=party.leg, party=party.name, result="handed_over"))
        if party.kind == "agent":
            given = replace(
                call,
                leg=party.leg,
                phase="talking",
                answered_at=now,
                hold_since=0.0,
                party=None,
                part="owner",
                why="consult",
            )
            telephony.set_desk(party.name, state="talking", since=now, call=given)
            telephony.tell(TalkBegan(at=now, call=call.call, leg=party.leg, agent=party.name))
        telephony.end(agent, EndedBy.AGENT)

    async def back_to_customer(self, agent: str) -> None:
        self._wish("back_to_customer", agent)
        self.party_gone(agent, "cancelled")

    def party_fails(self, agent: str, result: str) -> None:
        """The second party is not reached, or has hung up; the agent chooses what comes next."""
        now, call = time.time(), self._call(agent)
        assert call.party is not None
        party = replace(call.party, phase="ended", result=result)
        self._telephony.set_desk(agent, call=replace(call, party=party))
        if party.kind == "agent":
            self._telephony.set_desk(party.name, state="ready", since=now, call=None)
        ended = ConsultEnded(at=now, call=call.call, leg=party.leg, party=party.name, result="not_reached")
        self._telephony.tell(ended)

    def party_gone(self, agent: str, result: str) -> None:
        """The second party is away; the agent talks with the customer again."""
        now, call = time.time(), self._call(agent)
        party = call.party
        assert party is not None
        self._telephony.set_desk(agent, since=now, call=replace(call, phase="talking", hold_since=0.0, party=None))
        if party.kind == "agent":
            self._telephony.set_desk(party.name, state="ready", since=now, call=None)
        self._telephony.tell(ConsultEnded(at=now, call=call.call, leg=party.leg, party=party.name, result=result))

    async def conference(self, agent: str) -> None:
        now, call = time.time(), self._call(agent)
        assert call.party is not None
        self._wish("conference", agent)
        party = replace(call.party, phase="conference", since=now)
        self._telephony.set_desk(agent, since=now, call=replace(call, phase="conference", hold_since=0.0, party=party))
        if party.kind == "agent":
            asked = self._call(party.name)
            self._telephony.set_desk(party.name, since=now, call=replace(asked, phase="conference"))
        self._telephony.tell(PartyJoined(at=now, call=call.call, leg=party.leg, kind=party.kind, party=party.name))

    async def leave_conference(self, agent: str) -> None:
        self._wish("leave_conference", agent)
        self._telephony.end(agent, EndedBy.AGENT)

    async def drop_party(self, agent: str) -> None:
        now, call = time.time(), self._call(agent)
        assert call.party is not None
        self._wish("drop_party", agent)
        self._telephony.set_desk(agent, since=now, call=replace(call, phase="talking", party=None))
        self._telephony.tell(PartyLeft(at=now, call=call.call, leg=call.party.leg, party=call.party.name))

    async def transfer(self, agent: str, target: Target) -> None:
        now, call = time.time(), self._call(agent)
        self._wish("transfer", agent, target.kind, target.value)
        self._telephony.tell(
            CallTransferred(
                at=now, call=call.call, leg=call.leg, by=agent, kind=target.kind, target=target.value, blind=True
            )
        )
        self._telephony.end(agent, EndedBy.AGENT)

    async def park(self, agent: str) -> str:
        now, call = time.time(), self._call(agent)
        slot = f"P{len(self.parked) + 1}"
        self._wish("park", agent)
        self.parked.append(ParkedView(call=call.call, slot=slot, agent=agent, caller=call.caller, since=now))
        self._telephony.end(agent, EndedBy.AGENT)
        self._telephony.tell(CallParked(at=now, call=call.call, agent=agent, slot=slot))
        return slot

    async def pick_up(self, agent: str, slot: str) -> None:
        found = next((parked for parked in self.parked if parked.slot == slot), None)
        if found is None:
            raise Refused("This call was picked up already.")
        self._wish("pick_up", agent, slot)
        self.parked.remove(found)
        self._telephony.tell(CallPickedUp(at=time.time(), call=found.call, agent=agent, slot=slot))

    async def drop_message(self, agent: str, message: str) -> None:
        self._call(agent)
        self._wish("drop_message", agent, message)
        self._telephony.end(agent, EndedBy.AGENT)

    async def send_digits(self, agent: str, digits: str) -> None:
        self._call(agent)
        self._wish("send_digits", agent, digits)
