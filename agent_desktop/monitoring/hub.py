"""Follows the feed for the counters, times the pages that count, and gives all of it as text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent_desktop.monitoring.counted import ANSWERS, FeedCounts
from agent_desktop.monitoring.seen import Stored, gauges, node_gauges, stored, trunk_gauges
from agent_desktop.monitoring.tally import Family, Tally
from agent_desktop.monitoring.workers import Workers
from agent_desktop.other_workers import OtherWorkers
from agent_desktop.ports import Telephony
from crm_core import clock
from crm_core.clock import instant
from crm_core.db import Database
from crm_core.workforce.queries import queues

AREAS = ("/reports", "/api/v1/reports", "/wallboard", "/desk", "/customers", "/healthz")
TIMES = Family("hotline_http_seconds", "Time until a page's answer began", ("area", "status"), ANSWERS)


class Monitoring:
    """Of the whole site, whichever of its workers is asked."""

    def __init__(self, db: Database, telephony: Telephony, others: OtherWorkers | None = None) -> None:
        self._db, self._telephony = db, telephony
        self._counts, self._times = FeedCounts(), Tally([TIMES])
        self._workers = Workers(others or OtherWorkers(), self._times, self._counts)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Count what the feed tells until the block ends."""
        works = (self._follow(), self._workers.take_over(self._telephony.floor().number))
        tasks = [asyncio.create_task(work, name="monitoring") for work in works]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def text(self) -> bytes:
        """In Prometheus' text format. What is counted comes from memory; the rest takes a few quick questions."""
        kept = await stored(self._db)
        pages, feed = await self._workers.whole()
        counted = [*self._counts.tally.metrics(feed), *self._times.metrics(pages)]
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Told([*counted, *self._seen(kept, await self._queues(kept))]))
        return generate_latest(registry)

    def observe(self, path: str, status: int, seconds: float) -> None:
        area = next((area for area in AREAS if path == area or path.startswith(f"{area}/")), "")
        if area:
            self._times.observe(TIMES.name, seconds, area, f"{status // 100}xx")

    def _seen(self, kept: Stored, names: tuple[str, ...]) -> Iterator[Metric]:
        yield from gauges(self._telephony.floor(), kept, instant(clock.now()), names)
        lines = self._telephony.lines.seen()
        yield from trunk_gauges(lines.trunks)
        yield from node_gauges(self._telephony.floor())
        refused = CounterMetricFamily("hotline_dial_refused", "Calls out that a limit refused since the start")
        refused.add_metric([], float(lines.refusals))
        yield refused
        figures = {
            "hotline_dialer_lines": GaugeMetricFamily("hotline_dialer_lines", "Lines ringing now", labels=["campaign"]),
            "hotline_dialer_answers": GaugeMetricFamily(
                "hotline_dialer_answers", "Answers of the last 24 hours", labels=["campaign"]
            ),
            "hotline_dialer_drops": GaugeMetricFamily(
                "hotline_dialer_drops", "Calls dropped in the last 24 hours", labels=["campaign"]
            ),
        }
        for campaign in kept.campaigns:
            pace = self._telephony.pacing(campaign)
            if pace is not None:
                values = (pace.ringing, pace.answers, pace.drops)
                for family, value in zip(figures.values(), values, strict=True):
                    family.add_metric([str(campaign)], float(value))
        yield from figures.values()

    async def _queues(self, kept: Stored) -> tuple[str, ...]:
        if not kept.up:
            return ()
        try:
            async with self._db.begin() as session:
                return tuple(queue.id for queue in await queues(session))
        except (SQLAlchemyError, OSError):
            return ()

    async def _follow(self) -> None:
        while True:
            async with self._telephony.follow() as feed:
                async for record in feed:
                    self._workers.take(record)
            await asyncio.sleep(0.1)  # we were too slow, or the feed is shutting down


class _Told:
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        return iter(self._families)


class Timed:
    """Around the application: how long each answer took to begin."""

    def __init__(self, app: ASGIApp, monitoring: Monitoring) -> None:
        self._app, self._monitoring = app, monitoring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._monitoring.observe(scope["path"], message["status"], time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, sending)
