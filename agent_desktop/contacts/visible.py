"""Which past calls a person may see, and so dial: one rule for the page and for every number behind a call."""

from __future__ import annotations

from crm_core.access.actions import SignedInUser
from crm_core.access.roles import Permission
from crm_core.history.model import Contact


def sees_all(me: SignedInUser) -> bool:
    """Whether the calls of every agent are listed for this person; what of them may be heard is recording.policy's."""
    return me.may(Permission.HEAR_ALL_RECORDINGS) or me.may(Permission.EDIT_ANY_RECORD)


def may_see(me: SignedInUser, one: Contact) -> bool:
    """The own part in it, or leave to see all; a known customer's calls are history, a message is everybody's work.

    `one` is read with its legs.
    """
    if sees_all(me):
        return True
    if one.customer_id is not None or not one.agent:
        return True
    return me.number in (one.agent, *(leg.agent for leg in one.legs))
