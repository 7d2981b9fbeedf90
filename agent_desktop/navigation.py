"""The rail: which pages a role has, in order. A person with several roles gets the union in that order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agent_desktop.words import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class RailEntry:
    """`word` is a msgid of at most nine letters; `icon` a name of the sprite."""

    word: str
    icon: str
    path: str
    here: bool = False


_DESK = RailEntry(word=N_("Desk"), icon="headset", path="/desk")
_FLOOR = RailEntry(word=N_("Floor"), icon="users", path="/floor")
_BOARD = RailEntry(word=N_("Board"), icon="monitor", path="/wallboard")
_CALLS = RailEntry(word=N_("Calls"), icon="audio-lines", path="/contacts")

_BY_ROLE: dict[str, tuple[RailEntry, ...]] = {
    "agent": (_DESK, _CALLS, _BOARD),
    "expert": (_DESK, _CALLS, _BOARD),
    "team_leader": (_FLOOR, _BOARD, _CALLS),
    "supervisor": (_FLOOR, _BOARD, _CALLS),
    "quality": (_CALLS, _BOARD),
    "administrator": (_BOARD,),
}


def rail_for(roles: Iterable[str], path: str) -> list[RailEntry]:
    """The entries for these roles; `here` is set on the one whose page `path` lies below."""
    entries: dict[str, RailEntry] = {}
    for role in roles:
        for entry in _BY_ROLE.get(role, ()):
            entries.setdefault(entry.path, entry)
    return [
        RailEntry(word=e.word, icon=e.icon, path=e.path, here=path == e.path or path.startswith(f"{e.path}/"))
        for e in entries.values()
    ]


def landing_page(roles: Iterable[str]) -> str:
    """Where a person lands after sign-in: the first entry of the rail."""
    entries = rail_for(roles, "")
    return entries[0].path if entries else "/wallboard"
