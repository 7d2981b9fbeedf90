"""Takes one caller through a flow."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from ivr.flow import (
    UNREACHABLE,
    Ask,
    Connect,
    Deaf,
    Flow,
    Gather,
    Leave,
    Listen,
    LookAt,
    Menu,
    Perform,
    Play,
    QueueState,
    begin,
    step,
)
from ivr.hearing import phrases_of
from ivr.line import (
    Caller,
    CallerGone,
    Enqueue,
    Finish,
    Heard,
    Line,
    Listener,
    PutThrough,
    Result,
    TakeMessage,
    Visit,
    Walked,
)
from ivr.operations import UNAVAILABLE, Answer, Asker, Operations
from ivr.position import Action, Reply, State, Turn
from ivr.questions import Prompts
from ivr.saying import Say, Speech
from ivr.spoken import say

log = structlog.get_logger(__name__)

HUNG_UP = "menu_only"
OPERATION_SECONDS = 2.5  # an operation answers within two; who does not is not waited for
WAIT_A_MOMENT = ("hold-on",)  # before a second operation in a row: nobody hears nothing for longer than one

Report = Callable[[str, str], None]


class NoRecords:
    """Operations of a site without records: nothing can be looked up or done."""

    async def do(self, name: str, asker: Asker, facts: object) -> Answer:
        return Answer(result=UNAVAILABLE)


def nothing_known(queue: str) -> QueueState | None:
    """For a site that does not ask how its queues are."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a menu may ask beside its caller. `queues` gives None for a queue of which nothing is known."""

    operations: Operations = field(default_factory=NoRecords)
    queues: Callable[[str], QueueState | None] = nothing_known
    say: Say = say
    clock: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the menu goes on for a caller who could not be put through."""

    flow: Flow
    state: State


async def run_menu(flow: Flow, line: Line, caller: Caller, report: Report, *, world: World | None = None) -> Result:
    """Where the caller goes. `report(node, key)` is called for each question; a caller who hangs up gives menu_only.

    What is said before a question is played together with it: who knows the menu presses the key at once. A caller who
    was not put through goes on in the flow of before, whatever `flow` is.
    """
    before = caller.unreached.place if caller.unreached else None
    return await _Walk(before.flow if before else flow, line, caller, report, world or World()).to_its_end(before)


class _Walk:
    def __init__(self, flow: Flow, line: Line, caller: Caller, report: Report, world: World) -> None:
        self._flow, self._line, self._caller, self._report, self._world = flow, line, caller, report, world
        self._speech = Speech(flow, world.say)
        self._said: tuple[str, ...] = ()  # to be played with the next question
        self._heard_since = True  # something was to hear since the last operation
        self._visits: list[Visit] = []
        self._first = 0  # nodes that were told of before

    async def to_its_end(self, before: _Place | None = None) -> Result:
        self._first = len(before.state.trail) if before else 0
        state, action = step(self._flow, before.state, UNREACHABLE) if before else self._begin()
        self._note(state)
        try:
            while not isinstance(action, Leave | Connect):
                reply = await self._carry_out(state, action)
                state, action = step(self._flow, state, reply)
                self._note(state)
            await self._play(state, action.prompts)
        except CallerGone:
            return self._left(state, Leave(prompts=(), outcome=HUNG_UP), hung_up=True)
        return self._left(state, action)

    def _begin(self) -> Turn:
        caller = self._caller
        return begin(
            self._flow,
            entry=caller.entry,
            language=caller.language,
            is_open=caller.open,
            closure=caller.closure,
            facts={"known": "yes" if caller.matches else "no", **caller.facts},
        )

    async def _carry_out(self, state: State, action: Action) -> Reply:
        match action:
            case Play(prompts=prompts):
                self._said += self._files(state, prompts)
            case Gather(prompts=prompts, seconds=seconds, digits=digits):
                return await self._ask(state, prompts, seconds, digits)
            case Listen():
                return await self._listen(state, action)
            case Ask(prompts=prompts, seconds=seconds):
                return await self._ask(state, prompts, seconds, 1)
            case LookAt(queues=queues):
                found = {queue: self._world.queues(queue) for queue in queues}
                return {queue: known for queue, known in found.items() if known is not None}
            case Perform():
                return await self._perform(state, action)
        return ""

    async def _ask(self, state: State, prompts: Prompts, seconds: float, digits: int) -> str:
        files = self._to_hear(state, prompts)
        keys = await self._line.ask(files, state.language, seconds=seconds, digits=digits)
        # What is gathered may be a PIN or a telephone number: that it came is told, not what it was.
        self._report(state.node, keys if digits == 1 else "keyed" if keys else "")
        return keys

    async def _listen(self, state: State, action: Listen) -> Reply:
        language, line = state.language, self._line
        if not (isinstance(line, Listener) and line.hears(language)):
            if not action.digits:
                return Deaf()
            return Heard(keys=await self._ask(state, action.by_key, action.seconds, action.digits))
        heard = await line.listen(
            self._to_hear(state, action.prompts),
            language,
            words=phrases_of(action.words, language),
            seconds=action.seconds,
            digits=max(action.digits, 1),
            by_key=self._files(state, action.by_key) if action.digits else (),
        )
        plain = isinstance(self._flow.nodes[state.node], Menu)
        keyed = heard.keys if plain else "keyed"
        self._report(state.node, keyed if heard.keys else "said" if heard.words else "")
        return heard

    async def _perform(self, state: State, action: Perform) -> Answer:
        await self._play(state, action.prompts)
        if not self._heard_since:
            await self._line.play(WAIT_A_MOMENT, state.language)
        self._heard_since = False
        caller = self._caller
        asker = Asker(
            call=caller.call,
            number=caller.number,
            entry=caller.entry,
            matches=caller.matches,
            language=state.language,
        )
        try:
            async with asyncio.timeout(OPERATION_SECONDS):
                return await self._world.operations.do(action.operation, asker, action.facts)
        except TimeoutError:
            log.error("operation_slow", operation=action.operation, limit=OPERATION_SECONDS)
        except Exception:
            log.exception("operation_failed", operation=action.operation)
        return Answer(result=UNAVAILABLE)

    async def _play(self, state: State, prompts: Prompts) -> None:
        files = self._to_hear(state, prompts)
        if files:
            await self._line.play(files, state.language)

    def _to_hear(self, state: State, prompts: Prompts) -> tuple[str, ...]:
        files = self._said + self._files(state, prompts)
        self._said = ()
        self._heard_since = self._heard_since or bool(files)
        return files

    def _files(self, state: State, prompts: Prompts) -> tuple[str, ...]:
        return self._speech.files(prompts, state.facts, state.language)

    def _note(self, state: State) -> None:
        at = self._world.clock()
        self._visits += [Visit(node=node, by=by, at=at) for node, by in state.trail[self._first + len(self._visits) :]]

    def _left(self, state: State, leave: Leave | Connect, *, hung_up: bool = False) -> Result:
        told: dict[str, Any] = {
            "path": state.path,
            "language": state.language,
            "language_chosen": state.language_known,
            "walked": Walked(
                flow=self._flow.name,
                version=self._flow.version,
                visits=tuple(self._visits),
                hung_up=hung_up,
                first=self._first,
            ),
        }
        if isinstance(leave, Connect):
            place = _Place(self._flow, state)
            told |= {"number": leave.number, "dealer": leave.dealer, "ring": leave.ring, "place": place}
            return PutThrough(topic=leave.topic, **told)
        if leave.message:
            return TakeMessage(topic=leave.topic, outcome=leave.outcome, **told)
        if not leave.queue:
            return Finish(outcome=leave.outcome, **told)
        return Enqueue(
            queue=leave.queue,
            topic=leave.topic,
            tags=leave.tags,
            priority=leave.priority,
            **told,
        )
