"""How callers went through a version of a menu, counted where the visits are kept."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_core.flows.model import MenuVisit
from reports.menu_paths import NodeCount, PathCount, WayCount


async def path_counts(
    session: AsyncSession,
    flow: str,
    version: int,
    start: datetime,
    end: datetime,
    *,
    served_by: Collection[str] = (),
    people: Collection[str] = (),
) -> PathCount:
    """Of all calls that entered this version in [start, end), with all their visits.

    `served_by` are nodes where a caller has got what was wanted, `people` the ends that give a caller to a person: a
    call counts as served when it came to one of the first and to none of the others. `ivr.served` gives both.
    """
    began = _began(flow, version, start, end)
    served = _served(began, served_by, people)
    nodes = await _nodes(session, began, served)
    return PathCount(
        calls=await session.scalar(select(func.count()).select_from(began)) or 0,
        hung_up=sum(node.hung_up for node in nodes),
        served=await session.scalar(select(func.count()).select_from(served)) or 0,
        nodes=tuple(nodes),
        ways=tuple(await _ways(session, began)),
    )


def _began(flow: str, version: int, start: datetime, end: datetime) -> CTE:
    first = and_(MenuVisit.flow == flow, MenuVisit.version == version, MenuVisit.number == 0)
    within = and_(MenuVisit.entered_at >= start, MenuVisit.entered_at < end)
    return select(MenuVisit.contact_id.label("call")).where(first, within).cte("began")


def _served(began: CTE, served_by: Collection[str], people: Collection[str]) -> CTE:
    here = select(MenuVisit.contact_id.label("call")).join(began, began.c.call == MenuVisit.contact_id)
    asked_for_people = here.where(MenuVisit.node.in_(people))
    return here.where(MenuVisit.node.in_(served_by)).except_(asked_for_people).cte("served")


async def _nodes(session: AsyncSession, began: CTE, served: CTE) -> list[NodeCount]:
    rows = await session.execute(
        select(
            MenuVisit.node,
            func.count(),
            func.count(MenuVisit.contact_id.distinct()),
            func.count().filter(MenuVisit.hung_up),
            func.avg(MenuVisit.seconds),
            func.count(served.c.call.distinct()),
            func.count().filter(and_(MenuVisit.hung_up, served.c.call.is_(None))),
        )
        .join(began, began.c.call == MenuVisit.contact_id)
        .outerjoin(served, served.c.call == MenuVisit.contact_id)
        .group_by(MenuVisit.node)
        .order_by(MenuVisit.node)
    )
    return [
        NodeCount(
            node=node,
            entered=entered,
            calls=calls,
            left=entered - gone,
            hung_up=gone,
            seconds=float(stay),
            served=helped,
            gave_up=unserved,
        )
        for node, entered, calls, gone, stay, helped, unserved in rows
    ]


async def _ways(session: AsyncSession, began: CTE) -> list[WayCount]:
    after: Any = aliased(MenuVisit)
    onward = and_(after.contact_id == MenuVisit.contact_id, after.number == MenuVisit.number + 1)
    rows = await session.execute(
        select(MenuVisit.node, after.node, after.by, func.count())
        .join(began, began.c.call == MenuVisit.contact_id)
        .join(after, onward)
        .group_by(MenuVisit.node, after.node, after.by)
        .order_by(MenuVisit.node, after.node, after.by)
    )
    return [WayCount(node=node, to=to, by=by, times=times) for node, to, by, times in rows]
