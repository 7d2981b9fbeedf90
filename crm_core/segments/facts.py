"""What is known of one customer before anything is decided: plain facts, gathered by segments.gathering."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

THREE_YEARS = 1095
"""Days. Two purchases are within three years when they lie at most so far apart (N22)."""
YEAR = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """`vehicles` bought on one day for `yuan` together; 0 yuan = the price is not known."""

    on: date
    vehicles: int = 1
    yuan: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Car:
    """A vehicle that the customer bought or uses, as far as it says what comes next."""

    sold_on: date | None = None
    warranty_until: date | None = None
    next_service_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manual:
    customer_class: str
    reason: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`contacts` and `visits` are of the last 365 days; `service_yuan_3y` of the last three years.

    `worst_rating` (1 to 5) is of cases closed in the last 365 days; `competitor` names what else they look at.
    """

    known_since: date
    purchases: tuple[Purchase, ...] = ()
    cars: tuple[Car, ...] = ()
    last_contact_on: date | None = None
    contacts: int = 0
    last_visit_on: date | None = None
    visits: int = 0
    service_yuan: int = 0
    service_yuan_3y: int = 0
    open_complaints: int = 0
    worst_rating: int | None = None
    refused: bool = False
    competitor: str = ""
    horizon: str = ""
    referrals: int = 0
    manual: Manual | None = None

    @property
    def vehicles(self) -> int:
        return sum(one.vehicles for one in self.purchases)

    @property
    def bought_yuan(self) -> int:
        return sum(one.yuan for one in self.purchases)

    @property
    def value_yuan(self) -> int:
        """Bought and paid for service, in all."""
        return self.bought_yuan + self.service_yuan

    @property
    def first_purchase_on(self) -> date | None:
        return min((one.on for one in self.purchases), default=None)

    @property
    def last_purchase_on(self) -> date | None:
        return max((one.on for one in self.purchases), default=None)

    @property
    def frequency(self) -> int:
        return self.contacts + self.visits


def vehicles_since(purchases: tuple[Purchase, ...], today: date) -> int:
    """Vehicles bought in the three years that end today."""
    return sum(one.vehicles for one in purchases if 0 <= (today - one.on).days <= THREE_YEARS)


def best_three_years(purchases: tuple[Purchase, ...]) -> tuple[int, date | None]:
    """The most vehicles bought within any three years, and the last day of the earliest such window (N22).

    The window slides over the purchases in the order of time: each purchase is once its end.
    """
    ordered = sorted(purchases, key=lambda one: one.on)
    best, best_end, within, first = 0, None, 0, 0
    for last in ordered:
        within += last.vehicles
        while (last.on - ordered[first].on).days > THREE_YEARS:
            within -= ordered[first].vehicles
            first += 1
        if within > best:
            best, best_end = within, last.on
    return best, best_end


def recency(facts: Facts) -> tuple[date | None, str]:
    """The latest sign of life and what it was: purchase, visit to the workshop, or contact. None = never any."""
    signs = (
        (facts.last_purchase_on, "purchase"),
        (facts.last_visit_on, "visit"),
        (facts.last_contact_on, "contact"),
    )
    known = [(day, word) for day, word in signs if day is not None]
    return max(known, key=lambda sign: sign[0]) if known else (None, "")
