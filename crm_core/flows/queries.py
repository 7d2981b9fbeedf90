"""What is known of flows: for telephony, for the page that edits them, and for who draws their paths."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.errors import NotFound
from crm_core.flows.model import FlowRow, FlowTest, FlowVersion, MenuVisit


@dataclass(frozen=True, slots=True)
class PublishedText:
    flow: str
    version: int
    text: str


@dataclass(frozen=True, slots=True)
class FlowLine:
    """A flow in the list: the version in force, the draft if there is one (0 = none), and how many test cases."""

    flow: str
    published: int
    published_at: datetime | None
    published_by: str
    draft: int
    tests: int


async def flows_stamp(session: AsyncSession) -> int:
    """Differs after each publishing: what was read before is still true while this is the same."""
    return await session.scalar(select(func.coalesce(func.sum(FlowRow.changes), 0))) or 0


async def published_texts(session: AsyncSession) -> list[PublishedText]:
    """The versions in force."""
    rows = await session.execute(
        select(FlowVersion.flow, FlowVersion.number, FlowVersion.text)
        .join(FlowRow, (FlowRow.id == FlowVersion.flow) & (FlowRow.published == FlowVersion.number))
        .order_by(FlowVersion.flow)
    )
    return [PublishedText(*row) for row in rows]


async def flow_lines(session: AsyncSession) -> list[FlowLine]:
    """All flows, by name."""
    drafts = select(FlowVersion.flow, FlowVersion.number).where(FlowVersion.state == "draft").subquery()
    tests = select(FlowTest.flow, func.count().label("count")).group_by(FlowTest.flow).subquery()
    rows = await session.execute(
        select(
            FlowRow.id,
            FlowRow.published,
            FlowVersion.published_at,
            func.coalesce(FlowVersion.published_by, ""),
            func.coalesce(drafts.c.number, 0),
            func.coalesce(tests.c.count, 0),
        )
        .outerjoin(FlowVersion, (FlowVersion.flow == FlowRow.id) & (FlowVersion.number == FlowRow.published))
        .outerjoin(drafts, drafts.c.flow == FlowRow.id)
        .outerjoin(tests, tests.c.flow == FlowRow.id)
        .order_by(FlowRow.id)
    )
    return [FlowLine(*row) for row in rows]


async def versions_of(session: AsyncSession, flow: str, *, limit: int = 50) -> list[FlowVersion]:
    """Newest first; a draft is among them."""
    statement = select(FlowVersion).where(FlowVersion.flow == flow).order_by(FlowVersion.number.desc()).limit(limit)
    return list(await session.scalars(statement))


async def version_of(session: AsyncSession, flow: str, number: int) -> FlowVersion:
    """Raises NotFound."""
    found = await session.scalar(select(FlowVersion).where(FlowVersion.flow == flow, FlowVersion.number == number))
    if found is None:
        raise NotFound("There is no version {number} of the flow {flow}.", number=number, flow=flow)
    return found


async def draft_of(session: AsyncSession, flow: str) -> FlowVersion | None:
    statement = select(FlowVersion).where(FlowVersion.flow == flow, FlowVersion.state == "draft")
    found: FlowVersion | None = await session.scalar(statement)
    return found


async def stored_tests(session: AsyncSession, flow: str) -> list[FlowTest]:
    return list(await session.scalars(select(FlowTest).where(FlowTest.flow == flow).order_by(FlowTest.name)))


async def path_of(session: AsyncSession, call: str) -> list[MenuVisit]:
    """The nodes that one call came through."""
    statement = select(MenuVisit).where(MenuVisit.contact_id == call).order_by(MenuVisit.number)
    return list(await session.scalars(statement))
