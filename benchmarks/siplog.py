"""Reads sipp's message log: who sent or got what, when, on sipp's one clock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

SEPARATOR = re.compile(r"^-{20,} (\d{4}-\d\d-\d\d)[ \t](\d\d:\d\d:\d\d\.\d+)", re.MULTILINE)
REQUEST = re.compile(r"(INVITE|BYE|CANCEL) sip:([^@;>\s]+)")
CALL_ID = re.compile(r"^Call-ID: *(\S+)", re.MULTILINE | re.IGNORECASE)
FROM_USER = re.compile(r"^From:.*?sip:([^@]+)@", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Message:
    at: float
    received: bool
    method: str
    user: str
    call_id: str
    caller: str


def messages(log: Path) -> Iterator[Message]:
    """INVITE, BYE and CANCEL in the order of the log, retransmissions included."""
    text = log.read_text(encoding="utf-8", errors="replace")
    marks = list(SEPARATOR.finditer(text))
    for mark, following in zip(marks, [*marks, None][1:], strict=True):
        body = text[mark.end() : following.start() if following else len(text)]
        head = body.partition(":\n\n")[2]
        request, call_id, caller = REQUEST.match(head), CALL_ID.search(head), FROM_USER.search(head)
        if request is None or call_id is None:
            continue
        yield Message(
            at=datetime.fromisoformat(f"{mark[1]} {mark[2]}").timestamp(),
            received="received" in body[:60],
            method=request[1],
            user=request[2],
            call_id=call_id[1],
            caller=caller[1] if caller else "",
        )


def freed_to_next_invite(log: Path, start: float, end: float) -> list[float]:
    """Milliseconds from a phone's BYE to the next INVITE at the same phone, for BYEs in [start, end)."""
    owner: dict[str, str] = {}
    freed: dict[str, float] = {}
    waits: list[float] = []
    for message in messages(log):
        if message.method == "INVITE" and message.received:
            if message.call_id in owner:
                continue
            owner[message.call_id] = message.user
            if (since := freed.pop(message.user, None)) is not None and start <= since < end:
                waits.append((message.at - since) * 1000)
        elif message.method == "BYE" and message.call_id in owner:
            freed.setdefault(owner[message.call_id], message.at)
    return waits


def cancelled_to_next_invite(log: Path) -> list[float]:
    """Milliseconds from the CANCEL at a phone nobody answered to the same caller's INVITE at the next phone."""
    cancelled: dict[str, float] = {}
    seen: set[str] = set()
    waits: list[float] = []
    for message in messages(log):
        if message.method == "CANCEL" and message.received:
            cancelled[message.caller] = message.at
        elif message.method == "INVITE" and message.received and message.call_id not in seen:
            seen.add(message.call_id)
            if (since := cancelled.pop(message.caller, None)) is not None:
                waits.append((message.at - since) * 1000)
    return waits
