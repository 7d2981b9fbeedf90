"""Who may hear a recording. What is not granted is denied."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crm_core.access.roles import Permission, Role, may


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """The signed-in person: personnel number and roles. `cleared`: a page has checked that this very talk is theirs
    to hear, as a dealer's complaint with its calls. `team` are the numbers of the agents this person leads, `shared`
    the recordings that somebody shared with them and that still are."""

    number: str
    roles: tuple[Role, ...]
    cleared: bool = False
    team: frozenset[str] = frozenset()
    shared: frozenset[int] = frozenset()


NOBODYS = ("", "survey")
"""In the place of an agent: a voice message, questions that were asked without an agent."""


def may_hear(listener: Listener, *, agent: str, recording: int | None = None) -> bool:
    """Whether the person may hear a talk of the agent with this personnel number; `recording` is its number.

    "" is no agent's talk but a voice message, which is work for everybody who takes calls. A leader hears the agents
    of the teams that are led today, also their talks from before they joined.
    """
    if listener.cleared or may(listener.roles, Permission.HEAR_ALL_RECORDINGS):
        return True
    if recording is not None and recording in listener.shared:
        return True
    if may(listener.roles, Permission.HEAR_TEAM_RECORDINGS) and agent in listener.team.union(NOBODYS):
        return True
    own = bool(listener.number) and agent in (listener.number, "")
    return own and may(listener.roles, Permission.HEAR_OWN_RECORDINGS)


def may_hear_any(roles: Iterable[Role]) -> bool:
    """Whether a page of recordings has anything for these roles."""
    held = tuple(roles)
    hears = (Permission.HEAR_ALL_RECORDINGS, Permission.HEAR_TEAM_RECORDINGS, Permission.HEAR_OWN_RECORDINGS)
    return any(may(held, one) for one in hears)
