"""What is true at the moment when Prometheus asks: the floor, the database, recordings, the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.ports import FloorView
from crm_core.campaigns.model import Campaign
from crm_core.db import Database
from crm_core.figures.model import FigureDue
from crm_core.history.model import Contact, Recording
from crm_core.history.writer import stored_position
from crm_core.jobs.model import Job
from crm_core.ledger.model import LedgerFinding
from cti.trunk_watch import WORKING, TrunkView

NOT_READY = ("recording", "missing", "cut")
STATES = ("ready", "ringing", "talking", "hold", "wrap_up", "break")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the database knows. `up` False = it did not answer, and nothing else is told."""

    up: bool
    position: int = 0
    active: int = 0
    unsettled: Mapping[str, int] = field(default_factory=dict)  # recordings by status
    findings: int = 0
    jobs_given_up: int = 0
    figures_due: int = 0
    campaigns: tuple[int, ...] = ()


async def stored(db: Database) -> Stored:
    """Never raises for a database that is away."""
    try:
        async with db.begin() as session:
            return await _stored(session)
    except (SQLAlchemyError, OSError):
        return Stored(up=False)


async def _stored(session: AsyncSession) -> Stored:
    lives = Contact.ended_at.is_(None), Contact.outcome.is_(None)
    not_ready = select(Recording.status, func.count()).where(Recording.status.in_(NOT_READY)).group_by(Recording.status)
    return Stored(
        up=True,
        position=await stored_position(session),
        active=await session.scalar(select(func.count()).where(*lives)) or 0,
        unsettled=dict(iter(await session.execute(not_ready))),
        findings=await session.scalar(select(func.count()).where(LedgerFinding.resolved_at.is_(None))) or 0,
        jobs_given_up=await session.scalar(select(func.count()).where(Job.given_up)) or 0,
        figures_due=await session.scalar(select(func.count(FigureDue.id))) or 0,
        campaigns=tuple(await session.scalars(select(Campaign.id).where(Campaign.status == "running"))),
    )


def gauges(floor: FloorView, kept: Stored, now: float, queues: tuple[str, ...]) -> Iterator[Metric]:
    """A queue or state that nobody is in is told as 0, so that an alarm can tell it from one that is not watched."""
    yield _one("hotline_asterisk_up", "1 = linked to Asterisk and in step with it", floor.connected)
    yield _one("hotline_database_up", "1 = the database answers", kept.up)
    yield _one("hotline_feed_number", "Number of the last record of the feed", floor.number)
    lengths, longest = Counter(one.queue for one in floor.waiting), dict.fromkeys(queues, 0.0)
    for one in floor.waiting:
        longest[one.queue] = max(longest.get(one.queue, 0.0), now - one.since)
    yield _by("hotline_callers_waiting", "Callers in a queue now", "queue", {**dict.fromkeys(queues, 0), **lengths})
    yield _by("hotline_longest_wait_seconds", "Wait of who waits longest now", "queue", longest)
    states = Counter(desk.state for desk in floor.agents if desk.state in STATES)
    yield _by("hotline_agents", "Agents signed in, by state", "state", {**dict.fromkeys(STATES, 0), **states})
    away = sum(not desk.reachable for desk in floor.agents if desk.state in STATES)
    yield _one("hotline_agents_unreachable", "Agents signed in whose phone cannot be rung", away)
    yield _one("hotline_calls_parked", "Calls parked now", len(floor.parked))
    yield _one("hotline_callbacks_open", "Booked callbacks that are open", len(floor.callbacks))
    if not kept.up:
        return
    yield _one("hotline_contacts_active", "Contacts without an end", kept.active)
    behind = max(0, floor.number - kept.position)
    yield _one("hotline_history_behind_records", "Records of the feed that the database does not have yet", behind)
    statuses = {**dict.fromkeys(NOT_READY, 0), **kept.unsettled}
    yield _by("hotline_recordings", "Recordings that are not ready, by status", "status", statuses)
    yield _one("hotline_ledger_findings_open", "Findings of the ledger that nobody has settled", kept.findings)
    yield _one("hotline_jobs_given_up", "Background work that failed ten times", kept.jobs_given_up)
    yield _one("hotline_figures_due", "Intervals of reports that are to be counted again", kept.figures_due)


def node_gauges(floor: FloorView) -> Iterator[Metric]:
    """Each Asterisk of the site, 1 = the first, and Kamailio where there are several."""
    many = floor.asterisks > 1
    places = range(1, floor.asterisks + 1)
    up = {str(one): float(one not in floor.asterisks_away if many else floor.connected) for one in places}
    yield _by("hotline_asterisk_node_up", "1 = linked to this Asterisk", "node", up)
    proxies = {"kamailio": float(not floor.proxy_away)} if many else {}
    yield _by("hotline_proxy_up", "1 = it answers; without it no new call comes in", "proxy", proxies)


def trunk_gauges(trunks: Iterable[TrunkView]) -> Iterator[Metric]:
    """One sample for each trunk of the records; that of the settings has the label "settings"."""
    views = tuple(trunks)
    working = {view.way.id: float(view.state in WORKING) for view in views}
    yield _by("hotline_trunk_up", "1 = logged in, or it answers; the settings' line is not watched", "trunk", working)
    trips = {view.way.id: view.round_trip / 1000 for view in views if view.round_trip}
    yield _by("hotline_trunk_round_trip_seconds", "Until the carrier answers a question", "trunk", trips)
    yield _by("hotline_trunk_calls", "Calls by this trunk now", "trunk", {view.way.id: view.calls for view in views})
    bought = {view.way.id: view.way.capacity for view in views if view.way.capacity}
    yield _by("hotline_trunk_capacity", "Calls at once that the carrier sells", "trunk", bought)


def _one(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=float(value))


def _by(name: str, words: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], float(value))
    return family
