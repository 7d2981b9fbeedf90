"""Who may hear a recording. What is not granted is denied."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crm_core.access.roles import Permission, Role, may


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """The signed-in person: personnel number and roles. `cleared`: a page has checked that this very talk is theirs
    to hear, as a dealer's complaint with its calls."""

    number: str
    roles: tuple[Role, ...]
    cleared: bool = False


def may_hear(listener: Listener, *, agent: str) -> bool:
    """Whether the person may hear a talk of the agent with this personnel number.

    "" is no agent's talk but a voice message, which is work for everybody who takes calls.
    """
    if listener.cleared or may(listener.roles, Permission.HEAR_ALL_RECORDINGS):
        return True
    own = bool(listener.number) and agent in (listener.number, "")
    return own and may(listener.roles, Permission.HEAR_OWN_RECORDINGS)


def may_hear_any(roles: Iterable[Role]) -> bool:
    """Whether a page of recordings has anything for these roles."""
    held = tuple(roles)
    return may(held, Permission.HEAR_ALL_RECORDINGS) or may(held, Permission.HEAR_OWN_RECORDINGS)
