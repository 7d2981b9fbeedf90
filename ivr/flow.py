"""A menu as data: `begin()` and `step()`, which say what the caller meets next. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ivr.answers import answered, deed, question
from ivr.conditions import holds, queues_asked
from ivr.nodes import (
    Announce,
    CallBack,
    Case,
    Decide,
    Do,
    End,
    IfOpen,
    Message,
    Node,
    Queue,
    Say,
    Transfer,
)
from ivr.position import (
    REACHED,
    UNREACHABLE,
    Action,
    Ask,
    Connect,
    Deaf,
    Flow,
    Gather,
    Go,
    Leave,
    Listen,
    LookAt,
    Perform,
    Play,
    QueueState,
    Reply,
    State,
    Turn,
)
from ivr.questions import (
    KEYS,
    AskAloud,
    Asking,
    ChooseLanguage,
    Collect,
    Consent,
    Ending,
    Menu,
    Question,
    SpokenFact,
    Survey,
)
from ivr.ways import successors

__all__ = [
    "KEYS",
    "REACHED",
    "UNREACHABLE",
    "Action",
    "Announce",
    "Ask",
    "AskAloud",
    "CallBack",
    "Case",
    "ChooseLanguage",
    "Collect",
    "Connect",
    "Consent",
    "Deaf",
    "Decide",
    "Do",
    "End",
    "Flow",
    "Gather",
    "IfOpen",
    "Leave",
    "Listen",
    "LookAt",
    "Menu",
    "Message",
    "Node",
    "Perform",
    "Play",
    "Question",
    "Queue",
    "QueueState",
    "Say",
    "SpokenFact",
    "State",
    "Survey",
    "Transfer",
    "begin",
    "step",
    "successors",
]


def begin(
    flow: Flow,
    *,
    entry: str,
    language: str,
    is_open: bool,
    closure: str = "",
    facts: Mapping[str, str] | None = None,
) -> Turn:
    """The first thing a caller of `entry` meets; a language that the flow does not speak counts as unknown.

    `closure` is the prompt that announces an emergency closure, "" = there is none. `facts` are what the records know.
    """
    known = language in flow.languages
    state = State(
        node=flow.entries.get(entry, flow.start),
        language=language if known else flow.languages[0],
        language_known=known,
        open=is_open,
        closure=closure,
        facts={"entry": entry, **(facts or {})},
    )
    return _enter(flow, Go(state=state, to=state.node))


def step(flow: Flow, state: State, reply: Reply) -> Turn:
    """What follows after the action of `state` was done and this was the reply ("" = none)."""
    node = flow.nodes[state.node]
    match node:
        case Say(then=then) | Announce(then=then):
            return _enter(flow, Go(state=state, to=then))
        case Decide():
            return _enter(flow, _decide(node, _looked(state, reply)))
        case Asking() | Do() | CallBack() | Transfer():
            found = answered(node, state, reply)
            if isinstance(found, Go):
                return _enter(flow, found)
            if found[0].steps > flow.limit and not isinstance(found[1], Leave):
                return _enter(flow, Go(state=found[0], to=flow.give_up, by="limit"))
            return found
        case _:
            return state, _last_action(node)


def _enter(flow: Flow, go: Go) -> Turn:
    """Through all nodes that ask and say nothing, up to the next thing that happens."""
    while True:
        name, by = (go.to, go.by) if go.to in flow.nodes else (flow.give_up, go.by)
        if go.state.steps >= flow.limit:
            name, by = flow.give_up, "limit"
            if not isinstance(flow.nodes[name], Queue):
                return go.state, Leave(prompts=(), outcome="menu_only")
        node = flow.nodes[name]
        path = (*go.state.path, name) if isinstance(node, Menu | Ending) else go.state.path
        trail = (*go.state.trail, (name, by))
        state = replace(go.state, node=name, path=path, trail=trail, asked=0, pending="", steps=go.state.steps + 1)
        found = _arrive(node, state)
        if not isinstance(found, Go):
            return found
        go = found


def _arrive(node: Node, state: State) -> Turn | Go:
    match node:
        case ChooseLanguage(then=then, again=False) if state.language_known:
            return Go(state=state, to=then)
        case Asking():
            return replace(state, asked=1), question(node)
        case IfOpen():
            return _hours(node, state)
        case Decide() if not queues_asked(node):
            return _decide(node, state)
        case _:
            return state, _first_action(node, state)


def _first_action(node: Node, state: State) -> Action:
    match node:
        case Say(prompts=prompts):
            return Play(prompts=prompts)
        case Announce():
            return Play(prompts=(state.closure,) if state.closure else ())
        case Decide():
            return LookAt(queues=queues_asked(node))
        case Do() | CallBack() | Transfer():
            return deed(node, state)
        case _:
            return _last_action(node)


def _hours(node: IfOpen, state: State) -> Go:
    if state.closure:
        return Go(state=state, to=node.emergency or node.closed, by="closure")
    return Go(state=state, to=node.open, by="open") if state.open else Go(state=state, to=node.closed, by="closed")


def _decide(node: Decide, state: State) -> Go:
    facts = state.known()
    for number, case in enumerate(node.cases, start=1):
        if holds(case, facts):
            return Go(state=state, to=case.then, by=str(number))
    return Go(state=state, to=node.otherwise, by="otherwise")


def _looked(state: State, reply: Reply) -> State:
    """A queue of which nothing is known has no facts, so that no case of it holds."""
    facts = {name: value for name, value in state.facts.items() if not name.startswith("queue.")}
    for queue, found in reply.items() if isinstance(reply, Mapping) else ():
        facts |= {f"queue.{queue}.waiting": str(found.waiting), f"queue.{queue}.ready": str(found.ready)}
        if found.wait is not None:
            facts[f"queue.{queue}.wait"] = f"{found.wait:.0f}"
    return replace(state, facts=facts)


def _last_action(node: Node) -> Leave:
    match node:
        case Queue(prompts=prompts, queue=queue, topic=topic, tags=tags, priority=priority):
            return Leave(prompts=prompts, queue=queue, topic=topic, tags=tags, priority=priority)
        case Message(prompts=prompts, topic=topic, outcome=outcome):
            return Leave(prompts=prompts, topic=topic, outcome=outcome, message=True)
        case End(prompts=prompts, outcome=outcome):
            return Leave(prompts=prompts, outcome=outcome)
        case _:
            raise AssertionError(f"{node.kind} is not an end")
