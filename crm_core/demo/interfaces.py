"""The demo's other systems: keys of a DMS, a web form and an old ERP; webhooks that run, fail and rest.

Nobody can use these keys: of a token only the digest is kept, and these are digests of nothing. Webhooks lead to
example.com and example.cn and have no job, so that a demo site calls nobody until somebody sends a test.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from crm_core.integration.scopes import Scope
from crm_core.integration.trouble import Trouble

Rows = list[dict[str, Any]]
_DMS = [Scope.READ_CUSTOMERS, Scope.WRITE_CUSTOMERS, Scope.READ_VEHICLES, Scope.WRITE_VEHICLES, Scope.READ_EVENTS]
_KEYS: tuple[tuple[str, Sequence[Scope], int | None, tuple[str, ...], int], ...] = (
    ("全网 DMS 接口", _DMS, None, ("203.0.113.0/28",), 1200),
    ("长春门店 DMS", (*_DMS, Scope.READ_CASES), 1, ("203.0.113.40/32",), 300),
    ("官网留资表单", (Scope.WRITE_LEADS, Scope.READ_DEALERS), None, (), 120),
    ("旧 ERP（已停用）", (Scope.WRITE_VEHICLES,), None, (), 60),
)
"""Name, scopes, dealer, addresses, requests a minute; the last one is revoked."""
_REVOKED = len(_KEYS)
DMS, CRM, MEDIA = 1, 2, 3  # webhooks: runs, fails, paused after three days
_HOOKS = (
    (DMS, "全网 DMS", "https://dms.example.com/hotline/events", ["order.changed", "delivery.recorded", "case.*"]),
    (CRM, "营销系统", "https://marketing.example.cn/hooks/hotline", ["lead.*", "consent.changed"]),
    (MEDIA, "舆情平台", "https://media.example.com/in/cases", ["case.opened"]),
)
_TOLD = (
    ("case.opened", "case/101", {"number": "GD-1110-0042", "kind": "repair"}),
    ("lead.captured", "lead/31", {"number": "XS-1110-0007", "source": "web"}),
    ("order.changed", "order/12", {"number": "SO-2026-0012", "status": "transport"}),
    ("case.closed", "case/88", {"number": "GD-1107-0131", "result": "solved"}),
    ("delivery.recorded", "delivery/44", {"use": "own"}),
    ("lead.sent", "lead/31", {"number": "XS-1110-0007", "dealer": 1}),
)


def interface_rows(now: datetime) -> dict[str, Rows]:
    """By table, in the order of inserting."""
    events = event_rows(now)
    return {
        "api_key": key_rows(now),
        "outbox_event": events,
        "webhook": webhook_rows(now, events),
        "webhook_delivery": delivery_rows(now, events),
    }


def key_rows(now: datetime) -> Rows:
    """Rows of `api_key`."""
    rows = []
    for number, (name, scopes, dealer, networks, rate) in enumerate(_KEYS, start=1):
        revoked = number == _REVOKED
        row = {
            "id": number,
            "name": name,
            "prefix": f"hl_demo{number}",
            "digest": sha256(f"nothing has this digest {number}".encode()).hexdigest(),
            "scopes": sorted(scope.value for scope in scopes),
            "dealer_id": dealer,
            "networks": list(networks),
            "per_minute": rate,
            "created_at": now - timedelta(days=90 * number),
            "created_by": "9001",
            "expires_at": now + timedelta(days=200) if number == 2 else None,
            "last_used_at": now - timedelta(days=40 if revoked else 0, minutes=7 * number),
            "last_address": "203.0.113.5" if number == 1 else "203.0.113.40",
            "revoked_at": now - timedelta(days=38) if revoked else None,
        }
        rows.append(row)
    return rows


def event_rows(now: datetime) -> Rows:
    """Rows of `outbox_event`: the last hours, one every quarter of an hour, numbered."""
    rows = []
    for place in range(24):
        kind, subject, payload = _TOLD[place % len(_TOLD)]
        at = now - timedelta(minutes=15 * (24 - place))
        rows.append({"id": place + 1, "kind": kind, "subject": subject, "at": at, "payload": payload})
        rows[-1]["sequence"] = place + 1
    return rows


def webhook_rows(now: datetime, events: Rows) -> Rows:
    """Rows of `webhook`: where each stands among the events."""
    standing: dict[int, dict[str, Any]] = {
        DMS: {"position": len(events)},
        CRM: {"position": 10, "failing_since": now - timedelta(hours=3), "tries": 7},
        MEDIA: {
            "position": 0,
            "failing_since": now - timedelta(days=4),
            "tries": 22,
            "paused_at": now - timedelta(days=1),
            "pause_reason": "failing",
        },
    }
    empty = {"failing_since": None, "tries": 0, "paused_at": None, "pause_reason": "", "old_secret_until": None}
    return [
        {
            "id": number,
            "name": name,
            "url": url,
            "kinds": kinds,
            "secret": "whsec_" + b64encode(sha256(url.encode()).digest()).decode(),
            "old_secret": "",
            "created_at": now - timedelta(days=60),
            "created_by": "9001",
            **empty,
            **standing[number],
        }
        for number, name, url, kinds in _HOOKS
    ]


def delivery_rows(now: datetime, events: Rows) -> Rows:
    """Rows of `webhook_delivery`: what arrived, and each way in which something did not."""
    random = Random("deliveries")
    told = [one for one in events if one["kind"].startswith(("order.", "delivery.", "case."))]
    rows = [_arrived(one, random) for one in told]
    lead = next(one for one in events if one["id"] > 10 and one["kind"].startswith("lead."))
    # The rests between tries are those of webhook_rules.TRY_LATER, the last one seven minutes ago.
    for minutes, trouble, status, said in (
        (180, Trouble.SLOW, None, ""),
        (179, Trouble.ANSWER, 503, ""),
        (177, Trouble.ANSWER, 503, ""),
        (167, Trouble.BROKEN, None, "Server disconnected without sending a response."),
        (137, Trouble.EXPIRED, None, "certificate verify failed: certificate has expired"),
        (77, Trouble.EXPIRED, None, "certificate verify failed: certificate has expired"),
        (7, Trouble.EXPIRED, None, "certificate verify failed: certificate has expired"),
    ):
        rows.append(_failed(CRM, lead, now - timedelta(minutes=minutes), trouble, status=status, said=said))
    first = next(one for one in events if one["kind"] == "case.opened")
    for hours in range(24 + 4 * 12, 23, -4):
        at = now - timedelta(hours=hours)
        rows.append(_failed(MEDIA, first, at, Trouble.REDIRECT, status=301, said=""))
    rows.sort(key=lambda row: row["at"])
    return [{"id": number, **row} for number, row in enumerate(rows, start=1)]


def _arrived(event: dict[str, Any], random: Random) -> dict[str, Any]:
    row = _attempt(DMS, event, event["at"] + timedelta(seconds=2))
    return row | {"status": 204, "milliseconds": random.randrange(35, 240), "trouble": "", "failure": ""}


def _failed(
    webhook: int, event: dict[str, Any], at: datetime, trouble: Trouble, *, status: int | None, said: str
) -> dict[str, Any]:
    took = 10_000 if trouble is Trouble.SLOW else 61
    row = _attempt(webhook, event, at)
    return row | {"status": status, "milliseconds": took, "trouble": trouble.value, "failure": said}


def _attempt(webhook: int, event: dict[str, Any], at: datetime) -> dict[str, Any]:
    body = {"type": event["kind"], "timestamp": event["at"].isoformat(), "data": {"subject": event["subject"]}}
    body["data"] |= event["payload"]
    return {
        "webhook_id": webhook,
        "event_id": event["id"],
        "message_id": f"evt_{event['id']}",
        "kind": event["kind"],
        "at": at,
        "request": json.dumps(body, ensure_ascii=False),
        "answer": "",
    }
