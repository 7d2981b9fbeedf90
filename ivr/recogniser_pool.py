"""The site's recognisers: processes per language, started again when they end, and a limit to their callers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from ivr.processor import processor_seconds
from ivr.recogniser import RecogniserLost
from ivr.recogniser_leg import RecogniserLeg
from ivr.recogniser_process import RecogniserProcess

log = structlog.get_logger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0  # seconds between two starts of a process that ends again and again
STEADY_SECONDS = 60.0  # who has run so long has recovered: the next fault is a new one
MOST_LEGS = 8  # in one process. A leg costs 0.4 of a core while its caller speaks, and callers mostly listen


@dataclass(slots=True)
class Place:
    """Room for one process of one language."""

    language: str
    model: Path
    process: RecogniserProcess | None = None
    warned: bool = False


class Recognisers:
    """`models` maps a language to the folder of its model; a language without one is never heard.

    `niceness` is that of the processes: above 0 they give way to calls.
    `others`: common words of a language. A model that has no word for what it does not know takes everything for one
    of the expected phrases; these words give it something else to hear. The official small models need none.
    """

    def __init__(
        self,
        models: Mapping[str, Path],
        *,
        processes: int = 1,
        most_legs: int = MOST_LEGS,
        others: Mapping[str, tuple[str, ...]] | None = None,
        niceness: int = 0,
    ) -> None:
        self._others = others or {}
        self._places = [Place(language, model) for language, model in models.items() for _ in range(processes)]
        self._most_legs, self._niceness = most_legs, niceness
        self._told: set[tuple[str, str]] = set()  # phrases that were warned of
        self._keeping: list[asyncio.Task[None]] = []
        self._news = asyncio.Condition()

    def start(self) -> None:
        """Load in the background: calls are taken meanwhile, by keys."""
        loop = asyncio.get_running_loop()
        self._keeping = [loop.create_task(self._keep(place), name="recogniser_kept") for place in self._places]

    async def stop(self) -> None:
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)

    def hears(self, language: str) -> bool:
        """Whether one more leg may be opened now."""
        return self._free(language) is not None

    async def until_ready(self, language: str) -> None:
        """Waits for the first process of this language: for measurements and tests; callers are not kept waiting."""
        async with self._news:
            await self._news.wait_for(lambda: language in self.languages)

    @property
    def installed(self) -> frozenset[str]:
        """Those that have a model, ready or not."""
        return frozenset(place.language for place in self._places)

    @property
    def languages(self) -> frozenset[str]:
        """Those that are ready."""
        return frozenset(place.language for place in self._places if place.process and place.process.fit)

    def legs(self, language: str) -> int:
        """How many are open now."""
        return sum(place.process.legs for place in self._places if place.language == language and place.process)

    def pids(self, language: str) -> list[int]:
        return [place.process.pid for place in self._places if place.language == language and place.process]

    def processor_seconds(self) -> float:
        """What all processes that live now have taken."""
        return sum(processor_seconds(place.process.pid) for place in self._places if place.process)

    async def open(
        self, language: str, phrases: tuple[str, ...] = (), on_words: Callable[[str], None] | None = None
    ) -> RecogniserLeg:
        """A leg in the process that has fewest. `RecogniserLost` when there is none with room."""
        process = self._free(language)
        if process is None:
            raise RecogniserLost(f"no recogniser of {language} has room")
        leg = await process.open(phrases, on_words, others=self._others.get(language, ()))
        if new := {(language, phrase) for phrase in leg.never_heard} - self._told:
            self._told |= new
            log.warning("phrases_never_heard", language=language, phrases=sorted(phrase for _, phrase in new))
        return leg

    async def unknown(self, language: str, phrases: tuple[str, ...]) -> tuple[str, ...]:
        """The phrases with a word that the model does not know: nobody will ever be understood saying them."""
        ready = [place.process for place in self._places if place.language == language and place.process]
        if not ready:
            raise RecogniserLost(f"there is no recogniser of {language}")
        return await ready[0].unknown(phrases)

    def _free(self, language: str) -> RecogniserProcess | None:
        ready = [
            place.process
            for place in self._places
            if place.language == language and place.process is not None and place.process.fit
        ]
        room = [process for process in ready if process.legs < self._most_legs]
        return min(room, key=lambda process: process.legs, default=None)

    async def _keep(self, place: Place) -> None:
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
        while True:
            began = loop.time()
            try:
                reason = await self._run(place)
            except RecogniserLost as lost:
                reason = str(lost)
            except OSError as refused:
                reason = str(refused)
            finally:
                place.process = None
            if loop.time() - began > STEADY_SECONDS:
                pause, place.warned = FIRST_PAUSE, False
            self._warn(place, reason)
            await asyncio.sleep(pause)  # the back-off itself
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _run(self, place: Place) -> str:
        process = await RecogniserProcess.start(place.model, niceness=self._niceness)
        place.process = process
        async with self._news:
            self._news.notify_all()
        log.info("recogniser_ready", language=place.language, pid=process.pid)
        if not process.knows_unknown and place.language not in self._others:
            log.warning("recogniser_takes_everything_for_a_phrase", language=place.language, model=str(place.model))
        try:
            return await process.closed()
        except asyncio.CancelledError:
            await process.stop()
            raise

    def _warn(self, place: Place, reason: str) -> None:
        """Once per outage; until it is over callers press keys."""
        if not place.warned:
            log.warning("recogniser_away", language=place.language, model=str(place.model), reason=reason)
            place.warned = True


async def never_heard(model: Path, phrases: tuple[str, ...]) -> tuple[str, ...]:
    """The phrases that this model can never hear; for a check before callers are asked. `RecogniserLost` without it."""
    process = await RecogniserProcess.start(model)
    try:
        return await process.unknown(phrases)
    finally:
        await process.stop()
