"""What one customer is to us, ready to be shown: one row by its key, and the words' codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.errors import NotFound
from crm_core.segments import ranks
from crm_core.segments.life_cycle import ADVICE
from crm_core.segments.model import CustomerWorth, ManualClass, WorthReason
from crm_core.segments.reasons import Reason, read_reasons
from crm_core.segments.recompute import refresh
from crm_core.segments.rulebook import FIVE_STAGES, FOUR_STAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """`*_top`: among the first n % of all customers. `stages` are all of the life cycle in order, for a bar.

    `frequency` is contacts and visits in 365 days. Reasons are written by `agent_desktop.segments.words`; `advice`
    are codes of its ADVICE. `churn_risk` "" = never bought.
    """

    customer_id: int
    customer_class: str
    class_reasons: tuple[Reason, ...]
    class_until: date | None
    stage: str
    stages: tuple[str, ...]
    stage_since: date | None
    stage_reasons: tuple[Reason, ...]
    advice: tuple[str, ...]
    recency_on: date | None
    recency_by: str
    recency_top: int
    contacts: int
    visits: int
    frequency: int
    frequency_top: int
    value_yuan: int
    service_yuan: int
    value_top: int
    rfm: str
    expected_yuan: int
    vehicles: int
    referrals: int
    churn_risk: str
    churn_score: int
    churn_reasons: tuple[Reason, ...]
    dormant: bool
    next_need: str
    next_need_on: date | None
    replacement_on: date | None
    computed_at: datetime


async def worth(session: AsyncSession, customer_id: int, *, now: datetime) -> Worth:
    """By one query; a customer who was never computed is computed first. Raises NotFound."""
    found = await _read(session, customer_id)
    if found is None:
        await refresh(session, customer_id, now)
        found = await _read(session, customer_id)
    if found is None:
        raise NotFound("There is no such customer.")
    return found


async def _read(session: AsyncSession, customer_id: int) -> Worth | None:
    statement = (
        select(CustomerWorth, WorthReason, ManualClass.until)
        .outerjoin(WorthReason, WorthReason.customer_id == CustomerWorth.customer_id)
        .outerjoin(ManualClass, ManualClass.customer_id == CustomerWorth.customer_id)
        .where(CustomerWorth.customer_id == customer_id)
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(statement)).one_or_none()
    return _worth(*row) if row else None


def _worth(row: CustomerWorth, why: WorthReason | None, until: date | None) -> Worth:
    return Worth(
        customer_id=row.customer_id,
        customer_class=row.customer_class,
        class_reasons=read_reasons(why.class_reasons if why else None),
        class_until=until if row.manual else None,
        stage=row.life_cycle_stage,
        stages=FIVE_STAGES if row.life_cycle_stage in FIVE_STAGES else FOUR_STAGES,
        stage_since=row.stage_since,
        stage_reasons=read_reasons(why.stage_reasons if why else None),
        advice=ADVICE.get(row.life_cycle_stage, ()),
        recency_on=row.recency_on,
        recency_by=row.recency_by,
        recency_top=ranks.top(row.recency_rank),
        contacts=row.contacts,
        visits=row.visits,
        frequency=row.contacts + row.visits,
        frequency_top=ranks.top(row.frequency_rank),
        value_yuan=row.value_yuan,
        service_yuan=row.service_yuan,
        value_top=ranks.top(row.value_rank),
        rfm=ranks.rfm(row.recency_rank, row.frequency_rank, row.value_rank),
        expected_yuan=row.expected_yuan,
        vehicles=row.vehicles,
        referrals=row.referrals,
        churn_risk=row.churn_risk,
        churn_score=row.churn_score,
        churn_reasons=read_reasons(why.churn_reasons if why else None),
        dormant=row.dormant,
        next_need=row.next_need,
        next_need_on=row.next_need_on,
        replacement_on=row.replacement_on,
        computed_at=row.computed_at,
    )
