"""The proof that a call of a campaign was allowed, as it was at the moment of dialling."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign
from crm_core.consent.model import Consent
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.settings import contact_rules


async def proof_of(
    session: AsyncSession, row: Campaign, customer_id: int, e164: str, *, at: datetime, zone: tzinfo
) -> dict[str, Any]:
    """The consent with its proof, the rules that were asked, and the local time; plain JSON."""
    given = await session.scalar(
        select(Consent)
        .where(
            Consent.customer_id == customer_id, Consent.purpose == row.purpose, Consent.channel == Channel.PHONE.value
        )
        .order_by(Consent.at.desc(), Consent.id.desc())
        .limit(1)
    )
    rules = await contact_rules(session)
    consent = None
    if given is not None:
        consent = {
            "id": given.id,
            "given": given.given,
            "at": given.at.isoformat(),
            "contact": given.contact_id,
            "words": given.words,
            "by": given.by,
        }
    return {
        "purpose": row.purpose,
        "consent_needed": Purpose(row.purpose) in rules.consent_needed,
        "consent": consent,
        "e164": e164,
        "local_time": at.astimezone(zone).isoformat(timespec="seconds"),
        "most_touches": rules.most_touches,
        "period_days": rules.period_days,
        "revision": row.revision,
    }
