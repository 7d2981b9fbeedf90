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
    "callback": N_("Booked callback: this caller was next"),
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
LANGUAGES = {"": N_("Not chosen"), "zh-CN": N_("Mandarin"), "en": N_("English")}
RECORDING_STATES = {
    "recording": N_("Being recorded"),
    "ready": N_("Complete"),
    "cut": N_("The end is missing"),
    "missing": N_("No sound was recorded"),
}
