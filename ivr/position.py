"""A flow as a whole, where one caller is in it, and what happens next to this caller. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.line import Heard
from ivr.nodes import Node
from ivr.operations import Answer
from ivr.questions import Field, Prompts, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow(Field):
    """`entries` maps a dialled number to its first node; other numbers begin at `start`.

    Whoever has met `limit` nodes and questions goes to `give_up`, so no loop of menus holds a caller.
    `texts` are the flow's own prompts: language -> name -> text; one that lacks is said in the first language.
    `titles` are the nodes' names for people: language -> node -> title.
    `version` is 0 for a flow that nobody has published.
    """

    name: str
    languages: tuple[str, ...]
    start: str
    give_up: str
    nodes: Mapping[str, Node]
    entries: Mapping[str, str] = field(default_factory=dict)
    limit: int = 40
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where one caller is. `path` holds the menus and ends met, as the screen pop shows them.

    `trail` is every node entered, each with the answer that led there: a key, a word, a result, "" = nothing said.
    `pending` tells which question of the node is open: "" = its own, else e.g. "confirm" or the survey's third.
    """

    node: str
    language: str
    language_known: bool
    open: bool
    closure: str = ""  # the prompt of the announcement, "" = no emergency
    asked: int = 0  # questions asked at this node
    path: tuple[str, ...] = ()
    steps: int = 0
    facts: Mapping[str, str] = field(default_factory=dict)
    identified: bool = False
    pending: str = ""
    trail: tuple[tuple[str, str], ...] = ()

    def known(self) -> Mapping[str, str]:
        """All facts, those included that the state itself tells."""
        told = {
            "open": _yes(self.open and not self.closure),
            "closure": _yes(bool(self.closure)),
            "language": self.language,
            "identified": _yes(self.identified),
        }
        return {**self.facts, **told}


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Play these, then step with ""."""

    prompts: Prompts


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Play these and wait for one key; keys cut the prompt. Step with the key, or with ""."""

    prompts: Prompts
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Gather:
    """Play these and wait for up to `digits` keys. Step with them, or with ""."""

    prompts: Prompts
    seconds: float
    digits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen(Ask):
    """A question that may be answered by speech, too. Step with what was heard, or with the keys alone.

    Where nobody can listen, play `by_key` and wait for up to `digits` keys; 0 = there is nothing to press.
    """

    by_key: Prompts
    words: Words
    digits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Perform:
    """Play these, then have the operation done with these facts. Step with its answer."""

    prompts: Prompts
    operation: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAt:
    """Find out how these queues are; nothing is to be heard. Step with what is known of each."""

    queues: tuple[str, ...]
    prompts: Prompts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """`wait` in seconds is what a caller who comes now may expect, None = nobody can tell."""

    waiting: int
    ready: int
    wait: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """The menu is over: play these, then wait in `queue`, or leave a message, or end, with `outcome`."""

    prompts: Prompts
    queue: str = ""
    topic: str = ""
    outcome: str = ""
    message: bool = False
    tags: tuple[str, ...] = ()
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """Play these, then connect the caller with `number`, or with the dealer of this id, who must answer in `ring` s.

    Step with REACHED, after which the menu is over, or with UNREACHABLE.
    """

    prompts: Prompts
    number: str
    dealer: str
    topic: str
    ring: int


REACHED, UNREACHABLE = "reached", "unreachable"

Action = Play | Ask | Gather | Listen | Perform | LookAt | Connect | Leave


@dataclass(frozen=True, slots=True)
class Deaf:
    """The reply to `Listen` when nobody can listen and there is nothing to press."""


Reply = str | Heard | Deaf | Answer | Mapping[str, QueueState]


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """On to the node `to`; `by` is what led there."""

    state: State
    to: str
    by: str = ""


Turn = tuple[State, Action]


def _yes(value: bool) -> str:
    return "yes" if value else "no"
