"""Follows the feed for the counters, times the pages that count, and gives all of it as text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

from prometheus_client import CollectorRegistry, Histogram, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent_desktop.monitoring.counted import ANSWERS, FeedCounts
from agent_desktop.monitoring.seen import Stored, gauges, node_gauges, stored, trunk_gauges
from agent_desktop.ports import Telephony
from crm_core import clock
from crm_core.clock import instant
from crm_core.db import Database
from crm_core.workforce.queries import queues

AREAS = ("/reports", "/api/v1/reports", "/wallboard", "/desk", "/customers", "/healthz")


class Monitoring:
    """`registry` is this application's own: several may live in one process."""

    def __init__(self, db: Database, telephony: Telephony) -> None:
        self._db, self._telephony = db, telephony
        self.registry = CollectorRegistry(auto_describe=False)
        self._counts = FeedCounts(self.registry)
        self._times = Histogram(
            "hotline_http_seconds",
            "Time until a page's answer began",
            ["area", "status"],
            buckets=ANSWERS,
            registry=self.registry,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Count what the feed tells until the block ends."""
        task = asyncio.create_task(self._follow(), name="monitoring")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def text(self) -> bytes:
        """In Prometheus' text format. What is counted comes from memory; the rest takes a few quick questions."""
        kept = await stored(self._db)
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Seen(list(self._seen(kept, await self._queues(kept)))))
        return generate_latest(self.registry) + generate_latest(registry)

    def observe(self, path: str, status: int, seconds: float) -> None:
        area = next((area for area in AREAS if path == area or path.startswith(f"{area}/")), "")
        if area:
            self._times.labels(area, f"{status // 100}xx").observe(seconds)

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
                    self._counts.take(record.event)
            await asyncio.sleep(0.1)  # we were too slow, or the feed is shutting down


class _Seen:
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
