"""What the agent who has a call may do with it: consult, hand over, conference, park, drop a message."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from acd import events as acd
from acd.model import AgentId, AgentState, CallId, QueueId
from crm_core.errors import Refused
from cti import parties, transfers
from cti.actions import ChannelActions
from cti.contacts import Contact, Leg, Party, Phase
from cti.control_refusals import (
    AskingAlready,
    CustomerWaits,
    NoCallOfYours,
    NoSecondParty,
    NotAnswered,
    NotDigits,
    OnHold,
    UnknownTarget,
    YourselfTarget,
)
from cti.directory import DealerDirectory, NoDealers
from cti.errors import AsteriskUnreachable
from cti.lines import Lines
from cti.outgoing import AlreadyOnACall, outside_legs
from cti.prompt_line import PromptFolder
from cti.runtime import Runtime
from cti.views import Target
from ivr.catalogue import MESSAGES

log = structlog.get_logger(__name__)

RING_SECONDS = 20
RESERVED_SECONDS = 25.0  # the ring time and what is needed to answer
DIGITS = re.compile(r"[0-9*#]{1,24}")


@dataclass(slots=True)
class Reach:
    """Who and what a call may be given to. `queues` in the site's order; `is_agent` knows colleagues' numbers."""

    lines: Lines
    queues: Callable[[], tuple[QueueId, ...]]
    is_agent: Callable[[str], bool]
    prompts: PromptFolder
    dealers: DealerDirectory = field(default_factory=NoDealers)

    def named(self, target: Target) -> Target:
        """Whoever keys a colleague's short number means the colleague: it never goes to a carrier."""
        is_inside = target.kind == "number" and self.is_agent(target.value.strip())
        return Target(kind="agent", value=target.value.strip()) if is_inside else target


