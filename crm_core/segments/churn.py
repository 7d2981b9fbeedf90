"""Who may leave (客户倒戈, B-98) and whose file sleeps (B-102): points of signals that a person can check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from crm_core.segments.facts import YEAR, Facts, recency
from crm_core.segments.needs import service_due, warranty_end
from crm_core.segments.reasons import Reason, on_day
from crm_core.segments.rulebook import ChurnRules

MONTH = 30.4375  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class ChurnVerdict:
    """`risk` "" = never bought, so nobody who could leave. `reasons` begin with the weightiest."""

    risk: str
    score: int
    reasons: tuple[Reason, ...]


def churn_of(facts: Facts, rules: ChurnRules, today: date) -> ChurnVerdict:
    """The sum of the points of all signals that are there, at most 100, against the two limits."""
    if not facts.purchases:
        return ChurnVerdict(risk="", score=0, reasons=())
    found = sorted(signals(facts, rules, today), key=lambda one: -rules.points[one.code])
    counted = [one for one in found if rules.points[one.code]]
    score = min(100, sum(rules.points[one.code] for one in counted))
    risk = "high" if score >= rules.high else "medium" if score >= rules.medium else "low"
    return ChurnVerdict(risk=risk, score=score, reasons=tuple(counted))


def signals(facts: Facts, rules: ChurnRules, today: date) -> list[Reason]:
    """What speaks for leaving, each with its number."""
    found: list[Reason] = []
    due = service_due(facts)
    if due is not None and (today - due).days >= rules.overdue_days:
        found.append(Reason(code="service_overdue", values={"on": on_day(due)}))
    end = warranty_end(facts)
    away = facts.last_visit_on is None or (today - facts.last_visit_on).days > YEAR
    if end is not None and end < today and away:
        found.append(Reason(code="warranty_over"))
    if facts.open_complaints:
        found.append(Reason(code="open_complaint", values={"count": facts.open_complaints}))
    if facts.worst_rating is not None and facts.worst_rating <= 2:
        found.append(Reason(code="bad_rating", values={"rating": facts.worst_rating}))
    if facts.competitor:
        found.append(Reason(code="competitor", values={"name": facts.competitor}))
    if facts.refused:
        found.append(Reason(code="refused"))
    latest, _ = recency(facts)
    if is_dormant(facts, rules, today) and latest is not None:
        found.append(Reason(code="quiet", values={"on": on_day(latest)}))
    return found


def is_dormant(facts: Facts, rules: ChurnRules, today: date) -> bool:
    """No purchase, visit or contact for so many months; one who never gave a sign counts from the day of the file."""
    latest, _ = recency(facts)
    return (today - (latest or facts.known_since)).days >= rules.dormant_months * MONTH
