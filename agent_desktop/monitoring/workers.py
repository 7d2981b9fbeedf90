"""The counts of all web workers of a site as one: whoever is asked tells the same, and nothing falls when one dies.

Answers of pages are counted by each worker for itself and added. The feed is counted by each of them alike: a new one
takes over what an older one has counted, and of all the highest number holds. What each last told is remembered by all,
so that the counts of a worker that is gone stay in the sum until all were ended.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog

from agent_desktop.monitoring.counted import FeedCounts
from agent_desktop.monitoring.tally import Tally, Values, added, highest
from agent_desktop.other_workers import OtherWorkers
from crm_core.history.events import FeedRecord

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 0.5
TAKE_OVER_SECONDS, TRIES = 0.5, 8
MOST_EARLY = 50_000  # records kept for the take-over


@dataclass(slots=True)
class _Told:
    """What a worker said last; `here` = it answered when it was asked last."""

    pages: Values = field(default_factory=dict)
    here: bool = True


class Workers:
    """`pages` are this worker's own counts, `feed` its counts of the feed, fed by `take` in the feed's order."""

    def __init__(self, others: OtherWorkers, pages: Tally, feed: FeedCounts, *, clock: Callable[[], float] = time.time):
        self._others, self._pages, self._feed = others, pages, feed
        self._since = clock()  # since when the feed is counted, by us or by whom we took over from
        self._start = self._number = 0
        self._early: list[FeedRecord] | None = None if others.alone else []
        self._told: dict[str, _Told] = {}
        self._seen: Values = {}  # the feed's counts as somebody told them
        self._heard = asyncio.Event()
        for kind, heard in (
            ("measure", self._measure),
            ("measured", self._measured),
            ("counts?", self._counts_asked),
            ("counts", self._counts_told),
        ):
            others.hear(kind, heard)

    def take(self, record: FeedRecord) -> None:
        self._feed.take(record.event)
        self._number = record.number
        if self._early is not None:
            self._early.append(record)
            if len(self._early) > MOST_EARLY:
                self._early = None

    async def take_over(self, number: int) -> None:
        """Go on from the counts of the oldest worker; `number` is the feed's last one when we began to follow it."""
        self._start = self._number = max(self._number, number)
        for _ in range(TRIES if self._early is not None else 0):
            self._others.tell("counts?", self._others.me)
            await asyncio.sleep(TAKE_OVER_SECONDS)
            if self._early is None:
                return
        self._early = None

    async def whole(self) -> tuple[Values, Values]:
        """The pages' counts and the feed's, of all workers that answer in time and of those that are gone."""
        if not self._others.alone:
            waited = [told for told in self._told.values() if told.here]
            for told in waited:
                told.here = False
            self._others.tell("measure")
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    while not waited or not all(told.here for told in waited):
                        self._heard.clear()
                        await self._heard.wait()
            except TimeoutError:
                log.info("workers_not_measured", silent=sum(not told.here for told in waited))
        self._seen = highest([self._seen, self._feed.tally.values])
        return added([self._pages.values, *(told.pages for told in self._told.values())]), self._seen

    # ---- what others ask and tell

    def _measure(self, _key: str, _more: str) -> None:
        told = {"pages": _listed(self._pages.values), "feed": _listed(self._feed.tally.values)}
        self._others.tell("measured", self._others.me, orjson.dumps(told).decode())

    def _measured(self, worker: str, more: str) -> None:
        said = orjson.loads(more)
        told = self._told.setdefault(worker, _Told())
        told.pages = highest([told.pages, _values(said["pages"], self._pages)])
        told.here = True
        self._seen = highest([self._seen, _values(said["feed"], self._feed.tally)])
        self._heard.set()

    def _counts_asked(self, newcomer: str, _more: str) -> None:
        told = {
            "since": self._since,
            "number": self._number,
            "feed": _listed(self._feed.tally.values),
            "queued": list(self._feed.queued.items()),
            "offered": list(self._feed.offered.items()),
            "gone": {worker: _listed(one.pages) for worker, one in self._told.items()},
        }
        self._others.tell("counts", newcomer, orjson.dumps(told).decode())

    def _counts_told(self, newcomer: str, more: str) -> None:
        if newcomer != self._others.me:
            return
        said: dict[str, Any] = orjson.loads(more)
        for worker, listed in said["gone"].items():
            if worker != self._others.me:
                told = self._told.setdefault(worker, _Told())
                told.pages = highest([told.pages, _values(listed, self._pages)])
        if self._early is None or said["since"] >= self._since or said["number"] < self._start:
            return
        later = [record for record in self._early if record.number > said["number"]]
        self._feed.tally.values = highest([FeedCounts().tally.values, _values(said["feed"], self._feed.tally)])
        self._feed.queued = OrderedDict((call, (queue, at)) for call, (queue, at) in said["queued"])
        self._feed.offered = OrderedDict((leg, at) for leg, at in said["offered"])
        self._since, self._early = said["since"], None
        for record in later:
            self._feed.take(record.event)


def _listed(values: Values) -> list[tuple[tuple[str, ...], list[float]]]:
    return list(values.items())


def _values(listed: list[Any], tally: Tally) -> Values:
    read = {tuple(map(str, series)): [float(number) for number in numbers] for series, numbers in listed}
    return {series: numbers for series, numbers in read.items() if tally.fits(series, numbers)}
