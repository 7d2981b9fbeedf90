"""What the pages of segments show: the list with its counts, the members, who came and went, how far a run is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import Reach
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.dealers.model import Dealer
from crm_core.segments.compiling import compiled
from crm_core.segments.conditions import read
from crm_core.segments.model import (
    CustomerWorth,
    FleetPurchase,
    ManualClass,
    Segment,
    SegmentCount,
    SegmentMember,
    WorthReason,
    WorthRun,
)
from crm_core.segments.reasons import Reason, read_reasons

WHICH = ("all", "entered", "left")
LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    day: date
    members: int
    entered: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A segment with its counts, the latest last; `value_yuan` is not kept and so not shown here."""

    segment: Segment
    days: tuple[Day, ...]

    @property
    def last(self) -> Day | None:
        return self.days[-1] if self.days else None

    @property
    def change(self) -> int | None:
        """Members now less a week ago; None = not counted for so long."""
        if not self.days:
            return None
        earlier = [one for one in self.days if one.day <= self.days[-1].day - LATELY]
        return self.days[-1].members - earlier[-1].members if earlier else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """`at` is the value by which the list goes on: (value, id) of the last row."""

    customer_id: int
    name: str
    kind: str
    customer_class: str
    stage: str
    city: str
    dealer: str
    e164: str
    rfm: str
    value_yuan: int
    expected_yuan: int
    recency_on: date | None
    churn_risk: str
    churn_reasons: tuple[Reason, ...]
    next_need: str
    next_need_on: date | None
    moved_on: date | None = None


async def lines(session: AsyncSession, today: date, *, days: int = 90) -> list[Line]:
    """Every segment, in the order of making."""
    rows = list(await session.scalars(select(Segment).where(Segment.removed_at.is_(None)).order_by(Segment.id)))
    counts: dict[int, list[Day]] = defaultdict(list)
    since = SegmentCount.day >= today - timedelta(days=days)
    for one in await session.scalars(select(SegmentCount).where(since).order_by(SegmentCount.day)):
        day = Day(day=one.day, members=one.members, entered=one.entered, left=one.left)
        counts[one.segment_id].append(day)
    return [Line(segment=row, days=tuple(counts[row.id])) for row in rows]


async def line(session: AsyncSession, row: Segment, today: date, *, days: int = 90) -> Line:
    """One segment."""
    mine = (SegmentCount.segment_id == row.id, SegmentCount.day >= today - timedelta(days=days))
    counts = await session.scalars(select(SegmentCount).where(*mine).order_by(SegmentCount.day))
    found = tuple(Day(day=one.day, members=one.members, entered=one.entered, left=one.left) for one in counts)
    return Line(segment=row, days=found)


async def member_page(
    session: AsyncSession,
    row: Segment,
    today: date,
    *,
    which: str = "all",
    after: tuple[int, int] | None = None,
    limit: int = 50,
    reach: Reach,
) -> list[Member]:
    """Members as they are now, the most valuable first; `after` is (value, id) of the last one shown.

    `which`: entered or left = those of the last seven days.
    """
    fits: ColumnElement[bool] = compiled(read(row.definition), today)
    moved: ColumnElement[date | None] = SegmentMember.entered_on.expression
    if which != "all":
        moved = (SegmentMember.left_on if which == "left" else SegmentMember.entered_on).expression
        fits = moved > today - LATELY
        if which == "entered":
            fits = and_(fits, SegmentMember.left_on.is_(None))
    value, key = CustomerWorth.value_yuan, CustomerWorth.customer_id
    if after is not None:
        fits = and_(fits, or_(value < after[0], and_(value == after[0], key > after[1])))
    mine = and_(SegmentMember.customer_id == key, SegmentMember.segment_id == row.id)
    chosen = select(key, value, moved.label("moved")).where(fits, reach.condition(CustomerWorth.dealer_id))
    chosen = chosen.join(SegmentMember, mine) if which != "all" else chosen.outerjoin(SegmentMember, mine)
    rows = (await session.execute(chosen.order_by(value.desc(), key).limit(limit))).all()
    return await _shown(session, {one[0]: one[2] for one in rows})


async def _shown(session: AsyncSession, moved: dict[int, date | None]) -> list[Member]:
    """The named customers, in the given order."""
    first = (
        select(CustomerPhone.e164)
        .where(CustomerPhone.customer_id == Customer.id)
        .order_by(CustomerPhone.position, CustomerPhone.id)
        .limit(1)
        .scalar_subquery()
    )
    statement = (
        select(CustomerWorth, Customer.name, Customer.rfm, Dealer.short_name, first, WorthReason.churn_reasons)
        .join(Customer, Customer.id == CustomerWorth.customer_id)
        .outerjoin(Dealer, Dealer.id == CustomerWorth.dealer_id)
        .outerjoin(WorthReason, WorthReason.customer_id == CustomerWorth.customer_id)
        .where(CustomerWorth.customer_id.in_(list(moved)))
    )
    found = {row[0].customer_id: _member(row, moved) for row in (await session.execute(statement)).all()}
    return [found[key] for key in moved if key in found]


def _member(
    row: Row[CustomerWorth, str, str, str, str, list[dict[str, object]]], moved: dict[int, date | None]
) -> Member:
    worth, name, rfm, dealer, e164, churn = row
    return Member(
        customer_id=worth.customer_id,
        name=name,
        kind=worth.kind,
        customer_class=worth.customer_class,
        stage=worth.life_cycle_stage,
        city=worth.city,
        dealer=dealer or "",
        e164=e164 or "",
        rfm=rfm,
        value_yuan=worth.value_yuan,
        expected_yuan=worth.expected_yuan,
        recency_on=worth.recency_on,
        churn_risk=worth.churn_risk,
        churn_reasons=read_reasons(churn),
        next_need=worth.next_need,
        next_need_on=worth.next_need_on,
        moved_on=moved[worth.customer_id],
    )


async def running(session: AsyncSession) -> WorthRun | None:
    """The recomputation under way, else the last one; None = there was none yet."""
    return await session.scalar(
        select(WorthRun).order_by(WorthRun.finished_at.is_not(None), WorthRun.id.desc()).limit(1)
    )


async def computed_at(session: AsyncSession) -> datetime | None:
    """When everybody was last computed."""
    latest: datetime | None = await session.scalar(select(func.max(WorthRun.finished_at)))
    return latest


async def manual_class(session: AsyncSession, customer_id: int) -> ManualClass | None:
    return await session.get(ManualClass, customer_id)


async def fleet_purchases(session: AsyncSession, customer_id: int) -> list[FleetPurchase]:
    mine = select(FleetPurchase).where(FleetPurchase.customer_id == customer_id)
    return list(await session.scalars(mine.order_by(FleetPurchase.bought_on.desc(), FleetPurchase.id)))


async def segments_of(session: AsyncSession, customer_id: int) -> list[Segment]:
    """The segments in which a customer was at the last count or change."""
    mine = select(SegmentMember.segment_id).where(
        SegmentMember.customer_id == customer_id, SegmentMember.left_on.is_(None)
    )
    found = select(Segment).where(Segment.id.in_(mine), Segment.removed_at.is_(None)).order_by(Segment.id)
    return list(await session.scalars(found))
