"""The stage of a customer's life with us (N25), since when and why, and what is good to do next (B-104)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from crm_core.segments.facts import Facts, recency
from crm_core.segments.needs import service_due
from crm_core.segments.reasons import Reason, on_day
from crm_core.segments.rulebook import FIVE_STAGES, FOUR_STAGES, LifeCycleRules

ADVICE: Mapping[str, tuple[str, ...]] = {
    "prospect": ("ask_when", "offer_test_drive", "send_material"),
    "first_met": ("ask_when", "send_material"),
    "reserved": ("offer_test_drive", "name_adviser"),
    "forming": ("call_after_delivery", "book_first_service", "ask_contact_consent"),
    "stable": ("book_service", "invite_event", "ask_referral"),
    "steady": ("book_service", "invite_event"),
    "loyal": ("ask_referral", "offer_replacement"),
    "fading": ("ask_why_quiet", "offer_check", "tell_adviser"),
    "wavering": ("ask_why_quiet", "offer_check", "tell_adviser"),
}
"""What the desk may do next at each stage; words of the pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageVerdict:
    stage: str
    since: date
    reasons: tuple[Reason, ...]


def stages(rules: LifeCycleRules) -> tuple[str, ...]:
    """In the order of a bar."""
    return FIVE_STAGES if rules.stages == 5 else FOUR_STAGES


def stage_of(facts: Facts, rules: LifeCycleRules, today: date) -> StageVerdict:
    """Nothing bought yet; fading; within the first year; settled: in this order, the first that holds."""
    five = rules.stages == 5
    first = facts.first_purchase_on
    if first is None:
        return _not_yet_bought(facts, rules, today, five=five)
    fading = _fading(facts, rules, today)
    if fading is not None:
        since, reason = fading
        return StageVerdict(stage="wavering" if five else "fading", since=since, reasons=(reason,))
    settled_on = _settled_on(facts, first, rules)
    if settled_on > today:
        why = Reason(code="first_year", values={"on": on_day(first)})
        return StageVerdict(stage="reserved" if five else "forming", since=first, reasons=(why,))
    if five and (len(facts.purchases) > 1 or facts.referrals):
        why = Reason(code="loyal", values={"count": facts.vehicles, "referrals": facts.referrals})
        return StageVerdict(stage="loyal", since=settled_on, reasons=(why,))
    why = Reason(code="settled", values={"count": facts.vehicles})
    return StageVerdict(stage="steady" if five else "stable", since=settled_on, reasons=(why,))


def _not_yet_bought(facts: Facts, rules: LifeCycleRules, today: date, *, five: bool) -> StageVerdict:
    if not five:
        return StageVerdict(stage="prospect", since=facts.known_since, reasons=(Reason(code="never_bought"),))
    longer_on = facts.known_since + timedelta(days=rules.known_days)
    if longer_on > today:
        why = Reason(code="known_short", values={"on": on_day(facts.known_since)})
        return StageVerdict(stage="first_met", since=facts.known_since, reasons=(why,))
    return StageVerdict(stage="reserved", since=longer_on, reasons=(Reason(code="known_longer"),))


def _settled_on(facts: Facts, first: date, rules: LifeCycleRules) -> date:
    """A second purchase settles a customer at once, otherwise the first year does."""
    later = sorted(one.on for one in facts.purchases if one.on > first)
    year = first + timedelta(days=rules.forming_days)
    return min([*later[:1], year])


def _fading(facts: Facts, rules: LifeCycleRules, today: date) -> tuple[date, Reason] | None:
    """Since when and why: too long without a sign of life, or a service missed for too long."""
    found: list[tuple[date, Reason]] = []
    latest, _ = recency(facts)
    if latest is not None and (today - latest).days >= rules.fading_days:
        why = Reason(code="quiet", values={"on": on_day(latest)})
        found.append((latest + timedelta(days=rules.fading_days), why))
    due = service_due(facts)
    if due is not None and (today - due).days >= rules.overdue_days:
        why = Reason(code="service_overdue", values={"on": on_day(due)})
        found.append((due + timedelta(days=rules.overdue_days), why))
    return min(found, key=lambda one: one[0], default=None)