class CallControl:
    """`agent_desktop.ports.CallControl`."""

    def __init__(self, runtime: Runtime, actions: ChannelActions, reach: Reach) -> None:
        self._runtime, self._actions, self._reach = runtime, actions, reach
        self._board = runtime.switchboard
        self._book = self._board.book

    async def _do(self, work: Callable[[], None]) -> None:
        if not self._runtime.connected:
            raise AsteriskUnreachable("Redirect")

        def whole() -> None:
            work()
            self._board.carry_out(self._book.take())

        await self._runtime.order(whole)

    def _mine(self, agent: str, *phases: Phase) -> tuple[Contact, Leg]:
        """The contact of this agent's own talk, in one of these phases. NoCallOfYours."""
        view = self._board.engine.agent(AgentId(agent))
        contact = self._book.contacts.get(view.call or "") if view else None
        leg = contact.leg if contact else None
        if contact is None or leg is None or leg.agent != agent or not leg.answered_at or contact.phase not in phases:
            raise NoCallOfYours
        if not contact.customer_channel or not leg.channel:  # just found after a restart: in a moment
            raise NoCallOfYours
        return contact, leg

    def _asked(self, contact: Contact) -> Party:
        """The second party, who has answered. NoSecondParty, NotAnswered."""
        party = contact.consult
        if party is None or party.ended:
            raise NoSecondParty
        if not party.answered_at or not party.channel:
            raise NotAnswered
        return party

    # ---- consult

    async def consult(self, agent: str, target: Target) -> None:
        target = self._reach.named(target)
        number = await self._number(agent, target)
        at = time.time()

        def work() -> None:
            contact, leg = self._mine(agent, Phase.TALKING, Phase.CONSULTING)
            if contact.consult is not None and not contact.consult.ended:
                raise AskingAlready
            if contact.phase is Phase.TALKING and leg.hold_since:
                raise OnHold
            self._claim(contact, agent, target, number, at)
            contact.queue = contact.queue or self._book.first_queue
            party = _party(contact, target, number, agent, at)
            parties.begin_consult(self._book, contact, leg, party, at)

        await self._do(work)

    def _claim(self, contact: Contact, agent: str, target: Target, number: str, at: float) -> None:
        """The colleague is busy with this from now on, or the outside call is counted. Their refusals."""
        if target.kind != "agent":
            self.count_outside_leg(agent, number)
            return
        if number == agent:
            raise YourselfTarget
        self._board.tell(acd.ConsultBegan(at=at, call=CallId(contact.call), agent=AgentId(number)))

    def count_outside_leg(self, agent: str, number: str) -> None:
        """Before any leg to the outside for this agent. The refusals of `DialGate.allow`, which are an alarm, too."""
        self._reach.lines.gate.allow(agent, number, live=outside_legs(self._book, agent))

    async def _number(self, agent: str, target: Target) -> str:
        """What is dialled for a target that rings: digits, allowed. Refusals of numbers, UnknownTarget."""
        match target.kind:
            case "agent" if re.fullmatch(r"[0-9]{2,8}", target.value):
                return target.value
            case "number":
                return self._reach.lines.gate.dialable(agent, target.value)
            case "dealer":
                number = await self._reach.dealers.number(target.value)
                if number:
                    return self._reach.lines.gate.dialable(agent, number)
        raise UnknownTarget(target.value)

    async def hand_over(self, agent: str) -> None:
        def work() -> None:
            contact, leg = self._mine(agent, Phase.CONSULTING, Phase.CONFERENCE)
            parties.hand_over(self._book, contact, leg, self._asked(contact), time.time())

        await self._do(work)

    async def back_to_customer(self, agent: str) -> None:
        def work() -> None:
            contact, leg = self._mine(agent, Phase.CONSULTING)
            parties.back(self._book, contact, leg, time.time())

        await self._do(work)

    async def conference(self, agent: str) -> None:
        def work() -> None:
            contact, leg = self._mine(agent, Phase.CONSULTING)
            self._asked(contact)
            parties.conference(self._book, contact, leg, time.time())

        await self._do(work)

    async def leave_conference(self, agent: str) -> None:
        """Also for the second party: the first agent and the customer go on."""

        def work() -> None:
            contact = self._consulted(agent)
            if contact is not None and contact.consult is not None:
                self._actions.hang_up_leg(contact.channel, contact.consult.channel)
                return
            contact, leg = self._mine(agent, Phase.CONFERENCE)
            parties.hand_over(self._book, contact, leg, self._asked(contact), time.time())

        await self._do(work)

    def _consulted(self, agent: str) -> Contact | None:
        view = self._board.engine.agent(AgentId(agent))
        contact = self._book.contacts.get(view.call or "") if view else None
        party = contact.consult if contact else None
        return contact if party is not None and party.is_agent and party.name == agent and party.channel else None

    async def drop_party(self, agent: str) -> None:
        def work() -> None:
            contact, leg = self._mine(agent, Phase.CONSULTING, Phase.CONFERENCE)
            if contact.phase is Phase.CONSULTING:
                parties.back(self._book, contact, leg, time.time())
            else:
                self._actions.hang_up_leg(contact.channel, self._asked(contact).channel)

        await self._do(work)

    def end_part(self, agent: str) -> bool:
        """The hang-up button of somebody in a consult or a conference; False = an ordinary call. CustomerWaits."""
        contact = self._consulted(agent)
        if contact is not None and contact.consult is not None:
            self._actions.hang_up_leg(contact.channel, contact.consult.channel)
            return True
        try:
            contact, leg = self._mine(agent, Phase.CONSULTING, Phase.CONFERENCE)
        except NoCallOfYours:
            return False
        if contact.phase is Phase.CONSULTING:
            raise CustomerWaits
        parties.hand_over(self._book, contact, leg, self._asked(contact), time.time())
        self._board.carry_out(self._book.take())
        return True

    def cut_off(self, agent: str) -> None:
        """End the agent's leg whatever it does; the customer is kept."""
        contact, leg = self._mine(agent, *Phase)
        self._actions.hang_up_leg(contact.channel, leg.channel)

    # ---- giving away

    async def transfer(self, agent: str, target: Target) -> None:
        target = self._reach.named(target)
        number = "" if target.kind == "queue" else await self._number(agent, target)
        at = time.time()

        def work() -> None:
            contact, leg = self._mine(agent, Phase.TALKING, Phase.CONSULTING)
            match target.kind:
                case "queue":
                    transfers.to_queue(self._book, contact, leg, self._queue(target.value), at)
                case "agent":
                    self._to_agent(contact, leg, number, at)
                case _:
                    self.count_outside_leg(agent, number)
                    contact.queue = contact.queue or self._book.first_queue
                    party = _party(contact, target, number, agent, at)
                    transfers.to_outside(self._book, contact, leg, party, at)

        await self._do(work)

    def _queue(self, name: str) -> str:
        if QueueId(name) not in self._reach.queues():
            raise UnknownTarget(name)
        return name

    def _to_agent(self, contact: Contact, leg: Leg, to: str, at: float) -> None:
        if to == leg.agent:
            raise YourselfTarget
        view = self._board.engine.agent(AgentId(to))
        if view is None or view.state in (AgentState.OFFLINE, AgentState.BREAK) or not view.reachable:
            raise Refused("Agent {agent} cannot take calls now. Choose somebody else or a queue.", agent=to)
        reserved = transfers.Reserved(agent=to, seconds=RESERVED_SECONDS)
        transfers.to_queue(self._book, contact, leg, contact.queue or self._book.first_queue, at, reserved=reserved)

    async def park(self, agent: str) -> str:
        slot = ""

        def work() -> None:
            nonlocal slot
            contact, leg = self._mine(agent, Phase.TALKING, Phase.CONSULTING)
            contact.queue = contact.queue or self._book.first_queue
            slot = transfers.park(self._book, contact, leg, time.time())

        await self._do(work)
        return slot

    async def pick_up(self, agent: str, slot: str) -> None:
        def work() -> None:
            at = time.time()
            contact = transfers.parked_in(self._book, slot)
            if contact is None:
                raise transfers.PickedUpAlready
            view = self._board.engine.agent(AgentId(agent))
            if view is not None and view.call is not None and view.state is not AgentState.WRAP_UP:
                raise AlreadyOnACall
            self._board.tell(acd.AgentBeganCall(at=at, call=CallId(contact.call), agent=AgentId(agent)))
            leg = transfers.pick_up(self._book, contact, agent, at, RING_SECONDS)
            self._board.carry_out(self._book.take())
            self._board.ring(contact, leg, RING_SECONDS)

        await self._do(work)

    async def drop_message(self, agent: str, message: str) -> None:
        if message not in MESSAGES:
            raise UnknownTarget(message)

        def work() -> None:
            contact, leg = self._mine(agent, Phase.TALKING)
            path = self._reach.prompts.path(MESSAGES[message], contact.language)
            transfers.drop_message(self._book, contact, leg, time.time(), message=message, path=path)

        await self._do(work)

    async def send_digits(self, agent: str, digits: str) -> None:
        if not DIGITS.fullmatch(digits):
            raise NotDigits

        def work() -> None:
            contact, _ = self._mine(agent, Phase.TALKING, Phase.CONSULTING, Phase.CONFERENCE)
            party = contact.consult
            if contact.phase is Phase.CONSULTING and (party is None or party.ended or not party.answered_at):
                raise NotAnswered
            other = party.channel if party is not None and not party.ended else contact.customer_channel
            self._actions.press(other or contact.channel, digits)

        await self._do(work)


def _party(contact: Contact, target: Target, number: str, agent: str, at: float) -> Party:
    name = number if target.kind == "number" else target.value
    return Party(contact.next_leg(), target.kind, name, number, agent, at)
