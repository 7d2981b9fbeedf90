"""The words of the pages about other systems: scopes, events, what a delivery came to."""

from __future__ import annotations

from agent_desktop.words import N_
from crm_core.integration.scopes import Scope
from crm_core.integration.screen_pop import GAPS
from crm_core.integration.webhook_rules import KNOWN_KINDS

TABS = (
    (N_("Keys"), "/admin/keys"),
    (N_("Webhooks"), "/admin/keys/webhooks"),
    (N_("Screen-pop"), "/admin/keys/pops"),
)
SCOPES = {
    Scope.READ_CUSTOMERS: N_("Read customers"),
    Scope.WRITE_CUSTOMERS: N_("Add and change customers"),
    Scope.READ_VEHICLES: N_("Read vehicles, orders, visits"),
    Scope.WRITE_VEHICLES: N_("Send vehicles, orders, deliveries, visits"),
    Scope.READ_CONTACTS: N_("Read contacts"),
    Scope.READ_CASES: N_("Read cases"),
    Scope.WRITE_CASES: N_("Open a case"),
    Scope.READ_LEADS: N_("Read leads"),
    Scope.WRITE_LEADS: N_("Capture leads"),
    Scope.READ_CONSENTS: N_("Read consents"),
    Scope.WRITE_CONSENTS: N_("Record consents"),
    Scope.READ_DEALERS: N_("Read dealers"),
    Scope.READ_KNOWLEDGE: N_("Search knowledge"),
    Scope.READ_EVENTS: N_("Read events"),
}
EVENTS = ("*", *KNOWN_KINDS)
PAUSES = {
    "failing": N_("no good answer for three days"),
    "gone": N_("the receiver wants no more (410)"),
    "by_hand": N_("by hand"),
}
MOMENTS = {"ringing": N_("while it rings"), "answer": N_("when it is answered")}
WAYS = {"button": N_("a button"), "tab": N_("by itself, in one tab")}
GAP_WORDS = dict(
    zip(
        GAPS,
        (
            N_("caller's number"),
            N_("number dialled"),
            N_("call id"),
            N_("queue"),
            N_("agent's number"),
            N_("direction"),
            N_("customer id"),
            N_("customer's name"),
            N_("customer's language"),
        ),
        strict=True,
    )
)
