"""Figures of reports for other systems: the same counts, filters and limits as the pages, as JSON or CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from agent_desktop.api.v1.calling import Call, TheCall, needs_scope
from agent_desktop.api.v1.lists import Cursor
from agent_desktop.api.v1.shapes import Page
from agent_desktop.csv_out import csv_file
from agent_desktop.reports.apart import CountedRoute
from agent_desktop.reports.asked import Asked, read_asked
from agent_desktop.reports.turns import a_turn
from crm_core.errors import Invalid
from crm_core.history.events import Outcome
from crm_core.history.queries import ContactFilter, contact_page
from crm_core.integration.cursor import read_id, write_cursor
from crm_core.integration.scopes import Scope
from crm_core.workforce.queries import queues
from reports.intervals import agent_intervals, queue_intervals
from reports.metrics import AGENT_METRICS, QUEUE_METRICS, Metric, QueueCounts
from reports.periods import Span

router = APIRouter(prefix="/api/v1/reports", tags=["Reports"], route_class=CountedRoute)
reads = needs_scope(Scope.READ_REPORTS)
Limit = Annotated[int, Query(ge=1, le=1000, description="Items on a page")]
Word = Annotated[str, Query(max_length=10)]
Names = Annotated[tuple[str, ...], Query(max_length=100)]


class RatioOut(BaseModel):
    """`value` is null, never zero, when there is nothing to measure; else numerator / denominator."""

    numerator: float
    denominator: float
    value: float | None


class IntervalOut(BaseModel):
    """One queue or agent in one step of the period. `counts` are numbers of calls and seconds as in docs/api.md.

    `estimated_seconds` of the step lack Asterisk's events. `compared` is the same step of the earlier period.
    """

    start: datetime
    end: datetime
    day: str = Field(description="The day of the site, 2026-07-16")
    of: str = Field(description="The queue's id, or the agent's number")
    estimated_seconds: float
    counts: dict[str, float]
    metrics: dict[str, RatioOut]
    compared: dict[str, float] | None = None


class ContactFigureOut(BaseModel):
    """A contact of the period without anything that names a person."""

    id: str
    direction: str
    queue: str
    agent: str
    outcome: str | None
    estimated: bool
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None


class MetricOut(BaseModel):
    """A figure's definition; `version` grows when it changes."""

    id: str
    of: str = Field(description="queue or agent")
    version: int
    unit: str
    name_zh: str
    name_en: str
    words_zh: str
    words_en: str


@dataclass(frozen=True, slots=True)
class Filters:
    """As in the pages' addresses."""

    from_: Annotated[str, Query(alias="from", max_length=10, description="First day of the site; default today")] = ""
    to: Annotated[str, Query(max_length=10, description="Last day, included")] = ""
    step: Annotated[str, Query(max_length=5, description="15, 30, 60, day, week or month")] = ""
    compare: Annotated[str, Query(max_length=6, description="before, week, year or none")] = "none"


TheFilters = Annotated[Filters, Depends()]


@router.get("/metrics", dependencies=[reads], response_model=Page[MetricOut])
async def list_metrics(call: TheCall) -> Response:
    """Every figure of `counts` that is a ratio, with its formula in words."""
    _whole_site(call)
    both: tuple[tuple[str, Mapping[str, Metric[Any]]], ...] = (("queue", QUEUE_METRICS), ("agent", AGENT_METRICS))
    told = [
        {**{name: getattr(metric, name) for name in MetricOut.model_fields if name != "of"}, "of": of}
        for of, metrics in both
        for metric in metrics.values()
    ]
    return call.answer({"items": told, "next": None})


@router.get("/queues", dependencies=[reads, a_turn], response_model=Page[IntervalOut])
async def queue_report(
    call: TheCall, filters: TheFilters, *, queue: Names = (), cursor: Cursor = "", limit: Limit = 500
) -> Response:
    """Each step of the period and each queue that had a caller in it; `queue` may be given several times."""
    asked = _asked(call, filters)
    known = {one.id for one in await queues(call.session, removed=True)}
    if unknown := [one for one in queue if one not in known]:
        raise Invalid("There is no queue {queue}.", queue=unknown[0], field="queue")
    intervals = await queue_intervals(call.session, asked.period, queue)
    compared = asked.period.compared(asked.compare)
    before = await queue_intervals(call.session, compared, queue) if compared else None
    told = []
    for i, interval in enumerate(intervals):
        for name, counts in sorted(interval.queues.items()):
            item = _item(interval.span, name, interval.estimated, counts, _ratios(QUEUE_METRICS, counts))
            if before is not None:
                earlier = before[i].queues.get(name, QueueCounts()) if i < len(before) else QueueCounts()
                item["compared"] = _plain(earlier)
            told.append(item)
    return _answer(call, told, cursor, limit, f"queues-{asked.period.first}-{asked.period.last}.csv")


