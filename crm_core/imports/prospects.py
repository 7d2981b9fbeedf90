"""The leads of a batch: of a fair or another system; one open lead for each customer, to be verified first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from crm_core.customers.model import Customer
from crm_core.imports.allowances import keep, latest_answers, require_proofs
from crm_core.imports.batch import Batch
from crm_core.imports.people import People
from crm_core.imports.reading import ReadRow
from crm_core.leads.model import Lead, LeadEvent
from crm_core.leads.progress import horizon_of
from crm_core.leads.record import PLATFORM
from crm_core.leads.rules import LeadRules
from crm_core.leads.settings import lead_rules
from crm_core.leads.words import OPEN, Act, LeadStatus, LostReason
from crm_core.numbering import add_numbered

_OWN = ("model", "wish", "buy_by", "budget_wan", "trade_in", "touchpoint")


async def take_leads(batch: Batch) -> None:
    """An open lead of the customer gets what it lacks; the same interest, closed or not, is none again."""
    require_proofs(batch)
    people = People(batch)
    await people.settle()
    rules = await lead_rules(batch.session)
    known = await _known(batch, people)
    named = {customer.id: customer for row in batch.usable if (customer := people.of(row))}
    answers = await latest_answers(batch, named)
    for row in batch.usable:
        customer = people.of(row)
        if customer is None:
            continue
        answer = keep(batch, row, customer, answers)
        values: dict[str, Any] = {name: row.facts.get(name) for name in _OWN} | {"dealer_id": batch.dealer_of(row)}
        mine = known.setdefault(customer.id, [])
        found = next((one for one in mine if one.status in OPEN or _same(one, row)), None)
        if found is None:
            refused = answer is not None and not answer.given
            mine.append(await _made(batch, row, customer, rules, values, refused=refused))
        elif found.status in OPEN:
            batch.put(row, found, values | {"dealer_id": values["dealer_id"] if not found.times_sent else None})


def _same(lead: Lead, row: ReadRow) -> bool:
    return (lead.model, lead.wish) == (row.facts.get("model", ""), row.facts.get("wish", ""))


async def _known(batch: Batch, people: People) -> dict[int, list[Lead]]:
    ids = {customer.id for row in batch.usable if (customer := people.of(row))}
    found: dict[int, list[Lead]] = {}
    for lead in await batch.session.scalars(select(Lead).where(Lead.customer_id.in_(ids)).order_by(Lead.id.desc())):
        found.setdefault(lead.customer_id, []).append(lead)
    return found


async def _made(
    batch: Batch, row: ReadRow, customer: Customer, rules: LeadRules, values: dict[str, Any], *, refused: bool
) -> Lead:
    facts, day = row.facts, batch.at.astimezone(batch.zone)
    by_date = horizon_of(facts.get("buy_by"), day.date(), hot_days=rules.hot_days, mid_days=rules.mid_days)
    lead = Lead(customer_id=customer.id, source=facts.get("source", "import"), horizon=by_date.value)
    lead.created_at, lead.created_by = min(facts.get("captured_at", batch.at), batch.at), PLATFORM
    lead.test_drive = facts.get("test_drive", "no") == "yes"
    for name, value in values.items():
        if value is not None:
            setattr(lead, name, value)
    if refused:  # kept as lost, so that nobody asks again
        lead.status, lead.lost_reason, lead.closed_at = LeadStatus.LOST.value, LostReason.REFUSED.value, batch.at
    await add_numbered(batch.session, lead, Lead.number, f"XS-{day:%m%d}-")
    batch.make(row, lead, main=True)
    event = LeadEvent(lead_id=lead.id, at=lead.created_at, actor=PLATFORM, kind=Act.CAPTURED.value, text=lead.wish)
    event.detail = {"source": lead.source}
    batch.make(row, event)
    batch.results[row.line] = "created"
    return lead
