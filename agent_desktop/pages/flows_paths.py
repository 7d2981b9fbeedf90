"""What callers did at each node of a menu, as a list that sorts, and as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.csv_out import csv_file
from agent_desktop.dependencies import Session, needs
from agent_desktop.flows import words
from agent_desktop.flows.paths import COLUMNS, PERIODS, RATES, Period, in_order, period_of
from agent_desktop.flows.reading import FIRST, Opened, open_flow, title
from agent_desktop.pages.flows import figures_of, version_met
from agent_desktop.rendering import language_of, page, translate
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.errors import Invalid
from crm_core.flows.queries import versions_of
from reports.menu_paths import PathCount

router = APIRouter(prefix="/flows", dependencies=[needs(Permission.SEE_FLOWS)])


@dataclass(frozen=True, slots=True)
class Asked:
    """`version` None = the one that callers meet now. `sort` is a column; `rising` = the smallest first."""

    days: int = 7
    first: str = ""
    last: str = ""
    version: int | None = None
    sort: str = "entered"
    rising: bool = False


def the_asked(
    days: Annotated[int, Query(ge=1, le=366)] = 7,
    first: Annotated[str, Query(max_length=10)] = "",
    last: Annotated[str, Query(max_length=10)] = "",
    version: Annotated[int | None, Query(ge=0)] = None,
    sort: Annotated[str, Query(max_length=20)] = "entered",
    *,
    rising: bool = False,
) -> Asked:
    return Asked(days, first, last, version, sort, rising)


TheAsked = Annotated[Asked, Depends(the_asked)]


@router.get("/{flow}/paths")
async def show_paths(request: Request, session: Session, flow: str, asked: TheAsked) -> Response:
    """All nodes of a version with their figures; a period that is none is told, and the last week shown."""
    problem, status = "", 200
    try:
        period = _period(request, asked)
    except Invalid as wrong:
        problem, status = translate(request, wrong.message_id, **wrong.values), wrong.status
        period = _period(request, Asked())
    opened, number = await _opened(session, flow, asked.version)
    counted = await _counted(request, session, opened, number, period)
    return page(
        request,
        "flows/paths.html",
        status_code=status,
        opened=opened,
        is_first=opened.name == FIRST,
        asked=asked,
        period=period,
        periods=PERIODS,
        number=number,
        versions=[one.number for one in await versions_of(session, flow, limit=500) if one.state != "draft"],
        columns=COLUMNS,
        rates=RATES,
        counted=counted,
        nodes=in_order(counted.nodes, asked.sort, rising=asked.rising) if counted else [],
        title=(lambda node: title(opened.flow, node, language_of(request))) if opened.flow else str,
        words=words,
        problem=problem,
    )


@router.get("/{flow}/paths.csv")
async def paths_file(request: Request, session: Session, flow: str, asked: TheAsked) -> Response:
    """The same list. Raises Invalid for a period that is none."""
    period = _period(request, asked)
    opened, number = await _opened(session, flow, asked.version)
    counted = await _counted(request, session, opened, number, period)
    heads = [translate(request, word) for word in ("Node", "Title", *(head for head, _ in COLUMNS.values()))]
    language = language_of(request)
    rows = [
        (
            one.node,
            title(opened.flow, one.node, language) if opened.flow else one.node,
            *(
                f"{value(one):.4g}" if name in (*RATES, "seconds") else value(one)
                for name, (_, value) in COLUMNS.items()
            ),
        )
        for one in (in_order(counted.nodes, asked.sort, rising=asked.rising) if counted else [])
    ]
    return csv_file(f"{opened.name}-v{number}-{period.first}-{period.last}.csv", heads, rows)


def _period(request: Request, asked: Asked) -> Period:
    zone = request.app.state.site.zone
    return period_of(asked.first, asked.last, asked.days, clock.now().astimezone(zone).date())


async def _opened(session: AsyncSession, flow: str, version: int | None) -> tuple[Opened, int]:
    """The flow as callers met it, and the number under which their visits are kept."""
    opened = await open_flow(session, flow, version or 0)
    return opened, version if version is not None else version_met(opened)


async def _counted(
    request: Request, session: AsyncSession, opened: Opened, number: int, period: Period
) -> PathCount | None:
    if opened.flow is None:
        return None
    return await figures_of(request).of(session, opened.flow, number, period.bounds(request.app.state.site.zone))
