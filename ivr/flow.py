"""A menu as data: nodes, and `step()`, which says what the caller meets next. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

KEYS = frozenset("0123456789*#")


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Plays its prompts to the end, then goes on."""

    kind: Literal["say"] = "say"
    prompts: tuple[str, ...]
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """Asks for one key. After `tries` questions without a key of the list, `give_up` comes next."""

    kind: Literal["menu"] = "menu"
    prompts: tuple[str, ...]
    keys: Mapping[str, str]
    give_up: str
    invalid: tuple[str, ...] = ("invalid",)
    silent: tuple[str, ...] = ("no-key",)
    tries: int = 3
    seconds: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseLanguage:
    """Asks for the language by one key; skipped when it is known. Without an answer the flow's first one is taken."""

    kind: Literal["language"] = "language"
    prompts: tuple[str, ...]
    keys: Mapping[str, str]  # key -> language
    then: str
    tries: int = 2
    seconds: float = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class IfOpen:
    """Parts the way by opening hours, and before them by an emergency closure ("" = it is closed like at night)."""

    kind: Literal["if_open"] = "if_open"
    open: str
    closed: str
    emergency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """Plays the announcement of the emergency closure, then goes on."""

    kind: Literal["announce"] = "announce"
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """An end: the caller waits in `queue` for an agent."""

    kind: Literal["queue"] = "queue"
    queue: str
    topic: str
    prompts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """An end: the prompts are played and the call is over with this outcome."""

    kind: Literal["end"] = "end"
    outcome: str
    prompts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An end: the caller leaves a voice message. Who says nothing ends with `outcome`."""

    kind: Literal["message"] = "message"
    topic: str = ""
    prompts: tuple[str, ...] = ()
    outcome: str = "out_of_hours"


Node = Say | Menu | ChooseLanguage | IfOpen | Announce | Queue | Message | End


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """`entries` maps a dialled number to its first node; other numbers begin at `start`.

    Whoever has met `limit` nodes and questions goes to `give_up`, so no loop of menus holds a caller.
    """

    name: str
    languages: tuple[str, ...]
    start: str
    give_up: str
    nodes: Mapping[str, Node]
    entries: Mapping[str, str] = field(default_factory=dict)
    limit: int = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where one caller is. `path` holds the menus and ends met, as the screen pop shows them."""

    node: str
    language: str
    language_known: bool
    open: bool
    closure: str = ""  # the prompt of the announcement, "" = no emergency
    asked: int = 0  # questions asked at this node
    path: tuple[str, ...] = ()
    steps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Play these, then step with ""."""

    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Play these and wait for one key; keys cut the prompt. Step with the key, or with ""."""

    prompts: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """The menu is over: play these, then wait in `queue`, or leave a message, or end, with `outcome`."""

    prompts: tuple[str, ...]
    queue: str = ""
    topic: str = ""
    outcome: str = ""
    message: bool = False


Action = Play | Ask | Leave


def begin(flow: Flow, *, entry: str, language: str, is_open: bool, closure: str = "") -> tuple[State, Action]:
    """The first thing a caller of `entry` meets; a language that the flow does not speak counts as unknown.

    `closure` is the prompt that announces an emergency closure, "" = there is none.
    """
    known = language in flow.languages
    state = State(
        node=flow.entries.get(entry, flow.start),
        language=language if known else flow.languages[0],
        language_known=known,
        open=is_open,
        closure=closure,
    )
    return _enter(flow, state, state.node)


def step(flow: Flow, state: State, key: str) -> tuple[State, Action]:
    """What follows after the action of `state` was done and `key` was pressed ("" = none)."""
    node = flow.nodes[state.node]
    match node:
        case Say(then=then) | Announce(then=then):
            return _enter(flow, state, then)
        case Menu() | ChooseLanguage():
            return _answer(flow, state, node, key)
        case _:
            return state, _last_action(node)


def successors(node: Node) -> Iterator[str]:
    """Every node that may come next."""
    match node:
        case Say(then=then) | ChooseLanguage(then=then) | Announce(then=then):
            yield then
        case Menu(keys=keys, give_up=give_up):
            yield from keys.values()
            yield give_up
        case IfOpen(open=when_open, closed=closed, emergency=emergency):
            yield when_open
            yield closed
            if emergency:
                yield emergency


def _enter(flow: Flow, state: State, name: str) -> tuple[State, Action]:
    if state.steps >= flow.limit:
        name = flow.give_up
    node = flow.nodes[name]
    path = (*state.path, name) if isinstance(node, Menu | Queue | Message | End) else state.path
    state = replace(state, node=name, path=path, asked=0, steps=state.steps + 1)
    match node:
        case Say() | Announce():
            return state, Play(prompts=_said(node, state))
        case Menu(prompts=prompts, seconds=seconds):
            return replace(state, asked=1), Ask(prompts=prompts, seconds=seconds)
        case ChooseLanguage(then=then) if state.language_known:
            return _enter(flow, state, then)
        case ChooseLanguage(prompts=prompts, seconds=seconds):
            return replace(state, asked=1), Ask(prompts=prompts, seconds=seconds)
        case IfOpen():
            return _enter(flow, state, _way(node, state))
        case _:
            return state, _last_action(node)


def _said(node: Say | Announce, state: State) -> tuple[str, ...]:
    if isinstance(node, Say):
        return node.prompts
    return (state.closure,) if state.closure else ()


def _way(node: IfOpen, state: State) -> str:
    if state.closure:
        return node.emergency or node.closed
    return node.open if state.open else node.closed


def _answer(flow: Flow, state: State, node: Menu | ChooseLanguage, key: str) -> tuple[State, Action]:
    chosen = node.keys.get(key)
    if isinstance(node, ChooseLanguage):
        complaint: tuple[str, ...] = ()
        ahead = node.then if chosen or state.asked >= node.tries else None
        if chosen:
            state = replace(state, language=chosen, language_known=True)
    else:
        complaint = node.invalid if key else node.silent
        ahead = chosen or (node.give_up if state.asked >= node.tries else None)
    if ahead:
        return _enter(flow, state, ahead)
    again = replace(state, asked=state.asked + 1, steps=state.steps + 1)
    return again, Ask(prompts=complaint + node.prompts, seconds=node.seconds)


def _last_action(node: Node) -> Leave:
    match node:
        case Queue(prompts=prompts, queue=queue, topic=topic):
            return Leave(prompts=prompts, queue=queue, topic=topic)
        case Message(prompts=prompts, topic=topic, outcome=outcome):
            return Leave(prompts=prompts, topic=topic, outcome=outcome, message=True)
        case End(prompts=prompts, outcome=outcome):
            return Leave(prompts=prompts, outcome=outcome)
        case _:
            raise AssertionError(f"{node.kind} is not an end")
