"""Trying a flow without a telephone: what a caller brings and does, and where this leads. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ivr.flow import REACHED, Connect, Deaf, Leave, Listen, LookAt, Perform, Play, QueueState, begin, step
from ivr.line import Heard
from ivr.operations import OPERATIONS, UNAVAILABLE, Answer, Spoken
from ivr.position import Action, Flow, Reply, State
from ivr.questions import Field

SILENCE = "-"  # an answer: nothing is pressed or said
HANG_UP = "hang up"
SAID = "say "  # an answer: these words are heard, with certainty; "say? " with doubt
DOUBTED = "say? "
CONNECT = "transfer"  # among the results: "reached", which is so without it, or "unreachable"
EXAMPLES: Mapping[Spoken, str] = {
    Spoken.DIGITS: "20261126001",
    Spoken.NUMBER: "2",
    Spoken.DATE: "2026-11-30",
    Spoken.TIME: "17:30",
    Spoken.MONEY: "128.50",
    Spoken.PLATE: "吉AD30618",
    Spoken.PHONE: "4001718888",
    Spoken.KILOMETRES: "12.5",
    Spoken.PROMPT: "case-open",
    Spoken.SILENT: "1",
}
"""What an operation gives in a trial that does not say: a flow is tried without anybody's records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial(Field):
    """A caller: where it calls, in which language, when; what it answers to each question, "-" = nothing.

    `facts` are class, nuisance, time, weekday; `results` what operations end with, else their first result; `given`
    the facts they give. `listens` = a recogniser is at work. `path` are the nodes that must come in this order, the
    last of them as the end of the menu; () = any.
    """

    entry: str = ""
    language: str = "zh-CN"
    open: bool = True
    closure: str = ""
    known: bool = True
    listens: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    results: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    queues: Mapping[str, QueueState] = field(default_factory=dict)
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Met:
    """One thing that happened to the caller; `reply` is what the caller, the records or the queues answered."""

    state: State
    action: Action
    reply: Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a trial went. `end` None = the caller hung up. `nodes` are all that were entered, in order."""

    met: tuple[Met, ...]
    state: State
    end: Leave | None

    @property
    def nodes(self) -> tuple[str, ...]:
        return tuple(node for node, _ in self.state.trail)


def first_turn(flow: Flow, trial: Trial) -> tuple[State, Action]:
    """What this caller meets first."""
    known = "yes" if trial.known else "no"
    return begin(
        flow,
        entry=trial.entry,
        language=trial.language,
        is_open=trial.open,
        closure=trial.closure,
        facts={"known": known, **trial.facts},
    )


def walk(flow: Flow, trial: Trial) -> Course:
    """The whole way of this caller; ends for every flow, by its `limit`."""
    met: list[Met] = []
    answers = iter(trial.answers)
    state, action = first_turn(flow, trial)
    while not isinstance(action, Leave):
        reply = reply_to(action, trial, answers)
        if reply is None:
            return Course(met=tuple(met), state=state, end=None)
        met.append(Met(state, action, reply))
        state, action = step(flow, state, reply)
    return Course(met=tuple(met), state=state, end=action)


def reply_to(action: Action, trial: Trial, answers: Iterator[str]) -> Reply | None:
    """What is answered to this; None = the caller hangs up."""
    match action:
        case Play():
            return ""
        case LookAt(queues=queues):
            return {queue: trial.queues[queue] for queue in queues if queue in trial.queues}
        case Perform(operation=operation):
            return answer_of(operation, trial)
        case Connect():
            return trial.results.get(CONNECT, REACHED)
        case Listen(digits=0) if not trial.listens:
            return Deaf()
    answer = next(answers, SILENCE)
    return None if answer == HANG_UP else spoken_or_keyed(answer, may_speak=trial.listens)


def spoken_or_keyed(answer: str, *, may_speak: bool) -> Reply:
    """ "4" are keys, "say 修车" are words, "-" is silence; words without a recogniser are silence, too."""
    for start, confidence in ((SAID, 1.0), (DOUBTED, 0.3)):
        if answer.startswith(start):
            return Heard(words=answer.removeprefix(start), confidence=confidence) if may_speak else ""
    return "" if answer == SILENCE else answer


def answer_of(operation: str, trial: Trial) -> Answer:
    """What the trial says, else the first result with an example for each fact."""
    known = OPERATIONS.get(operation)
    if known is None:
        return Answer(result=UNAVAILABLE)
    facts = {name: trial.given.get(name, EXAMPLES[spoken]) for name, spoken in known.gives.items()}
    return Answer(result=trial.results.get(operation, known.results[0]), facts=facts)


def failure_of(flow: Flow, trial: Trial) -> str:
    """ "" when the way is as the trial wants it, else the way that was taken instead."""
    course = walk(flow, trial)
    wanted = iter(trial.path)
    ahead = next(wanted, None)
    for node in course.nodes:
        if node == ahead:
            ahead = next(wanted, None)
    right_end = not trial.path or course.nodes[-1] == trial.path[-1]
    return "" if ahead is None and right_end else " > ".join(course.nodes)
