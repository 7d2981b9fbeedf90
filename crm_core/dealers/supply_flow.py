"""How an order of material or parts goes: request, confirm, ship, receive. Without I/O."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from crm_core.errors import Refused


class Status(StrEnum):
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    SHIPPED = "shipped"
    RECEIVED = "received"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Act(StrEnum):
    """`cancel` and `receive` are the dealer's, the others the centre's."""

    CONFIRM = "confirm"
    REFUSE = "refuse"
    SHIP = "ship"
    RECEIVE = "receive"
    CANCEL = "cancel"


DEALERS = frozenset({Act.RECEIVE, Act.CANCEL})
STEPS: Mapping[tuple[Status, Act], Status] = {
    (Status.REQUESTED, Act.CONFIRM): Status.CONFIRMED,
    (Status.REQUESTED, Act.REFUSE): Status.REFUSED,
    (Status.REQUESTED, Act.CANCEL): Status.CANCELLED,
    (Status.CONFIRMED, Act.SHIP): Status.SHIPPED,
    (Status.CONFIRMED, Act.REFUSE): Status.REFUSED,
    (Status.SHIPPED, Act.RECEIVE): Status.RECEIVED,
}
OVER = frozenset({Status.RECEIVED, Status.REFUSED, Status.CANCELLED})


def step(status: Status, act: Act) -> Status:
    """Where the act leads. Raises Refused when it is not its turn."""
    following = STEPS.get((status, act))
    if following is None:
        raise Refused("This order has gone on meanwhile. Load the page again.")
    return following


def acts_at(status: Status, *, dealer: bool) -> list[Act]:
    """What may be done now by the dealer, or by the centre, in the order of the way."""
    return [act for (at, act) in STEPS if at is status and (act in DEALERS) is dealer]
