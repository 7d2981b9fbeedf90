"""The words of leads and of consent, as English sentences to translate."""

from __future__ import annotations

from agent_desktop.customers import words as customer_words
from agent_desktop.words import N_

STATUS = {
    "new": N_("To verify"),
    "verified": N_("Verified"),
    "sent": N_("With the dealer"),
    "following": N_("Followed up"),
    "nurture": N_("Three-month plan"),
    "won": N_("Won"),
    "lost": N_("Lost to us"),
    "invalid": N_("No prospect"),
}
HORIZONS = {"hot": N_("Hot prospect"), "mid": N_("Mid-term"), "long": N_("Long-term")}
SOURCES = {
    "hotline": N_("The hotline"),
    "web": N_("Web"),
    "event": N_("Event"),
    "referral": N_("Recommended"),
    "dealer": N_("Dealer itself"),
    "import": N_("Imported"),
}
LOST_REASONS = {
    "competitor": N_("Bought another make"),
    "price": N_("Too expensive"),
    "model": N_("Not the right car"),
    "delivery": N_("Delivery takes too long"),
    "used_car": N_("Bought a used car"),
    "put_off": N_("Will not buy for now"),
    "unreachable": N_("Could not be reached"),
    "refused": N_("Wants no further contact"),
    "other": N_("Another reason"),
}
EVENTS = {
    "captured": N_("Captured"),
    "mentioned": N_("Mentioned again"),
    "verified": N_("Checked and found real"),
    "sent": N_("Sent to %(dealer)s"),
    "held_back": N_("Not sent"),
    "follower_named": N_("%(dealer)s named who follows it up"),
    "feedback": N_("Word of %(dealer)s"),
    "reminded": N_("%(dealer)s reminded"),
    "reassigned": N_("Went on from %(before)s to %(dealer)s"),
    "returned": N_("Back from %(before)s"),
    "nurtured": N_("Put into the three-month plan"),
    "nurture_step": N_("Call of the plan"),
    "won": N_("Bought at %(dealer)s"),
    "lost": N_("Lost to us"),
    "invalidated": N_("Found to be no prospect"),
    "reopened": N_("Opened again"),
}
WHY = {
    "own": N_("the customer's own dealer"),
    "wished": N_("named by a person or by the customer"),
    "city": N_("in the customer's city, with the fewest open leads"),
    "nearest": N_("the nearest that did not have it yet"),
    "only": N_("the fewest open leads"),
}
STAGES = {
    "captured": N_("Leads captured"),
    "verified": N_("Found real"),
    "sent": N_("Sent to dealers"),
    "answered": N_("Answered by the dealer"),
    "won": N_("Won"),
}
DUE = {
    "overdue": N_("Word overdue"),
    "soon": N_("Due within 2 days"),
    "stuck": N_("Needs a decision"),
    "call": N_("Call of the plan due"),
}
# Consent is said in the same words wherever it is shown.
PURPOSES, CHANNELS, ANSWERS = customer_words.PURPOSES, customer_words.CHANNELS, customer_words.ANSWERS
TOUCHPOINTS = {
    "number": N_("Hotline number"),
    "web": N_("Web"),
    "event": N_("Event"),
    "dealer": N_("Dealers"),
    "email": N_("Mail"),
    "wechat": N_("WeChat"),
    "sms": N_("SMS"),
    "post": N_("Post"),
    "other": N_("Another place"),
}
ICONS = {
    "captured": "flag",
    "mentioned": "message-square",
    "verified": "check",
    "sent": "send",
    "held_back": "circle-pause",
    "follower_named": "user-check",
    "feedback": "message-square",
    "reminded": "bell",
    "reassigned": "forward",
    "returned": "rotate-ccw",
    "nurtured": "calendar-clock",
    "nurture_step": "phone",
    "won": "car",
    "lost": "x",
    "invalidated": "x",
    "reopened": "rotate-ccw",
}
COLUMNS = (
    N_("Lead number"),
    N_("Customer"),
    N_("Phone"),
    N_("Time of purchase"),
    N_("Car model"),
    N_("Wish"),
    N_("Source"),
    N_("State"),
    N_("Dealer"),
    N_("Followed up by"),
    N_("Captured"),
    N_("Sent to the dealer on"),
    N_("Word due"),
)
"""The heads of the exported table."""
