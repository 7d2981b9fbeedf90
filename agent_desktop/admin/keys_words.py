"""The words of the pages about other systems: scopes, events, what a delivery came to."""

from __future__ import annotations

from agent_desktop.words import N_
from crm_core.integration.scopes import Scope
from crm_core.integration.screen_pop import GAPS
from crm_core.integration.trouble import Trouble
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
    Scope.WRITE_RESPONSES: N_("Tell visits and other responses"),
    Scope.PAUSE_RECORDINGS: N_("Pause the recording of a running call"),
    Scope.READ_REPORTS: N_("Read figures of reports"),
}
EVENTS = ("*", *KNOWN_KINDS)
PAUSES = {
    "failing": N_("no good answer for three days"),
    "gone": N_("the receiver wants no more (410)"),
    "by_hand": N_("by hand"),
}
TROUBLES = {
    Trouble.INTERNAL: N_(
        "The address leads into the internal network. The operator can allow it with HOTLINE_WEBHOOK_NETWORKS."
    ),
    Trouble.ADDRESS: N_("This is no whole https address. Write it again above."),
    Trouble.NO_HOST: N_("No address is known for this host. Check how it is written, and the name server."),
    Trouble.REFUSED: N_("Nobody answers there. Check that the receiver runs and that the firewall lets us through."),
    Trouble.SLOW: N_("No whole answer within 10 s. The receiver should answer first and work afterwards."),
    Trouble.UNTRUSTED: N_(
        "Nobody we trust has signed the certificate. The receiver must send its whole chain; for an authority of "
        "your own the operator sets HOTLINE_WEBHOOK_AUTHORITIES."
    ),
    Trouble.WRONG_NAME: N_(
        "The certificate is another host's. Write the name that stands in it, or have a new one made for this name."
    ),
    Trouble.EXPIRED: N_("The receiver's certificate has run out. Whoever runs the receiver must renew it."),
    Trouble.NOT_YET_VALID: N_("The certificate holds only from a later time. Check the clocks of both machines."),
    Trouble.TLS: N_("No secure connection came about. Check that this port speaks HTTPS with TLS 1.2 or later."),
    Trouble.BROKEN: N_("The connection broke off before the answer was whole. The receiver's log says why."),
    Trouble.REDIRECT: N_("It answered with another address, and redirects are not followed. Write the final address."),
    Trouble.ANSWER: N_("The receiver did not take it. Its log says why; we try again by ourselves."),
}
"""What an administrator does about a failed delivery."""
_ANSWERS = {
    401: N_("The receiver refuses us. Check that it has the present secret and lets our address in."),
    403: N_("The receiver refuses us. Check that it has the present secret and lets our address in."),
    404: N_("There is no receiver at this path. Check the path of the address."),
    405: N_("This path takes no POST. Check the path of the address."),
    410: N_("The receiver wants no more. Ask whoever runs it before you let it go on."),
    429: N_("The receiver asks for a rest. We try again later by ourselves."),
}


def advice(trouble: str, status: int | None) -> str:
    """A msgid; "" for a delivery that arrived, or one that was noted before troubles had words."""
    if trouble == Trouble.ANSWER and status in _ANSWERS:
        return _ANSWERS[status]
    return TROUBLES[Trouble(trouble)] if trouble in set(Trouble) else ""


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
