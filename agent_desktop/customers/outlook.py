"""What comes next for a customer, and whether the gate lets it: promised calls, planned care, what we wish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.care.words import STATES
from agent_desktop.customers.words import CARE_KINDS, PURPOSES
from agent_desktop.dealer.words import SKIP_REASONS
from agent_desktop.words import N_
from crm_core.care.calendar import of_customer
from crm_core.care.people import lines
from crm_core.care.settings import care_rules
from crm_core.consent.gate import may_contact
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.verdict import Verdict
from crm_core.customers.view_facts import CustomerView

MOST = 8
_CALLBACK = N_("Callback promised")
_STANDING = (Purpose.SURVEY, Purpose.NEWS, Purpose.EVENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`title` and `state` are msgids. `at` or `on` is when it is planned, both None = nothing is planned yet.

    `verdict` None = it was withdrawn; `state` says why.
    """

    title: str
    verdict: Verdict | None
    at: datetime | None = None
    on: date | None = None
    by: str = ""
    state: str = ""


async def outlook(
    session: AsyncSession, seen: CustomerView, *, at: datetime, zone: tzinfo, language: str = "zh-CN"
) -> list[Step]:
    """Promised callbacks, then care by its day with the gate's word for that day, then each purpose that has none."""
    ident = seen.customer.id
    care = await _care(session, ident, at=at, zone=zone, language=language)
    busy = {purpose for purpose, _ in care}
    wanted = [one for one in _STANDING if one.value not in busy] + ([Purpose.SERVICE] if seen.callbacks else [])
    verdicts: dict[Purpose, Verdict] = {
        purpose: await may_contact(session, ident, purpose, Channel.PHONE, at=at, zone=zone) for purpose in wanted
    }
    steps = [Step(title=_CALLBACK, verdict=verdicts[Purpose.SERVICE], at=one.due_at) for one in seen.callbacks]
    free = [Step(title=PURPOSES[one], verdict=verdicts[one]) for one in _STANDING if one in verdicts]
    return steps + [step for _, step in care] + free


async def _care(
    session: AsyncSession, customer_id: int, *, at: datetime, zone: tzinfo, language: str
) -> list[tuple[str, Step]]:
    """(purpose, step): what stands on a list of a dealer or a campaign, what will, and what was withdrawn and why."""
    names = {one.id: one.name(language) for one in await care_rules(session)}
    planned = await of_customer(session, customer_id, at=at, zone=zone)
    found = []
    for line in await lines(session, planned[:MOST], at=at, zone=zone):
        one = line.planned
        state = SKIP_REASONS.get(one.reason, STATES.get(one.state, "") if one.state != "open" else "")
        title = names.get(one.rule) or CARE_KINDS.get(one.rule, one.rule)
        by = one.person or line.campaign or line.dealer
        found.append((one.purpose, Step(title=title, verdict=line.verdict, on=one.on, by=by, state=state)))
    return found
