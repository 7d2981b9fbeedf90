"""How soon a voice message must be dealt with, who is told when it is not, and how long it is offered. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from crm_core.errors import Invalid
from crm_core.workforce.fields import within

LIMITS = (
    ("due_minutes", 5, 10_080, False),
    ("urgent_minutes", 1, 1_440, False),
    ("remind_minutes", 1, 1_440, True),
    ("leader_minutes", 0, 1_440, True),
    ("supervisor_minutes", 0, 10_080, True),
    ("offer_seconds", 10, 600, False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRules:
    """`due_minutes` count in the opening hours of the number that was called, `urgent_minutes` around the clock.

    `remind_minutes` before the end whoever works on it is reminded (0 = not); `leader_minutes` and
    `supervisor_minutes` after it those are told. `offered` = ready agents get messages offered in turn.
    """

    due_minutes: int = 120
    urgent_minutes: int = 10
    remind_minutes: int = 30
    leader_minutes: int = 0
    supervisor_minutes: int = 60
    offer_seconds: int = 45
    offered: bool = True


FIRST_RULES = MessageRules()


def problems(state: Mapping[str, Any]) -> list[Invalid]:
    """One sentence for each field that cannot be used."""
    wrong = [one for field, low, high, zero in LIMITS for one in within(dict(state), field, low, high, zero=zero)]
    if not wrong and state["supervisor_minutes"] < state["leader_minutes"]:
        wrong.append(Invalid("Supervisors are told after the leaders, not before.", field="supervisor_minutes"))
    return wrong


def rules_from(state: Mapping[str, Any]) -> MessageRules:
    """Unknown fields are left out; missing ones are those of the first rules."""
    known = {name: state[name] for name in state_of(FIRST_RULES) if name in state}
    return MessageRules(**known)


def state_of(rules: MessageRules) -> dict[str, Any]:
    return asdict(rules)
