"""Which past calls a person may see, and so dial: one rule for the page and for every number behind a call."""

from __future__ import annotations

from crm_core.access.actions import SignedInUser
from crm_core.access.roles import Permission
from crm_core.history.model import Contact


def may_see(me: SignedInUser, one: Contact) -> bool:
    """The own part in it, or leave to hear all; a known customer's calls are history, a message is everybody's work.

    `one` is read with its legs.
    """
    if me.may(Permission.HEAR_ALL_RECORDINGS) or me.may(Permission.EDIT_ANY_RECORD):
        return True
    if one.customer_id is not None or not one.agent:
        return True
    return me.number in (one.agent, *(leg.agent for leg in one.legs))
