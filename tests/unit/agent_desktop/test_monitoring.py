"""Prometheus reads what is true, names every figure as documented, and strangers read nothing."""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from agent_desktop.monitoring.counted import FeedCounts
from crm_core.clock import now
from crm_core.history import events
from crm_core.history.events import EndedBy, Outcome
from crm_core.history.model import Contact, Recording
from tests.unit.agent_desktop.conftest import WebSite

DOCS = Path(__file__).parents[3] / "docs/other-systems.md"


def read(text: str) -> dict[tuple[str, str], float]:
    """The value of each sample by its name and its labels' values."""
    families = text_string_to_metric_families(text)
    return {(s.name, ",".join(s.labels.values())): s.value for family in families for s in family.samples}


def documented() -> set[str]:
    return set(re.findall(r"^\| `(hotline_[a-z_]+)", DOCS.read_text(), re.M))


@pytest.fixture
async def outside(web: WebSite) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(app=web.app, client=("198.51.100.7", 4000))
    async with AsyncClient(transport=transport, base_url="http://hotline.test") as client:
        yield client


@pytest.fixture
async def machine(web: WebSite) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(app=web.app, client=("127.0.0.1", 4000))
    async with AsyncClient(transport=transport, base_url="http://hotline.test") as client:
        yield client


async def test_every_figure_is_documented_and_every_documented_figure_is_there(machine: AsyncClient):
    answer = await machine.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    told = {family.name for family in text_string_to_metric_families(answer.text)}
    assert told == {name.removesuffix("_total") for name in documented()}


async def test_what_the_database_lacks_is_seen(machine: AsyncClient, web: WebSite):
    before = read((await machine.get("/metrics")).text)
    async with web.db.begin() as session:
        session.add(Contact(id="m1", direction="inbound", started_at=now()))
        await session.flush()
        session.add(
            Recording(contact_id="m1", leg_id="m1-1", agent="1018", file="x", started_at=now(), status="missing")
        )
    after = read((await machine.get("/metrics")).text)
    assert after["hotline_contacts_active", ""] == before["hotline_contacts_active", ""] + 1
    assert after["hotline_recordings", "missing"] == before["hotline_recordings", "missing"] + 1
    assert after["hotline_database_up", ""] == 1


async def test_without_a_token_only_the_machine_itself_reads(outside: AsyncClient, machine: AsyncClient):
    assert (await outside.get("/metrics")).status_code == 403
    assert (await machine.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})).status_code == 403
    assert (await machine.get("/metrics")).status_code == 200


async def test_with_a_token_who_knows_it_reads_from_anywhere_and_nobody_else(
    outside: AsyncClient, machine: AsyncClient, web: WebSite
):
    web.app.state.config = replace(web.app.state.config, metrics_token="watch-them")
    for client in (outside, machine):
        assert (await client.get("/metrics")).status_code == 403
        assert (await client.get("/metrics", headers={"Authorization": "Bearer watch-us"})).status_code == 403
        assert (await client.get("/metrics", headers={"Authorization": "Bearer watch-them"})).status_code == 200


async def test_ready_means_that_people_can_work(machine: AsyncClient):
    answer = await machine.get("/readyz")
    assert (answer.status_code, set(answer.json())) == (200, {"web", "database", "telephony", "disk"})


def test_a_call_is_counted_by_what_became_of_it():
    counts = FeedCounts()
    for event in (
        events.ContactStarted(at=0, call="c", direction=events.Direction.INBOUND, caller="1", entry="4"),
        events.CallQueued(at=1, call="c", queue="repair"),
        events.CallOffered(at=5, call="c", leg="c-1", agent="1018", queue="repair", why="idle"),
        events.OfferEnded(at=13, call="c", leg="c-1", agent="1018", result="no_answer"),
        events.CallOffered(at=13, call="c", leg="c-2", agent="1019", queue="repair", why="idle"),
        events.TalkBegan(at=16, call="c", leg="c-2", agent="1019"),
        events.CallLeftQueue(at=16, call="c", queue="repair", result="answered"),
        events.TelephonyLinkChanged(at=20, connected=False),
        events.ContactEnded(at=90, call="c", outcome=Outcome.ANSWERED, by=EndedBy.CUSTOMER),
    ):
        counts.take(event)
    registry = CollectorRegistry()
    registry.register(namedtuple("Counted", "collect")(lambda: counts.tally.metrics(counts.tally.values)))  # type: ignore[arg-type]
    assert registry.get_sample_value("hotline_contacts_ended_total", {"outcome": "answered"}) == 1
    assert registry.get_sample_value("hotline_offers_total", {"result": "no_answer"}) == 1
    assert registry.get_sample_value("hotline_answer_wait_seconds_sum", {"queue": "repair"}) == 15
    assert registry.get_sample_value("hotline_answer_wait_seconds_bucket", {"queue": "repair", "le": "15.0"}) == 1
    assert registry.get_sample_value("hotline_offer_answer_seconds_sum") == 3
    assert registry.get_sample_value("hotline_asterisk_link_lost_total") == 1


async def test_a_full_disk_is_told_and_people_cannot_work(machine, web: WebSite, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    for free, word, status in ((900_000_000, "full", 503), (4_000_000_000, "low", None), (50_000_000_000, "ok", None)):
        monkeypatch.setattr("agent_desktop.health.shutil.disk_usage", lambda _, free=free: usage(100 * 10**9, 0, free))
        answer = await machine.get("/healthz")
        assert (answer.status_code, answer.json()["disk"]) == (200, word)
        if status is not None:
            assert (await machine.get("/readyz")).status_code == status
