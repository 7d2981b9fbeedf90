"""The words of lines: states, what a carrier's answer means and what to do about it, limits, fields."""

from __future__ import annotations

from agent_desktop.words import N_

TABS = (
    (N_("Trunks"), "/admin/lines/trunks"),
    (N_("Numbers"), "/admin/lines/numbers"),
    (N_("Outgoing calls"), "/admin/lines/outgoing"),
    (N_("Limits"), "/admin/lines/limits"),
    (N_("Try it"), "/admin/lines/test"),
)
STATES = {
    "registered": N_("logged in"),
    "reachable": N_("answers"),
    "registering": N_("not logged in"),
    "rejected": N_("login refused"),
    "unreachable": N_("does not answer"),
    "unknown": N_("not watched"),
}
TONES = {
    "registered": "good",
    "reachable": "good",
    "registering": "warn",
    "rejected": "breach",
    "unreachable": "breach",
}
REMEDIES = {
    "registering": N_("The carrier has not taken the login yet. If this stays, check server, port, transport."),
    "rejected": N_("The carrier refuses user or secret. Enter the secret again, or ask whether the user is active."),
    "unreachable": N_("The server does not answer. Check server, port and firewall; calls take the next trunk."),
}
KINDS = {"registration": N_("We log in"), "address": N_("Known by address")}
TRANSPORTS = {"udp": "UDP", "tcp": "TCP", "tls": "TLS"}
DTMF = {
    "auto": N_("RFC 4733, else tones"),
    "rfc4733": "RFC 4733",
    "inband": N_("tones in the sound"),
    "info": "SIP INFO",
}
CALLER_IDS = {"from": "From", "pai": N_("P-Asserted-Identity, both ways")}
NUMBER_FORMS = {
    "digits": "8613812345678",
    "plus": "+8613812345678",
    "national": N_("13812345678 and 043188883318"),
}
CODECS = {"alaw,ulaw": N_("A-law, then µ-law"), "ulaw,alaw": N_("µ-law, then A-law"), "alaw": "A-law", "ulaw": "µ-law"}
STEPS = {
    "sent": N_("sent to the carrier"),
    "ringing": N_("rings"),
    "answered": N_("was answered"),
    "ended": N_("call over"),
}
NOT_TAKEN = N_(
    "The carrier does not take user or secret for this call. Enter the secret again; where the login works, "
    "choose P-Asserted-Identity as the header of the shown number."
)
ENDS = {
    401: NOT_TAKEN,
    403: N_("The carrier forbids this: wrong secret, or a number or destination it does not allow. Ask it."),
    404: N_("The carrier does not know this number. Check how numbers are written for this trunk."),
    407: NOT_TAKEN,
    408: N_("The carrier did not answer in time. Check server, port and the firewall."),
    415: N_("The carrier takes none of the codecs. Choose others in another order."),
    480: N_("The telephone is switched off or does not answer."),
    484: N_("The number has a wrong length for the carrier. Check how numbers are written for this trunk."),
    486: N_("The number is busy. The line works."),
    487: N_("Nobody answered in time. The line works as far as the ringing."),
    488: N_("The carrier takes none of the codecs. Choose others in another order."),
    500: N_("The carrier has a fault of its own. Try again later, then ask it."),
    503: N_("The carrier has no line free. Try again later, then ask how many calls it sells you."),
    504: N_("The carrier waits for another network. Try again later."),
    600: N_("The number is busy. The line works."),
    603: N_("The called person declined. The line works."),
}
CAUSES = {
    16: N_("The call was made and hung up."),
    17: N_("The number is busy. The line works."),
    19: N_("Nobody answered in time. The line works as far as the ringing."),
    20: N_("The carrier is known to be away, so nothing was sent. See the state of the trunk."),
}
ANSWERED = N_("It was answered: the line works.")
OTHER_END = N_("The carrier answered %(code)s. Ask it what that means.")
NO_END = N_("The call did not come about. Look at the state of the trunk and into Asterisk's log.")
CAPS = {
    "DialledTooOften": N_("too many calls in a short time"),
    "TooManyAtNight": N_("too many calls at night"),
    "TooManyOutsideLegs": N_("too many calls at once"),
    "DestinationTooOften": N_("one number too often"),
    "TooManyDestinations": N_("too many different numbers"),
    "NumberNotAllowed": N_("a destination that is not allowed"),
    "NumberNotDialable": N_("no telephone number"),
}
WHO = {"menu": N_("Call flow"), "callback": N_("Callbacks"), "test": N_("Test call")}
CAMPAIGN = N_("Calling campaign")
TOLD = {
    "unreachable": N_("The trunk does not answer."),
    "rejected": N_("The carrier refuses the trunk's login."),
    "back": N_("The trunk works again."),
    "node_away": N_("It does not answer: its calls are cut off. It is started again by itself; if not: hotline doctor"),
    "node_back": N_("It answers again and takes calls."),
    "proxy_away": N_("It does not answer: no new call comes in. It is started again by itself; if not: hotline doctor"),
    "proxy_back": N_("It answers again: new calls come in."),
    "cap": N_("A limit of dialling was reached."),
    "destination": N_("A destination that is not allowed was to be dialled."),
}
AUDITED = {
    "line_tested": N_("Test call made"),
    "trunk_lost": N_("Trunk lost"),
    "trunk_back": N_("Trunk works again"),
    "node_lost": N_("Asterisk lost"),
    "node_back": N_("Asterisk works again"),
    "proxy_lost": N_("Kamailio lost"),
    "proxy_back": N_("Kamailio works again"),
    "dial_cap_reached": N_("Limit of dialling reached"),
    "dial_destination_refused": N_("Destination refused"),
}
LIMITS = (
    ("in_a_minute", N_("Calls in a minute")),
    ("in_an_hour", N_("Calls in an hour")),
    ("at_once", N_("Calls at once")),
    ("same_number_in_an_hour", N_("To one number in an hour, by all")),
    ("distinct_in_an_hour", N_("Different numbers in an hour")),
    ("at_night_in_an_hour", N_("At night, calls in an hour")),
)
FIELDS = {
    "host": N_("Server"),
    "port": N_("Port"),
    "transport": N_("Transport"),
    "username": N_("User name"),
    "codecs": N_("Codecs"),
    "dtmf": N_("Key presses"),
    "caller_id": N_("Header of the shown number"),
    "sources": N_("Addresses that may call"),
    "number_form": N_("How numbers are written"),
    "in_use": N_("In use"),
    "trunks": N_("Trunks"),
    "menu": N_("Call flow"),
    "queue": N_("Queue"),
    "default_shown": N_("Number that is shown"),
    "by_brand": N_("Shown per brand"),
    "by_campaign": N_("Shown per campaign"),
    "home_area": N_("Our area code"),
    "mobile_zero": N_("0 before mobiles of other areas"),
    "local_short": N_("Our area code left out"),
    "allowed": N_("Allowed prefixes"),
    "denied": N_("Denied prefixes"),
    "night_from": N_("Night from"),
    "night_until": N_("Night until"),
    "why": N_("Why"),
    **{f"agent_{name}": word for name, word in LIMITS},
    **{f"campaign_{name}": word for name, word in LIMITS},
}


def who(told: str) -> tuple[str, str]:
    """Who dialled, as a word and what follows it: an agent's number alone, a campaign with its own."""
    kind, _, number = told.partition("/")
    return (CAMPAIGN, number) if number else (WHO.get(kind, ""), "" if kind in WHO else told)


def end_of(sip: int, cause: int, *, answered: bool) -> str:
    """The sentence with the remedy for how a test call ended; may hold the gap %(code)s."""
    if answered:
        return ANSWERED
    if sip in ENDS:
        return ENDS[sip]
    if sip:
        return OTHER_END
    return CAUSES.get(cause, NO_END)


THINGS = {
    "trunk": N_("Trunk"),
    "trunk_secret": N_("Secret of a trunk"),
    "outgoing": N_("Outgoing calls"),
    "dial_limits": N_("Limits of dialling"),
}
"""What an entry of the audit log is about."""
