"""From the facts of one customer to everything that follows from them. Pure: the same for one and for 300,000."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from crm_core.segments.churn import ChurnVerdict, churn_of, is_dormant
from crm_core.segments.classes import ClassVerdict, classify, measured
from crm_core.segments.facts import Facts, recency
from crm_core.segments.life_cycle import StageVerdict, stage_of
from crm_core.segments.needs import Need, expected_yuan, next_need, replacement_on, service_due, warranty_end
from crm_core.segments.rulebook import RuleBook

MOST = 2_000_000_000
"""Yuan; a column holds no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What is decided of a customer, without the ranks: those need all the others."""

    recency_on: date | None
    recency_by: str
    measures: dict[str, int]
    value_yuan: int
    service_yuan: int
    expected_yuan: int
    service_due_on: date | None
    warranty_until: date | None
    replacement_on: date | None
    need: Need
    group: ClassVerdict
    stage: StageVerdict
    churn: ChurnVerdict
    dormant: bool


def assess(facts: Facts, book: RuleBook, today: date) -> Assessment:
    churn = churn_of(facts, book.churn, today)
    years = book.churn.replacement_years
    latest, by = recency(facts)
    return Assessment(
        recency_on=latest,
        recency_by=by,
        measures=measured(facts, today),
        value_yuan=min(facts.value_yuan, MOST),
        service_yuan=min(facts.service_yuan, MOST),
        expected_yuan=min(expected_yuan(facts, churn.risk, years, today), MOST),
        service_due_on=service_due(facts),
        warranty_until=warranty_end(facts),
        replacement_on=replacement_on(facts, years),
        need=next_need(facts, years, today),
        group=classify(facts, book.classes, today),
        stage=stage_of(facts, book.life_cycle, today),
        churn=churn,
        dormant=is_dormant(facts, book.churn, today),
    )
