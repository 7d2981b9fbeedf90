"""What a station offers. A station that never confirmed its data counts as offering the usual."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

SALES, WORKSHOP, RESCUE, BODY, CHARGING, PARTS = "sales", "workshop", "rescue", "body", "charging", "parts"
SERVICES = (SALES, WORKSHOP, RESCUE, BODY, CHARGING, PARTS)
USUAL = (SALES, WORKSHOP, RESCUE, PARTS)


def offered(services: Sequence[str], confirmed_at: datetime | None) -> tuple[str, ...]:
    """The services in the order of SERVICES; USUAL while nobody has said which they are."""
    if not services and confirmed_at is None:
        return USUAL
    return tuple(word for word in SERVICES if word in services)
