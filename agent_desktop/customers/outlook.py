"""What comes next for a customer, and whether the gate lets it: promised calls, planned care, what we wish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.customers.words import CARE_KINDS, PURPOSES
from agent_desktop.words import N_
from crm_core.consent.gate import may_contact
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.verdict import Verdict
from crm_core.customers.view_facts import CustomerView

_CALLBACK = N_("Callback promised")
_STANDING = (Purpose.SURVEY, Purpose.NEWS, Purpose.EVENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`title` is a msgid. `at` or `on` is when it is planned, both None = nothing is planned yet."""

    title: str
    verdict: Verdict
    at: datetime | None = None
    on: date | None = None
    by: str = ""


async def outlook(session: AsyncSession, seen: CustomerView, *, at: datetime, zone: tzinfo) -> list[Step]:
    """Promised callbacks, then care tasks by their day, then each purpose that has none: one question per purpose."""
    ident = seen.customer.id
    wanted = set(_STANDING)
    wanted |= {Purpose(line.task.purpose) for line in seen.care if line.task.purpose in list(Purpose)}
    wanted |= {Purpose.SERVICE} if seen.callbacks else set()
    verdicts: dict[Purpose, Verdict] = {
        purpose: await may_contact(session, ident, purpose, Channel.PHONE, at=at, zone=zone)
        for purpose in sorted(wanted)
    }
    steps = [Step(title=_CALLBACK, verdict=verdicts[Purpose.SERVICE], at=one.due_at) for one in seen.callbacks]
    planned = _planned(seen, verdicts)
    busy = {line.task.purpose for line in seen.care}
    free = [
        Step(title=PURPOSES[purpose], verdict=verdicts[purpose]) for purpose in _STANDING if purpose.value not in busy
    ]
    return steps + planned + free


def _planned(seen: CustomerView, verdicts: Mapping[Purpose, Verdict]) -> list[Step]:
    return [
        Step(
            title=CARE_KINDS.get(line.task.kind, line.task.kind),
            verdict=verdicts[Purpose(line.task.purpose)],
            on=line.task.due_on,
            by=line.staff or line.dealer,
        )
        for line in seen.care
        if line.task.purpose in list(Purpose)
    ]
