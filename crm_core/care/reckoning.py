"""From an event to the contacts it leads to: pure, so that the plan, the calendar and the preview say the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crm_core.care.rulebook import YEARLY, CareRule, Owner, Trigger, window_of

PLANNED_AHEAD = timedelta(days=30)
"""A contact stands on the list so long before its day; what comes round again and again for 14 days."""
_AHEAD_OF_ROUNDS = timedelta(days=14)
ROUNDS = (*YEARLY, Trigger.PROSPECT)
APART = timedelta(days=7)
"""Contacts for one cause that are nearer than this are one contact, whoever makes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`subject` names it, e.g. "delivery/17"; `on` is its day in the site's zone.

    `consultant` and `adviser` are the names on the record; `staff_id` is a dealer's person already in charge.
    """

    trigger: Trigger
    subject: str
    on: date
    customer_id: int
    dealer_id: int | None = None
    vehicle_id: int | None = None
    consultant: str = ""
    adviser: str = ""
    staff_id: int | None = None
    model: str = ""
    energy: str = ""
    region: str = ""
    customer_class: str = "standard"
    horizon: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What a rule wants for an event, on which day."""

    rule: CareRule
    event: Event
    on: date

    @property
    def person(self) -> str:
        """In whose name; "" = the centre's, or nobody is known."""
        names = {Owner.CONSULTANT: self.event.consultant, Owner.ADVISER: self.event.adviser}
        return names.get(self.rule.owner, "")

    @property
    def listed_on(self) -> date:
        """From this day on it stands on its list."""
        return self.on - (_AHEAD_OF_ROUNDS if self.rule.trigger in ROUNDS else PLANNED_AHEAD)

    def is_late(self, today: date) -> bool:
        """Whether it is not made any more."""
        late = window_of(self.rule)
        return late is not None and self.on + late < today

    def may_begin(self, today: date) -> bool:
        """Whether it belongs on the list now: not too early and not too late."""
        return self.listed_on <= today and not self.is_late(today)


def fits(rule: CareRule, event: Event) -> bool:
    """Whether the event meets the rule's conditions; a dealer's task needs a dealer."""
    words = (
        (rule.energies, event.energy),
        (rule.regions, event.region),
        (rule.classes, event.customer_class),
        (rule.horizons, event.horizon),
    )
    if not rule.on or rule.trigger is not event.trigger:
        return False
    if rule.by == "dealer" and event.dealer_id is None:
        return False
    if rule.models and not any(event.model.startswith(word) for word in rule.models):
        return False
    return all(not wanted or word in wanted for wanted, word in words)


def contacts(rules: Sequence[CareRule], event: Event) -> list[Contact]:
    """At most one for each week of the cause: the first rule of the list that fits makes it."""
    found: list[Contact] = []
    for rule in rules:
        if not fits(rule, event):
            continue
        on = event.on + timedelta(days=rule.days)
        if not near(on, (one.on for one in found)):
            found.append(Contact(rule=rule, event=event, on=on))
    return found


def near(on: date, days: Iterable[date]) -> bool:
    """Whether a contact on this day would be the same as one of those."""
    return any(abs(on - one) < APART for one in days)
