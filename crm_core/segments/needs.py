"""What a customer will need next, and what a year with them is worth (B-245, B-99)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from crm_core.segments.facts import THREE_YEARS, YEAR, Facts

STAYS: Mapping[str, float] = {"": 1.0, "low": 0.9, "medium": 0.65, "high": 0.4}
"""The share of customers with such a risk who are expected to stay a year; a site's own experience replaces it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """`what`: service, warranty_end or replacement; "" = nothing is known to come."""

    what: str = ""
    on: date | None = None


def service_due(facts: Facts) -> date | None:
    """When the first service of any car is due for which nobody came since. None = nothing is due or known."""
    dates = [car.next_service_on for car in facts.cars if car.next_service_on]
    open_dates = [day for day in dates if facts.last_visit_on is None or facts.last_visit_on < day]
    return min(open_dates, default=None)


def warranty_end(facts: Facts) -> date | None:
    """The last day on which any car is under warranty; None = not known."""
    return max((car.warranty_until for car in facts.cars if car.warranty_until), default=None)


def replacement_on(facts: Facts, years: int) -> date | None:
    """When the newest car reaches the age at which cars are replaced; None = they have none."""
    bought = [car.sold_on for car in facts.cars if car.sold_on]
    newest = max([*bought, *([facts.last_purchase_on] if facts.last_purchase_on else [])], default=None)
    return newest + timedelta(days=years * YEAR) if newest else None


def next_need(facts: Facts, years: int, today: date) -> Need:
    """Service, end of warranty or replacement, whichever lies nearest to today, before or behind it.

    A service that is due stays until somebody comes; a warranty that has ended is no need any more; a car past its
    age is a chance from then on.
    """
    dates = {"service": service_due(facts), "replacement": replacement_on(facts, years)}
    end = warranty_end(facts)
    dates["warranty_end"] = end if end and end >= today else None
    known = [(abs((day - today).days), what, day) for what, day in dates.items() if day is not None]
    if not known:
        return Need()
    _, what, on = min(known)
    return Need(what=what, on=on)


def expected_yuan(facts: Facts, churn_risk: str, years: int, today: date) -> int:
    """What a customer is expected to spend in the coming year, in yuan.

    (service of the last three years per year + average price of a purchase / years between purchases) x share who
    stay. Years between purchases: the span from first to last purchase over their number less one, at least half a
    year, where there are two and more; otherwise the age at which cars are replaced. Somebody who has been a customer
    for less than three years is counted over the time they are one, at least a year.
    """
    first = facts.first_purchase_on
    if first is None:
        return 0
    time = min(max((today - first).days, YEAR), THREE_YEARS) / YEAR
    service = facts.service_yuan_3y / time
    days = [one.on for one in facts.purchases]
    between = float(years)
    if len(set(days)) > 1:
        between = max((max(days) - min(days)).days / YEAR / (len(set(days)) - 1), 0.5)
    price = facts.bought_yuan / len(set(days))
    return round((service + price / between) * STAYS[churn_risk])
