"""A contact of the plan as people read it, and which of them a reader asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """`state`: coming (no list has it yet), open, stopped, done, skipped, withdrawn, or that of a campaign's entry.

    `rule` is the id of its rule, or another kind of task; `cause` is what it comes from, e.g. "delivery/17".
    """

    on: date
    rule: str
    cause: str
    customer_id: int
    dealer_id: int | None
    state: str
    purpose: str
    channel: str
    owner: str = ""
    person: str = ""
    reason: str = ""
    campaign_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reader wants to see: half-open days; None and "" = all."""

    first: date
    last: date
    dealer_id: int | None = None
    rule: str = ""
    owner: str = ""

    def takes(self, one: Planned) -> bool:
        return (
            self.first <= one.on < self.last
            and self.dealer_id in (None, one.dealer_id)
            and self.rule in ("", one.rule)
            and self.owner in ("", one.owner)
        )
