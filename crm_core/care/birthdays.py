"""Birthdays to come, counted and listed straight from the customers: too many to be written down a year ahead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.care.outlook import is_counted_by_birthday
from crm_core.care.reckoning import Contact, Event, contacts
from crm_core.care.rulebook import CareRules, Trigger
from crm_core.customers.model import Customer
from crm_core.dealers.care_rules import next_birthday
from crm_core.dealers.model import Dealer

_SEEN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Birthdays:
    """Which days of the calendar are asked: half-open; `dealer_id` None = all dealers."""

    first: date
    last: date
    today: date
    dealer_id: int | None = None

    def days(self, rules: CareRules) -> dict[str, date]:
        """ "MM-DD" of a birthday to the day of the event, for all that could bring a contact into these days."""
        ahead = {rule.days for rule in rules if rule.on and rule.trigger is Trigger.BIRTHDAY}
        span = range((self.last - self.first).days)
        events = {self.first + timedelta(days=day - lead) for day in span for lead in ahead}
        found: dict[str, date] = {}
        for on in events:
            for birthday in {on.strftime("%m-%d"), "02-29" if (on.month, on.day) == (2, 28) else on.strftime("%m-%d")}:
                if next_birthday(birthday, self.today - _SEEN) == on:
                    found[birthday] = on
        return found

    def coming(self, rules: CareRules, event: Event) -> Iterable[Contact]:
        for one in contacts(rules, event):
            if self.first <= one.on < self.last and is_counted_by_birthday(one, self.today):
                yield one

    def where(self, days: Collection[str]) -> list[ColumnElement[bool]]:
        dealer = [Customer.dealer_id == self.dealer_id] if self.dealer_id is not None else []
        return [Customer.birthday.in_(days), Customer.merged_into_id.is_(None), *dealer]


def _event(on: date, region: str | None, customer_class: str, dealer_id: int | None, **more: object) -> Event:
    return Event(
        trigger=Trigger.BIRTHDAY,
        on=on,
        dealer_id=dealer_id,
        region=region or "",
        customer_class=customer_class,
        **{"subject": "", "customer_id": 0, **more},  # type: ignore[arg-type]
    )


async def birthday_counts(session: AsyncSession, asked: Birthdays, rules: CareRules) -> dict[tuple[date, str], int]:
    """(day, rule) to how many; customers alike in what a rule asks of them are counted by the database."""
    days = asked.days(rules)
    if not days:
        return {}
    kinds = (Customer.birthday, Dealer.region, Customer.customer_class, Customer.dealer_id.is_not(None))
    rows = await session.execute(
        select(*kinds, func.count()).outerjoin(Dealer, Dealer.id == Customer.dealer_id).where(*asked.where(days))
        .group_by(*kinds)
    )  # fmt: skip
    found: dict[tuple[date, str], int] = {}
    for birthday, region, customer_class, has_dealer, count in rows:
        event = _event(days[birthday], region, customer_class, 1 if has_dealer else None)
        for one in asked.coming(rules, event):
            found[one.on, one.rule.id] = found.get((one.on, one.rule.id), 0) + count
    return found


async def birthday_contacts(session: AsyncSession, asked: Birthdays, rules: CareRules) -> list[Contact]:
    """The contacts themselves, for a day or a few."""
    days = asked.days(rules)
    if not days:
        return []
    columns = (Customer.id, Customer.birthday, Dealer.region, Customer.customer_class, Customer.dealer_id)
    people = (Customer.sales_consultant, Customer.service_adviser)
    rows = await session.execute(
        select(*columns, *people).outerjoin(Dealer, Dealer.id == Customer.dealer_id).where(*asked.where(days))
    )
    found: list[Contact] = []
    for customer, birthday, region, customer_class, dealer, consultant, adviser in rows:
        on = days[birthday]
        more: Mapping[str, object] = {"consultant": consultant, "adviser": adviser, "customer_id": customer}
        event = _event(on, region, customer_class, dealer, **more, subject=f"birthday/{customer}/{on.year}")
        found += asked.coming(rules, event)
    return found
