"""Keeps the demo moving: customers call in as on a weekday, simulated agents take their calls and write them up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from agent_desktop.ports import Telephony
from crm_core.clock import now
from crm_core.db import Database
from crm_core.errors import PlatformError
from crm_core.history import actions as history
from crm_core.history.events import AgentStateChanged, ContactEnded, ContactStarted, FeedRecord, TalkBegan
from hotline.demo.caller import CustomerCall, TrunkSide
from hotline.demo.words import record_for

log = structlog.get_logger()

TOPIC_KEYS = {"enquiry": "1", "complaint": "2", "suggestion": "3", "repair": "4", "rescue": "5", "agent": "0"}
TOPIC_WEIGHTS = {"enquiry": 30, "complaint": 10, "suggestion": 4, "repair": 42, "rescue": 6, "agent": 8}
MENU_ONLY_SHARE = 0.06
IMPATIENT_SHARE = 0.08
UNKNOWN_SHARE = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How busy the day is; times in seconds, means of exponential or log-normal draws."""

    between_calls: float = 9.0
    talk: float = 55.0
    wrap_up: float = 9.0
    break_share: float = 0.04
    break_seconds: float = 90.0
    most_at_once: int = 16


@dataclass(slots=True)
class Visitor:
    """A customer on the line, and what this one will do."""

    call: CustomerCall
    patience: float
    talk: float
    served: bool = False


class DemoDay:
    """`run()` until cancelled; then all simulated calls are hung up and the agents signed out."""

    def __init__(
        self,
        *,
        telephony: Telephony,
        database: Database,
        trunk: TrunkSide,
        entries: Sequence[str],
        numbers: Sequence[str],
        agents: Sequence[str],
        pace: Pace,
        seed: int,
    ) -> None:
        self._telephony, self._database, self._trunk = telephony, database, trunk
        self._entries, self._numbers, self._agents = entries, numbers, frozenset(agents)
        self._pace, self._random = pace, random.Random(seed)  # noqa: S311 - a play, not a secret
        self._visitors: dict[str, Visitor] = {}
        self._contacts: dict[str, str] = {}  # contact id -> national number
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        for agent in sorted(self._agents):
            await self._telephony.sign_in(agent, ready=True)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch())
                group.create_task(self._callers())
        finally:
            await self._close()

    async def _close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        visitors = list(self._visitors.values())
        await asyncio.gather(*(v.call.stop() for v in visitors), return_exceptions=True)
        for agent in sorted(self._agents):
            try:
                await self._telephony.sign_out(agent)
            except PlatformError:
                log.info("demo_agent_stays", agent=agent)

    async def _callers(self) -> None:
        while True:
            await asyncio.sleep(self._random.expovariate(1 / self._pace.between_calls))
            if len(self._visitors) < self._pace.most_at_once:
                self._later(0, self._one_call())

    async def _one_call(self) -> None:
        number = self._pick_number()
        if number in self._visitors:
            return
        topic = self._random.choices(list(TOPIC_WEIGHTS), weights=list(TOPIC_WEIGHTS.values()))[0]
        menu_only = self._random.random() < MENU_ONLY_SHARE
        keys = "" if menu_only else TOPIC_KEYS[topic]
        patience = self._random.uniform(3, 25) if self._random.random() < IMPATIENT_SHARE else 300.0
        talk = self._pace.talk * self._random.lognormvariate(-0.18, 0.6)
        call = CustomerCall(self._trunk, number, self._random.choice(self._entries), keys)
        visitor = self._visitors[number] = Visitor(call=call, patience=patience, talk=talk)
        try:
            await call.dial()
            self._later(8.0 if menu_only else 12.0 + patience, self._lose_patience(number, visitor))
            await call.ended()
        finally:
            self._visitors.pop(number, None)

    def _pick_number(self) -> str:
        if self._numbers and self._random.random() > UNKNOWN_SHARE:
            return self._random.choice(self._numbers)
        return f"13{self._random.randrange(10**9):09d}"

    async def _lose_patience(self, number: str, visitor: Visitor) -> None:
        if self._visitors.get(number) is visitor and not visitor.served:
            visitor.call.hang_up()

    async def _watch(self) -> None:
        async with self._telephony.follow() as feed:
            async for record in feed:
                self._seen(record)

    def _seen(self, record: FeedRecord) -> None:
        match record.event:
            case ContactStarted(call=call, caller=caller):
                self._contacts[call] = national(caller)
            case TalkBegan(call=call):
                self._talk_began(self._contacts.get(call, ""))
            case ContactEnded(call=call):
                self._contacts.pop(call, None)
            case AgentStateChanged(agent=agent, state="wrap_up", call=call) if agent in self._agents:
                self._later(self._random.expovariate(1 / self._pace.wrap_up), self._write_up(agent, call))
            case AgentStateChanged(agent=agent, state="break") if agent in self._agents:
                self._later(self._random.expovariate(1 / self._pace.break_seconds), self._back(agent))
            case _:
                pass

    def _talk_began(self, number: str) -> None:
        visitor = self._visitors.get(number)
        if visitor is not None and not visitor.served:
            visitor.served = True
            self._later(visitor.talk, self._say_goodbye(visitor))

    async def _say_goodbye(self, visitor: Visitor) -> None:
        visitor.call.hang_up()

    async def _write_up(self, agent: str, contact: str) -> None:
        """What an agent does in after-call work: the record, then ready, now and then a short break."""
        try:
            async with self._database.begin() as session:
                record = await record_for(session, contact, self._random)
                if record is not None:
                    await history.save_record(session, contact, actor=agent, finished=True, at=now(), **record)
        except (SQLAlchemyError, OSError) as away:  # else nobody would be ready again when the database is back
            log.warning("demo_record_not_written", contact=contact, reason=str(away))
        if self._random.random() < self._pace.break_share:
            await self._telephony.take_break(agent, self._random.choice(("rest", "lunch", "training")))
        else:
            await self._telephony.go_ready(agent)

    async def _back(self, agent: str) -> None:
        await self._telephony.go_ready(agent)

    def _later(self, seconds: float, work: Coroutine[None, None, None]) -> None:
        """Do it after a while; a refusal (the call ended meanwhile) is part of the play and only noted."""

        async def wait() -> None:
            await asyncio.sleep(seconds)
            try:
                await work
            except PlatformError as refusal:
                log.info("demo_refused", reason=str(refusal))

        task = asyncio.create_task(wait())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def national(e164: str) -> str:
    """The number as the demo's trunk sends it: Chinese numbers without +86."""
    return e164.removeprefix("+86")
