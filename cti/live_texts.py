"""The talks of this site as text while they go on: which are listened to, and who is told of each change.

It looks at the calls that live and keeps in step with them; a fault here is a line on a screen, never in a call.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

from crm_core.history.events import (
    ConsultAnswered,
    ConsultBegan,
    ConsultEnded,
    HistoryEvent,
    HoldBegan,
    HoldEnded,
    PartyJoined,
    PartyLeft,
    TalkBegan,
    TalkEnded,
    TelephonyLinkChanged,
)
from cti.audio_socket import StreamEnded
from cti.book import ContactBook
from cti.contacts import Contact, Leg, Phase
from cti.errors import AsteriskRefused, AsteriskUnreachable
from cti.feed import Feed
from cti.live_side import LiveSide
from cti.talk_text import Side, TalkText, TalkTextView, TextState
from cti.voices import Link, NoVoice, Voices
from ivr.recogniser_pool import Recognisers

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0  # also without news: room may have come, a recogniser may have gone
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # between two tries to get a side's sound
SPOKEN = "zh-CN"  # where the menu did not tell
_NEWS = (TalkBegan, TalkEnded, HoldBegan, HoldEnded, ConsultBegan, ConsultAnswered, ConsultEnded, PartyJoined)
_MORE_NEWS = (PartyLeft, TelephonyLinkChanged)


@dataclass(slots=True)
class _Talk:
    text: TalkText
    contact: Contact
    leg: Leg
    sides: dict[Side, LiveSide] = field(default_factory=dict)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


class LiveTexts:
    """`agent_desktop.ports.TalkTexts`, from `start` on."""

    def __init__(self, recognisers: Recognisers, *, clock: Callable[[], float] = time.time) -> None:
        self._recognisers, self._clock = recognisers, clock
        self._voices = Voices()
        self._talks: dict[str, _Talk] = {}  # by leg
        self._watching: dict[str, set[asyncio.Event]] = {}  # by agent
        self._tasks: list[asyncio.Task[None]] = []
        self._book: ContactBook
        self._feed: Feed

    async def start(self, link: Link, book: ContactBook, feed: Feed, ready: asyncio.Event) -> None:
        """Models take a core for seconds: they are loaded once `ready` is set."""
        self._book, self._feed = book, feed
        await self._voices.start(link)
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(work, name="live_texts") for work in (self._run(ready), self._look_often())]

    async def stop(self) -> None:
        tasks = [*self._tasks, *(task for talk in self._talks.values() for task in talk.tasks)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._recognisers.stop()
        await self._voices.stop()

    # ---- who looks on

    def of(self, agent: str) -> TalkTextView | None:
        """This agent's talk as text; None while the agent does not talk."""
        talk = next((one for one in self._talks.values() if one.leg.agent == agent), None)
        return talk.text.view if talk is not None else None

    @contextmanager
    def watching(self, agent: str) -> Iterator[asyncio.Event]:
        """The event is set whenever something of this agent's text has changed; who waits for it clears it."""
        news = asyncio.Event()
        news.set()
        self._watching.setdefault(agent, set()).add(news)
        try:
            yield news
        finally:
            self._watching[agent].discard(news)
            if not self._watching[agent]:
                del self._watching[agent]

    def _tell(self, agent: str) -> None:
        for news in self._watching.get(agent, ()):
            news.set()

    # ---- in step with the calls

    async def _run(self, ready: asyncio.Event) -> None:
        await ready.wait()
        self._recognisers.start()
        while True:
            async with self._feed.follow() as records:
                self._look()
                async for record in records:
                    if isinstance(record.event, _NEWS + _MORE_NEWS):
                        self._look(record.event)
            log.warning("live_text_feed_closed")

    async def _look_often(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                self._look()
            except Exception:
                log.exception("live_texts_not_looked_after")

    def _look(self, _event: HistoryEvent | None = None) -> None:
        """Begin with talks that are new, leave those that are over, and note what each may be."""
        there = {leg.id: (contact, leg) for contact in self._book.contacts.values() if (leg := _talking(contact))}
        for gone in self._talks.keys() - there.keys():
            self._leave(gone)
        for name, (contact, leg) in there.items():
            talk = self._talks.get(name) or self._begin(contact, leg)
            self._settle(talk)

    def _begin(self, contact: Contact, leg: Leg) -> _Talk:
        text = TalkText(
            call=contact.call,
            leg=leg.id,
            agent=leg.agent,
            queue=contact.queue,
            language=contact.language or SPOKEN,
            began_at=leg.answered_at,
        )
        talk = self._talks[leg.id] = _Talk(text, contact, leg)
        self._tell(leg.agent)
        return talk

    def _leave(self, name: str) -> None:
        talk = self._talks.pop(name)
        for task in talk.tasks:
            task.cancel()
        self._tell(talk.leg.agent)

    def _settle(self, talk: _Talk) -> None:
        state = self._state_of(talk)
        if state in (TextState.LISTENING, TextState.HELD, TextState.PAUSED, TextState.AWAY):
            self._listen(talk)
        if talk.text.become(state):
            self._tell(talk.leg.agent)

    def _state_of(self, talk: _Talk) -> TextState:
        if _held(talk.contact, talk.leg):
            return TextState.HELD
        language = talk.text.language
        if not self._recognisers.knows(language):
            return TextState.NO_MODEL
        if language not in self._recognisers.languages:
            return TextState.AWAY
        return TextState.LISTENING

    def _listen(self, talk: _Talk) -> None:
        if talk.tasks:
            return
        for side, channel in _channels(talk.contact, talk.leg).items():
            talk.sides[side] = LiveSide(
                side,
                talk.text,
                self._recognisers,
                muted=lambda: _held(talk.contact, talk.leg),
                changed=lambda: self._tell(talk.leg.agent),
                clock=self._clock,
            )
            task = asyncio.create_task(self._follow(talk.sides[side], channel), name=f"live_text-{talk.leg.id}-{side}")
            talk.tasks.append(task)

    async def _follow(self, side: LiveSide, channel: str) -> None:
        """Until the talk is over. The stream may break in the middle of it: then another is asked for."""
        pause = FIRST_PAUSE
        while True:
            try:
                async with self._voices.of(channel) as stream:
                    await side.follow(stream)
            except (StreamEnded, NoVoice, AsteriskRefused, AsteriskUnreachable) as ended:
                log.info("live_text_stream_ended", channel=channel, reason=str(ended))
            except Exception:
                log.exception("live_text_failed", channel=channel)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


class NoTexts:
    """A site without live text: its talks have none."""

    def of(self, agent: str) -> TalkTextView | None:
        return None

    @contextmanager
    def watching(self, agent: str) -> Iterator[asyncio.Event]:
        yield asyncio.Event()


def _talking(contact: Contact) -> Leg | None:
    """The agent's leg of a talk with the customer."""
    leg = contact.leg
    return leg if leg is not None and leg.answered_at and leg.channel and not leg.left_at else None


def _channels(contact: Contact, leg: Leg) -> dict[Side, str]:
    customer = contact.customer_channel or contact.channel
    return {Side.CUSTOMER: customer, Side.AGENT: leg.channel}


def _held(contact: Contact, leg: Leg) -> bool:
    """The customer hears music: what the agent says now is for somebody else."""
    return bool(leg.hold_since) or contact.phase is Phase.CONSULTING
