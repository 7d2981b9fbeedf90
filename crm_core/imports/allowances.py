"""What the rows of a list say to "may we call you about it?", and where that was said. Nothing said = not allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from crm_core.consent.model import Consent
from crm_core.consent.purposes import Channel, Purpose
from crm_core.customers.model import Customer
from crm_core.imports.batch import Batch
from crm_core.imports.reading import ReadRow


@dataclass(frozen=True, slots=True)
class Answer:
    """`on` is when it was said, None = the list does not tell."""

    given: bool
    words: str
    on: datetime | None


def answer_of(row: ReadRow, batch: Batch) -> Answer | None:
    """The row's own word; else what was stated for the whole list, where it has no column for it."""
    said, words = row.facts.get("consent"), row.facts.get("consent_words") or batch.consent
    if said is None and (batch.asks_each or not batch.consent):
        return None
    return Answer(said != "no", words, row.facts.get("captured_at"))


def require_proofs(batch: Batch) -> None:
    """Refuse rows that say yes and not where: a consent that nobody can prove is none."""
    for row in batch.usable:
        if row.facts.get("consent") == "yes" and not (row.facts.get("consent_words") or batch.consent):
            row.refuse("consent_proof", "consent_words")


async def latest_answers(batch: Batch, customers: Mapping[int, Customer]) -> dict[int, Consent]:
    """By customer, the last answer for leads by telephone."""
    asked = (Consent.purpose == Purpose.LEAD.value, Consent.channel == Channel.PHONE.value)
    rows = await batch.session.scalars(
        select(Consent).where(Consent.customer_id.in_(customers), *asked).order_by(Consent.at, Consent.id)
    )
    return {row.customer_id: row for row in rows}


def keep(batch: Batch, row: ReadRow, customer: Customer, known: dict[int, Consent]) -> Answer | None:
    """Write down the row's answer where it is news; gives it.

    A refusal that we know is overruled by nothing but a later word of the customer's, told with its time.
    """
    answer = answer_of(row, batch)
    if answer is None:
        return None
    last = known.get(customer.id)
    at = min(answer.on or batch.at, batch.at)
    if last is not None and (last.given == answer.given or at <= last.at or (answer.given and answer.on is None)):
        return answer
    told = Consent(customer_id=customer.id, purpose=Purpose.LEAD.value, channel=Channel.PHONE.value, at=at)
    told.given, told.words, told.by, told.contact_id = answer.given, answer.words[:200], batch.by, ""
    known[customer.id] = told
    batch.make(row, told)
    return answer
