"""What an audit entry is about: which kind of thing, what it is called, and its page if the reader may open it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from crm_core.access.rights import allowed, right_of
from crm_core.access.roles import Role

PAGES: Mapping[str, str] = {
    "article": "/knowledge/{article_id:int}",
    "calendar": "/admin/hours/{calendar}",
    "campaign": "/campaigns/{campaign_id:int}",
    "case": "/cases/{number}",
    "contact": "/contacts/{contact_id}",
    "customer": "/customers/{customer_id:int}",
    "dealer": "/admin/network/{dealer_id:int}",
    "import": "/admin/data/{import_id}",
    "key": "/admin/keys/{key}",
    "lead": "/leads/{number}",
    "news": "/admin/network/news/{news_id:int}",
    "person": "/admin/people/{person}",
    "queue": "/admin/queues/{queue}",
    "screen_pop": "/admin/keys/pops/{pop}",
    "segment": "/segments/{segment_id}",
    "team": "/admin/teams/{team}",
    "webhook": "/admin/keys/webhooks/{webhook}",
}
"""For each kind of thing that has a page its route, as it is written: the table of rights says who may open it."""
_NUMBERED = re.compile(r"(GD|TS|JY|XS|MS|DH|PJ)-[0-9-]{4,16}")
_LETTERS = {"GD": "case", "TS": "case", "JY": "case", "XS": "lead", "MS": "supply", "DH": "supply", "PJ": "supply"}
_CALLS = (
    "dialled",
    "consulted",
    "transferred",
    "floor_promote",
    "floor_move",
    "floor_assign",
    "floor_call_now",
    "floor_call_off",
)
_OF_THE_HOUSE = {"team_saved": "team", "calendar_saved": "calendar", "queue_saved": "queue", "queue_added": "queue"}
_OF_DIALLING = ("dial_cap_reached", "dial_destination_refused")
_PEOPLE = ("agent_", "user_", "roles_", "password_", "floor_")
_E164 = re.compile(r"\+[0-9]{6,15}")


@dataclass(frozen=True, slots=True)
class Subject:
    """`kind` "" = a thing of no kind we know; `id` is what names it there. `number`: a telephone number."""

    kind: str
    id: str

    @property
    def is_number(self) -> bool:
        return _E164.fullmatch(self.id) is not None


def subject_of(action: str, subject: str) -> Subject:
    """Read from the entry's subject, and where that is bare, from what was done."""
    if numbered := _NUMBERED.fullmatch(subject):
        return Subject(_LETTERS[numbered[1]], subject)
    kind, slash, rest = subject.partition("/")
    if slash and action not in _CALLS and not action.endswith("_rules_saved"):
        return Subject(kind, rest)
    if subject.startswith("recording:"):
        return Subject("recording", subject.removeprefix("recording:"))
    return Subject(_kind_of(action, subject), subject)


def _kind_of(action: str, subject: str) -> str:
    if action in _CALLS and subject:
        return "contact"
    if action in _OF_THE_HOUSE:
        return _OF_THE_HOUSE[action]
    if action in _OF_DIALLING:
        return "person" if subject.isdecimal() else "dialling"
    return "person" if action.startswith(_PEOPLE) else ""


def page_of(subject: Subject, roles: Iterable[Role]) -> str:
    """The address of its page; "" when it has none, or these roles may not open it: no link leads to a refusal."""
    route = PAGES.get(subject.kind, "")
    right = right_of("GET", route) if route else None
    number_wanted = ":int" in route or subject.kind in ("segment", "import", "key", "webhook", "screen_pop")
    if right is None or not subject.id or (number_wanted and not subject.id.isdecimal()):
        return ""
    if not allowed(right.needs, roles):
        return ""
    return re.sub(r"\{.*\}", lambda _: quote(subject.id, safe=""), route)
