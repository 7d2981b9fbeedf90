"""The rail: which pages a role has, in order. A person with several roles gets the union in that order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from agent_desktop.words import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class RailEntry:
    """`word` is a msgid of at most nine letters; `icon` a name of the sprite. `below` are other pages of this entry."""

    word: str
    icon: str
    path: str
    below: tuple[str, ...] = ()
    here: bool = False


_DESK = RailEntry(word=N_("Desk"), icon="headset", path="/desk")
_FLOOR = RailEntry(word=N_("Floor"), icon="users", path="/floor")
_BOARD = RailEntry(word=N_("Board"), icon="monitor", path="/wallboard")
_CUSTOMERS = RailEntry(word=N_("Customers"), icon="user-round", path="/customers", below=("/vehicles",))
_CASES = RailEntry(word=N_("Cases"), icon="clipboard-list", path="/cases")
_KNOWLEDGE = RailEntry(word=N_("Library"), icon="book-open", path="/knowledge")
_CASE_RULES = RailEntry(word=N_("Casework"), icon="list-checks", path="/admin/cases")
_CALLS = RailEntry(word=N_("Calls"), icon="audio-lines", path="/contacts", below=("/nuisance", "/surveys"))
_SEGMENTS = RailEntry(word=N_("Segments"), icon="group", path="/segments")
_CLASSES = RailEntry(word=N_("Classes"), icon="award", path="/admin/classes")
_MESSAGES = RailEntry(word=N_("Messages"), icon="voicemail", path="/messages")
_LEADS = RailEntry(word=N_("Leads"), icon="flag", path="/leads")
_RULES = RailEntry(
    word=N_("Rules"), icon="shield-check", path="/admin/contact-rules", below=("/admin/messages", "/admin/surveys")
)
_OUTBOUND = RailEntry(word=N_("Outbound"), icon="megaphone", path="/campaigns", below=("/questionnaires", "/care"))
_QUEUES = RailEntry(word=N_("Queues"), icon="list-ordered", path="/admin/queues")
_PEOPLE = RailEntry(
    word=N_("People"), icon="user-cog", path="/admin/people", below=("/admin/skills", "/admin/teams", "/admin/reasons")
)
_HOURS = RailEntry(word=N_("Hours"), icon="calendar-clock", path="/admin/hours")
_NETWORK = RailEntry(word=N_("Dealers"), icon="store", path="/admin/network")
_PORTAL = RailEntry(word=N_("Dealer"), icon="store", path="/dealer")

_FLOWS = RailEntry(word=N_("Flows"), icon="workflow", path="/flows")
_DATA = RailEntry(word=N_("Data"), icon="database", path="/admin/data")
_KEYS = RailEntry(word=N_("Connect"), icon="plug", path="/admin/keys")
_AUDIT = RailEntry(word=N_("Audit"), icon="scroll-text", path="/admin/audit")

_BY_ROLE: dict[str, tuple[RailEntry, ...]] = {
    "agent": (_DESK, _CUSTOMERS, _CASES, _LEADS, _KNOWLEDGE, _CALLS, _MESSAGES, _BOARD),
    "expert": (_DESK, _CUSTOMERS, _CASES, _LEADS, _KNOWLEDGE, _CALLS, _MESSAGES, _BOARD),
    "team_leader": (
        *(_FLOOR, _BOARD, _CUSTOMERS, _SEGMENTS, _CASES, _LEADS, _OUTBOUND, _KNOWLEDGE, _CALLS, _MESSAGES, _FLOWS),
    ),
    "supervisor": (
        *(_FLOOR, _BOARD, _CUSTOMERS, _SEGMENTS, _CASES, _LEADS, _OUTBOUND, _KNOWLEDGE, _CALLS, _MESSAGES),
        *(_FLOWS, _QUEUES, _PEOPLE, _HOURS, _CASE_RULES, _CLASSES, _RULES, _NETWORK, _DATA, _AUDIT),
    ),
    "quality": (_CALLS, _KNOWLEDGE, _CUSTOMERS, _SEGMENTS, _OUTBOUND, _BOARD),
    "dealer_manager": (_PORTAL,),
    "dealer_relations": (_PORTAL,),
    "regional_manager": (_PORTAL,),
    "administrator": (
        _QUEUES,
        _PEOPLE,
        _HOURS,
        _FLOWS,
        _CASE_RULES,
        _CLASSES,
        _RULES,
        _NETWORK,
        _BOARD,
        _DATA,
        _KEYS,
        _AUDIT,
    ),
}


def rail_for(roles: Iterable[str], path: str) -> list[RailEntry]:
    """The entries for these roles; `here` is set on the one whose page `path` lies below."""
    entries: dict[str, RailEntry] = {}
    for role in roles:
        for entry in _BY_ROLE.get(role, ()):
            entries.setdefault(entry.path, entry)
    return [replace(entry, here=_lies_below(path, (entry.path, *entry.below))) for entry in entries.values()]


def _lies_below(path: str, places: Iterable[str]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)


def landing_page(roles: Iterable[str]) -> str:
    """Where a person lands after sign-in: the first entry of the rail."""
    entries = rail_for(roles, "")
    return entries[0].path if entries else "/wallboard"
