"""The seven views on customers (7P, B-118) and the balanced set (B-119), each figure with its definition. Pure.

A figure over fewer than `LEAST` customers (or answers, leads, cars) is not shown: it would say more of the few than of
the group. Worth and risk are those of the last nightly recount (crm_core.segments).
"""

from __future__ import annotations

from dataclasses import dataclass

from reports.metrics import Metric

LEAST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Customers of one class, stage or segment; "period" = the days that were asked for, money in yuan."""

    of: str
    customers: int = 0
    companies: int = 0
    with_age: int = 0
    age_sum: float = 0.0
    cars: int = 0
    buyers: int = 0  # bought at least one car, ever
    again: int = 0  # bought at least two
    referrers: int = 0  # buyers who brought somebody
    known_long: int = 0  # for more than a year
    alive: int = 0  # of them, with a purchase, visit or contact in the last year
    new: int = 0  # became customers in the period
    risk_high: int = 0  # buyers with a high risk of leaving
    refused: int = 0  # want no more calls
    value_yuan: float = 0.0
    service_yuan: float = 0.0
    expected_yuan: float = 0.0
    answered: int = 0  # complete answers to questionnaires in the period
    content: int = 0  # of them, none of the answers low
    complaints: int = 0  # opened in the period
    open_leads: int = 0
    need_soon: int = 0  # something falls due in the next 90 days
    leads: int = 0  # captured in the period, without invalid ones
    won: int = 0  # of them
    contacts: int = 0  # in the last year
    visits: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One model. `on_road` = sold and not scrapped; counts are of the period where nothing else is said."""

    of: str
    on_road: int = 0
    sold: int = 0
    sold_before: int = 0  # in as many days before
    complaints: int = 0
    visits: int = 0
    claims: int = 0
    claim_yuan: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """One campaign, all its time. A lead counts when its customer was on the list and it came within 30 days of the
    call."""

    of: str
    name: str
    listed: int = 0
    called: int = 0
    reached: int = 0
    answered: int = 0
    leads: int = 0
    won: int = 0


def shown(metric: Metric[Group], group: Group, *, least: int = LEAST) -> float | None:
    """The figure, or None when there are too few to say anything."""
    ratio = metric.of(group)
    return ratio.value if ratio.denominator >= least else None


def value_share(group: Group, whole: Group) -> float | None:
    """Which share of everybody's worth this group brought."""
    return group.value_yuan / whole.value_yuan if whole.value_yuan else None


def per_hundred(count: float, of: int, *, least: int = LEAST) -> float | None:
    """Per 100 cars; None for too few cars."""
    return 100 * count / of if of >= least else None
