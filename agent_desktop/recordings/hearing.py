"""The signed-in person as a listener: what they may hear by role and by the teams they lead."""

from __future__ import annotations

from crm_core.access.actions import SignedInUser
from recording.policy import Listener


def listener_of(me: SignedInUser) -> Listener:
    return Listener(number=me.number, roles=me.roles)
