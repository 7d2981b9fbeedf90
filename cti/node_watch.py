"""Which phones can be rung, and what becomes of the callers of an Asterisk that goes away while another one is up."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from acd import events as acd
from acd.model import AgentId, CallId
from cti import facts as f
from cti.contacts import Phase
from cti.lost_phones import LostPhones
from cti.node_state import Nodes, NodeState
from cti.switchboard import Switchboard

log = structlog.get_logger(__name__)

_IN_THE_ENGINE = (Phase.WAITING, Phase.OFFERING, Phase.LOST)


class NodeWatch:
    """`reachable` and `registration` are told what a node says of a phone; `lost` and `told_again`, how nodes fare."""

    def __init__(self, nodes: Nodes, board: Switchboard, lost_phones: LostPhones, clock: Callable[[], float]) -> None:
        self._nodes, self._board, self._lost_phones, self._clock = nodes, board, lost_phones, clock

    def reachable(self, node: NodeState, device: str, at: float, reachable: bool) -> None:
        agent = device.removeprefix("PJSIP/")
        if device.startswith("PJSIP/") and agent.isdigit():
            node.phones[agent] = reachable
            self._tell(agent, at, reachable if len(self._nodes) == 1 else self._nodes.reaches(agent, at))

    def registration(self, node: NodeState, fact: f.ContactChanged) -> None:
        there = fact.status not in ("Removed", "Unreachable")
        registered = node.registered(fact.aor, fact.uri, there=there)
        self.reachable(node, f"PJSIP/{fact.aor}", fact.at, registered)
        if not registered:
            self._lost_phones.unregistered(fact.aor)

    def told_again(self) -> None:
        """A node came, went, or counts from now on: what that means for every phone."""
        at = self._clock()
        for agent in sorted({agent for node in self._nodes.all for agent in node.phones}):
            self._tell(agent, at, self._nodes.reaches(agent, at))

    def _tell(self, agent: str, at: float, reachable: bool) -> None:
        self._board.carry_out([acd.AgentReachabilityChanged(at=at, agent=AgentId(agent), reachable=reachable)])

    def lost(self, node: NodeState) -> None:
        """Its waiting callers leave the engine, which would keep agents for phones that never ring. They stay in the
        book: the next comparison with this node puts those who still wait there back in their places.
        """
        at = self._clock()
        calls = [
            contact.call
            for contact in self._board.book.contacts.values()
            if contact.phase in _IN_THE_ENGINE and contact.customer_owns and self._nodes.is_on(contact, node)
        ]
        log.error("node_lost", node=node.name, waiting=len(calls))
        self._board.carry_out([acd.CallLeft(at=at, call=CallId(call)) for call in calls])
        self.told_again()
