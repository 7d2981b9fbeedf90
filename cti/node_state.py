"""What is known of each Asterisk of the site, and what follows from it for phones and contacts. No I/O, no clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cti.ami import AmiLink
from cti.cel import CelPosition
from cti.contacts import Contact
from cti.node_marks import node_of

READ_AGAIN_SECONDS = 6  # longer than a silent link goes unnoticed
SETTLE_SECONDS = 10.0  # from the link to a node until all phones are registered with it
GIVE_UP_SECONDS = 10.0  # without a link, until a node's calls are taken for ended


def _marks() -> deque[CelPosition]:
    return deque(maxlen=READ_AGAIN_SECONDS)


@dataclass(slots=True)
class NodeState:
    """One Asterisk. `name` "" is the first one's; `link` is set before the runtime runs.

    `cel_marks` are places in its event log, one a second: the oldest counts, because a link may have been silent for
    seconds before that is noticed, and what was logged meanwhile is read again. What was seen live changes nothing.
    `started` tells one life of this Asterisk from another. Times in seconds since 1970, 0 = never.
    """

    name: str
    cel_file: Path
    started: str = ""
    cel_marks: deque[CelPosition] = field(default_factory=_marks)
    link: AmiLink = field(init=False)
    connected: bool = False
    up_since: float = 0.0
    lost_at: float = 0.0
    given_up: bool = False
    contact_uris: dict[str, set[str]] = field(default_factory=dict)
    phones: dict[str, bool] = field(default_factory=dict)  # by agent: whether this node reaches the phone

    def registered(self, aor: str, uri: str, *, there: bool) -> bool:
        """Whether the phone is still registered. A page that is loaded again does so before its old one is removed."""
        uris = self.contact_uris.setdefault(aor, set())
        (uris.add if there else uris.discard)(uri)
        return bool(uris)


class Nodes:
    """All of the site's, the first one first."""

    def __init__(self, nodes: Sequence[NodeState]) -> None:
        self._by = {node.name: node for node in nodes}

    def __getitem__(self, name: str) -> NodeState:
        return self._by[name]

    def __len__(self) -> int:
        return len(self._by)

    @property
    def all(self) -> tuple[NodeState, ...]:
        return tuple(self._by.values())

    @property
    def away(self) -> tuple[int, ...]:
        """Of several, which are not linked; 1 = the first."""
        return tuple(place for place, node in enumerate(self.all, 1) if not node.connected) if len(self) > 1 else ()

    def place(self, node: NodeState) -> int:
        """1 = the first."""
        return self.all.index(node) + 1

    @property
    def linked(self) -> list[NodeState]:
        return [node for node in self._by.values() if node.connected]

    def reaches(self, agent: str, at: float) -> bool:
        """Whether a caller on any node can be offered to this agent: every node that is up must reach the phone.

        One that has just come up is not asked yet, unless there is no other: phones need seconds to register, and
        callers of the others wait.
        """
        linked = self.linked
        settled = [node for node in linked if at - node.up_since >= SETTLE_SECONDS]
        return all(node.phones.get(agent, True) for node in settled or linked or self._by.values())

    def home(self, contact: Contact) -> str | None:
        """The node on which the contact lives; None for a call of ours that no node has shown yet."""
        if channel := contact.channel or contact.customer_channel:
            return node_of(channel)
        head = contact.call.partition("-")[0]
        if head in self._by:
            return head
        return "" if contact.is_inbound else None

    def is_on(self, contact: Contact, node: NodeState) -> bool:
        """Whether this node's list of channels is what tells if the contact lives."""
        if len(self._by) == 1:
            return True
        home = self.home(contact)
        if home is not None:
            return home == node.name
        return all(other is node or other.connected or other.given_up for other in self._by.values())
