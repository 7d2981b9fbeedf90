"""The rows of one demo contact. Without I/O."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crm_core.demo.callers import Caller


def contact_row(contact_id: str, at: datetime, caller: Caller, direction: str, entry: str) -> dict[str, Any]:
    """A contact that has only begun."""
    return {
        "id": contact_id,
        "channel": "voice",
        "direction": direction,
        "caller": caller.number,
        "entry": entry,
        "customer_id": caller.customer_id,
        "vehicle_id": None,
        "case_id": None,
        "language": caller.language,
        "menu_path": "",
        "topic": "",
        "queue": "",
        "agent": "",
        "started_at": at,
        "answered_at": None,
        "ended_at": None,
        "outcome": None,
        "ended_by": "customer",
        "estimated": False,
        "kind": "",
        "sub_kind": "",
        "relation": "",
        "disposition": "",
        "note": "",
        "recorded_at": None,
    }


def visit_row(contact_id: str, queue: str, entered: datetime, left: datetime, result: str) -> dict[str, Any]:
    return {
        "contact_id": contact_id,
        "queue": queue,
        "entered_at": entered,
        "left_at": left,
        "answered_at": left if result == "answered" else None,
        "wait_seconds": (left - entered).total_seconds(),
        "result": result,
    }


def leg_row(leg_id: str, contact_id: str, agent: str, queue: str, offered: datetime) -> dict[str, Any]:
    """An offer that has only begun."""
    return {
        "id": leg_id,
        "contact_id": contact_id,
        "agent": agent,
        "queue": queue,
        "why": "longest_idle" if queue else "outbound",
        "offered_at": offered,
        "answered_at": None,
        "ended_at": None,
        "result": "",
        "ended_by": "",
        "hold_seconds": 0.0,
        "hold_since": None,
        "kind": "agent",
        "party": "",
        "given_to": "",
        "consulted_at": None,
        "consult_seconds": 0.0,
    }
