"""The table of rights: for every route of the application, who may use it and on which objects.

A second, independent statement beside the `needs(...)` of the routes: `tests/unit/agent_desktop/test_rights*.py` take
every route of the real application and fail for one that has no row here, whose declaration differs, that answers
otherwise, or that tells a foreign id from an unknown one.
docs/rights.md is made of it (`python -m crm_core.access.rights`) and says how to add a row. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from crm_core.access.roles import Permission, Role, may


class Objects(StrEnum):
    """On which objects. Foreign ones are answered exactly as unknown ones, except where all are `any`."""

    NONE = "none"  # the route names no object
    ANY = "any"  # every object of its kind
    OWN = "own"  # what belongs to this person: an offer, a notice, a session
    OWN_CONTACT = "own contact"  # contacts this agent had a part in, unless roles or led teams open more
    OWN_OR_KNOWN = "own contact, or of a known customer"  # whose history everybody who sees customers reads
    OWN_TEAM = "own team"  # agents of the teams this person leads
    OWN_DEALER = "own dealer"  # data of the dealer, or of the dealers of the region
    KEY_DEALER = "key's dealer"  # data of the dealer that the API key is bound to, if it is bound


@dataclass(frozen=True, slots=True)
class Right:
    """`path` as the route is written; "/x/**" = /x and all below. `method` "*" = all, "WS" = a WebSocket.

    `needs`: permissions (all of them), one scope of an API key, "signed in" or "anyone".
    """

    method: str
    path: str
    needs: str
    objects: Objects = Objects.NONE


O = Objects  # noqa: E741
RIGHTS: tuple[Right, ...] = (
    Right("GET", "/healthz", "anyone"),
    Right("GET", "/readyz", "anyone"),
    Right("GET", "/metrics", "anyone"),  # who has the site's token, or sits on the machine itself
    Right("*", "/login/**", "anyone"),
    Right("POST", "/logout", "anyone", O.OWN),
    Right("POST", "/language", "anyone", O.OWN),
    Right("POST", "/theme", "anyone", O.OWN),
    Right("*", "/password", "signed in", O.OWN),
    Right("*", "/second-step/**", "signed in", O.OWN),
    Right("*", "/phone/**", "anyone"),
    Right("*", "/where/{code}", "anyone", O.OWN),  # who has the link
    Right("*", "/answer/{code}", "anyone", O.OWN),  # who has the link
    Right("GET", "/", "signed in"),
    # the desk
    Right("GET", "/desk", "take_calls", O.OWN),
    Right("WS", "/live", "take_calls", O.OWN),
    Right("WS", "/desk/text", "take_calls", O.OWN),
    Right("GET", "/api/desk/{contact}", "take_calls", O.OWN_CONTACT),
    Right("*", "/api/phone/**", "take_calls", O.OWN),
    Right("*", "/api/call/**", "take_calls", O.OWN),
    Right("POST", "/api/call/dial", "take_calls", O.OWN_OR_KNOWN),
    Right("POST", "/api/call/consult", "take_calls", O.OWN_OR_KNOWN),
    Right("POST", "/api/call/transfer", "take_calls", O.OWN_OR_KNOWN),
    Right("*", "/api/state/**", "take_calls", O.OWN),
    Right("*", "/api/notices/**", "take_calls", O.OWN),
    Right("*", "/api/record/**", "write_record", O.OWN_CONTACT),
    Right("*", "/api/record/{contact}/case/**", "work_cases", O.OWN_CONTACT),
    Right("GET", "/api/campaign-next", "take_calls"),
    Right("POST", "/api/campaign-next/**", "take_calls", O.ANY),
    Right("*", "/api/campaign-talk/{contact}/**", "take_calls", O.OWN_CONTACT),
    Right("POST", "/api/record/{contact}/lead", "work_leads write_record", O.OWN_CONTACT),
    Right("POST", "/api/record/{contact}/new-customer", "edit_customers write_record", O.OWN_CONTACT),
    Right("GET", "/api/targets", "take_calls", O.ANY),
    Right("GET", "/api/search", "see_customers", O.ANY),
    # past contacts
    Right("*", "/contacts/**", "see_customers", O.OWN_CONTACT),
    Right("GET", "/contacts/{contact_id}", "see_customers", O.OWN_OR_KNOWN),
    Right("POST", "/contacts/{contact_id}/nuisance", "see_customers write_record", O.OWN_OR_KNOWN),
    Right("POST", "/contacts/{contact_id}/nuisance/{mark_id:int}/undo", "see_customers write_record", O.OWN),
    Right("*", "/nuisance/**", "block_numbers", O.ANY),
    Right("*", "/recordings/**", "signed in", O.OWN_CONTACT),
    Right("GET", "/quality", "review_talks", O.OWN_TEAM),
    Right("*", "/quality/talks/**", "review_talks", O.OWN_TEAM),
    Right("*", "/quality/reviews/**", "review_talks", O.OWN_TEAM),
    Right("*", "/quality/draws/**", "review_talks", O.OWN_TEAM),
    Right("GET", "/recordings", "hear_own_recordings", O.OWN_CONTACT),
    Right("GET", "/alerts", "hear_team_recordings", O.OWN),
    Right("POST", "/alerts/seen", "hear_team_recordings", O.OWN),
    Right("GET", "/quality/trend", "review_talks", O.OWN_TEAM),
    Right("GET", "/quality/trend.csv", "review_talks", O.OWN_TEAM),
    Right("GET", "/quality/calibration", "review_talks", O.OWN_TEAM),
    Right("*", "/quality/coaching/**", "review_talks", O.OWN_TEAM),
    Right("*", "/quality/library/**", "see_knowledge", O.OWN),
    Right("*", "/my-quality/**", "hear_own_recordings", O.OWN),
    Right("*", "/quality/forms/**", "set_quality", O.ANY),
    Right("*", "/quality/sampling/**", "set_quality", O.ANY),
    # of those this person may hear; somebody else's is answered as an unknown one: test_recording_out.py
    Right("POST", "/recordings/{recording}/download", "take_recordings_out", O.OWN_TEAM),
    Right("GET", "/recordings/file/{token}", "take_recordings_out", O.OWN),
    Right("POST", "/recordings/{recording}/shares", "take_recordings_out", O.OWN_TEAM),
    Right("POST", "/recordings/{recording}/shares/{share_id}/revoke", "take_recordings_out", O.OWN_TEAM),
    Right("POST", "/recordings/{recording}/evidence", "take_recordings_out", O.OWN_TEAM),
    Right("GET", "/recordings/{recording}/evidence", "take_recordings_out", O.OWN_TEAM),
    Right("GET", "/recordings/{recording}/evidence/{package_id}", "take_recordings_out", O.OWN_TEAM),
    Right("*", "/messages/**", "take_calls", O.ANY),
    Right("POST", "/messages/{contact_id}/assign", "steer_agents take_calls", O.ANY),
    Right("*", "/api/messages/**", "take_calls", O.ANY),
    Right("GET", "/reports", "see_reports"),
    Right("GET", "/reports/ledger/**", "see_reports"),
    Right("POST", "/reports/ledger/check", "correct_ledger see_reports"),
    Right("POST", "/reports/ledger/{finding_id:int}/repair", "correct_ledger see_reports", O.ANY),
    Right("POST", "/reports/ledger/{finding_id:int}/accept", "correct_ledger see_reports", O.ANY),
    Right("GET", "/reports/bulletins", "see_reports"),
    Right("POST", "/reports/bulletins", "run_campaigns see_reports"),
    Right("GET", "/reports/bulletins/rules", "see_reports"),
    Right("POST", "/reports/bulletins/rules", "run_campaigns see_reports"),
    Right("GET", "/reports/bulletins/{bulletin_id:int}", "see_reports", O.ANY),
    Right("POST", "/reports/bulletins/{bulletin_id:int}/save", "run_campaigns see_reports", O.ANY),
    Right("POST", "/reports/bulletins/{bulletin_id:int}/send", "run_campaigns see_reports", O.ANY),
    Right("POST", "/reports/bulletins/{bulletin_id:int}/drop", "run_campaigns see_reports", O.ANY),
    Right("POST", "/reports/bulletins/{bulletin_id:int}/restore", "run_campaigns see_reports", O.ANY),
    Right("GET", "/reports/media/actions", "see_reports"),
    Right("POST", "/reports/media/actions", "run_campaigns see_reports"),
    Right("POST", "/reports/media/actions/{action_id:int}/remove", "run_campaigns see_reports", O.ANY),
    Right("POST", "/reports/media/actions/{action_id:int}/restore", "run_campaigns see_reports", O.ANY),
    Right("GET", "/reports/saved", "see_reports", O.OWN),
    Right("GET", "/reports/saved/new", "see_reports"),
    Right("POST", "/reports/saved", "see_reports"),
    Right("GET", "/reports/saved/{saved_id:int}/edit", "see_reports", O.OWN),
    Right("POST", "/reports/saved/{saved_id:int}/edit", "see_reports", O.OWN),
    Right("POST", "/reports/saved/{saved_id:int}/{act}", "see_reports", O.OWN),
    Right("GET", "/reports/{report_id}", "see_reports", O.ANY),
    Right("GET", "/reports/{report_id}/calls", "see_reports", O.ANY),
    Right("GET", "/reports/{report_id}/export/{form}", "see_reports", O.ANY),
    Right("GET", "/surveys", "see_reports", O.OWN_TEAM),
    Right("POST", "/surveys/{contact_id}/seen", "see_reports", O.ANY),
    Right("GET", "/files/{file_id}", "signed in", O.OWN),
    # customers, leads, segments, knowledge
    Right("GET", "/customers", "see_customers", O.ANY),
    Right("POST", "/customers", "edit_customers see_customers"),
    Right("GET", "/customers.csv", "edit_customers see_customers", O.ANY),
    Right("GET", "/customers/**", "see_customers", O.ANY),
    Right("POST", "/customers/**", "edit_customers see_customers", O.ANY),
    Right("POST", "/customers/phones/{phone_id:int}/show", "see_customers see_full_number", O.ANY),
    Right("POST", "/customers/{customer_id:int}/not-same/{other_id:int}", "merge_customers see_customers", O.ANY),
    Right("*", "/customers/duplicates/**", "merge_customers", O.ANY),
    Right("*", "/customers/merges/**", "merge_customers", O.ANY),
    Right("*", "/customers/merge", "merge_customers", O.ANY),
    Right("GET", "/vehicles/**", "see_customers", O.ANY),
    Right("POST", "/vehicles/**", "edit_customers see_customers", O.ANY),
    Right("GET", "/consent/{customer_id}", "see_customers", O.ANY),
    Right("POST", "/consent/**", "edit_customers", O.ANY),
    Right("POST", "/consent/{customer_id}/everything.zip", "see_full_number", O.ANY),
    Right("*", "/cases/**", "work_cases", O.ANY),
    Right("*", "/bookings/**", "work_cases", O.ANY),
    Right("*", "/leads/**", "work_leads", O.ANY),
    Right("POST", "/leads/touchpoints", "edit_rules work_leads"),
    Right("GET", "/questionnaires/**", "see_campaigns", O.ANY),
    Right("GET", "/questionnaires/comments/{response_id:int}/{question}", "hear_team_recordings see_campaigns", O.ANY),
    Right("POST", "/questionnaires/**", "run_campaigns see_campaigns", O.ANY),
    Right("GET", "/segments/**", "see_customers", O.ANY),
    Right("POST", "/segments/**", "edit_rules see_customers", O.ANY),
    Right("POST", "/segments/count", "see_customers"),
    Right("GET", "/segments/new", "edit_rules see_customers"),
    Right("GET", "/segments/{segment_id}/edit", "edit_rules see_customers", O.ANY),
    Right("GET", "/segments/{segment_id}/members.csv", "see_reports", O.ANY),
    Right("GET", "/segments/{segment_id}/members.xlsx", "see_reports", O.ANY),
    Right("*", "/knowledge/**", "write_knowledge", O.ANY),
    Right("GET", "/knowledge", "see_knowledge"),
    Right("GET", "/knowledge/{article_id:int}", "see_knowledge", O.ANY),
    Right("POST", "/knowledge/{article_id:int}/vote", "see_knowledge", O.ANY),
    Right("GET", "/knowledge/{article_id:int}/versions", "see_knowledge write_knowledge", O.ANY),
    Right("*", "/api/knowledge/**", "see_knowledge", O.ANY),
    # the dealers' portal
    Right("GET", "/dealer/knowledge/{article_id}", "see_own_dealer", O.ANY),  # those released to dealers
    Right("GET", "/dealer/**", "see_own_dealer", O.OWN_DEALER),
    Right("POST", "/dealer/**", "see_own_dealer work_own_dealer", O.OWN_DEALER),
    Right("POST", "/dealer/station/**", "edit_own_dealer see_own_dealer", O.OWN_DEALER),
    Right("POST", "/dealer/staff/**", "edit_own_dealer see_own_dealer", O.OWN_DEALER),
    Right("*", "/dealer/returned/**", "work_own_dealer", O.OWN_DEALER),
    Right("POST", "/dealer/news/{news_id}/read", "see_own_dealer", O.OWN_DEALER),
    Right("GET", "/dealer/reports", "see_own_region"),
    Right("GET", "/dealer/reports/{report_id}", "see_own_region", O.ANY),
    Right("GET", "/dealer/reports/{report_id}/calls", "see_own_region", O.ANY),
    Right("GET", "/dealer/reports/{report_id}/export/{form}", "see_own_region", O.ANY),
    Right("GET", "/dealer/ranking", "see_own_dealer see_own_region", O.OWN_DEALER),
    Right("POST", "/dealer/complaints/{number}/recordings/{recording}/listen", "see_own_dealer", O.OWN_DEALER),
    # the floor
    Right("*", "/floor/**", "see_floor", O.OWN_TEAM),
    Right("WS", "/floor/text/{agent}", "steer_agents", O.OWN_TEAM),
    Right("POST", "/api/floor/**", "steer_agents", O.OWN_TEAM),
    Right("POST", "/api/floor/staff", "edit_workforce steer_agents", O.OWN_TEAM),
    Right("POST", "/api/floor/intake", "edit_workforce steer_agents", O.OWN_TEAM),
    Right("*", "/wallboard/**", "see_wallboard"),
    Right("*", "/wallboard/boards/**", "edit_boards", O.ANY),
    Right("*", "/wallboard/screens/**", "edit_boards", O.ANY),
    Right("*", "/tv/**", "anyone", O.OWN),  # a screen with its cookie; it opens nothing else
    # staffing and shifts
    Right("*", "/staffing/**", "plan_shifts", O.ANY),
    Right("*", "/shifts/**", "take_calls", O.OWN),
    # the menus
    Right("GET", "/flows/**", "see_flows", O.ANY),
    Right("POST", "/flows/**", "edit_flows see_flows", O.ANY),
    Right("GET", "/flows/{flow}/publish", "edit_flows see_flows", O.ANY),
    Right("POST", "/flows/{flow}/call", "edit_flows see_flows take_calls", O.ANY),
    Right("POST", "/flows/{flow}/call/end", "edit_flows see_flows take_calls", O.ANY),
    # outbound campaigns
    Right("GET", "/campaigns/**", "see_campaigns", O.ANY),
    Right("WS", "/campaigns/{campaign_id:int}/live", "see_campaigns", O.ANY),
    Right("GET", "/campaigns/new", "run_campaigns see_campaigns"),
    Right("GET", "/campaigns/{campaign_id:int}/edit", "run_campaigns see_campaigns", O.ANY),
    Right("GET", "/campaigns/{campaign_id:int}/evidence.csv", "run_campaigns see_campaigns see_full_number", O.ANY),
    Right("POST", "/campaigns/**", "run_campaigns see_campaigns", O.ANY),
    Right("GET", "/care/**", "see_campaigns", O.ANY),
    Right("POST", "/care/rules/**", "run_campaigns see_campaigns", O.ANY),
    # administration
    Right("*", "/admin/**", "edit_workforce", O.ANY),
    Right("*", "/admin/cases/**", "edit_rules", O.ANY),
    Right("*", "/admin/classes/**", "edit_rules", O.ANY),
    Right("*", "/admin/contact-rules/**", "edit_rules", O.ANY),
    Right("*", "/admin/messages/**", "edit_rules", O.ANY),
    Right("*", "/admin/surveys/**", "edit_rules", O.ANY),
    Right("*", "/admin/recordings/**", "edit_rules", O.ANY),
    Right("*", "/admin/recording-storage/**", "edit_rules", O.ANY),
    Right("*", "/admin/erasure/**", "edit_rules", O.ANY),
    Right("*", "/admin/live-text", "edit_rules", O.ANY),
    Right("*", "/admin/keywords", "edit_rules", O.ANY),
    Right("GET", "/admin/lines/**", "see_lines", O.ANY),
    Right("WS", "/admin/lines/live", "see_lines"),
    Right("POST", "/admin/lines/seen", "see_lines", O.OWN),
    Right("POST", "/admin/lines/**", "edit_lines see_lines", O.ANY),
    Right("*", "/admin/data/**", "import_data", O.ANY),
    Right("*", "/admin/network/**", "edit_network", O.ANY),
    Right("POST", "/admin/network/rules", "edit_network edit_rules"),
    Right("POST", "/admin/people/new", "edit_users edit_workforce"),
    Right("POST", "/admin/people/{person}/disable", "edit_users edit_workforce", O.ANY),
    Right("POST", "/admin/people/{person}/enable", "edit_users edit_workforce", O.ANY),
    Right("POST", "/admin/people/{person}/account", "edit_users edit_workforce", O.ANY),
    Right("POST", "/admin/people/{person}/password", "edit_users edit_workforce", O.ANY),
    Right("POST", "/admin/people/{person}/unlock", "edit_users edit_workforce", O.ANY),
    Right("POST", "/admin/people/{person}/second-step", "edit_users edit_workforce", O.ANY),
    Right("*", "/admin/sign-in", "edit_users edit_workforce"),
    # the public API: keys, not people
    Right("GET", "/api/v1/docs", "anyone"),
    Right("GET", "/api/v1/openapi.json", "anyone"),
    Right("PUT", "/api/v1/calls/{call_id}/recording", "recordings:pause"),
    Right("GET", "/api/v1/customers/**", "customers:read", O.KEY_DEALER),
    Right("POST", "/api/v1/customers/**", "customers:write", O.KEY_DEALER),
    Right("PATCH", "/api/v1/customers/{customer_id}", "customers:write", O.KEY_DEALER),
    Right("GET", "/api/v1/customers/{customer_id}/consents", "consents:read", O.KEY_DEALER),
    Right("POST", "/api/v1/customers/{customer_id}/consents", "consents:write", O.KEY_DEALER),
    Right("GET", "/api/v1/contacts/**", "contacts:read", O.KEY_DEALER),
    Right("GET", "/api/v1/cases/**", "cases:read", O.KEY_DEALER),
    Right("POST", "/api/v1/cases", "cases:write", O.KEY_DEALER),
    Right("GET", "/api/v1/leads/**", "leads:read", O.KEY_DEALER),
    Right("POST", "/api/v1/leads", "leads:write", O.KEY_DEALER),
    Right("GET", "/api/v1/dealers/**", "dealers:read", O.KEY_DEALER),
    Right("GET", "/api/v1/knowledge/search", "knowledge:read"),
    Right("GET", "/api/v1/events", "events:read"),
    Right("POST", "/api/v1/responses", "responses:write"),
    Right("GET", "/api/v1/reports/**", "reports:read"),
    Right("GET", "/api/v1/vehicles/**", "vehicles:read", O.KEY_DEALER),
    Right("PUT", "/api/v1/vehicles/**", "vehicles:write", O.KEY_DEALER),
    Right("GET", "/api/v1/orders/**", "vehicles:read", O.KEY_DEALER),
    Right("PUT", "/api/v1/orders/**", "vehicles:write", O.KEY_DEALER),
    Right("GET", "/api/v1/workshop-visits/**", "vehicles:read", O.KEY_DEALER),
    Right("PUT", "/api/v1/workshop-visits/**", "vehicles:write", O.KEY_DEALER),
    Right("*", "/admin/keys/**", "manage_keys", O.ANY),
    Right("*", "/admin/audit/**", "see_audit", O.ANY),
)


def right_of(method: str, path: str) -> Right | None:
    """The row for a route as it is written: an exact path before the longest "/**" above it."""
    fitting = [right for right in RIGHTS if right.method in (method, "*") and _fits(right.path, path)]
    return max(
        fitting, key=lambda right: (not right.path.endswith("/**"), len(right.path), right.method != "*"), default=None
    )


def allowed(needs: str, roles: Iterable[Role]) -> bool:
    """Whether somebody who is signed in with these roles may use a route that needs this; scopes are for keys only."""
    if needs in ("anyone", "signed in"):
        return True
    held = tuple(roles)
    return all(word in set(Permission) and may(held, Permission(word)) for word in needs.split())


def as_text() -> str:
    """docs/rights.md."""
    head = (Path(__file__).parent / "rights_head.md").read_text(encoding="utf-8")
    marks = [role.value.replace("_", " ") for role in Role]
    lines = [
        head.rstrip(),
        "",
        "## Routes",
        "",
        f"| route | needs | objects | {' | '.join(marks)} |",
        f"|---|---|---|{'---|' * len(marks)}",
    ]
    for right in RIGHTS:
        who = " | ".join("●" if allowed(right.needs, (role,)) else "" for role in Role)
        lines.append(f"| {right.method} `{right.path}` | {right.needs} | {right.objects} | {who} |")
    lines += ["", "## Permissions", "", f"| permission | {' | '.join(marks)} |", f"|---|{'---|' * len(marks)}"]
    for permission in Permission:
        who = " | ".join("●" if may((role,), permission) else "" for role in Role)
        lines.append(f"| {permission} | {who} |")
    return "\n".join(lines) + "\n"


def _fits(pattern: str, path: str) -> bool:
    if not pattern.endswith("/**"):
        return pattern == path
    return path == pattern[:-3] or path.startswith(pattern[:-2])


if __name__ == "__main__":
    (Path(__file__).parents[2] / "docs" / "rights.md").write_text(as_text(), encoding="utf-8")
