"""The menus in force: noticed for each call, as calendars are, and put in force when all their prompts are spoken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.errors import PlatformError
from crm_core.flows.queries import PublishedText, flows_stamp, published_texts
from crm_core.lines.queries import numbers
from hotline.background import tell_of_failure
from ivr.flow import Flow, QueueState
from ivr.flow_file import read_flow, shipped_flow
from ivr.line import Caller, Enqueue, Line, Result
from ivr.operations import Operations
from ivr.prompts import make_prompts
from ivr.runner import Report, World, nothing_known, run_menu
from ivr.saying import own_prompts

log = structlog.get_logger(__name__)

DEFAULT_LANGUAGE = "zh-CN"  # of a caller whose number leads into a queue at once
FIRST = "main"  # the flow that answers every number which no flow names


class PromptShelf:
    """The files that a flow's own texts are spoken from."""

    def __init__(self, folder: Path, own: Path | None) -> None:
        self._folder, self._own = folder, own

    def missing(self, flow: Flow) -> int:
        """How many of them are not there yet."""
        names = ((language, name) for language, names in own_prompts(flow).items() for name in names)
        return sum(1 for language, name in names if not (self._folder / language / f"{name}.wav").is_file())

    def speak(self, flows: list[Flow]) -> None:
        """Make what is missing; blocks for seconds to minutes. Raises PromptsMissing."""
        make_prompts(self._folder, own=self._own, flows=flows, tell=lambda told: log.info("prompts", made=str(told)))


class SiteMenus:
    """`cti.menu.Menu` for a site: each call walks the version in force when it came, to its end.

    With the database away the versions known last go on; before any was published, the one that is shipped.
    `queues` is set as soon as telephony has started.
    """

    def __init__(self, operations: Operations, shelf: PromptShelf) -> None:
        self._operations, self._shelf = operations, shelf
        self.queues: Callable[[str], QueueState | None] = nothing_known
        self._stamp = 0
        self._flows: dict[str, Flow] = {FIRST: shipped_flow()}
        self._answers: dict[str, tuple[str, str]] = {}  # by published number: the flow, or the queue, that answers it
        self._silent: dict[str, Flow] = {}  # published, but not all of their prompts are spoken yet
        self._speaking: asyncio.Task[None] | None = None

    async def refresh(self, session: AsyncSession) -> None:
        """One small look-up; the texts only when one was published since."""
        stamp = await flows_stamp(session)
        if stamp != self._stamp:
            for text in await published_texts(session):
                self._take(text)
            self._stamp = stamp
        self._answers = {row.number: (row.menu, row.queue) for row in await numbers(session) if row.menu or row.queue}
        self._put_in_force()

    def flow_for(self, entry: str) -> Flow:
        """The flow that the number was given, else the one that names it, the first menu before others; else that."""
        given, _ = self._answers.get(entry, ("", ""))
        if given in self._flows:
            return self._flows[given]
        named = sorted(self._flows.values(), key=lambda flow: (flow.name != FIRST, flow.name))
        return next((flow for flow in named if entry in flow.entries), self._flows[FIRST])

    async def __call__(self, line: Line, caller: Caller, report: Report) -> Result:
        _, queue = self._answers.get(caller.entry, ("", ""))
        if queue and caller.open and not caller.closure and caller.unreached is None:
            return Enqueue(queue=queue, topic="", path=(), language=caller.language or DEFAULT_LANGUAGE)
        world = World(operations=self._operations, queues=self.queues)
        return await run_menu(self.flow_for(caller.entry), line, caller, report, world=world)

    def _take(self, text: PublishedText) -> None:
        known = self._flows.get(text.flow)
        if known is not None and known.version == text.version:
            self._silent.pop(text.flow, None)
            return
        try:
            self._silent[text.flow] = read_flow(text.text, version=text.version)
        except PlatformError as refused:  # published by a newer product: callers keep what works
            log.error("menu_not_readable", flow=text.flow, version=text.version, reason=str(refused))

    def _put_in_force(self) -> None:
        for name, flow in list(self._silent.items()):
            if not self._shelf.missing(flow):
                self._flows[name] = self._silent.pop(name)
                log.info("menu_in_force", flow=name, version=flow.version)
        if self._silent and self._speaking is None:
            flows = [*self._flows.values(), *self._silent.values()]
            self._speaking = asyncio.create_task(self._speak(flows), name="prompts")
            self._speaking.add_done_callback(tell_of_failure)

    async def _speak(self, flows: list[Flow]) -> None:
        """A voice that fails is tried again for the next call."""
        try:
            await asyncio.to_thread(self._shelf.speak, flows)
        finally:
            self._speaking = None
