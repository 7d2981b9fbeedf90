"""What can happen to a case: the words of `CaseEvent.kind`."""

from __future__ import annotations

from enum import StrEnum


class CaseEventKind(StrEnum):
    OPENED = "opened"
    NOTE = "note"
    FIELDS = "fields"  # what the kind's template asks was changed
    ASSIGNED = "assigned"  # detail: {"owner", "dealer_id", "rule", "why"}
    LEVEL = "level"  # detail: {"level", "before", "reasons"}
    PAUSED = "paused"
    RESUMED = "resumed"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    MERGED = "merged"
    UNMERGED = "unmerged"
    CLOSED = "closed"
    REOPENED = "reopened"
    NOTICE = "notice"  # the same words to every case of a group
    STEP = "step"
    # the complaint's loop
    SENT = "sent"
    ACCEPTED = "accepted"
    OWNER_NAMED = "owner_named"
    CONTACTED = "contacted"
    SOLVED = "solved"
    SUPPORT_ASKED = "support_asked"
    SUPPORT_ANSWERED = "support_answered"
    REPORTED = "reported"  # detail: {"cause", "measures", "customer_said"}
    CONFIRMED = "confirmed"
    RETURNED = "returned"  # the customer is not satisfied
    WITHDRAWN = "withdrawn"
    # the rescue's loop
    PLACE = "place"
    DISPATCHED = "dispatched"
    DECLINED = "declined"
    UNDER_WAY = "under_way"  # detail: {"eta"}
    ARRIVED = "arrived"
    HELPED = "helped"
