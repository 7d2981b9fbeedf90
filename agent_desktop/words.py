"""The words of the platform's own terms, as English sentences to translate; the codes never reach a reader."""

from __future__ import annotations


def N_(text: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Marks a msgid for the catalogues; gives it back unchanged."""
    return text


STATES = {
    "offline": N_("Offline"),
    "ready": N_("Ready"),
    "ringing": N_("Ringing"),
    "dialling": N_("Dialling"),
    "talking": N_("Talking"),
    "hold": N_("On hold"),
    "consulting": N_("Consulting"),
    "conference": N_("Three-way"),
    "wrap_up": N_("After call"),
    "break": N_("Break"),
}
DIRECTIONS = {"inbound": N_("Incoming"), "outbound": N_("Outgoing")}
OUTCOMES = {
    "": N_("In progress"),
    "answered": N_("Answered"),
    "abandoned": N_("Abandoned"),
    "menu_only": N_("Menu only"),
    "out_of_hours": N_("Out of hours"),
    "blocked": N_("Blocked"),
    "voicemail": N_("Voicemail"),
    "callback": N_("Callback booked"),
    "turned_away": N_("Turned away"),
    "put_through": N_("Put through outside"),
    "short_ring": N_("Rang off"),
    "wrong_number": N_("Wrong number"),
    "reached": N_("Reached"),
    "not_reached": N_("Not reached"),
    "lost": N_("Lost"),
    "ended_while_away": N_("Ended unseen"),
}
KINDS = {
    "enquiry": N_("Enquiry"),
    "complaint": N_("Complaint"),
    "suggestion": N_("Suggestion"),
    "repair": N_("Repair"),
    "rescue": N_("Rescue"),
    "material": N_("Material"),
    "order": N_("Order"),
}
OFFER_RESULTS = {
    "": N_("In progress"),
    "answered": N_("Answered"),
    "no_answer": N_("Not answered"),
    "declined": N_("Returned to the queue"),
    "busy": N_("Phone busy"),
    "unreachable": N_("Phone unreachable"),
    "withdrawn": N_("Withdrawn"),
    "caller_gone": N_("Caller hung up"),
}
ENDED_BY = {"customer": N_("customer"), "agent": N_("agent"), "system": N_("system")}
RELATIONS = {"owner": N_("Owner"), "family": N_("Family"), "driver": N_("Driver"), "other": N_("Someone else")}
CLASSES = {"standard": N_("Standard"), "vip": N_("VIP"), "key_account": N_("Key account")}
TOPICS = {
    "main": N_("Main menu"),
    "enquiry": N_("Enquiry"),
    "complaint": N_("Complaint"),
    "suggestion": N_("Suggestion"),
    "repair": N_("Repair"),
    "rescue": N_("Rescue"),
    "agent": N_("A person"),
    "closed": N_("Out-of-hours menu"),
}
WHYS = {
    "last_agent": N_("Spoke with this caller last time"),
    "only_free": N_("The only one free who fits"),
    "best_skill": N_("Best skill among the free"),
    "longest_idle": N_("Idle for longest"),
    "offered_again": N_("Offered again: nobody else fits"),
    "next_in_line": N_("Became free; this caller was next"),
    "priority": N_("Became free; this caller has priority"),
    "reserved": N_("Kept for this agent"),
    "affinity": N_("For the caller's dealer or region"),
    "least_occupied": N_("Least busy so far"),
    "round_robin": N_("This agent's turn"),
    "resume": N_("The agent's phone went away in the talk and came back"),
    "campaign": N_("A customer whom a campaign reached"),
    "take_over": N_("Taken over by the supervisor"),
    "found": N_("Found after we were away"),
    "fallback": N_("Took the call while we were away"),
    "callback": N_("Booked callback: this caller was next"),
    "picked_up": N_("Took the parked call"),
    "consult": N_("Asked by a colleague"),
}
CONSULT_RESULTS = {
    "not_reached": N_("was not reached"),
    "cancelled": N_("was asked, the customer stayed"),
    "party_gone": N_("hung up while asked"),
    "customer_gone": N_("was asked until the customer hung up"),
}
VERDICTS = {
    "level": N_("level {number}"),
    "idle": N_("idle for {time}"),
    "talking": N_("in a call for {time}"),
    "ringing": N_("the phone rings for another caller"),
    "wrap_up": N_("after-call work for {time}"),
    "on_break": N_("on a break for {time}"),
    "unreachable": N_("the phone is out of reach"),
    "missed_before": N_("did not take this caller before"),
    "level_too_low": N_("level {number} is too low"),
    "lacks_skill": N_("lacks a skill that is needed"),
    "no_affinity": N_("not for the caller's dealer or region"),
    "reserved_for_other": N_("the caller was kept for a colleague"),
    "at_capacity": N_("has {number} pieces of such work already"),
    "level_lower": N_("free, level {number}"),
    "idle_shorter": N_("free, idle for {time} only"),
    "busier": N_("free, busy {number} % of the time"),
    "not_in_turn": N_("free, not this agent's turn"),
}
QUEUE_RESULTS = {
    "": N_("In progress"),
    "answered": N_("Answered"),
    "abandoned": N_("Abandoned"),
    "voicemail": N_("Voicemail"),
    "callback": N_("Callback booked"),
    "turned_away": N_("Turned away"),
    "overflow": N_("Moved to another queue"),
    "lost": N_("Lost"),
}
CALLBACK_RESULTS = {
    "": N_("Still to be called"),
    "reached": N_("Reached"),
    "given_up": N_("Given up"),
    "cancelled": N_("Cancelled"),
    "returned": N_("Called again and was served"),
}
LANGUAGES = {"": N_("Not chosen"), "zh-CN": N_("Mandarin"), "en": N_("English")}
MISSING_RECORDINGS = {
    "disk": N_("the volume of the recordings was full"),
    "not_started": N_("the telephone system began none"),
    "not_written": N_("no file could be made"),
}
RECORDING_STATES = {
    "recording": N_("Being recorded"),
    "ready": N_("Complete"),
    "cut": N_("The end is missing"),
    "missing": N_("No sound was recorded"),
    "deleted": N_("Deleted: the time for which recordings are kept is over"),
}