@router.get("/agents", dependencies=[reads, a_turn], response_model=Page[IntervalOut])
async def agent_report(
    call: TheCall, filters: TheFilters, *, agent: Names = (), cursor: Cursor = "", limit: Limit = 500
) -> Response:
    """Each step and each agent who was signed in or had a call in it: seconds in each state, offers, talks."""
    asked = _asked(call, filters)
    told = []
    for interval in await agent_intervals(call.session, asked.period, agent):
        for number, figures in interval.agents.items():
            ratios = _ratios(AGENT_METRICS, figures.times)
            told.append(_item(interval.span, number, interval.estimated, figures, ratios))
    return _answer(call, told, cursor, limit, f"agents-{asked.period.first}-{asked.period.last}.csv")


@router.get("/contacts", dependencies=[reads, a_turn], response_model=Page[ContactFigureOut])
async def contact_report(
    call: TheCall,
    filters: TheFilters,
    *,
    queue: Annotated[str, Query(max_length=40)] = "",
    agent: Annotated[str, Query(max_length=16)] = "",
    outcome: Annotated[str, Query(max_length=20)] = "",
    cursor: Cursor = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Response:
    """The contacts behind the figures, the latest first; also those that still live."""
    asked = _asked(call, filters)
    if outcome and outcome not in list(Outcome):
        raise Invalid("Choose one of the words of the documentation.", field="outcome")
    wanted = ContactFilter(start=asked.period.start, end=asked.period.end, queue=queue, agent=agent, outcome=outcome)
    found = await contact_page(call.session, wanted, cursor=cursor, limit=limit)
    told = [{name: _json(getattr(row, name)) for name in ContactFigureOut.model_fields} for row in found.contacts]
    if _wants_csv(call):
        return _csv(f"contacts-{asked.period.first}-{asked.period.last}.csv", told)
    return call.answer({"items": told, "next": found.next_cursor or None})


def _whole_site(call: Call) -> None:
    """A dealer's key has no part in the centre's figures."""
    call.reach.require(None)


def _asked(call: Call, filters: Filters) -> Asked:
    """Raises Invalid with the same sentence as the pages."""
    _whole_site(call)
    zone = call.request.app.state.site.zone
    pairs = [("from", filters.from_), ("to", filters.to), ("step", filters.step), ("compare", filters.compare)]
    asked = read_asked([pair for pair in pairs if pair[1]], call.at.astimezone(zone).date(), zone)
    if asked.problem is not None:
        raise Invalid(asked.problem.message_id, **{**asked.problem.values, "field": "from"})
    return asked


def _item(
    span: Span, of: str, estimated: float, counts: Any, ratios: Mapping[str, Mapping[str, float | None]]
) -> dict[str, Any]:
    return {
        "start": span.start.isoformat(),
        "end": span.end.isoformat(),
        "day": span.day.isoformat(),
        "of": of,
        "estimated_seconds": round(estimated, 3),
        "counts": _plain(counts),
        "metrics": ratios,
        "compared": None,
    }


def _plain(counts: Any) -> dict[str, float]:
    return {name: value for name, value in asdict(counts).items() if isinstance(value, int | float)}


def _ratios(metrics: Mapping[str, Metric[Any]], counts: Any) -> dict[str, dict[str, float | None]]:
    told: dict[str, dict[str, float | None]] = {}
    for name, metric in metrics.items():
        ratio = metric.of(counts)
        told[name] = {"numerator": ratio.numerator, "denominator": ratio.denominator, "value": ratio.value}
    return told


def _answer(call: Call, items: Sequence[dict[str, Any]], cursor: str, limit: int, name: str) -> Response:
    """A page of what was counted; as a file all of it."""
    if _wants_csv(call):
        return _csv(name, [_flat(item) for item in items])
    first = read_id(cursor)
    following = write_cursor(first + limit) if first + limit < len(items) else None
    return call.answer({"items": list(items[first : first + limit]), "next": following})


def _wants_csv(call: Call) -> bool:
    return call.request.headers.get("accept", "").partition(";")[0].strip().lower() == "text/csv"


def _flat(item: Mapping[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in item.items() if key not in ("counts", "metrics", "compared")}
    ratios = {key: ratio["value"] for key, ratio in item["metrics"].items()}
    compared = {f"{key}_compared": value for key, value in (item["compared"] or {}).items()}
    return {**plain, **item["counts"], **ratios, **compared}


def _csv(name: str, rows: Sequence[Mapping[str, Any]]) -> Response:
    heads = list(rows[0]) if rows else []
    return csv_file(name, heads, ([row.get(head) for head in heads] for row in rows))


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
