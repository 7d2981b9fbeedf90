"""Which pages of other CRMs are offered for the call on the desk. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent_desktop.desk.model import Pane
from agent_desktop.ports import CallView
from crm_core.access.actions import SignedInUser
from crm_core.integration.model import ScreenPop
from crm_core.integration.screen_pop import fill

_ANSWERED = ("talking", "hold", "consulting", "conference")


@dataclass(frozen=True, slots=True, kw_only=True)
class PopLink:
    """`target` names the one tab in which it opens; `alone` = it opens by itself."""

    name: str
    url: str
    target: str
    alone: bool


def pop_links(pops: Sequence[ScreenPop], call: CallView | None, pane: Pane | None, user: SignedInUser) -> list[PopLink]:
    """Empty without a call; those for an answered call come with the answer."""
    if call is None or pane is None:
        return []
    answered = call.phase in _ANSWERED
    values = {
        "caller_e164": pane.facts.caller,
        "called": call.entry,
        "linkedid": call.call,
        "queue": call.queue,
        "agent": user.number,
        "direction": call.direction,
        "customer_id": str(pane.card.customer_id) if pane.card else "",
        "customer_name": pane.card.name if pane.card else "",
        "language": pane.card.language if pane.card else "",
    }
    return [
        PopLink(
            name=pop.name,
            url=fill(pop.template, values),
            target=f"hotline-pop-{pop.id}",
            alone=pop.opens == "tab",
        )
        for pop in pops
        if pop.moment == "ringing" or answered
    ]
