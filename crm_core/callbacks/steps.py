"""What can happen with a message, and its record."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.model import MessageStep, VoiceMessage


class Step(StrEnum):
    FOUND = "found"  # the sound was there, and nothing had told of it
    OFFERED = "offered"
    PASSED = "passed"  # the agent sent the offer back
    TIMED_OUT = "timed_out"  # the agent did not react
    WITHDRAWN = "withdrawn"  # a call came, or the agent went away
    TAKEN = "taken"
    RETURNED = "returned"
    ASSIGNED = "assigned"
    CALLED = "called"  # a call to the customer was begun from it
    TOPIC = "topic"
    CORRECTED = "corrected"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    NO_SOUND = "no_sound"  # the file is missing
    DONE = "done"
    REOPENED = "reopened"


class Result(StrEnum):
    """How a message was dealt with."""

    ANSWERED = "answered"  # the customer was called back and answered
    CASE = "case"  # became a case
    NOT_REACHED = "not_reached"  # tried, and given up
    NOTHING = "nothing"  # nothing to do: empty, a wrong number, settled already


SYSTEM = "system"


def note_step(
    session: AsyncSession, message: VoiceMessage, kind: Step, *, actor: str, at: datetime, **detail: Any
) -> None:
    """Into the message's own course."""
    session.add(MessageStep(contact_id=message.contact_id, at=at, actor=actor[:16], kind=kind.value, detail=detail))
