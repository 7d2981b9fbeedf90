"""What is sent to each route of somebody's objects, so that the request gets as far as the object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """`"<name>"` is filled with an id as text, `"#name"` as a number. `same` are gaps of the path that are no ids."""

    fields: Mapping[str, Any] | None = None
    form: bool = False
    same: Mapping[str, str] = field(default_factory=dict)

    @property
    def names_object(self) -> bool:
        return any(mark in str(self.fields) for mark in ("<", "#"))


def form(act: str = "", **fields: Any) -> Body:
    return Body(fields=fields, form=True, same={"act": act} if act else {})


CASE_OF_NUMBER = {
    "/dealer/complaints/": "case",
    "/dealer/rescues/": "rescue",
    "/dealer/leads/": "lead",
    "/api/v1/cases/": "case",
    "/api/v1/leads/": "lead",
    "/api/v1/orders/": "order",
    "/api/v1/workshop-visits/": "visit",
}
JUDGED = {"form": 901, "version": 1, "revision": 0, "marks": {"points": {"c1": 10}}}
_RECORD = "/api/record/{contact}"
_ORDER = {"customer_id": 901, "model": "远辰 E6"}
_VISIT = {"vin": "LFV9F99C9P9000009", "kind": "repair", "came_at": "2026-07-14T01:30:00Z"}
BODIES: dict[str, Body] = {
    # one agent's contacts
    f"PUT {_RECORD}": Body(fields={"note": "x"}),
    f"POST {_RECORD}/finish": Body(fields={"kind": "enquiry", "sub_kind": "dealer", "disposition": "answered"}),
    f"POST {_RECORD}/customer": Body(fields={"customer_id": 901}),
    f"POST {_RECORD}/new-customer": Body(fields={"name": "赵磊"}),
    f"POST {_RECORD}/lead": Body(fields={"model": "远辰 E6", "wish": "试驾", "consent": "no", "mode": "again"}),
    f"POST {_RECORD}/case": Body(fields={"kind": "repair", "title": "异响", "fields": {}}),
    f"POST {_RECORD}/case/{{case_id}}": Body(same={"case_id": "901"}),
    f"POST {_RECORD}/nuisance": Body(fields={"reason": "prank"}),
    "POST /api/campaign-talk/{contact}": Body(fields={"note": "x"}),
    "POST /api/campaign-talk/{contact}/answer": Body(fields={"question": "q1", "token": "3"}),
    "POST /api/campaign-talk/{contact}/undo": Body(fields={}),
    "POST /contacts/{contact_id}/nuisance": form(reason="prank"),
    "POST /recordings/{recording}/listen": Body(),
    "POST /recordings/{recording}/transcribe": Body(),
    "POST /recordings/{recording}/alive": form(token="x"),
    "POST /recordings/{recording}/download": form(why="for the lawsuit"),
    "POST /recordings/{recording}/shares": form(why="to listen together", person="1018", days="7"),
    "POST /recordings/{recording}/shares/{share_id}/revoke": form(),
    "POST /recordings/{recording}/evidence": form(why="for the lawsuit"),
    # one leader's teams
    "POST /quality/talks/{talk_id:int}/draft": Body(fields=JUDGED),
    "POST /quality/talks/{talk_id:int}/submit": Body(fields=JUDGED),
    "POST /quality/talks/{talk_id:int}/second": form(),
    "POST /quality/reviews/{review_id:int}/decide": form(words="维持", marks="same"),
    "POST /quality/talks/{talk_id:int}/excerpt": form(
        title="x", note="", tags="", began="0:01", ended="0:09", hushed="", audience="agents"
    ),
    "POST /quality/coaching": form(agent="<agent>", text="x", follow_up_on="", review=""),
    "POST /quality/coaching/{note_id:int}/done": form(result="x"),
    "POST /quality/draws/{draw_id:int}/take": form(),
    "POST /quality/draws/{draw_id:int}/return": form(),
    "POST /api/floor/supervise": Body(fields={"agent": "<agent>", "mode": "listen"}),
    "POST /api/floor/take-over": Body(fields={"agent": "<agent>"}),
    "POST /api/floor/staff": Body(fields={"agent": "<agent>", "queue": "repair", "serves": True}),
    "POST /api/floor/force": Body(fields={"agent": "<agent>", "state": "offline"}),
    "POST /api/floor/message": Body(fields={"agents": ["<agent>"], "teams": [], "text": "x"}),
    "POST /api/floor/promote": Body(fields={"call": "<waiting>"}),
    "POST /api/floor/move": Body(fields={"call": "<waiting>", "queue": "enquiry"}),
    "POST /api/floor/assign": Body(fields={"call": "<waiting>", "agent": "1018"}),
    "POST /api/floor/call-now": Body(fields={"callback": "<kept>"}),
    "POST /api/floor/call-off": Body(fields={"callback": "<kept>"}),
    # a number that stands for a call
    "POST /api/call/dial": Body(fields={"kind": "contact", "value": "<contact>"}),
    "POST /api/call/consult": Body(fields={"kind": "contact", "value": "<contact>"}),
    "POST /api/call/transfer": Body(fields={"kind": "contact", "value": "<contact>"}),
    # one dealer's things
    "POST /dealer/care/{task_id}/{act}": form("name", staff_id="901"),
    "POST /dealer/complaints/{number}/{step}": form(),
    "POST /dealer/complaints/{number}/recordings/{recording}/listen": Body(same={"recording": "8000"}),
    "POST /dealer/rescues/{number}/{step}": form(minutes="30", truck="吉A·12345", words="x"),
    "POST /dealer/leads/{number}/{act}": form("follower", staff_id="901"),
    "POST /dealer/news/{news_id}/read": form(),
    "POST /dealer/staff/{person}": form(name="周伟", role="service_adviser", phone=""),
    "POST /dealer/staff/{person}/{act}": form("leave"),
    "POST /dealer/supply/{order_id}/{act}": form("cancel"),
    "POST /dealer/workshop/{booking_id}/{act}": form("arrived"),
    "POST /dealer/workshop/book": form(
        customer="<customer_id>", work="maintenance", begins_at="2026-12-01T10:00+08:00"
    ),
    "POST /dealer/returned/{what}": form(
        customer="<customer_id>",
        vehicle_id="<vehicle_id>",
        kind="repair",
        came_at="2026-07-01T10:00",
        left_at="2026-07-02T10:00",
        complaint="x",
        work_done="x",
    ),
    # one key's dealer
    "PATCH /api/v1/customers/{customer_id}": Body(fields={"city": "吉林"}),
    "POST /api/v1/customers/{customer_id}/phones": Body(fields={"number": "0431-88883318", "label": "office"}),
    "POST /api/v1/customers/{customer_id}/consents": Body(fields={"purpose": "news", "channel": "sms", "given": False}),
    "POST /api/v1/customers": Body(fields={"name": "赵磊", "number": "13944120031", "dealer": "<code>"}),
    "POST /api/v1/cases": Body(fields={"customer_id": "#customer_id", "kind": "repair", "title": "空调不制冷"}),
    "POST /api/v1/leads": Body(fields={"customer_id": "#buyer", "model": "远辰 E6", "wish": "试驾"}),
    "PUT /api/v1/orders/{number}": Body(fields=_ORDER),
    "PUT /api/v1/vehicles/{vin}": Body(fields={"model": "远辰 E6"}),
    "PUT /api/v1/vehicles/{vin}/deliveries/{delivered_on}": Body(fields={"customer_id": 901}),
    "PUT /api/v1/workshop-visits/{number}": Body(fields=_VISIT),
}
SECOND: dict[str, Body] = {
    "POST /api/floor/move": Body(fields={"call": "w-own", "queue": "<queue>"}),
    "POST /api/floor/assign": Body(fields={"call": "w-own", "agent": "<agent>"}),
}
"""Of routes that name two objects: the one of `BODIES` is somebody's in turn, here the other."""
ELSEWHERE: dict[str, str] = {
    "GET /recordings/file/{token}": "likewise: tests/unit/agent_desktop/test_recording_out.py",
    "GET /recordings/audio/{token}": "a token is one person's and one minute's: tests/unit/recording/test_library.py",
    "GET /dealer/complaints/{number}/audio/{token}": "the same token, and the complaint is asked for first",
    f"POST {_RECORD}/nuisance/undo": "a mark is its person's: tests/unit/crm_core/test_nuisance.py",
    "POST /contacts/{contact_id}/nuisance/{mark_id:int}/undo": "likewise, and the call is asked for first",
    "POST /shifts/wishes/{wish_id:int}/answer": "a swap is its two agents': tests/unit/crm_core/test_shifts.py",
    "POST /shifts/wishes/{wish_id:int}/withdraw": "a wish is its agent's: likewise",
    "POST /alerts/seen": "a notice is its reader's: tests/unit/agent_desktop/test_keywords.py",
    "POST /admin/lines/seen": "likewise: tests/unit/agent_desktop/test_lines.py",
    "GET /reports/saved/{saved_id:int}/edit": "a kept report is its owner's: test_saved_reports.py beside this",
    "POST /reports/saved/{saved_id:int}/edit": "a kept report is its owner's: test_saved_reports.py beside this",
    "POST /reports/saved/{saved_id:int}/{act}": "a kept report is its owner's: test_saved_reports.py beside this",
    "POST /my-quality/{review_id:int}/answer": "a review is its agent's: test_quality_pages.py beside this",
    "POST /my-quality/notes/{note_id:int}/seen": "a coaching note is its agent's: likewise",
    "POST /quality/library/{excerpt_id:int}/listen": "an excerpt is its audience's: likewise",
    "POST /quality/library/{excerpt_id:int}/remove": "likewise",
    "GET /where/{code}": "the code is the key: tests/unit/agent_desktop/test_where.py",
    "POST /where/{code}": "the code is the key, likewise",
    "GET /answer/{code}": "the code is the key: tests/unit/agent_desktop/test_answer.py",
    "POST /answer/{code}": "the code is the key, likewise",
    "GET /tv/{token}": "the token is the key: tests/unit/agent_desktop/test_screens.py",
}
"""Objects that no id names, with where they are tried."""
GAPLESS = frozenset(
    {
        *(f"POST /api/call/{act}" for act in ("back", "conference", "digits", "drop-message")),
        *(
            f"POST /api/call/{act}"
            for act in ("drop-party", "hand-over", "hang-up", "leave", "park", "pick-up", "recording")
        ),
        *(f"POST /api/state/{act}" for act in ("break", "extend", "next", "ready", "sign-in")),
        "POST /api/notices/read",
        "POST /shifts/leave",
        "POST /shifts/swap",
        "POST /api/phone/account",
        "POST /password",
        *(f"POST /second-step/{act}" for act in ("begin", "codes", "confirm", "remove")),
        "POST /logout",
        "POST /language",
        "POST /theme",
        "POST /api/floor/stop",
        "POST /api/floor/intake",
        "POST /dealer/daily/{day}",
        "POST /dealer/station",
        "POST /dealer/station/undo",
        "POST /dealer/supply",
    }
)
"""Routes that change only what belongs to the person who is signed in, and take no id."""
OWN_IS_REFUSED = frozenset(
    {
        "GET /recordings/{recording}/peaks",
        "POST /recordings/{recording}/listen",
        "POST /recordings/{recording}/alive",
        "POST /recordings/{recording}/download",
        "POST /recordings/{recording}/shares/{share_id}/revoke",
        "GET /recordings/{recording}/evidence/{package_id}",
        "POST /dealer/complaints/{number}/recordings/{recording}/listen",
        "POST /api/campaign-talk/{contact}/undo",
        "POST /quality/talks/{talk_id:int}/second",
        "POST /quality/draws/{draw_id:int}/return",
    }
)
"""The small site lacks the recordings' files, no answer or review was given: the own one is told so, not as unknown."""
