"""The nine roles and what each may do. What is not granted here is denied."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    AGENT = "agent"
    EXPERT = "expert"
    TEAM_LEADER = "team_leader"
    SUPERVISOR = "supervisor"
    QUALITY = "quality"
    ADMINISTRATOR = "administrator"
    DEALER_MANAGER = "dealer_manager"
    DEALER_RELATIONS = "dealer_relations"
    REGIONAL_MANAGER = "regional_manager"


class Permission(StrEnum):
    TAKE_CALLS = "take_calls"  # sign in to telephony, have a phone, dial a customer
    SEE_CUSTOMERS = "see_customers"
    EDIT_CUSTOMERS = "edit_customers"
    SEE_FULL_NUMBER = "see_full_number"  # unmask; each time audited
    WRITE_RECORD = "write_record"  # the agent's own contacts
    EDIT_ANY_RECORD = "edit_any_record"
    HEAR_OWN_RECORDINGS = "hear_own_recordings"
    HEAR_TEAM_RECORDINGS = "hear_team_recordings"  # talks of the agents one leads, and those without an agent
    HEAR_ALL_RECORDINGS = "hear_all_recordings"
    TAKE_RECORDINGS_OUT = "take_recordings_out"  # download, share, evidence: of those one may hear, with a reason
    SEE_FLOOR = "see_floor"  # live agents and queues by name
    PLAN_SHIFTS = "plan_shifts"  # forecasts, shifts, leave and adherence of the agents one leads
    SEE_WALLBOARD = "see_wallboard"
    EDIT_BOARDS = "edit_boards"  # wallboards, and the screens that show them
    SEE_REPORTS = "see_reports"
    REVIEW_TALKS = "review_talks"  # score talks, see reviews, coach; a leader those of the own teams
    SET_QUALITY = "set_quality"  # scoring forms, sampling rules, the training library
    CORRECT_LEDGER = "correct_ledger"  # have a day checked, add what Asterisk's log has, accept what stays
    STEER_AGENTS = "steer_agents"  # another agent's state, a waiting caller's place
    BLOCK_NUMBERS = "block_numbers"
    EDIT_WORKFORCE = "edit_workforce"  # queues, agents, skills
    EDIT_USERS = "edit_users"
    SEE_AUDIT = "see_audit"
    SEE_SYSTEM = "see_system"  # health of the parts, settings
    WORK_CASES = "work_cases"  # open, take, pause, assign, close
    WORK_LEADS = "work_leads"
    SEE_KNOWLEDGE = "see_knowledge"
    WRITE_KNOWLEDGE = "write_knowledge"
    MERGE_CUSTOMERS = "merge_customers"  # and undo it
    IMPORT_DATA = "import_data"
    EDIT_RULES = "edit_rules"  # case templates, clocks, assignment, classes, contact rules
    EDIT_NETWORK = "edit_network"  # every dealer's station data, news and downloads
    SEE_FLOWS = "see_flows"  # the menus that callers meet
    EDIT_FLOWS = "edit_flows"
    SEE_CAMPAIGNS = "see_campaigns"  # outbound campaigns, their questionnaires, care plans and results
    RUN_CAMPAIGNS = "run_campaigns"  # make, start, adjust and stop them
    SEE_LINES = "see_lines"  # how the lines to telephone companies are, and what the limits of dialling are
    EDIT_LINES = "edit_lines"  # trunks with their secrets, published numbers, how and how much is dialled out
    MANAGE_KEYS = "manage_keys"  # API keys and webhooks
    SEE_OWN_DEALER = "see_own_dealer"
    WORK_OWN_DEALER = "work_own_dealer"  # steps of complaints, leads, care tasks, daily figures
    EDIT_OWN_DEALER = "edit_own_dealer"  # station data and people
    SEE_OWN_REGION = "see_own_region"


_P = Permission
_AGENT = frozenset(
    {
        _P.TAKE_CALLS,
        _P.SEE_CUSTOMERS,
        _P.EDIT_CUSTOMERS,
        _P.SEE_FULL_NUMBER,
        _P.WRITE_RECORD,
        _P.HEAR_OWN_RECORDINGS,
        _P.SEE_WALLBOARD,
        _P.WORK_CASES,
        _P.WORK_LEADS,
        _P.SEE_KNOWLEDGE,
    }
)
_LEADER = _AGENT | {
    _P.EDIT_ANY_RECORD,
    _P.HEAR_TEAM_RECORDINGS,
    _P.TAKE_RECORDINGS_OUT,
    _P.SEE_FLOOR,
    _P.SEE_REPORTS,
    _P.REVIEW_TALKS,
    _P.EDIT_BOARDS,
    _P.STEER_AGENTS,
    _P.PLAN_SHIFTS,
    _P.BLOCK_NUMBERS,
    _P.MERGE_CUSTOMERS,
    _P.WRITE_KNOWLEDGE,
    _P.SEE_FLOWS,
    _P.SEE_CAMPAIGNS,
}

GRANTED: dict[Role, frozenset[Permission]] = {
    Role.AGENT: _AGENT,
    Role.EXPERT: _AGENT | {_P.WRITE_KNOWLEDGE},
    Role.TEAM_LEADER: _LEADER,
    Role.SUPERVISOR: _LEADER
    | {
        _P.HEAR_ALL_RECORDINGS,
        _P.EDIT_WORKFORCE,
        _P.SEE_AUDIT,
        _P.EDIT_RULES,
        _P.EDIT_NETWORK,
        _P.IMPORT_DATA,
        _P.EDIT_FLOWS,
        _P.RUN_CAMPAIGNS,
        _P.CORRECT_LEDGER,
        _P.SET_QUALITY,
        _P.SEE_LINES,
    },
    Role.QUALITY: frozenset(
        {
            _P.SEE_CUSTOMERS,
            _P.HEAR_OWN_RECORDINGS,
            _P.HEAR_TEAM_RECORDINGS,
            _P.HEAR_ALL_RECORDINGS,
            _P.TAKE_RECORDINGS_OUT,
            _P.SEE_REPORTS,
            _P.REVIEW_TALKS,
            _P.SET_QUALITY,
            _P.SEE_WALLBOARD,
            _P.SEE_KNOWLEDGE,
            _P.SEE_CAMPAIGNS,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            _P.EDIT_WORKFORCE,
            _P.EDIT_USERS,
            _P.SEE_AUDIT,
            _P.SEE_SYSTEM,
            _P.SEE_WALLBOARD,
            _P.BLOCK_NUMBERS,
            _P.IMPORT_DATA,
            _P.EDIT_RULES,
            _P.EDIT_NETWORK,
            _P.MANAGE_KEYS,
            _P.SEE_LINES,
            _P.EDIT_LINES,
            _P.SEE_FLOWS,
            _P.EDIT_FLOWS,
        }
    ),
    Role.DEALER_MANAGER: frozenset({_P.SEE_OWN_DEALER, _P.WORK_OWN_DEALER, _P.EDIT_OWN_DEALER}),
    Role.DEALER_RELATIONS: frozenset({_P.SEE_OWN_DEALER, _P.WORK_OWN_DEALER}),
    Role.REGIONAL_MANAGER: frozenset({_P.SEE_OWN_DEALER, _P.SEE_OWN_REGION}),
}


def may(roles: Iterable[Role], permission: Permission) -> bool:
    """Whether any of the roles grants it."""
    return any(permission in GRANTED.get(role, frozenset()) for role in roles)


def read_roles(words: str) -> tuple[Role, ...]:
    """The roles of `User.roles`, in order; a word we do not know grants nothing."""
    known = {role.value: role for role in Role}
    return tuple(known[word.strip()] for word in words.split(",") if word.strip() in known)


def write_roles(roles: Iterable[Role]) -> str:
    return ",".join(role.value for role in roles)
