"""The words of outbound campaigns; the codes never reach a reader."""

from __future__ import annotations

from collections.abc import Mapping

from agent_desktop.words import N_
from crm_core.campaigns import results
from crm_core.campaigns.entries import REMOVED
from crm_core.consent import decision

STATUSES = {
    "draft": N_("Draft"),
    "sample": N_("Testing"),
    "running": N_("Running"),
    "paused": N_("Paused"),
    "ended": N_("Ended"),
}
STATUS_TONES = {"running": "good", "sample": "info", "paused": "warn"}
FILTERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "": (N_("All"), ()),
    "running": (N_("Running"), ("running", "sample")),
    "paused": (N_("Paused"), ("paused",)),
    "draft": (N_("Draft"), ("draft",)),
    "ended": (N_("Ended"), ("ended",)),
}
MODES = {
    "preview": N_("Preview"),
    "progressive": N_("Progressive"),
    "predictive": N_("Predictive"),
    "voice": N_("Voice survey"),
    "link": N_("Answer by link"),
}
MODE_SENTENCES = {
    "preview": N_(
        "The agent reads the customer's record first, then dials with one key. Slowest, for calls that matter."
    ),
    "progressive": N_("One call for each free agent. Whoever answers has an agent at once; nobody is dropped."),
    "predictive": N_("More calls than free agents, as many as the drop limit allows. Agents hardly wait."),
    "voice": N_("No agent: a recorded voice asks the questions, answered by key or by voice."),
    "link": N_("No call: the customer gets a link and answers in their own time."),
}
IN_NAME_OF = {
    "centre": N_("The centre itself"),
    "sales_consultant": N_("Sales consultant"),
    "service_adviser": N_("Service adviser"),
}
FIELDS = {
    "mode": N_("How it calls"),
    "purpose": N_("Purpose"),
    "in_name_of": N_("In whose name"),
    "queue": N_("Queue whose agents talk"),
    "questionnaire_id": N_("Questions asked"),
    "questionnaire_version": N_("Version"),
    "abandon_limit_percent": N_("Drop limit in 24 hours"),
    "lines_per_agent": N_("Calls per agent, at most"),
    "most_lines": N_("Calls at once, at most"),
    "ring_seconds": N_("Rings for"),
    "detect_machines": N_("Listen whether a machine answers"),
    "detection": N_("How machine detection listens"),
    "detection_since": N_("Machine detection since"),
    "windows": N_("Hours of the day"),
    "retries": N_("When, and how often again"),
    "most_attempts": N_("Calls to one customer, at most"),
    "script": N_("Talk guide"),
    "dispositions": N_("When the call came to this"),
}
"""What a campaign's settings are called in the audit log, as on their page."""
STATES = {
    "waiting": N_("Waits"),
    "dialling": N_("Is being called"),
    "unsettled": N_("To be decided"),
    "done": N_("Done"),
    "refused": N_("Not called"),
    "exhausted": N_("Not reached"),
    "removed": N_("Taken off"),
    "handed": N_("With the dealer"),
}
RESULTS = {
    "": N_("Under way"),
    "answered": N_("Talked with an agent"),
    "answered_by_voice": N_("Talked with the voice"),
    "by_dealer": N_("Reached by the dealer"),
    "machine": N_("Answering machine"),
    "dropped": N_("Dropped, no agent was free"),
    "hung_up": N_("Hung up at once"),
    "no_answer": N_("No answer"),
    "busy": N_("Busy"),
    "refused": N_("Declined"),
    "failed": N_("Failed"),
    "not_placed": N_("Never reached the line"),
    "withdrawn": N_("Withdrawn before dialling"),
    "unsettled": N_("Unknown"),
}
DISPOSITIONS = {
    "interested": N_("Interested"),
    "not_interested": N_("Not interested"),
    "call_later": N_("Call again later"),
    "not_the_person": N_("Not the right person"),
    "machine": N_("An answering machine"),
    "no_more_calls": N_("Wants no more calls"),
}
DETECTION = {
    "initial_silence": N_("Silence at the beginning, at most"),
    "greeting": N_("A person's greeting lasts at most"),
    "silence_after": N_("Silence after a greeting that tells a person"),
    "total": N_("Listen for at most"),
    "shortest_word": N_("A word lasts at least"),
    "gap": N_("Silence between two words"),
    "most_words": N_("A person's greeting has at most"),
    "threshold": N_("Quieter than this is silence"),
    "longest_word": N_("A word lasts at most"),
}
"""crm_core.campaigns.detection.PARTS in words."""
SETTLED_BY = {"event": N_("as it happened"), "live": N_("the list of live calls"), "cel": N_("the event log")}
SETTLEMENTS = {"reached": N_("Was reached"), "again": N_("Call again"), "leave": N_("Leave it")}
RETRIED = {name: RESULTS[name] for name in ("no_answer", "busy", "machine", "hung_up", "refused", "failed", "dropped")}
LANGUAGES = {"": N_("The customer's own"), "zh-CN": N_("Mandarin"), "en": N_("English")}
REASONS: Mapping[str, tuple[str, str]] = {
    decision.NOT_ASKED: (N_("No consent was asked for"), "shield-check"),
    decision.REFUSED: (N_("The customer refused"), "shield-check"),
    decision.COMPLAINT: (N_("A complaint is open"), "clipboard-list"),
    decision.TOO_OFTEN: (N_("Contacted often enough already"), "calendar-clock"),
    decision.PROMOTED: (N_("Heard of us lately"), "calendar-clock"),
    decision.QUIET: (N_("Quiet hours"), "moon"),
    decision.STOPPED: (N_("Nobody may use the number"), "phone-off"),
    decision.BLOCKED: (N_("The number is blocked"), "phone-off"),
    decision.NO_ADDRESS: (N_("There is no number"), "phone"),
    decision.MERGED: (N_("The record was merged"), "users"),
    decision.UNKNOWN: (N_("The customer is gone"), "users"),
    results.NO_SUCH_NUMBER: (N_("The number does not exist"), "phone"),
    results.ALL_USED: (N_("All attempts are used up"), "phone"),
    results.UNKNOWN_END: (N_("A person has to decide"), "circle-alert"),
    REMOVED: (N_("Taken off the list"), "minus"),
}
"""For each reason of an entry: it in short, without the values of one customer, and its icon."""
SLOW = {
    "no_agents": N_("Nobody of the queue is on duty."),
    "inbound_first": N_("Inbound callers wait; they go first."),
    "mode": N_("As many calls as free agents, as this mode wants."),
    "learning": N_("So few answers so far that the limit allows no more calls."),
    "near_limit": N_("The drop limit is nearly used; only free agents are dialled for."),
    "forecast": N_("Enough calls ring for the agents who will be free."),
    "most_lines": N_("All lines of the campaign are in use."),
}
"""acd.dialer.Slow in words: what keeps the dialer from placing more calls."""
FILLED = {
    "added": N_("put on the list"),
    "there": N_("on the list already"),
    "wrong_number": N_("not a telephone number"),
    "unknown": N_("no customer with this number"),
    "several": N_("several customers share it"),
}
FUNNEL_HINTS = {
    "listed": N_("Everybody on the list, without those a person took off."),
    "may_call": N_("The list less those who may not be called."),
    "called": N_("Customers for whom at least one call was placed."),
    "live": N_("Calls that a person answered; answering machines are not among them."),
    "complete": N_("Customers who answered the questions to their end."),
    "cases": N_("Low answers for which a case was opened."),
}
AUDITED = {
    "campaign_made": N_("Campaign made"),
    "campaign_saved": N_("Campaign changed"),
    "campaign_sample": N_("Campaign tested"),
    "campaign_sampled": N_("Test customers chosen"),
    "campaign_start": N_("Campaign started"),
    "campaign_pause": N_("Campaign paused"),
    "campaign_end": N_("Campaign stopped"),
    "campaign_list_filled": N_("Campaign's list worked on"),
    "campaign_list_stopped": N_("Work on a campaign's list stopped"),
    "campaign_refused_exported": N_("List of who was not called exported"),
    "campaign_evidence_exported": N_("Proof of a campaign's calls exported"),
    "campaign_entry_removed": N_("Taken off a campaign's list"),
    "campaign_entry_back": N_("Brought back to a campaign's list"),
    "campaign_entry_settled": N_("Decided about an unknown call"),
}
"""Names of what is done with campaigns, for the audit log."""
SCRIPT_WORDS = {
    "cut": N_("Cut off for {time}"),
    "play": N_("Listen"),
    "no_answer_from_site": N_("The site does not answer. Try again."),
}
"""What the board's script says."""
