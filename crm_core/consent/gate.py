"""The one gate that everything outbound passes: may this customer be contacted, for this purpose, on this channel?

`may_contact` asks without leaving a trace; `claim` also takes one of the touches that are left, so that of two who
ask at the same moment for the last one only one gets it. The decision itself is in consent.decision.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.consent.decision import decide
from crm_core.consent.facts import Named, Question, gather, gather_many
from crm_core.consent.model import Touch
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.settings import contact_rules
from crm_core.consent.verdict import Verdict
from crm_core.customers.model import Customer
from crm_core.db import storable

__all__ = ["claim", "decide", "may_contact", "may_contact_many", "touched"]


async def may_contact(
    session: AsyncSession,
    customer_id: int,
    purpose: Purpose,
    channel: Channel,
    *,
    at: datetime,
    zone: tzinfo,
    e164: str = "",
) -> Verdict:
    """`e164` names the number that would be used; "" = any of the customer's. `zone` is the site's."""
    rules = await contact_rules(session)
    facts = await gather(session, customer_id, purpose, channel, rules, at=at, zone=zone, e164=e164)
    return decide(facts, rules, at)


async def may_contact_many(
    session: AsyncSession, named: Named, purpose: Purpose, channel: Channel, *, at: datetime, zone: tzinfo
) -> dict[int, Verdict]:
    """`may_contact` of each, at the cost of one for a thousand. `named`: customer to the number, "" = any of theirs."""
    rules = await contact_rules(session)
    question = Question(purpose=purpose, channel=channel, at=at, zone=zone)
    facts = await gather_many(session, named, question, rules)
    return {customer: decide(known, rules, at) for customer, known in facts.items()}


async def claim(
    session: AsyncSession,
    customer_id: int,
    purpose: Purpose,
    channel: Channel,
    *,
    by: str,
    at: datetime,
    zone: tzinfo,
    subject: str = "",
    e164: str = "",
) -> Verdict:
    """As `may_contact`; a yes is counted as a touch. Others who claim for this customer wait for the transaction.

    Call it before anything else is read in the transaction: SQLite cannot lock behind a read of older rows.
    """
    # A write that changes nothing: PostgreSQL locks the row, SQLite the database.
    lock = update(Customer).where(Customer.id == customer_id).values(referrals=Customer.referrals)
    await session.execute(lock.execution_options(synchronize_session=False))
    verdict = await may_contact(session, customer_id, purpose, channel, at=at, zone=zone, e164=e164)
    if verdict.yes:
        touched(session, customer_id, purpose, channel, by=by, at=at, subject=subject)
    return verdict


def touched(
    session: AsyncSession,
    customer_id: int,
    purpose: Purpose,
    channel: Channel,
    *,
    by: str,
    at: datetime,
    subject: str = "",
) -> None:
    """Keep an attempt that was made already, e.g. one that a dealer reports."""
    row = Touch(customer_id=customer_id, purpose=purpose.value, channel=channel.value, at=at, by=storable(by, 16))
    row.subject = storable(subject, 40)
    session.add(row)
