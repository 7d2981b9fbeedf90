"""The talks of this site as text while they go on: which are listened to, and who is told of each change.

It looks at the calls that live and keeps in step with them; a fault here is a line on a screen, never in a call.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import structlog

from crm_core.history import events as feed
from crm_core.live_text.rules import LiveTextRules
from cti.book import ContactBook
from cti.feed import Feed
from cti.live_talk import LiveTalk, talking_leg
from cti.talk_text import LiveTextFigures, TalkTextView, TextState
from cti.voices import Link, Voices
from cti.watching import Watching
from ivr.live_load import LiveLoad, Spent
from ivr.recogniser_pool import Recognisers

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0  # also without news: room may have come, a recogniser may have gone
RULES_SECONDS = 5.0  # a switch that was turned counts after so long
_NEWS = (
    *(feed.TalkBegan, feed.TalkEnded, feed.HoldBegan, feed.HoldEnded, feed.ConsultBegan, feed.ConsultAnswered),
    *(feed.ConsultEnded, feed.PartyJoined, feed.PartyLeft, feed.ContactEnded, feed.TelephonyLinkChanged),
    *(feed.RecordingPaused, feed.RecordingResumed),
)


async def everywhere() -> LiveTextRules:
    return LiveTextRules()


class LiveTexts:
    """`agent_desktop.ports.TalkTexts`, from `start` on. `rules` are read again and again, `idle` tells idle cores."""

    def __init__(
        self,
        recognisers: Recognisers,
        load: LiveLoad,
        *,
        idle: Callable[[], float],
        rules: Callable[[], Awaitable[LiveTextRules]] = everywhere,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._recognisers, self._load, self._idle = recognisers, load, idle
        self._read_rules, self._rules, self._clock = rules, LiveTextRules(), clock
        self._voices = Voices()
        self._talks: dict[str, LiveTalk] = {}  # by leg, the oldest first
        self._watching = Watching()
        self._works: set[asyncio.Task[None]] = set()
        self._looked, self._processor, self._speech = clock(), 0.0, 0.0
        self._book: ContactBook
        self._feed: Feed

    async def start(self, link: Link, book: ContactBook, feed: Feed, ready: asyncio.Event) -> None:
        """Models take a core for seconds: they are loaded once `ready` is set."""
        self._book, self._feed = book, feed
        await self._voices.start(link)
        for work in (self._run(ready), self._look_often(ready), self._follow_rules()):
            self._do(work)

    def _do(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._works.add(task)
        task.add_done_callback(self._works.discard)

    async def stop(self) -> None:
        works = list(self._works)
        for work in works:
            work.cancel()
        await asyncio.gather(*works, *(talk.leave() for talk in self._talks.values()), return_exceptions=True)
        await self._recognisers.stop()
        await self._voices.stop()

    # ---- who looks on

    def of(self, agent: str) -> TalkTextView | None:
        """This agent's talk as text; None while the agent does not talk."""
        talk = next((one for one in self._talks.values() if one.leg.agent == agent), None)
        return talk.text.view if talk is not None else None

    def watching(self, agent: str) -> AbstractContextManager[asyncio.Event]:
        """As Watching.watching."""
        return self._watching.watching(agent)

    @property
    def agents(self) -> tuple[str, ...]:
        """Whose talks are followed now."""
        return tuple(talk.leg.agent for talk in self._talks.values())

    @property
    def figures(self) -> LiveTextFigures:
        return LiveTextFigures(
            processes=self._load.processes,
            models=self._recognisers.installed,
            ready=self._recognisers.languages,
            talks=sum(talk.listening for talk in self._talks.values()),
            most=self._load.most,
            of_a_talk=self._load.of_a_talk,
        )

    @property
    def recognisers(self) -> Recognisers:
        return self._recognisers

    # ---- in step with the calls

    async def _run(self, ready: asyncio.Event) -> None:
        await ready.wait()
        self._recognisers.start()
        while True:
            async with self._feed.follow() as records:
                self._look()
                async for record in records:
                    self._hear(record.event)
            log.warning("live_text_feed_closed")

    def _hear(self, event: feed.HistoryEvent) -> None:
        if isinstance(event, _NEWS):
            try:
                self._look()
            except Exception:
                log.exception("live_texts_not_looked_after")

    async def _look_often(self, ready: asyncio.Event) -> None:
        await ready.wait()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                self._measure()
                self._look()
            except Exception:
                log.exception("live_texts_not_looked_after")

    async def _follow_rules(self) -> None:
        while True:
            try:
                self._rules = await self._read_rules()
            except Exception as away:  # the database is away: the last ones hold
                log.warning("live_text_rules_not_read", reason=str(away))
            await asyncio.sleep(RULES_SECONDS)

    def _measure(self) -> None:
        """What the last second cost; when recognition cannot follow, the newest talk is given up."""
        now, processor = self._clock(), self._recognisers.processor_seconds()
        listening = [talk for talk in self._talks.values() if talk.listening]
        speech = sum(talk.speech for talk in listening)
        seconds = max(0.001, now - self._looked)
        self._load.take(
            Spent(
                seconds=seconds,
                processor=processor - self._processor,
                speech=max(0.0, speech - self._speech),
                talk=seconds * len(listening),
                behind=max((talk.behind for talk in listening), default=0.0),
                idle=self._idle(),
            )
        )
        self._looked, self._processor, self._speech = now, processor, speech
        if listening and self._load.gives_up():
            log.warning("live_text_given_up", call=listening[-1].text.call, talks=len(listening))
            self._do(listening[-1].leave())

    def _look(self) -> None:
        """Begin with talks that are new, leave those that are over, and settle what each may be."""
        contacts = self._book.contacts.values()
        there = {leg.id: (contact, leg) for contact in contacts if (leg := talking_leg(contact)) is not None}
        for gone in self._talks.keys() - there.keys():
            talk = self._talks.pop(gone)
            self._do(talk.leave())
            self._watching.tell(talk.leg.agent)
        for name, (contact, leg) in there.items():
            if name not in self._talks:
                self._talks[name] = LiveTalk(contact, leg, changed=self._watching.tell, clock=self._clock)
                self._watching.tell(leg.agent)
            self._settle(self._talks[name])

    def _settle(self, talk: LiveTalk) -> None:
        state = self._without_words(talk)
        if state in (TextState.OFF, TextState.NO_MODEL) and talk.listening:
            self._do(talk.leave())
        if state is None and not talk.listening:
            if not self._load.admits(sum(one.listening for one in self._talks.values())):
                talk.become(TextState.LATER)
                return
            talk.listen(self._voices, self._recognisers)
        talk.become(state or talk.muted or TextState.LISTENING)

    def _without_words(self, talk: LiveTalk) -> TextState | None:
        """Why nothing can be understood; None = it can."""
        language = talk.text.language
        if not self._rules.covers(talk.contact.queue):
            return TextState.OFF
        if language not in self._recognisers.installed:
            return TextState.NO_MODEL
        if language not in self._recognisers.languages:
            return TextState.AWAY
        return None


class NoTexts:
    """A site without live text: its talks have none."""

    figures = LiveTextFigures()
    agents: tuple[str, ...] = ()

    def of(self, agent: str) -> TalkTextView | None:
        return None

    @contextmanager
    def watching(self, agent: str) -> Iterator[asyncio.Event]:
        yield asyncio.Event()
