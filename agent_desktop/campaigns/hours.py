"""When a campaign may dial: its own hours within those of the rules of contact, on the site's working calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.rules import Settings
from crm_core.consent.facts import special_days
from crm_core.consent.rules import Span, kind_of_day
from crm_core.consent.settings import contact_rules

DAYS_AHEAD = 60


@dataclass(frozen=True, slots=True)
class OpenSpans:
    """`today` in minutes of the site's day; `ahead` from now on, in order, for the next 60 days."""

    today: tuple[Span, ...]
    ahead: tuple[tuple[datetime, datetime], ...]

    def first_open(self, due_at: datetime | None) -> datetime | None:
        """When somebody who is due then can be called at the earliest; None for nobody, or not in 60 days."""
        return None if due_at is None else next((max(a, due_at) for a, b in self.ahead if b > due_at), None)


async def open_spans(session: AsyncSession, settings: Settings, at: datetime, zone: tzinfo) -> OpenSpans:
    rules = await contact_rules(session)
    first = at.astimezone(zone).date()
    special = await special_days(session, first)

    def spans_of(day: date) -> tuple[Span, ...]:
        return meeting(rules.hours[kind_of_day(day, special)], settings.windows)

    ahead: list[tuple[datetime, datetime]] = []
    for number in range(DAYS_AHEAD):
        day = first + timedelta(days=number)
        midnight = datetime.combine(day, time(), zone)
        ahead += [(midnight + timedelta(minutes=a), midnight + timedelta(minutes=b)) for a, b in spans_of(day)]
    return OpenSpans(spans_of(first), tuple((max(a, at), b) for a, b in ahead if b > at))


def meeting(allowed: Iterable[Span], wanted: Iterable[Span]) -> tuple[Span, ...]:
    """What is in both; no `wanted` at all = all that is allowed."""
    chosen = tuple(wanted) or ((0, 1440),)
    both = [(max(a, c), min(b, d)) for a, b in sorted(allowed) for c, d in sorted(chosen)]
    return tuple(span for span in both if span[0] < span[1])
