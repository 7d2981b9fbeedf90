"""Which class a customer has and why: a person's decision first, then the highest class whose rule fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crm_core.segments.facts import Facts, best_three_years, vehicles_since
from crm_core.segments.reasons import Reason, on_day
from crm_core.segments.rulebook import CLASSES, ClassRule


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassVerdict:
    customer_class: str
    reasons: tuple[Reason, ...] = ()
    manual: bool = False


def measured(facts: Facts, today: date) -> dict[str, int]:
    """Every measure that a rule may ask."""
    return {
        "vehicles_any_3y": best_three_years(facts.purchases)[0],
        "vehicles_3y": vehicles_since(facts.purchases, today),
        "vehicles": facts.vehicles,
        "value_yuan": facts.value_yuan,
        "referrals": facts.referrals,
    }


def classify(facts: Facts, rules: Sequence[ClassRule], today: date) -> ClassVerdict:
    """A manual class holds through its last day; then the first rule of the highest class that fits."""
    manual = facts.manual
    if manual is not None and manual.until >= today:
        why = Reason(code="manual", values={"why": manual.reason, "until": on_day(manual.until)})
        return ClassVerdict(customer_class=manual.customer_class, reasons=(why,), manual=True)
    have = measured(facts, today)
    rule = fitting(have, rules)
    if rule is None:
        return ClassVerdict(customer_class="standard")
    until = best_three_years(facts.purchases)[1]
    reasons = tuple(_reason(condition.measure, have, until) for condition in rule.conditions)
    return ClassVerdict(customer_class=rule.gives, reasons=reasons)


def fitting(have: Mapping[str, int], rules: Sequence[ClassRule]) -> ClassRule | None:
    """The rule that decides, None when none fits."""
    fit = [rule for rule in rules if all(have[one.measure] >= one.least for one in rule.conditions)]
    return max(fit, key=lambda rule: CLASSES.index(rule.gives), default=None)


def _reason(measure: str, have: Mapping[str, int], until: date | None) -> Reason:
    if measure == "value_yuan":
        return Reason(code=measure, values={"yuan": have[measure]})
    if measure == "vehicles_any_3y":
        return Reason(code=measure, values={"count": have[measure], "on": on_day(until)})
    return Reason(code=measure, values={"count": have[measure]})
