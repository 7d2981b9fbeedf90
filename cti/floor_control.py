"""What a supervisor may do on the floor: listen, whisper, barge, take over, force a state, place a caller."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable

import structlog

from acd import events as acd
from acd.model import AgentId, AgentState, CallId, QueueId
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.history import events as feed
from cti.actions import ChannelActions
from cti.contacts import Contact
from cti.deeds import Remember
from cti.errors import AsteriskUnreachable
from cti.live import SUPERVISORS
from cti.runtime import Runtime
from cti.supervision import MODES, SUPERVISING, TAKE
from cti.supervisor_leg import Freed, Join, Leave, Place, Ring, Supervision, Wish
from cti.taking_over import can_be_taken, node_of_talk, reserve_leg, talk_of
from cti.workforce import AgentProfile

log = structlog.get_logger(__name__)

ASSIGNED_SECONDS = 60.0
LONGEST_MESSAGE = 200
_BUSY = (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD)


class NobodyTalks(Refused):
    def __init__(self, agent: str) -> None:
        super().__init__("Agent {agent} is in no call now. Choose an agent who talks.", agent=agent)


class SupervisorBusy(Refused):
    def __init__(self) -> None:
        super().__init__("Finish your own call and its record first.")


class NotWaiting(NotFound):
    def __init__(self) -> None:
        super().__init__("This caller does not wait any more.")


class FloorControl:
    """`agent_desktop.ports.FloorControl`. `profile` gives what the records say of an agent, or refuses."""

    def __init__(self, runtime: Runtime, actions: ChannelActions, profile: Callable[[str], AgentProfile]) -> None:
        self._runtime, self._actions, self._profile = runtime, actions, profile
        self._board, self._supervisions = runtime.switchboard, runtime.supervisions
        runtime.supervised = self._carry_out
        self._rings: set[asyncio.Task[None]] = set()

    # ---- the supervisor's phone

    async def supervise(self, by: str, agent: str, mode: str) -> None:
        """Ring the supervisor's own phone once; later only the mode changes, or the agent."""
        if mode not in MODES:
            raise Invalid("Choose listen, whisper or barge.", field="mode")
        await self._begin(by, agent, mode)

    async def take_over(self, by: str, agent: str) -> None:
        """Through a phone that listens already, or one that is rung for it."""
        await self._begin(by, agent, TAKE)

    async def _begin(self, by: str, agent: str, mode: str) -> None:
        if not self._runtime.connected:
            raise AsteriskUnreachable("Originate")
        self._profile(by)
        fresh: list[Supervision] = []

        def begin() -> None:
            now, new_id = time.time(), f"{SUPERVISORS}{secrets.token_hex(8)}"
            talk = self._talk(by, agent, mode)
            node = node_of_talk(self._board.book, agent)
            wanted = Supervision(by, agent, talk.call, mode, new_id, now, node=node)
            one = self._supervisions.of(by)
            if one is None:
                one = wanted
                one.was_ready = self._free_the_phone(by)
                fresh.append(one)
                self._supervisions.begin(one, now)
            else:
                one = self._supervisions.change(one, wanted, now)
            one.leg = reserve_leg(talk) if mode == TAKE else ""
            self._carry_out()

        await self._runtime.order(begin)
        for one in fresh:
            await self._ring(one)

    def _talk(self, by: str, agent: str, mode: str) -> Contact:
        talk = talk_of(self._board.book, agent)
        if talk is None or by == agent:
            raise NobodyTalks(agent)
        if mode == TAKE and not can_be_taken(talk):
            raise Refused("Only an incoming call that the agent talks on alone can be taken over.")
        return talk

    def _free_the_phone(self, by: str) -> bool:
        """Nobody is offered to a supervisor who listens. True when the supervisor was ready, and is again after it."""
        view = self._board.engine.agent(AgentId(by))
        if view is None:
            return False
        if view.state in _BUSY or view.state is AgentState.WRAP_UP:
            raise SupervisorBusy
        if view.state is AgentState.READY:
            self._board.tell(acd.AgentTookBreak(at=time.time(), agent=AgentId(by), reason=SUPERVISING))
            return True
        return False

    async def _ring(self, one: Supervision) -> None:
        try:
            await self._actions.ring_supervisor(one.uniqueid, one.supervisor, one.mode, self._variables(one))
        except AsteriskUnreachable:
            raise  # perhaps the phone rings all the same: the comparison after the next connect will tell
        except Exception:
            await self._runtime.order(lambda: self._end(one))
            raise

    async def _ring_again(self, one: Supervision) -> None:
        try:
            await self._ring(one)
        except Exception:  # the page shows that nobody listens any more
            log.exception("supervisor_not_rung", supervisor=one.supervisor, node=one.node)

    def _variables(self, one: Supervision) -> dict[str, str]:
        talk = talk_of(self._board.book, one.agent)
        spied = talk.leg.channel if talk is not None and talk.leg is not None else ""
        return {
            "HL_ROLE": "supervisor",
            "HL_CALL": one.call,
            "HL_AGENT": one.agent,
            "HL_SPIED": spied,
            "HL_MODE": one.mode,
            "HL_LEG": one.leg,
        }

    async def stop_supervising(self, by: str) -> None:
        def stop() -> None:
            one = self._supervisions.of(by)
            if one is None:
                raise NotFound("You are listening to nobody.")
            one.next = None
            self._actions.hang_up(one.channel or one.uniqueid)
            self._end(one)

        await self._runtime.order(stop)

    def _end(self, one: Supervision) -> None:
        self._supervisions.end(one, time.time())
        self._carry_out()

    # ---- what follows from the facts of supervisors' legs

    def _carry_out(self) -> None:
        """The records and the engine first, then Asterisk."""
        self._board.carry_out(self._supervisions.take())
        for wish in self._supervisions.wishes():
            self._do(wish)

    def _do(self, wish: Wish) -> None:
        match wish:
            case Place(supervision=one):
                self._actions.place(
                    one.channel,
                    "hl-supervise",
                    one.mode,
                    self._variables(one),
                    lambda: self._supervisions.of(one.supervisor) is one,
                )
            case Ring(supervision=one):
                self._rings.add(task := asyncio.create_task(self._ring_again(one)))
                task.add_done_callback(self._rings.discard)
            case Join(supervision=one):
                self._join(one)
            case Leave(channel=channel):
                self._actions.hang_up(channel)
            case Freed(supervisor=supervisor):
                self._free(supervisor)

    def _join(self, one: Supervision) -> None:
        contact = self._board.book.contacts.get(one.call)
        if contact is None:
            return
        leg = contact.leg
        if self._board.engine.agent(AgentId(one.supervisor)) is None:
            self._board.carry_out([self._signed_in(one.supervisor)])
        peer = {
            "HL_PEER": one.channel,
            "HL_PEER_AGENT": one.supervisor,
            "HL_PEER_LEG": one.leg,
            "HL_PEER_FILE": one.file,
        }
        self._actions.place(
            contact.channel,
            "hl-takeover",
            "s",
            peer,
            lambda: contact.leg is leg and self._board.book.contacts.get(contact.call) is contact,
        )

    def _signed_in(self, supervisor: str) -> acd.Event:
        """Who takes a talk over has after-call work to do, so is signed in, and takes no other call after it."""
        return self._profile(supervisor).signed_in(supervisor, time.time(), AgentState.BREAK, SUPERVISING)

    def _free(self, supervisor: str) -> None:
        view = self._board.engine.agent(AgentId(supervisor))
        if view is not None and view.state is AgentState.BREAK and view.reason == SUPERVISING:
            self._board.carry_out([acd.AgentBecameReady(at=time.time(), agent=AgentId(supervisor))])

    # ---- agents

    async def force(self, by: str, agent: str, state: str, reason: str = "") -> None:
        if state not in ("ready", "break", "offline"):
            raise Invalid("An agent can be set to ready, to a break, or signed out.", field="state")
        forced = acd.AgentForced(at=time.time(), agent=AgentId(agent), state=AgentState(state), reason=reason)

        def set_state() -> None:
            self._board.tell(forced)
            self._board.carry_out([feed.AgentSteered(at=forced.at, agent=agent, by=by, state=state, reason=reason)])

        await self._runtime.order(set_state)
        log.info("agent_forced", by=by, agent=agent, state=state)

    async def message(self, by: str, agents: tuple[str, ...], text: str) -> None:
        """One line on the desks of these agents."""
        line = " ".join(text.split())
        if not line or len(line) > LONGEST_MESSAGE:
            raise Invalid("Write a message of at most {count} characters.", count=LONGEST_MESSAGE, field="text")
        if not agents:
            raise Invalid("Choose who shall see the message.", field="agents")
        sent = feed.TeamMessageSent(at=time.time(), by=by, agents=agents, text=line)
        await self._runtime.order(lambda: self._board.carry_out([sent]))

    # ---- callers who wait

    async def promote(self, by: str, call: str) -> None:
        now = time.time()
        record = feed.CallPlaced(at=now, call=call, by=by)
        await self._place(by, acd.CallPromoted(at=now, call=CallId(call)), call, record)

    async def assign(self, by: str, call: str, agent: str) -> None:
        now = time.time()
        wish = acd.CallAssigned(at=now, call=CallId(call), agent=AgentId(agent), seconds=ASSIGNED_SECONDS)
        await self._place(by, wish, call, feed.CallPlaced(at=now, call=call, by=by, agent=agent))

    async def move(self, by: str, call: str, queue: str) -> None:
        wish = acd.CallMoved(at=time.time(), call=CallId(call), queue=QueueId(queue))
        await self._place(by, wish, call, None)
        log.info("call_moved", by=by, call=call, queue=queue)

    async def _place(self, by: str, event: acd.Event, call: str, record: feed.CallPlaced | None) -> None:
        def place() -> None:
            if call not in self._board.book.contacts:
                raise NotWaiting
            self._board.tell(event, by=by)
            if record is not None:
                self._board.carry_out([record])
            self._remember_priority(call)

        await self._runtime.order(place)

    def _remember_priority(self, call: str) -> None:
        """So that a restart of ours finds the caller as high in the line as now."""
        contact = self._board.book.contacts.get(call)
        caller = next((one for one in self._board.engine.snapshot().callers if one.call == call), None)
        if contact is not None and caller is not None and caller.priority > contact.priority:
            contact.priority = caller.priority
            self._board.carry_out([Remember(contact.channel, "HL_PRIO", str(caller.priority))])
