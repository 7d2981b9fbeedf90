"""The rail: which pages a role has, in order. A person with several roles gets the union in that order.

What is set up once and seldom changed is not on the rail but behind its last entry, `/admin`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from agent_desktop.words import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class RailEntry:
    """`word` is a msgid of at most nine letters; `icon` a name of the sprite. `below` are other pages of this entry.

    `about` is a sentence for the page of settings.
    """

    word: str
    icon: str
    path: str
    below: tuple[str, ...] = ()
    about: str = ""
    here: bool = False
    alarm: bool = False


_DESK = RailEntry(word=N_("Desk"), icon="headset", path="/desk")
_FLOOR = RailEntry(word=N_("Floor"), icon="users", path="/floor")
_STAFFING = RailEntry(word=N_("Staffing"), icon="calendar-range", path="/staffing")
_SHIFTS = RailEntry(word=N_("Shifts"), icon="calendar-days", path="/shifts")
_BOARD = RailEntry(word=N_("Board"), icon="monitor", path="/wallboard")
_CUSTOMERS = RailEntry(word=N_("Customers"), icon="user-round", path="/customers", below=("/vehicles",))
_CASES = RailEntry(word=N_("Cases"), icon="clipboard-list", path="/cases")
_KNOWLEDGE = RailEntry(word=N_("Library"), icon="book-open", path="/knowledge")
_CALLS = RailEntry(
    word=N_("Calls"), icon="audio-lines", path="/contacts", below=("/nuisance", "/surveys", "/recordings")
)
_ALERTS = RailEntry(word=N_("Alerts"), icon="bell", path="/alerts")
_QUALITY = RailEntry(word=N_("Quality"), icon="badge-check", path="/quality")
_REVIEWS = RailEntry(word=N_("Reviews"), icon="badge-check", path="/my-quality", below=("/quality/library",))
_SEGMENTS = RailEntry(word=N_("Segments"), icon="group", path="/segments")
_MESSAGES = RailEntry(word=N_("Messages"), icon="voicemail", path="/messages")
_LEADS = RailEntry(word=N_("Leads"), icon="flag", path="/leads")
_OUTBOUND = RailEntry(word=N_("Outbound"), icon="megaphone", path="/campaigns", below=("/questionnaires", "/care"))
_REPORTS = RailEntry(word=N_("Reports"), icon="chart-column", path="/reports")
_PORTAL = RailEntry(word=N_("Dealer"), icon="store", path="/dealer")

_FLOWS = RailEntry(word=N_("Flows"), icon="workflow", path="/flows")
_QUEUES = RailEntry(
    word=N_("Queues"),
    icon="list-ordered",
    path="/admin/queues",
    below=("/admin/metrics",),
    about=N_("How callers wait, who is rung first, and where they go when it takes too long."),
)
_PEOPLE = RailEntry(
    word=N_("People"),
    icon="user-cog",
    path="/admin/people",
    below=("/admin/skills", "/admin/teams", "/admin/reasons", "/admin/sign-in"),
    about=N_("Who works here, with which skills, in which team, and the reasons for a break."),
)
_HOURS = RailEntry(
    word=N_("Hours"),
    icon="calendar-clock",
    path="/admin/hours",
    about=N_("When the hotline is open: the calendar of each number, holidays, and the emergency closure."),
)
_CASE_RULES = RailEntry(
    word=N_("Casework"),
    icon="list-checks",
    path="/admin/cases",
    about=N_("The forms of each kind of case, its levels and clocks, and who gets it."),
)
_CLASSES = RailEntry(
    word=N_("Classes"),
    icon="award",
    path="/admin/classes",
    about=N_("Customers' classes, stages of life, and the signs that somebody is about to leave."),
)
_RULES = RailEntry(
    word=N_("Rules"),
    icon="shield-check",
    path="/admin/contact-rules",
    below=("/admin/messages", "/admin/surveys", "/admin/recordings", "/admin/keywords"),
    about=N_("When and how often customers may be contacted, for which purpose; messages and questions after a call."),
)
_NETWORK = RailEntry(
    word=N_("Dealers"),
    icon="store",
    path="/admin/network",
    about=N_("Dealers and stations, what they offer, their people, their supply and their news."),
)
_DATA = RailEntry(
    word=N_("Data"),
    icon="database",
    path="/admin/data",
    about=N_("Lists from other systems: brought, checked, taken over, taken back."),
)
_LINES = RailEntry(
    word=N_("Carriers"),
    icon="phone-forwarded",
    path="/admin/lines",
    about=N_("Trunks to telephone companies, published numbers, how and how much is dialled out, and test calls."),
)
_KEYS = RailEntry(
    word=N_("Connect"),
    icon="plug",
    path="/admin/keys",
    about=N_("Keys for other systems, screen pops, and whom we tell what happens."),
)
_AUDIT = RailEntry(
    word=N_("Audit"),
    icon="scroll-text",
    path="/admin/audit",
    about=N_("Who did what and when, and the proof that nothing was changed or taken out."),
)
_SETTINGS = RailEntry(word=N_("Settings"), icon="sliders-horizontal", path="/admin")

_ALARM = RailEntry(word=N_("Alarm"), icon="triangle-alert", path="/floor", alarm=True)

_BY_ROLE: dict[str, tuple[RailEntry, ...]] = {
    "agent": (_DESK, _CUSTOMERS, _CASES, _LEADS, _KNOWLEDGE, _CALLS, _REVIEWS, _MESSAGES, _SHIFTS, _BOARD),
    "expert": (_DESK, _CUSTOMERS, _CASES, _LEADS, _KNOWLEDGE, _CALLS, _REVIEWS, _MESSAGES, _SHIFTS, _BOARD),
    "team_leader": (
        *(_FLOOR, _STAFFING, _BOARD, _CUSTOMERS, _SEGMENTS, _CASES, _LEADS, _OUTBOUND),
        *(_REPORTS, _QUALITY, _KNOWLEDGE, _CALLS, _ALERTS, _MESSAGES, _FLOWS),
    ),
    "supervisor": (
        *(_FLOOR, _STAFFING, _BOARD, _CUSTOMERS, _SEGMENTS, _CASES, _LEADS, _OUTBOUND),
        *(_REPORTS, _QUALITY, _KNOWLEDGE, _CALLS, _ALERTS, _MESSAGES, _FLOWS),
        _SETTINGS,
    ),
    "quality": (_QUALITY, _CALLS, _ALERTS, _KNOWLEDGE, _REPORTS, _CUSTOMERS, _SEGMENTS, _OUTBOUND, _BOARD),
    "dealer_manager": (_PORTAL,),
    "dealer_relations": (_PORTAL,),
    "regional_manager": (_PORTAL,),
    "administrator": (_SETTINGS, _FLOWS, _BOARD),
}
_COMMON = (_QUEUES, _PEOPLE, _HOURS, _CASE_RULES, _CLASSES, _RULES, _NETWORK, _DATA)
_SET_UP_BY_ROLE: dict[str, tuple[RailEntry, ...]] = {
    "supervisor": (*_COMMON, _LINES, _AUDIT),
    "administrator": (*_COMMON, _LINES, _KEYS, _AUDIT),
}


def rail_for(roles: Iterable[str], path: str) -> list[RailEntry]:
    """The entries for these roles, settings last; `here` is set on the one whose page `path` lies below."""
    entries = _union(roles, _BY_ROLE)
    entries.sort(key=lambda entry: entry is _SETTINGS)
    return [replace(entry, here=_lies_below(path, (entry.path, *entry.below))) for entry in entries]


def alarm_for(roles: Iterable[str]) -> RailEntry | None:
    """Shown before all others while a part of the telephone is away; None = these roles can do nothing about it."""
    mine = set(roles)
    if mine & _SET_UP_BY_ROLE.keys():
        return replace(_ALARM, path=_LINES.path)
    return _ALARM if "team_leader" in mine else None


def settings_for(roles: Iterable[str]) -> list[RailEntry]:
    """What these roles may set up; [] = there is no page of settings for them."""
    return _union(roles, _SET_UP_BY_ROLE)


def landing_page(roles: Iterable[str]) -> str:
    """Where a person lands after sign-in: the first page of the first role that has one."""
    entries = _union(roles, _BY_ROLE)
    return entries[0].path if entries else "/wallboard"


def _union(roles: Iterable[str], by_role: Mapping[str, tuple[RailEntry, ...]]) -> list[RailEntry]:
    entries: dict[str, RailEntry] = {}
    for role in roles:
        for entry in by_role.get(role, ()):
            entries.setdefault(entry.path, entry)
    return list(entries.values())


def _lies_below(path: str, places: Iterable[str]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)
