"""The words of what audit entries hold: names of fields, codes of values, and whose business a detail is."""

from __future__ import annotations

from collections.abc import Mapping

from agent_desktop.admin import keys_words
from agent_desktop.admin import words as admin_words
from agent_desktop.campaigns import words as campaign_words
from agent_desktop.cases import words as case_words
from agent_desktop.customers import words as customer_words
from agent_desktop.dealer import words as dealer_words
from agent_desktop.lines import words as line_words
from agent_desktop.quality import words as quality_words
from agent_desktop.segments import words as segment_words
from agent_desktop.staffing import words as staffing_words
from agent_desktop.words import CLASSES, LANGUAGES, N_, STATES
from crm_core.access.roles import Permission

FIELDS: Mapping[str, str] = {
    **staffing_words.FIELDS,
    **segment_words.RULE_FIELDS,
    **customer_words.PROFILE_FIELDS,
    **dealer_words.STATION_FIELDS,
    **campaign_words.FIELDS,
    **quality_words.RULE_FIELDS,
    **admin_words.FIELDS,
    "seals": N_("Seals"),
    "files": N_("Files"),
    "read": N_("Read in full"),
    "found": N_("Findings"),
    "addresses": N_("Addresses"),
    "after_service_days": N_("Call after a workshop visit"),
    "agent": N_("Agent"),
    "asked": N_("Asked for"),
    "begins_at": N_("Begins"),
    "birth_year": N_("Born in"),
    "birthday_cards": N_("Birthday card"),
    "bought_on": N_("Bought on"),
    "brand": N_("Brand"),
    "contact": N_("Contact"),
    "contacts_per_year": N_("Least contacts with each prospect"),
    "customer_class": N_("Class"),
    "dealer": N_("Dealer"),
    "dealer_id": N_("Dealer"),
    "dealers_add_users": N_("A dealer's manager may give sign-ins to own relations managers"),
    "definition": N_("Definition"),
    "due_on": N_("Due on"),
    "enquiries": N_("Enquiries"),
    "fields": N_("Fields"),
    "filters": N_("Filters"),
    "first_call_days": N_("First call after a delivery"),
    "gender": N_("Gender"),
    "handles": N_("E-mail and WeChat"),
    "kind": N_("Kind"),
    "language": N_("Language"),
    "lines": N_("Items"),
    "moved": N_("Records moved"),
    "name": N_("Called"),
    "new_year_cards": N_("New Year card"),
    "phones": N_("Telephone numbers"),
    "preference": N_("Wishes"),
    "prompt": N_("Announcement"),
    "reason": N_("Reason"),
    "cap": N_("Limit"),
    "dialled": N_("Dialled number"),
    "folder": N_("Folder"),
    "reference": N_("Reference"),
    "relations": N_("Related people"),
    "report_until": N_("Reported until"),
    "role": N_("Post"),
    "roles": N_("Roles"),
    "rows": N_("Rows"),
    "sales_consultant": N_("Sales consultant"),
    "salutation": N_("Form of address"),
    "scopes": N_("Scopes"),
    "section": N_("Section"),
    "second_call_days": N_("Second call after a delivery"),
    "service_adviser": N_("Service adviser"),
    "state": N_("State"),
    "title": N_("Title"),
    "until": N_("Until"),
    "vehicle_id": N_("Vehicle"),
    "vehicles": N_("Vehicles"),
    "version": N_("Version"),
    "visitors": N_("Visitors"),
    "work": N_("Work in the workshop"),
}
UNSAID = frozenset({"leg", "tables"})
"""Facts that only a machine needs."""

VALUES: Mapping[str, Mapping[str, str]] = {
    "strategy": admin_words.STRATEGIES,
    "cap": line_words.CAPS,
    "when_full": admin_words.WAYS_OUT,
    "when_too_long": admin_words.WAYS_OUT,
    "roles": {**admin_words.ROLES, **customer_words.ROLES},
    "role": dealer_words.STAFF_ROLES,
    "state": STATES,
    "customer_class": CLASSES,
    "section": customer_words.PARTS,
    "scopes": {scope.value: word for scope, word in keys_words.SCOPES.items()},
    "work": dealer_words.WORK,
    "prompt": admin_words.CLOSURE_PROMPTS,
    "services": dealer_words.SERVICES,
    "gender": customer_words.GENDERS,
    "kind": {**customer_words.KINDS, **quality_words.RULES},
    "mode": campaign_words.MODES,
    "in_name_of": campaign_words.IN_NAME_OF,
    "purpose": customer_words.PURPOSES,
    "dispositions": campaign_words.DISPOSITIONS,
    "language": LANGUAGES,
    "capacity": admin_words.MEDIA,
}
"""The words of a field's codes."""

CODES: Mapping[str, Mapping[str, str]] = {
    "case_level": case_words.LEVELS,
    "case_paused": case_words.PAUSES,
    "case_due": case_words.CLOCKS,
    "delivery_checked": customer_words.USES,
    "delivery_verified": customer_words.USES,
    "segments_added": segment_words.READY,
    "webhook_checked": {word.value: text for word, text in keys_words.TROUBLES.items()},
}
"""The words of an action's whole detail, which is one code or several parted by commas."""

PRIVATE: Mapping[str, Permission] = {
    "care_": Permission.SEE_CUSTOMERS,
    "case_fields": Permission.WORK_CASES,
    "case_step": Permission.WORK_CASES,
    "class_given": Permission.SEE_CUSTOMERS,
    "contact_stopped": Permission.SEE_CUSTOMERS,
    "customers_exported": Permission.SEE_CUSTOMERS,
    "duplicate_refused": Permission.SEE_CUSTOMERS,
    "file_": Permission.SEE_CUSTOMERS,
    "floor_message": Permission.STEER_AGENTS,
    "lead_": Permission.WORK_LEADS,
    "leads_exported": Permission.WORK_LEADS,
    "message.": Permission.TAKE_CALLS,
    "question_": Permission.SEE_KNOWLEDGE,
    "rescue_": Permission.WORK_CASES,
    "visit_": Permission.SEE_CUSTOMERS,
    "workshop_": Permission.WORK_CASES,
}
"""Actions (or how they begin) whose detail holds customers' data or words between people: who may read it."""


def reader_of(action: str) -> Permission | None:
    """What a reader must be allowed besides seeing the log; None = nothing more."""
    return next((needed for begin, needed in PRIVATE.items() if action.startswith(begin)), None)
