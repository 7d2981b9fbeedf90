"""The words of the care plan."""

from __future__ import annotations

from agent_desktop.customers.words import CARE_KINDS, PURPOSES
from agent_desktop.dealer.words import CHANNELS, HORIZONS, SKIP_REASONS
from agent_desktop.words import N_
from crm_core.care.rulebook import CareRule, Trigger

__all__ = ["CARE_KINDS", "CHANNELS", "HORIZONS", "PURPOSES", "SKIP_REASONS"]

TRIGGERS = {
    "delivery": N_("Delivery of a vehicle"),
    "visit": N_("The vehicle left the workshop"),
    "complaint": N_("Complaint closed"),
    "lead": N_("Lead taken down"),
    "test_drive": N_("Test drive wished"),
    "prospect": N_("Latest contact with a prospect"),
    "birthday": N_("Birthday"),
    "new_year": N_("New Year"),
}
AFTER = {
    "delivery": N_("%(days)s days after the delivery"),
    "visit": N_("%(days)s days after the workshop visit"),
    "complaint": N_("%(days)s days after a complaint was closed"),
    "lead": N_("%(days)s days after a lead was taken down"),
    "test_drive": N_("%(days)s days after a test drive was wished"),
    "prospect": N_("every %(days)s days, while the prospect is open"),
    "birthday": N_("%(days)s days after the birthday"),
    "new_year": N_("%(days)s days after the New Year"),
}
RULE_PURPOSES = {code: word for code, word in PURPOSES.items() if code != "service"}
LEAD_CLASSES = {code: word for code, word in HORIZONS.items() if code}
ON_THE_DAY = {"birthday": N_("on the birthday"), "new_year": N_("on New Year's Day")}
BEFORE = {"birthday": N_("%(days)s days before the birthday"), "new_year": N_("%(days)s days before the New Year")}
OWNERS = {
    "sales_consultant": N_("Sales consultant"),
    "service_adviser": N_("Service adviser"),
    "centre": N_("Service centre"),
}
DOERS = {"dealer": N_("The dealer, as a task"), "centre": N_("The centre, by a campaign")}
ENERGIES = {"petrol": N_("Petrol"), "hybrid": N_("Hybrid"), "electric": N_("Electric")}
CLASSES = {"standard": N_("Standard"), "vip": N_("VIP"), "key_account": N_("Key account")}
STATES = {
    "coming": N_("still to come"),
    "open": N_("on the list"),
    "stopped": N_("stopped"),
    "done": N_("done"),
    "skipped": N_("skipped"),
    "withdrawn": N_("withdrawn"),
    "dialling": N_("is being called"),
    "handed": N_("handed to the dealer"),
    "unsettled": N_("to be settled"),
    "refused": N_("may not be called"),
    "exhausted": N_("not reached"),
}
NURTURE = N_("every %(days)s days, while a long-term prospect waits")


def when(rule: CareRule) -> tuple[str, int]:
    """The msgid of when it happens, and the days in its gap."""
    if rule.days < 0 and rule.trigger.value in BEFORE:
        return BEFORE[rule.trigger.value], -rule.days
    if rule.days == 0 and rule.trigger in (Trigger.BIRTHDAY, Trigger.NEW_YEAR):
        return ON_THE_DAY[rule.trigger.value], 0
    return AFTER[rule.trigger.value], rule.days
