"""The words of the administration screens: settings, their values, roles, days."""

from __future__ import annotations

from agent_desktop.lines.words import FIELDS as FIELDS_OF_LINES
from agent_desktop.words import N_

STRATEGIES = {
    "best_skill": N_("Best skill"),
    "longest_idle": N_("Longest idle"),
    "least_occupied": N_("Least occupied"),
    "round_robin": N_("In turn"),
}
STRATEGY_NOTES = {
    "best_skill": N_("The highest level first; among equals the longest idle."),
    "longest_idle": N_("Whoever has been idle for longest."),
    "least_occupied": N_("Whoever worked the smallest share of the shift."),
    "round_robin": N_("One after the other, whoever worked how long."),
}
WAYS_OUT = {
    "stay": N_("Stays in line"),
    "voicemail": N_("Leaves a message"),
    "callback": N_("Is called back"),
    "goodbye": N_("Hears a goodbye"),
}
KINDS = {
    "queue": N_("Queue"),
    "team": N_("Team"),
    "agent": N_("Agent"),
    "reasons": N_("Break reasons"),
    "calendar": N_("Calendar"),
    "case_rules": N_("Case rules"),
    "class_rules": N_("Rules of customers"),
    "contact": N_("Rules of contact"),
    "leads": N_("Rules of leads"),
    "messages": N_("Rules of voice messages"),
    "survey": N_("Questions after the call"),
    "care": N_("Rules of care"),
    "retention": N_("Keeping of recordings"),
    "capture": N_("What is recorded"),
    "live_text": N_("Live text"),
    "keywords": N_("Words that are told"),
    "trunk": N_("Trunk"),
    "number": N_("Published number"),
    "outgoing": N_("Outgoing calls"),
    "dial_limits": N_("Limits of dialling"),
}
FIELDS = {
    **FIELDS_OF_LINES,
    "on": N_("Live text of talks"),
    "off_in": N_("Queues without live text"),
    "name_zh": N_("Chinese name"),
    "name_en": N_("English name"),
    "skill": N_("Skill"),
    "position": N_("Place in lists"),
    "strategy": N_("Strategy"),
    "levels": N_("Level needed"),
    "priority": N_("Priority"),
    "ageing_seconds": N_("One step up every"),
    "ring_seconds": N_("Rings for"),
    "wrap_up_seconds": N_("After-call work"),
    "sticky_seconds": N_("Waits for the previous agent"),
    "affinity_seconds": N_("Waits for an agent of the dealer or region"),
    "overflow": N_("Overflow"),
    "most_waiting": N_("Most waiting"),
    "most_calls": N_("Not while more calls than"),
    "silent": N_("Switched off for these queues"),
    "when_full": N_("When full or closed"),
    "longest_wait_seconds": N_("Longest wait"),
    "when_too_long": N_("After the longest wait"),
    "first_announcement_seconds": N_("First announcement"),
    "announce_every_seconds": N_("Announcement every"),
    "callback_offered": N_("Offers a callback"),
    "message_offered": N_("Takes messages"),
    "service_seconds": N_("Answered within"),
    "service_target_percent": N_("Target"),
    "short_abandon_seconds": N_("Short abandon under"),
    "is_open_for_calls": N_("Takes calls"),
    "leaving": N_("Runs empty, then goes"),
    "missed_limit": N_("Break after missed offers"),
    "leaders": N_("Leaders"),
    "members": N_("Members"),
    "skills": N_("Skills"),
    "tags": N_("Tags"),
    "capacity": N_("Work beside calls"),
    "entries": N_("Numbers"),
    "week": N_("Week"),
    "days": N_("Special days"),
    "order": N_("Place in lists"),
}
WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
SHORT_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
DAY_KINDS = {"holiday": N_("Holiday"), "workday": N_("Swapped workday"), "hours": N_("Own hours")}
ROLES = {
    "agent": N_("Agent"),
    "expert": N_("Expert"),
    "team_leader": N_("Team leader"),
    "supervisor": N_("Supervisor"),
    "quality": N_("Quality reviewer"),
    "administrator": N_("Administrator"),
    "dealer_manager": N_("Dealer manager"),
    "dealer_relations": N_("Dealer's customer relations"),
    "regional_manager": N_("Regional manager"),
}
MEDIA = {"chat": N_("Chat"), "email": N_("E-mail"), "task": N_("Tasks")}
CLOSURE_PROMPTS = {
    "closure": N_("An unforeseen event"),
    "closure-weather": N_("Severe weather"),
    "closure-system": N_("A technical fault"),
}
"""Announcements of a closure that have a name here; others are shown by their catalogue key."""
PEOPLE_TABS = (
    (N_("People"), "/admin/people"),
    (N_("Skills"), "/admin/skills"),
    (N_("Teams"), "/admin/teams"),
    (N_("Break reasons"), "/admin/reasons"),
    (N_("Sign-in rules"), "/admin/sign-in"),
)
SAID_BY = {"both": N_("either side"), "customer": N_("the customer"), "agent": N_("the agent")}
TOLD = (N_("told"), N_("not told"))
RULES_TABS = (
    (N_("Contact and leads"), "/admin/contact-rules"),
    (N_("Voice messages"), "/admin/messages"),
    (N_("Questions after the call"), "/admin/surveys"),
    (N_("Keeping of recordings"), "/admin/recordings"),
    (N_("Live text"), "/admin/live-text"),
    (N_("Words that are told"), "/admin/keywords"),
)
RECORDING_TABS = (
    (N_("Keeping of recordings"), "/admin/recordings"),
    (N_("Storage of recordings"), "/admin/recording-storage"),
    (N_("Requests for erasure"), "/admin/erasure"),
)
