"""What Asterisk shows now, asked after every connect."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from acd import events as acd
from acd.commands import StartTimer
from crm_core.history.events import HistoryEvent
from cti import facts as f
from cti.adoption import compare
from cti.ami import AmiLink
from cti.book import ContactBook
from cti.calls import tell
from cti.cel import CelPosition, read_since
from cti.contacts import Contact
from cti.deeds import BackToMenu, BackToMusic, ContactOver, Deed, HangUp, Remember, Step
from cti.live import LiveCall, LiveSupervision, read_calls, read_leftovers, read_supervisions

LATE_LINES = 0.2  # Asterisk writes its event log from a thread of its own
UNAVAILABLE = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})

_ENGINE_ORDER: tuple[type[acd.Event], ...] = (
    acd.CallLeft,
    acd.OfferEnded,
    acd.TalkEnded,
    acd.ConsultEnded,
    acd.CallHandedOver,
    acd.CallFoundTalking,
    acd.ConsultBegan,
    acd.CallFoundRinging,
    acd.CallFoundWaiting,
    acd.AgentBecameReady,
)
_NOT_AGAIN = (Deed, acd.AgentBecameReady)


@dataclass(frozen=True, slots=True)
class Picture:
    """`devices` maps a phone, e.g. "PJSIP/1018", to its state; `started` tells one life of Asterisk from another."""

    calls: list[LiveCall]
    devices: dict[str, str]
    started: str = ""
    leftovers: list[tuple[str, str]] = field(default_factory=list)
    supervisions: list[LiveSupervision] = field(default_factory=list)


async def look(link: AmiLink, now: float) -> Picture:
    """Both lists, and since when Asterisk runs. AsteriskUnreachable, AsteriskRefused."""
    rows, devices, status = await asyncio.gather(
        link.ask({"Action": "CoreShowChannels"}),
        link.ask({"Action": "DeviceStateList"}),
        link.send({"Action": "CoreStatus"}),
    )
    started = f"{status.get('CoreStartupDate')} {status.get('CoreStartupTime')}".strip()
    states = {row.get("Device"): row.get("State") for row in devices}
    return Picture(read_calls(rows, now), states, started, read_leftovers(rows), read_supervisions(rows))


@dataclass(frozen=True, slots=True)
class EventLog:
    """One Asterisk's, from a position on; `node`: see cti.node_marks."""

    file: Path
    position: CelPosition
    node: str = ""

    async def read(self) -> tuple[list[f.Fact], EventLog]:
        """The facts since, and where to go on."""
        facts, position = await asyncio.to_thread(read_since, self.file, self.position, self.node)
        return facts, replace(self, position=position)


async def catch_up(
    book: ContactBook,
    picture: Picture,
    log: EventLog,
    connected_at: float,
    *,
    fresh_link: bool,
    interrupted: bool = False,
    is_mine: Callable[[Contact], bool] = lambda _: True,
    given_up: bool = False,
) -> tuple[list[Step], CelPosition]:
    """Tell the book what the event log holds up to the connect, then compare it with the live calls.

    `interrupted`: Asterisk itself ended meanwhile, and with it every call of before. Events since the connect are in
    the inbox already and follow this. Only contacts that are `is_mine` are judged: those of this Asterisk. It was
    `given_up`: its calls are on record as ended, so what still lives of them is hung up.
    """
    there = {call.call for call in picture.calls}
    gone = _gone(book, there, is_mine)
    facts, log = await log.read()
    steps = rebuild(book, facts, connected_at, gone)
    if _gone(book, there, is_mine):
        await asyncio.sleep(LATE_LINES)
        facts, log = await log.read()
        steps += rebuild(book, facts, connected_at, gone)
    steps += compare(book, picture.calls, connected_at, fresh_link=fresh_link, interrupted=interrupted, is_mine=is_mine)
    steps += [HangUp(call, channel) for call, channel in picture.leftovers if call not in book.contacts]
    if given_up:
        steps += [HangUp(call.call, call.channel) for call in picture.calls if call.call not in book.contacts]
    return ordered(steps), log.position


def _gone(book: ContactBook, there: Collection[str], is_mine: Callable[[Contact], bool]) -> set[str]:
    return {call for call, contact in book.contacts.items() if call not in there and is_mine(contact)}


def rebuild(book: ContactBook, facts: Iterable[f.Fact], until: float, gone: Collection[str] = ()) -> list[Step]:
    """What was missed, told to the book. Facts that were seen live are known by their time, or change nothing.

    What we did about it then is not done again, and nobody is made ready for a caller who may be gone by now: the
    comparison with the live calls tells what is to be done now.
    A `gone` call ended while we asked: its last facts are taken from here too, or nobody could tell how it ended.
    """
    steps: list[Step] = []
    book.rebuilding = True
    try:
        for fact in facts:
            call = fact.call if isinstance(fact, f.ChannelFact) else ""
            contact = book.contacts.get(call)
            if (fact.at < until or call in gone) and (contact is None or fact.at > contact.seen_until):
                steps += [step for step in tell(book, fact) if not isinstance(step, _NOT_AGAIN)]
    finally:
        book.rebuilding = False
    return steps


def ordered(steps: list[Step]) -> list[Step]:
    """The records as they happened, then what the engine must know, in the order in which it can use it.

    Who is free comes before who is busy; but a talk that both began and ended meanwhile ends after it began, or its
    agent would be taken to talk for ever.
    """
    records: list[Step] = [step for step in steps if isinstance(step, HistoryEvent)]
    begun: set[tuple[str, str]] = set()
    told: list[tuple[float, Step]] = []
    for step in steps:
        if not isinstance(step, _ENGINE_ORDER):
            continue
        place: float = _ENGINE_ORDER.index(type(step))
        if isinstance(step, acd.CallFoundTalking):
            begun.add((step.call, step.agent))
        elif isinstance(step, acd.TalkEnded) and (step.call, step.agent) in begun:
            place = _ENGINE_ORDER.index(acd.CallFoundTalking) + 0.5
        told.append((place, step))
    told.sort(key=lambda one: one[0])
    rest = BackToMusic | BackToMenu | ContactOver | Deed | Remember | StartTimer
    return [*records, *(step for _, step in told), *(step for step in steps if isinstance(step, rest))]
