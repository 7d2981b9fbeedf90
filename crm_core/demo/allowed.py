"""What the demo's customers allow and refuse, each with its proof. Without I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from crm_core.demo.lead_wording import AGREED, REFUSED, SIGNED, STOPPED
from crm_core.demo.staff import LIN

Rows = list[dict[str, Any]]
CHEN = 1
# Purpose, channel, share of the customers who agreed, and who refused; the others were not asked.
_SHARES = (
    ("care", "phone", 0.93, 0.02),
    ("care", "sms", 0.70, 0.02),
    ("survey", "phone", 0.82, 0.05),
    ("survey", "sms", 0.55, 0.02),
    ("survey", "wechat", 0.20, 0.0),
    ("news", "phone", 0.22, 0.24),
    ("news", "sms", 0.46, 0.10),
    ("news", "email", 0.38, 0.04),
    ("event", "phone", 0.44, 0.08),
    ("event", "sms", 0.48, 0.03),
    ("event", "wechat", 0.30, 0.0),
)
_CHEN = (
    ("survey", "phone", True),
    ("survey", "sms", True),
    ("care", "phone", True),
    ("news", "sms", True),
    ("news", "email", True),
    ("event", "phone", True),
    ("event", "sms", True),
    ("event", "email", True),
    ("lead", "phone", True),
)


def consent_rows(
    customers: Sequence[Mapping[str, Any]],
    leads: Iterable[Mapping[str, Any]],
    contacts: Sequence[Mapping[str, Any]],
    now: datetime,
) -> Rows:
    """Rows of `consent`. Where a customer called lately, the call is the proof; else the paper of the delivery."""
    random = Random("yuanchen consents")
    talks = {row["customer_id"]: row for row in contacts if row["customer_id"] and row["answered_at"]}
    rows = _chens(now)
    for customer in customers:
        if customer["id"] == CHEN:
            continue
        for purpose, channel, agreed, refused in _SHARES:
            dice = random.random()
            if dice < agreed + refused:
                talk = talks.get(customer["id"]) if random.random() < 0.4 else None
                given = dice < agreed
                at = talk["ended_at"] if talk else now - timedelta(days=random.randrange(40, 700))
                words = random.choice(AGREED if given else REFUSED) if talk or not given else SIGNED
                rows.append(_row(customer["id"], purpose, channel, given=given, at=at, talk=talk, words=words))
    for lead in leads:
        if lead["customer_id"] != CHEN:
            words = random.choice(AGREED)
            row = _row(lead["customer_id"], "lead", "phone", given=True, at=lead["created_at"], talk=None, words=words)
            rows.append({**row, "contact_id": lead["contact_id"]})
    return rows


def stopped_rows(phones: Sequence[Mapping[str, Any]], now: datetime) -> Rows:
    """Rows of `do_not_contact`."""
    own = [row["e164"] for row in phones if row["label"] == "mobile" and row["customer_id"] > 40]
    return [
        {"e164": number, "reason": reason, "by": LIN.number, "at": now - timedelta(days=20 * place + 3)}
        for place, (number, reason) in enumerate(zip(own[7::31], STOPPED, strict=False))
    ]


def _chens(now: datetime) -> Rows:
    signed = now - timedelta(days=610)
    rows = [
        _row(CHEN, purpose, channel, given=given, at=signed, talk=None, words=SIGNED)
        for purpose, channel, given in _CHEN
    ]
    refused = _row(
        CHEN, "news", "phone", given=False, at=now - timedelta(days=255), talk=None, words="新车电话不用打了"
    )
    return [*rows, refused]


def _row(
    customer_id: int,
    purpose: str,
    channel: str,
    *,
    given: bool,
    at: datetime,
    talk: Mapping[str, Any] | None,
    words: str,
) -> dict[str, Any]:
    proof = {"contact_id": talk["id"] if talk else "", "words": words, "by": LIN.number}
    return {"customer_id": customer_id, "purpose": purpose, "channel": channel, "given": given, "at": at, **proof}
