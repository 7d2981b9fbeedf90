"""A campaign's calls on Asterisk, ordered by Originate and known again after a crash: `campaign_ports.CampaignLine`."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import structlog

from acd import events as acd
from acd.model import AgentId, AgentState, CallId
from crm_core.campaigns.detection import detection_problems
from crm_core.errors import Invalid, PlatformError, Refused
from crm_core.history.campaign_events import RESPONSE_EVENTS, AttemptEnded
from crm_core.history.events import HistoryEvent
from cti import facts as f
from cti.actions import ChannelActions
from cti.attempts import attempt_of
from cti.book import ContactBook
from cti.calls import tell
from cti.campaign_calls import attempt_failed, begin_attempt, begin_known_attempt
from cti.campaign_ports import DialOrder, OpenAttempt
from cti.cel import newest_of, read_since
from cti.dial_gate import CAMPAIGN
from cti.errors import AsteriskUnreachable
from cti.frames import HostileValue
from cti.lines import Lines
from cti.outgoing import AlreadyOnACall, begin_dialling, outside_legs
from cti.prompt_line import PromptFolder
from cti.runtime import Runtime

log = structlog.get_logger(__name__)

QUEUE = re.compile(r"[a-z0-9_-]{1,40}")
LANGUAGES = ("zh-CN", "en")
RING_LEAST, RING_MOST = 15, 60  # seconds
COVERED = timedelta(seconds=5)  # Asterisk's clock and ours, and the time from the commit to the order


class NotAnOrder(Invalid):
    """A value that must not reach Asterisk."""

    def __init__(self, what: str) -> None:
        super().__init__("The campaign's call cannot be made: {what} is not allowed.", what=what)


class AttemptMade(Refused):
    """This attempt was ordered already; it is never ordered twice."""

    def __init__(self) -> None:
        super().__init__("This attempt was made already.")


class AsteriskCampaignLine:
    def __init__(
        self,
        runtime: Runtime,
        actions: ChannelActions,
        prompts: PromptFolder,
        *,
        cel_files: Mapping[str, Path],
        lines: Lines,
    ) -> None:
        self._runtime, self._board, self._actions = runtime, runtime.switchboard, actions
        self._prompts, self._cel_files, self._lines = prompts, cel_files, lines

    async def place(self, order: DialOrder) -> None:
        """As the port says. NotAnOrder, AttemptMade, cti.outgoing's refusals: nothing was dialled or recorded.

        What goes wrong from here on is told by the feed, as the attempt's end.
        """
        self._check(order)
        if not self._runtime.connected:
            raise AsteriskUnreachable("Originate")
        await self._runtime.order(lambda: self._begin(order))
        try:
            if order.agent:
                leg, campaign = f"{order.call}-1", order.campaign
                await self._actions.originate(order.call, order.agent, order.digits, leg, campaign=campaign)
            else:
                await self._runtime.link.send(self._origination(order))
        except AsteriskUnreachable:
            return  # perhaps it rings all the same: the comparison after the next connect will tell
        except (PlatformError, HostileValue) as refused:
            log.error("attempt_refused", call=order.call, reason=str(refused))
            await self._runtime.order(lambda: self._give_up(order.call))

    def _check(self, order: DialOrder) -> None:
        attempt = attempt_of(order.call)
        if attempt is None or (attempt.campaign, attempt.entry) != (order.campaign, order.entry):
            raise NotAnOrder(f"call {order.call[:40]!r}")
        if self._lines.gate.dialable(f"{CAMPAIGN}{order.campaign}", f"+{order.digits}") != order.digits:
            raise NotAnOrder(f"number {order.digits[:20]!r}")
        if order.queue and not QUEUE.fullmatch(order.queue):
            raise NotAnOrder(f"queue {order.queue[:40]!r}")
        if order.language not in LANGUAGES or not RING_LEAST <= order.ring_seconds <= RING_MOST:
            raise NotAnOrder(f"language {order.language[:10]!r}, ring time {order.ring_seconds}")
        if order.detect_machines and detection_problems(order.detection):
            raise NotAnOrder(f"machine detection {order.detection!r}")

    def _begin(self, order: DialOrder) -> None:
        board, at = self._board, time.time()
        if not self._runtime.connected:
            raise AsteriskUnreachable("Originate")
        if order.call in board.book.contacts or order.call in board.book.ended:
            raise AttemptMade
        live = sum(
            one.attempt is not None and one.attempt.campaign == order.campaign for one in board.book.contacts.values()
        )
        self._lines.gate.allow(f"{CAMPAIGN}{order.campaign}", order.digits, live=live)
        if order.agent:
            view = board.engine.agent(AgentId(order.agent))
            if view is not None and view.call is not None and view.state is not AgentState.WRAP_UP:
                raise AlreadyOnACall
            self._lines.gate.allow(order.agent, order.digits, live=outside_legs(board.book, order.agent))
            board.tell(acd.AgentBeganCall(at=at, call=CallId(order.call), agent=AgentId(order.agent)))
            number, customer = f"+{order.digits}", order.customer_id
            contact = begin_dialling(board.book, order.call, order.agent, number, customer_id=customer, at=at)
            begin_known_attempt(board.book, contact, order, at)
        else:
            begin_attempt(board.book, order, at)
        board.carry_out(board.book.take())

    def _give_up(self, call: str) -> None:
        attempt_failed(self._board.book, call, time.time())
        self._board.carry_out(self._board.book.take())

    def _origination(self, order: DialOrder) -> dict[str, str | list[str]]:
        ways = self._lines.ways(order.digits, campaign=order.campaign)
        return {
            "Action": "Originate",
            # One way only: an attempt is never dialled twice. The best of now is chosen.
            "Channel": f"PJSIP/{ways['HL_ROUTE'].partition('&')[0]}",
            "Context": "hl-campaign",
            "Exten": "agents" if order.queue else "voice",
            "Priority": "1",
            "Async": "true",
            "Timeout": str(order.ring_seconds * 1_000),
            "CallerID": ways["HL_SHOWN"],
            "ChannelId": order.call,
            # One header for each: at a comma Asterisk would begin another variable.
            "Variable": [f"{name}={value}" for name, value in self._variables(order).items()],
        }

    def _variables(self, order: DialOrder) -> dict[str, str]:
        values = {
            "HL_CALL": order.call,
            "HL_DIR": "out",
            "HL_ROLE": "customer",
            "HL_OWNER": "1",
            "HL_STATE": "dialling",
            "HL_ENTRY": order.digits,
            "HL_QUEUE": order.queue,
            "HL_PRIO": "0",
            "HL_MATCH": str(order.customer_id),
            "HL_LANG": order.language,
            "HL_SORRY": self._prompts.path("campaign-dropped", order.language),
            "HL_FOR_MACHINE": self._prompts.path("campaign-machine", order.language),
            "HL_DETECT": "1" if order.detect_machines else "",
            # Dashes: at a comma Asterisk would begin another variable, even in a header of its own.
            "HL_AMD": "-".join(map(str, order.detection)) if order.detect_machines else "",
            "HL_QUESTIONNAIRE": f"{order.questionnaire}-{order.version}",
        }
        return {name: value for name, value in values.items() if value}

    async def tell(self, event: HistoryEvent) -> None:
        """A fact of a questionnaire that is being asked: on record, in turn, when this returns."""
        await self._runtime.order(lambda: self._tell(event))

    def _tell(self, event: HistoryEvent) -> None:
        contact = self._board.book.contacts.get(getattr(event, "call", ""))
        if contact is not None and contact.attempt is not None and isinstance(event, RESPONSE_EVENTS):
            contact.attempt.asked = True
        self._board.carry_out([event])

    async def live(self) -> frozenset[str]:
        rows = await self._runtime.link.ask({"Action": "CoreShowChannels"})
        calls = (row.get("Linkedid") for row in rows)
        return frozenset(call for call in calls if attempt_of(call) is not None)

    async def past(self, attempts: Collection[OpenAttempt]) -> Mapping[str, AttemptEnded]:
        logs = [await asyncio.to_thread(_newest_facts, file, node) for node, file in self._cel_files.items()]
        return settled(attempts, logs)


def _newest_facts(file: Path, node: str) -> list[f.Fact]:
    return read_since(file, newest_of(file), node)[0]


def settled(attempts: Collection[OpenAttempt], logs: Collection[Collection[f.Fact]]) -> dict[str, AttemptEnded]:
    """The ends that these facts of the Asterisks' event logs, all from the first of each on, tell of these attempts."""
    wanted = {attempt.call for attempt in attempts}
    book = ContactBook()
    book.rebuilding = True
    seen: set[str] = set()
    told: dict[str, AttemptEnded] = {}
    for fact in chain.from_iterable(logs):
        if isinstance(fact, f.ChannelFact) and fact.call in wanted:
            seen.add(fact.call)
            ends = (step for step in tell(book, fact) if isinstance(step, AttemptEnded))
            told |= {end.call: end for end in ends}
    # One Asterisk may not have been called at all yet; where nobody wrote a line, nothing is known.
    begins = [min(fact.at for fact in facts if fact.at) for facts in logs if any(fact.at for fact in facts)]
    first = max(begins, default=None)
    for attempt in attempts:
        if attempt.call not in seen and first is not None and _covers(first, attempt.placed_at):
            told[attempt.call] = _not_placed(attempt, attempt.placed_at)
    return told


def _covers(first: float, placed_at: datetime) -> bool:
    return datetime.fromtimestamp(first, UTC) < placed_at - COVERED


def _not_placed(attempt: OpenAttempt, at: datetime) -> AttemptEnded:
    return AttemptEnded(
        at=at.timestamp(), call=attempt.call, campaign=attempt.campaign, result="not_placed", settled_by="cel"
    )
